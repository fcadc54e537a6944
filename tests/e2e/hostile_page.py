"""What must not be on a page that shows texts from the data, whatever these are."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Dialog, Download, Page, expect

from tests.browser import Visit
from tests.hostile import ELSEWHERE, SENTINEL

#: Looks through a document, its shadow roots too.
_LOOK = """(sentinel) => {
  const found = { ran: sentinel in window, links: [], planted: [], maths: 0, over: 0 };
  const root = document.querySelector("[data-testid=stMain]") ?? document.scrollingElement;
  if (root) found.over = Math.max(
    root.scrollWidth - root.clientWidth, document.documentElement.scrollWidth - innerWidth);
  const look = (part) => {
    for (const element of part.querySelectorAll("*")) {
      const link = element.getAttribute("href") ?? element.getAttribute("xlink:href");
      if (link !== null && !link.startsWith("#")) {
        const url = new URL(link, document.baseURI);
        const own = url.host === location.host || location.protocol === "file:";
        if (!/^(https?|file|blob|data):$/.test(url.protocol) || !own) found.links.push(link);
      }
      const handlers = element.getAttributeNames().filter((name) => name.startsWith("on"));
      if (handlers.some((name) => element.getAttribute(name).includes(sentinel)) ||
          element.matches("img[src='x'], iframe[srcdoc*=pwned]")) {
        found.planted.push(element.tagName);
      }
      if (element.matches(".katex")) found.maths += 1;
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  return found;
}"""

_FORMULA = re.compile(r"\s*[=+@＝＋＠]|[\t\r\n]|\s*-(?![\d.]+$)")


@dataclass
class Watch:
    """A page that is watched, in each of its widths: what scripts and the browser complain of."""

    visit: Visit
    widths: tuple[int, ...]
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        page = self.visit.page
        self._be_wide(self.widths[-1])
        page.on("dialog", self._refuse)
        page.on("pageerror", lambda error: self._fault("error", str(error)))

    @property
    def page(self) -> Page:
        """The page."""
        return self.visit.page

    def open(self, path: str) -> None:
        """Open a path of the app, and look at it when it is drawn."""
        self.visit.open(path)
        self.look()

    def look(self) -> None:
        """Look for what must not be there, once the page is drawn, in each width."""
        for width in self.widths:
            self._be_wide(width)
            self._look()

    def _be_wide(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 1000})

    def _look(self) -> None:
        settle(self.page)
        for frame in self.page.frames:
            found = frame.evaluate(_LOOK, SENTINEL)
            over = found.pop("over")
            assert found == {"ran": False, "links": [], "planted": [], "maths": 0}, self.page.url
            assert frame is not self.page.main_frame or over <= 0, f"{self.page.url}: {over} px"
        expect(self.page.get_by_test_id("stException")).to_have_count(0)
        assert self.faults == []
        assert self.visit.elsewhere == []

    def _refuse(self, dialog: Dialog) -> None:
        self._fault("dialog", dialog.message)
        dialog.dismiss()

    def _fault(self, kind: str, text: str) -> None:
        self.faults.append(f"{kind}: {text[:300]}")


def settle(page: Page) -> None:
    """Wait until the page's script has run and everything is drawn."""
    # The first visit imports all that the app needs.
    expect(page.locator('[data-test-script-state="notRunning"]')).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_timeout(300)


def assert_safe_csv(download: Download) -> list[dict[str, Any]]:
    """Check that a spreadsheet runs no cell of a CSV file; return its rows."""
    text = download.path().read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    for row in rows:
        for name, cell in row.items():
            assert not _FORMULA.match(cell), f"{name}: {cell[:60]!r}"
    return rows


def assert_inert_html(watch: Watch, download: Download) -> None:
    """Open a downloaded page by itself: it runs nothing and asks nobody."""
    context = watch.page.context.browser.new_context()  # type: ignore[union-attr]
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.set_content(download.path().read_text(encoding="utf-8"))
    page.wait_for_timeout(1_000)
    assert not page.evaluate(f"'{SENTINEL}' in window")
    assert page.locator(f"a[href*='{ELSEWHERE}'], img[src='x']").count() == 0
    assert asked == []
    context.close()

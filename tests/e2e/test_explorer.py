"""The explorer in a real browser: open, expand, undo, scrub, and the same view by its link."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Visit, visiting
from tests.small_run import RUN_ID

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

#: Where the largest patch of a colour lies on the canvas: the red of the collector H.
_COLLECTOR = """() => {
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches(".explorer-canvas canvas")) return element;
      const inner = element.shadowRoot && find(element.shadowRoot);
      if (inner) return inner;
    }
  };
  const canvas = find(document);
  if (!canvas) return null;
  const { x, y, width } = canvas.getBoundingClientRect();
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let column = 0, row = 0, n = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    if (pixels[i] > 200 && pixels[i + 1] < 60 && pixels[i + 2] < 60 && pixels[i + 3] > 200) {
      column += (i / 4) % canvas.width; row += Math.floor(i / 4 / canvas.width); n++;
    }
  }
  if (n < 50) return null;
  const scale = width / canvas.width;
  return [x + (column / n) * scale, y + (row / n) * scale];
}"""


def collector(page: Page) -> tuple[float, float]:
    """Return where the collector of the ring stands on the screen, once it is drawn."""
    page.wait_for_function(_COLLECTOR)
    page.wait_for_timeout(500)  # the view is fitted once more when the page has settled
    x, y = page.evaluate(_COLLECTOR)
    return x, y


def pick_row(page: Page, row: int) -> None:
    """Tick a row of the accounts' table."""
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 14, box["y"] + 48 + 31 * row)


def show_all_counterparties(page: Page, account: str, steps: int) -> None:
    """Expand the account that is picked."""
    expect(page.get_by_text(re.compile(f"^{account}$")).first).to_be_visible()
    page.get_by_role("button", name="Expand by 15").click()
    expect(page.get_by_role("button", name=f"Steps · {steps}")).to_be_visible()


def test_a_click_selects_an_account_of_a_ring_and_the_tables_follow(visit: Visit) -> None:
    page = visit.page
    visit.open(f"/explorer?run={RUN_ID}&ring=R00001")
    page.mouse.click(*collector(page))
    expect(page.get_by_text("3 of 3 drawn")).to_be_visible()
    expect(page.get_by_role("button", name="Expand by 15")).to_be_disabled()
    assert "selected=H" in page.url
    page.get_by_role("radio", name="Transfers 4").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def test_three_expansions_an_undo_and_a_scrub_are_in_the_link(
    visit: Visit, app: str, browser: Browser
) -> None:
    page = visit.page
    visit.open(f"/explorer?run={RUN_ID}")
    page.get_by_placeholder("Whole account id", exact=False).fill("Z")
    page.get_by_placeholder("Whole account id", exact=False).press("Enter")
    expect(page.get_by_text("2 accounts, 1 link.")).to_be_visible()
    pick_row(page, 0)  # A: the riskiest of A and Z
    show_all_counterparties(page, "A", 2)
    expect(page.get_by_text("3 accounts, 2 links")).to_be_visible()
    pick_row(page, 0)  # H
    show_all_counterparties(page, "H", 3)
    expect(page.get_by_text("5 accounts, 4 links")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("3 accounts, 2 links")).to_be_visible()
    page.get_by_role("slider", name="Moment of the replay").press("Home")
    expect(page.get_by_text("0 of 3 transfers")).to_be_visible()
    page.get_by_role("button", name="One moment on").click()
    expect(page.get_by_text("1 of 3 transfers")).to_be_visible()
    expect(page.get_by_text("transfers as of 2026-01-01 00:00 UTC")).to_be_visible()
    expect(page.get_by_text("Links 1")).to_be_visible()
    with visiting(browser, app) as other:
        other.open(page.url.removeprefix(app))
        expect(other.page.get_by_text("3 accounts, 1 link as of")).to_be_visible()
        expect(other.page.get_by_text("1 of 3 transfers")).to_be_visible()
        expect(other.page.get_by_text("transfers as of 2026-01-01 00:00 UTC")).to_be_visible()
        expect(other.page.get_by_role("button", name="Steps · 2")).to_be_visible()
        expect(other.page.get_by_role("button", name="Collapse")).to_be_disabled()

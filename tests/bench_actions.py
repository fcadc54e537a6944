"""What an analyst does in the browser, timed: from the click until what they wait for is there."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from playwright.async_api import Locator, Page, Position

#: Looks at the page from inside. It is done when its script has run (it starts a moment after the
#: click), nothing of the former view is left, and nothing is still to come.
LOOK = """window.bench = {
  runs: 0,
  idle: () => document.querySelector(".stApp")?.dataset.testScriptState === "notRunning" &&
    !document.querySelector("[data-stale=true], [data-testid=stSkeleton]"),
  title: () => document.querySelector("h1")?.innerText ?? "",
  rows: () => [...document.querySelectorAll("iframe")].map((frame) =>
    frame.contentDocument?.querySelector(".ag-row[row-index='0']")?.getAttribute("row-id"))
    .find(Boolean),
  open: () => document.querySelector(".st-key-case_head h4")?.innerText,
  plots: () => document.querySelectorAll(".js-plotly-plot .main-svg").length,
  tables: () => document.querySelectorAll("[data-testid=stDataFrame] canvas").length,
  ring: () => [...document.querySelectorAll("h4")].map((h) => h.innerText)
    .find((text) => /^R\\d+/.test(text)),
  drawn: () => document.querySelector("[data-testid=stMain]")?.innerText.length,
};
new MutationObserver((changes) => {
  if (changes.some(({ target }) => target.dataset?.testScriptState === "running")) bench.runs += 1;
}).observe(document, { subtree: true, attributeFilter: ["data-test-script-state"] });"""
#: Milliseconds after which a script is taken to have run so fast that the page did not show it.
_UNSEEN = 300

_PAGES = {
    "Home": ("Find fraud rings", "true"),
    "Runs": ("Runs", "bench.tables() > 0"),
    "Overview": ("Overview", "bench.plots() >= 4"),
    "Alerts": ("Alerts", "bench.rows()"),
    "Rings": ("Rings", "bench.tables() > 0"),
    "Score": ("Score", "true"),
}
_HEADER, _ROW = 33, 29  # pixels of a table that is drawn on a canvas


@dataclass
class Analyst:
    """A signed-in browser page, and how long each of its actions took, in seconds."""

    page: Page
    base: str
    chance: random.Random
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def timed(
        self, name: str, do: Callable[[], Awaitable[object]], until: str, differs: bool = False
    ) -> None:
        """Do something and wait for it.

        Parameters
        ----------
        name
            Of the action in the table.
        do
            The click.
        until
            What is awaited, in JavaScript; where it ``differs``, another value than before.
        """
        old = f"{until} ?? null" if differs else "null"
        before = await self.page.evaluate(
            f"() => window.bench ? [{old}, bench.runs, performance.now()] : [null, -1, 0]"
        )
        began = time.perf_counter()
        await do()
        await self.page.wait_for_function(
            "([old, runs, since]) => { if (!bench.idle()) return false;"
            f" if (bench.runs <= runs && performance.now() < since + {_UNSEEN}) return false;"
            f" const now = {until}; return now && (old === null || now !== old); }}",
            arg=before, polling=20, timeout=60_000,
        )  # fmt: skip
        self.seconds[name].append(time.perf_counter() - began)

    async def load(self, path: str, until: str) -> None:
        """Load a page by its address."""
        await self.page.goto("about:blank")
        await self.timed("load by a link", partial(self.page.goto, f"{self.base}{path}"), until)

    async def go(self, name: str, label: str = "") -> None:
        """Change to a page by the sidebar."""
        title, shown = _PAGES[name]
        link = self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=name)
        until = f"bench.title().startsWith('{title}') && {shown}"
        await self.timed(label or f"page: {name}", link.click, until)

    async def show_run(self, run_id: str) -> None:
        """Put another run in view."""
        box = self.page.get_by_test_id("stSidebar").get_by_role("combobox").first
        await box.click()
        option = self.page.get_by_role("option", name=run_id, exact=True)
        until = f"location.search.includes('run={run_id}')"
        await self.timed("put another run in view", option.click, until)

    async def open_row(self) -> None:
        """Open an alert of the list by a click."""
        frame = self.page.frame_locator("iframe").first
        inside = frame.locator(".ag-center-cols-container .ag-row:not(.in-view)")
        row = inside.nth(self.chance.randrange(2, 12))
        await self.timed(
            "open an alert in the list",
            row.locator("[col-id=typology]").click,
            "bench.open()",
            True,
        )

    async def take_next(self) -> None:
        """Press Next."""
        await self.timed("Next", self.button("queue_next").click, "bench.open()", True)

    async def note(self) -> None:
        """Write a note."""
        text = f"Seen, {self.chance.getrandbits(40):x}"
        await self.page.locator(".st-key-case_notes textarea").fill(text)
        await self.timed(
            "add a note", self.button("case_note_add").click,
            f"document.querySelector('.st-key-case_notes').innerText.includes('{text}')",
        )  # fmt: skip

    async def tabs(self) -> None:
        """Read the parts of an alert."""
        for name in ("Timeline", "Look-alikes", "Other alerts", "Lineage", "History", "Evidence"):
            tab = self.page.locator(".st-key-case").get_by_role("tab", name=name)
            until = (
                "document.querySelector('.st-key-case [role=tab][aria-selected=true]').innerText"
                f".includes('{name}')"
            )
            await self.timed(f"alert: {name}", tab.click, until)

    async def assign(self) -> None:
        """Take an alert, and give it back."""
        for name, then in (("Take", "Give back"), ("Give back", "Take")):
            until = f"document.querySelector('.st-key-case_assign').innerText.includes('{then}')"
            await self.timed(f"alert: {name.lower()}", self.button("case_assign").click, until)

    async def decide(self) -> None:
        """Close an alert as a false positive."""
        panel = self.page.locator(".st-key-case_decide")
        shown = "document.querySelector('.st-key-case_decide')"
        await self.timed("open the decision", self.button("case_open_decide").click, shown)
        for number, choice in enumerate(("False positive", "Wages or pensions")):
            await panel.get_by_role("combobox").nth(number).click()
            option = self.page.get_by_role("option", name=choice).first
            await self.timed(
                "choose in the decision", option.click, f"{shown}.innerHTML.length", True
            )
        await self.timed(
            "close the alert", self.button("case_decide_do").click,
            "!document.querySelector('.st-key-case_decide')",
        )  # fmt: skip

    async def list_below(self) -> None:
        """Step through the list, turn its pages, order and search it."""
        await self.timed("one alert down", self.button("case_down").click, "bench.open()", True)
        await self.timed("put the alert away", self.button("case_close").click, "!bench.open()")
        pages = self.page.get_by_test_id("stPagination")
        for number in ("2", "1"):
            page = pages.get_by_role("button", name=f"Page {number}", exact=True)
            await self.timed("turn the list's page", page.click, "bench.rows()", True)
        for order in ("Largest amount", "Working order"):
            await self.page.get_by_role("combobox", name="Sort by").click()
            option = self.page.get_by_role("option", name=order)
            await self.timed("order the list", option.click, "bench.rows()", True)

    async def search(self, text: str) -> None:
        """Search, and take the search away."""
        box = self.page.get_by_placeholder("Alert, account, note")
        for wanted in (text, ""):
            name = "search" if wanted else "take the search away"
            await self.timed(name, partial(box.fill, wanted), "bench.runs", True)

    async def ring(self, number: int) -> None:
        """Open a ring of the list, and its parts."""
        table = self.page.get_by_test_id("stDataFrame").first
        at = Position(x=14, y=_HEADER + _ROW * (number % 9) + 10)
        click = partial(table.click, position=at)
        await self.timed("open a ring in the list", click, "bench.ring()", True)
        parts = self.page.get_by_test_id("stButtonGroup")
        for name in ("Why this score", "Innocent explanations", "Compare", "Accounts and"):
            part = parts.get_by_text(name).first
            await self.timed(f"ring: {name.lower()}", part.click, "bench.drawn()", True)

    def button(self, key: str) -> Locator:
        """Return a button by its key."""
        return self.page.locator(f".st-key-{key} button").first

"""What an analyst does in the explorer, with an account and with its money, timed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from playwright.async_api import Locator, Page, Position

from tests.bench_actions import Analyst
from tests.bench_large import HUB

#: The line below the picture that counts what is drawn.
_DRAWN = r"""document.querySelector("[data-testid=stMain]").innerText
  .match(/[\d,]+ accounts?, [\d,]+ links?/)?.[0]"""
#: Moves the replay on by one moment; milliseconds until the browser has drawn it.
_SCRUB = """async (button) => {
  const said = button.getRootNode().querySelector(".explorer-moment");
  const before = said.textContent, began = performance.now();
  button.click();
  while (said.textContent === before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""
#: The account whose card stands beside the picture.
_EXPANDS = 'location.search.match(/selected=[^&]+/)?.[0] ?? "none"'
_HEADER, _ROW = 48, 31  # pixels of the explorer's table
_TRACED = "document.querySelector('[data-testid=stEChartsChart] canvas')"


async def explore(analyst: Analyst, run: str, hub: str) -> None:
    """Open a ring, expand three times, undo, scrub; then a busy account and what came to it."""
    page = analyst.page
    await page.goto(f"{analyst.base}/rings?run={run}&ring=R00001")
    link = page.get_by_role("link", name="Open in the explorer")
    await link.wait_for()
    await page.wait_for_function("bench.idle() && bench.tables() > 0")
    await analyst.timed("explorer: open a ring", link.click, _DRAWN)
    for row in range(3):
        await analyst.timed("explorer: select an account", _pick(page, row), _EXPANDS, True)
        await page.mouse.move(700, 5)  # a tooltip may lie over the button
        expand = _button(page, "Expand by 15")
        if await expand.is_enabled():
            await analyst.timed("explorer: expand by 15", expand.click, _DRAWN, True)
    await analyst.timed("explorer: undo", _button(page, "Undo").click, _DRAWN, True)
    await _button(page, "Before").click()
    for _ in range(3):
        milliseconds = await _button(page, "One moment on").evaluate(_SCRUB)
        analyst.seconds["explorer: scrub"].append(milliseconds / 1000)
    await page.goto(f"{analyst.base}/explorer?run={run}&start={hub}")
    await page.wait_for_function(f"bench.idle() && {_DRAWN}")
    await _account_and_money(analyst)


async def _account_and_money(analyst: Analyst) -> None:
    page = analyst.page
    await analyst.timed("explorer: select an account", _pick(page, 0), _EXPANDS, True)
    to_account = page.get_by_role("link", name="Account page")
    shown = "bench.title() === 'Account' && bench.plots() > 0"
    await analyst.timed("account page of a busy account", to_account.click, shown)
    to_money = page.get_by_role("link", name="Follow its money")
    listed = "bench.title() === 'Follow the money' && bench.tables() > 0"
    await analyst.timed("money: the transfers into an account", to_money.click, listed)
    table = page.get_by_test_id("stDataFrame").first
    click = partial(table.click, position=Position(x=14, y=_HEADER + 3 * _ROW))
    await analyst.timed("money: follow a transfer", click, _TRACED)
    for way in ("Where it came from", "Where it went"):
        button = page.get_by_test_id("stButtonGroup").get_by_text(way)
        await analyst.timed("money: the other direction", button.click, "bench.drawn()", True)


async def explore_large(analyst: Analyst, run: str) -> None:
    """Do in the run of :mod:`tests.bench_large` what takes the longest.

    A ring of 300 accounts is opened and scrubbed, an account with 100,000 transactions is opened
    in the explorer and on its page.
    """
    page = analyst.page
    await page.goto(f"{analyst.base}/rings?run={run}&ring=R00001")
    link = page.get_by_role("link", name="Open in the explorer")
    await link.wait_for()
    await page.wait_for_function("bench.idle() && bench.tables() > 0")
    await analyst.timed("explorer: open a ring of 300 accounts", link.click, _DRAWN)
    await _button(page, "Before").click()
    for _ in range(3):
        milliseconds = await _button(page, "One moment on").evaluate(_SCRUB)
        analyst.seconds["explorer: scrub 300 accounts"].append(milliseconds / 1000)
    await page.wait_for_function("bench.idle()")
    await page.goto(f"{analyst.base}/account?run={run}&account=0")
    await page.wait_for_function("bench.idle() && bench.title() === 'Account' && bench.plots() > 0")
    await _search(analyst, HUB)
    hit = page.locator(".st-key-search_found").get_by_role("link", name=HUB, exact=True)
    shown = f"document.querySelector('[data-testid=stMain] h4')?.innerText === '{HUB}'"
    opened = f"bench.title() === 'Account' && {shown} && bench.plots() > 0"
    await analyst.timed("account page: 100,000 transactions", hit.click, opened)
    network = page.get_by_role("link", name="Explore its network")
    await analyst.timed("explorer: open a hub of 75,000 counterparties", network.click, _DRAWN)


async def explore_full(analyst: Analyst, run: str, account: str, number: int) -> None:
    """Follow the money of a transfer into an account, both ways, and search, in a full-size run."""
    page = analyst.page
    await page.goto(f"{analyst.base}/trace?run={run}&account={account}")
    table = page.get_by_test_id("stDataFrame").first
    await table.wait_for()
    await page.wait_for_function("bench.idle() && bench.tables() > 0")
    at = Position(x=14, y=_HEADER + _ROW * (number % 8))
    await analyst.timed(
        "money: follow, in the largest run", partial(table.click, position=at), _TRACED
    )
    for way in ("Where it came from", "Where it went"):
        button = page.get_by_test_id("stButtonGroup").get_by_text(way)
        await analyst.timed("money: the other way, in the largest run", button.click,
                            "bench.drawn()", True)  # fmt: skip
    # Of seven digits few ids have these in a row; others each time, as answers are kept.
    part = str(7_000_000 + 12_347 * analyst.chance.randrange(200))[:7]
    await search_accounts(analyst, part, "search for a rare part of an id")


async def search_accounts(analyst: Analyst, text: str, name: str = "search from any page") -> None:
    """Search among all accounts, transactions, rings and alerts of the run in view."""
    await _search(analyst, text, name)
    box = analyst.page.get_by_placeholder("Account, tx, ring, alert")
    await box.fill("")
    await box.press("Enter")
    await analyst.page.wait_for_function("bench.idle()")


async def _search(analyst: Analyst, text: str, name: str = "search from any page") -> None:
    box = analyst.page.get_by_placeholder("Account, tx, ring, alert")
    await box.fill(text)
    await analyst.timed(name, partial(box.press, "Enter"), "bench.runs", True)


def _button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def _pick(page: Page, row: int) -> Callable[[], Awaitable[object]]:
    table = page.get_by_test_id("stDataFrame").first
    return partial(table.click, position=Position(x=14, y=_HEADER + row * _ROW))

"""An investigation from a search to a file in hand, in a real browser; its link in another's.

The small run with a tail: A paid Z 10, Z paid W 9, W paid V 8; the hub H has a hostile name. Anna,
an analyst, walks; Bob, a reviewer, opens what she sends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from engine.lake import RunPaths, read_json, write_json
from tests.browser import Visit, started_app, visiting
from tests.e2e.people import COOKIE, signed_in
from tests.hostile import SENTINEL
from tests.small_run import moments, write_small_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

#: How the hub H of the small run is called here.
HUB = f"</script><script>window.{SENTINEL}=1</script>"
FILES = {
    "Page (HTML)": "snapshot-1.html",
    "Picture (PNG)": "snapshot-1.png",
    "Picture (SVG)": "snapshot-1.svg",
    "Graph (GraphML)": "snapshot-1.graphml",
    "Accounts (CSV)": "snapshot-1-accounts.csv",
    "Links (CSV)": "snapshot-1-links.csv",
}
#: Keeps the network that the page draws, so that a test can ask it what stands where.
KEEP_NETWORK = """let library;
const asked = { get: (_, name) => name !== "Network" ? library[name] :
  class extends library.Network {
    constructor(...given) { super(...given); window.network = this; }
  } };
const watched = new Proxy({}, asked);
Object.defineProperty(window, "vis", {
  get: () => library && watched, set: (made) => { library = made; },
});"""
#: What is drawn: each mark and where it stands, each link and whether it is shown.
DRAWN = """() => {
  const { nodes, edges } = network.body.data;
  const links = edges.get().map(({ from, to, hidden, width }) => [from, to, !hidden, width]);
  return { marks: nodes.getIds().sort(), places: network.getPositions(), links: links.sort() };
}"""
ON_SCREEN = """(id) => {
  const { x, y } = network.canvasToDOM(network.getPosition(id));
  const box = network.body.container.getBoundingClientRect();
  return [box.x + x, box.y + y];
}"""


@dataclass(frozen=True, slots=True)
class Bank:
    """The app over a lake to which runs come, and what signs two people in."""

    lake: Path
    address: str
    anna: str
    bob: str


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """The app over a lake with the small run and its tail."""
    lake, folder = tmp_path_factory.mktemp("lake"), tmp_path_factory.mktemp("app")
    lengthen(write_small_run(lake))
    anna, bob = signed_in(lake, {"anna": "analyst", "bob": "reviewer"})
    with started_app(folder, {"RINGLEADER_LAKE": str(lake), "RINGLEADER_DEMO": ""}) as address:
        yield Bank(lake, address, anna, bob)


def lengthen(paths: RunPaths) -> None:
    """Add the tail to a small run, and give its hub the hostile name."""
    rows = pd.read_parquet(paths.augmented)
    tail = rows.tail(2).assign(
        tx_id=[7, 8], time=moments("2026-01-05", "2026-01-06").to_numpy(), sender=["Z", "W"],
        receiver=["W", "V"], amount=[9.0, 8.0], final_risk=[0.4, 0.3],
    )  # fmt: skip
    pd.concat([rows, tail], ignore_index=True).to_parquet(paths.augmented, index=False)
    accounts = pd.read_parquet(paths.accounts)
    new = accounts.tail(2).assign(account=["W", "V"], risk=[0.08, 0.05])
    pd.concat([accounts, new], ignore_index=True).to_parquet(paths.accounts, index=False)
    for path in (paths.augmented, paths.accounts, paths.ring_accounts):
        pd.read_parquet(path).replace("H", HUB).to_parquet(path, index=False)


def add_later_run(lake: Path) -> None:
    """Add a run of the same input, a week later: B paid the hub 77 more."""
    paths = write_small_run(lake, run_id="later")
    lengthen(paths)
    rows = pd.read_parquet(paths.augmented)
    rows.loc[rows["tx_id"] == 2, "amount"] += 77.0
    rows.to_parquet(paths.augmented, index=False)
    told = read_json(paths.manifest) | {"started": "2026-01-12T00:00:00+00:00"}
    write_json(paths.manifest, told)


def test_from_a_search_to_the_files(bank: Bank, browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, bank.address) as anna:
        enter(anna, bank.anna)
        search_and_open_its_ring(anna)
        expand_three_times_and_undo(anna.page)
        scrub(anna.page)
        link = anna.page.url.removeprefix(bank.address)
        seen = anna.page.evaluate(DRAWN)
        follow_both_ways(anna.page)
        shows_the_same_elsewhere(bank, browser, link, seen)
        anna.open(link)
        frozen = freeze(anna.page)
        add_later_run(bank.lake)
        open_frozen(anna.page, frozen)
        take_away(anna.page, tmp_path)
        assert anna.page.evaluate(f"window.{SENTINEL}") is None
    opens_without_a_network(browser, tmp_path / "snapshot-1.html", frozen)
    opens_without_a_network(browser, tmp_path / "snapshot-1.svg", frozen)


def enter(visit: Visit, token: str) -> None:
    """Be who a token signs in."""
    context = visit.page.context
    context.add_cookies([{"name": COOKIE, "value": token, "url": visit.base}])
    context.add_init_script(KEEP_NETWORK)


def search_and_open_its_ring(visit: Visit) -> None:
    """Find the account A from the first page, and open the ring it is in."""
    page = visit.page
    visit.open("/")
    search = page.get_by_placeholder("Account, tx, ring, alert")
    search.fill("A")
    search.press("Enter")
    page.locator(".st-key-search_found").get_by_role("link", name="A", exact=True).click()
    expect(page.get_by_text("160 in 3 transfers")).to_be_visible()
    page.get_by_test_id("stButtonGroup").get_by_text("Rings and alerts").click()
    expect(page.get_by_text("Pick a ring to open it.")).to_be_visible()
    pick_row(page, 0)
    page.get_by_role("link", name="Open in the explorer").click()
    expect(page.get_by_text("4 accounts, 3 links")).to_be_visible()
    assert "ring=R00001" in page.url


def expand_three_times_and_undo(page: Page) -> None:
    """Bring in Z by a double click, W and V by the button, and take V away again."""
    click(page, "A", times=2)
    expect(page.get_by_text("5 accounts, 4 links")).to_be_visible()
    for account, now in (("Z", "6 accounts, 5 links"), ("W", "7 accounts, 6 links")):
        click(page, account)
        expect(page.get_by_text(re.compile(f"^{account}$")).first).to_be_visible()
        page.get_by_role("button", name="Expand by 15").click()
        expect(page.get_by_text(now)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("6 accounts, 5 links")).to_be_visible()
    click(page, HUB)
    expect(page.get_by_text("3 of 3 drawn")).to_be_visible()
    expect(page.get_by_role("button", name="Expand by 15")).to_be_disabled()


def scrub(page: Page) -> None:
    """Go to the beginning and on by one transfer: tables and picture follow."""
    page.get_by_role("slider", name="Moment of the replay").press("Home")
    expect(page.get_by_text("0 of 6 transfers")).to_be_visible()
    page.get_by_role("button", name="One moment on").click()
    expect(page.get_by_text("1 of 6 transfers")).to_be_visible()
    expect(page.get_by_text("transfers as of 2026-01-01 00:00 UTC")).to_be_visible()
    page.get_by_role("radio", name="Links 1").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    shown = [link[:2] for link in page.evaluate(DRAWN)["links"] if link[2]]
    assert shown == [["@A", f"@{HUB}"]]


def follow_both_ways(page: Page) -> None:
    """Follow what A paid the hub to X, and back from there; look into a band and take it away."""
    page.get_by_role("link", name="Follow the money", exact=True).last.click()
    expect(page.get_by_text("Transfers of")).to_be_visible()
    pick_row(page, 0)
    expect(page.get_by_text("nothing remains", exact=False).first).to_be_visible()
    page.get_by_test_id("stButtonGroup").get_by_text("First in, first out").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Transfers (CSV)").click()
    head, start, on = download.value.path().read_text().splitlines()
    assert head == "method,hop,tx_id,time,sender,receiver,amount,part"
    assert start == f"fifo,0,1,2026-01-01,A,{HUB},100.0,100.0"
    assert on == f"fifo,1,4,2026-01-02,{HUB},X,300.0,100.0"
    box = page.get_by_test_id("stEChartsChart").locator("canvas").first.bounding_box()
    assert box is not None
    # From the payer, at the left edge, a single band as high as the chart leads to the hub.
    page.mouse.click(box["x"] + 0.2 * (box["width"] - 120), box["y"] + 0.5 * box["height"])
    expect(page.get_by_text("Transfers of what is clicked")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("heading", name="Transfers", exact=True)).to_be_visible()
    pick_row(page, 1)
    page.get_by_role("link", name="Follow row 4").click()
    expect(page.get_by_text("nothing left", exact=False)).to_be_visible()
    page.get_by_test_id("stButtonGroup").get_by_text("Where it came from").click()
    expect(page.get_by_text("had come from B, A within")).to_be_visible()


def shows_the_same_elsewhere(bank: Bank, browser: Browser, link: str, seen: Any) -> None:
    """Open Anna's link as Bob, in a browser of his own."""
    with visiting(browser, bank.address) as bob:
        enter(bob, bank.bob)
        bob.open(link)
        expect(bob.page.get_by_text("6 accounts, 1 link as of")).to_be_visible()
        expect(bob.page.get_by_text("1 of 6 transfers")).to_be_visible()
        expect(bob.page.get_by_text("3 of 3 drawn")).to_be_visible()
        expect(bob.page.get_by_role("button", name="Steps · 2")).to_be_visible()
        assert bob.page.evaluate(DRAWN) == seen


def freeze(page: Page) -> Any:
    """Freeze the whole period of what is drawn, and return that."""
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.get_by_text(re.compile(r"6 accounts, 5 links\."))).to_be_visible()
    page.get_by_role("button", name="Freeze").click()
    page.get_by_label("What it shows").fill("as it was in January")
    page.get_by_role("button", name="Freeze this view").click()
    expect(page.get_by_text("Frozen and kept")).to_be_visible()
    return page.evaluate(DRAWN)


def open_frozen(page: Page, frozen: Any) -> None:
    """Open the snapshot after the new run, and compare it with what that one shows."""
    page.get_by_role("link", name="Open snapshot 1").click()
    expect(page.get_by_text("Unchanged since it was frozen")).to_be_visible()
    expect(page.get_by_text("as it was in January")).to_be_visible()
    expect(page.get_by_role("link", name="AL-1")).to_be_visible()
    assert "snapshot=1" in page.url
    page.get_by_text("Beside the live view").click()
    # B and the hub have new sums, and the link between them; all else is as it was.
    differs = "2 accounts and 1 link changed. 4 accounts and 4 links as they were."
    expect(page.get_by_text(differs)).to_be_visible()
    page.reload()
    expect(page.get_by_text("Unchanged since it was frozen")).to_be_visible()
    page.wait_for_function("window.network")
    assert page.evaluate(DRAWN) == frozen


def take_away(page: Page, folder: Path) -> None:
    """Download the snapshot in every format."""
    page.get_by_role("button", name="Export").click()
    for label, name in FILES.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        assert download.value.suggested_filename == name
        download.value.save_as(folder / name)
        assert (folder / name).stat().st_size > 100, name


def opens_without_a_network(browser: Browser, file: Path, frozen: Any) -> None:
    """Open a file without a network: it asks for nothing, and shows what was frozen."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[Request] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
    page.goto(file.as_uri())
    if file.suffix == ".html":
        page.wait_for_function(f"network.body.nodeIndices.length === {len(frozen['marks'])}")
        assert page.evaluate("network.getPositions()") == frozen["places"]
    else:
        expect(page.locator("text", has_text="Collector 1")).to_be_visible()
    assert page.evaluate(f"window.{SENTINEL}") is None
    assert [request.url for request in asked] == [file.as_uri()]
    assert faults == []
    context.close()


def click(page: Page, account: str, times: int = 1) -> None:
    """Click a mark where it stands, once the picture has settled."""
    page.wait_for_function("(id) => window.network?.body.nodes[id]", arg=f"@{account}")
    page.wait_for_timeout(500)  # the view is fitted once more when the page has settled
    x, y = page.evaluate(ON_SCREEN, f"@{account}")
    page.mouse.click(x, y, click_count=times, delay=20)


def pick_row(page: Page, row: int) -> None:
    """Tick a row of the first table."""
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 14, box["y"] + 48 + 31 * row)

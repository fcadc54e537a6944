"""Freezing in a real browser: kept, opened after a new run, compared, and taken away offline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from engine.lake import RunPaths, read_json, write_json
from tests.browser import Visit, started_app, visiting
from tests.hostile import SENTINEL
from tests.small_run import RUN_ID, write_small_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

#: How the hub H of the small run is called here.
HOSTILE = f"</script><script>window.{SENTINEL}=1</script>"
FILES = {
    "Page (HTML)": "snapshot-1.html",
    "Picture (PNG)": "snapshot-1.png",
    "Picture (SVG)": "snapshot-1.svg",
    "Graph (GraphML)": "snapshot-1.graphml",
    "Accounts (CSV)": "snapshot-1-accounts.csv",
    "Links (CSV)": "snapshot-1-links.csv",
}


@dataclass(frozen=True, slots=True)
class Bank:
    """The app over a lake to which runs come."""

    lake: Path
    address: str


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """The app over a lake with the small run, whose hub has a hostile name."""
    lake, folder = tmp_path_factory.mktemp("lake"), tmp_path_factory.mktemp("app")
    rename_hub(write_small_run(lake))
    with started_app(folder, {"RINGLEADER_LAKE": str(lake)}) as address:
        yield Bank(lake, address)


@pytest.fixture
def visit(bank: Bank, browser: Browser) -> Iterator[Visit]:
    """A fresh page of the app."""
    with visiting(browser, bank.address) as seen:
        yield seen


def rename_hub(paths: RunPaths) -> None:
    """Call the account H by its hostile name."""
    for path in (paths.augmented, paths.accounts, paths.ring_accounts):
        pd.read_parquet(path).replace("H", HOSTILE).to_parquet(path, index=False)


def add_later_run(lake: Path) -> None:
    """Add a run of the same input, a week later: B paid H 77 more."""
    paths = write_small_run(lake, run_id="later")
    rename_hub(paths)
    rows = pd.read_parquet(paths.augmented)
    rows.loc[rows["tx_id"] == 2, "amount"] += 77.0
    rows.to_parquet(paths.augmented, index=False)
    told = read_json(paths.manifest) | {"started": "2026-01-12T00:00:00+00:00"}
    write_json(paths.manifest, told)


def freeze(visit: Visit) -> None:
    """Freeze the ring of the small run as it is opened."""
    page = visit.page
    visit.open(f"/explorer?run={RUN_ID}&ring=R00001")
    page.get_by_role("button", name="Freeze").click()
    page.get_by_label("What it shows").fill("as it was in January")
    page.get_by_role("button", name="Freeze this view").click()
    expect(page.get_by_text("Frozen and kept")).to_be_visible()


def test_a_frozen_view_is_the_same_after_a_new_run_and_leaves_as_files(
    visit: Visit, bank: Bank, browser: Browser, tmp_path: Path
) -> None:
    page = visit.page
    freeze(visit)
    add_later_run(bank.lake)
    page.get_by_role("link", name="Open snapshot 1").click()
    expect(page.get_by_text("Unchanged since it was frozen")).to_be_visible()
    expect(page.get_by_text("as it was in January")).to_be_visible()
    assert "snapshot=1" in page.url
    page.get_by_text("Beside the live view").click()
    # B and H have new sums, and the link between them; A and X are as they were.
    differs = "2 accounts and 1 link changed. 2 accounts and 2 links as they were."
    expect(page.get_by_text(differs)).to_be_visible()
    take_away(page, tmp_path)
    assert page.evaluate(f"window.{SENTINEL}") is None
    page.reload()
    expect(page.get_by_text("Unchanged since it was frozen")).to_be_visible()
    opens_without_a_network(browser, tmp_path / "snapshot-1.html")
    opens_without_a_network(browser, tmp_path / "snapshot-1.svg")


def take_away(page: Page, folder: Path) -> None:
    """Download the snapshot in every format."""
    page.get_by_role("button", name="Export").click()
    for label, name in FILES.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        assert download.value.suggested_filename == name
        download.value.save_as(folder / name)
        assert (folder / name).stat().st_size > 100, name


def opens_without_a_network(browser: Browser, file: Path) -> None:
    """Open a file in a browser without a network: it asks for nothing, and shows every account."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[Request] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
    page.goto(file.as_uri())
    if file.suffix == ".html":
        page.wait_for_function("network.body.nodeIndices.length === 4")
    else:
        expect(page.locator("text", has_text="Collector 1")).to_be_visible()
    assert page.evaluate(f"window.{SENTINEL}") is None
    assert [request.url for request in asked] == [file.as_uri()]
    assert faults == []
    context.close()

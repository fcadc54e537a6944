"""A drill in a real browser: started by a click, followed, told, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from engine.cli import main
from engine.generate import write_rings
from engine.lake import Lake
from tests.browser import Visit, started_app, visiting

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with a run of 3,000 innocent transfers."""
    root = tmp_path_factory.mktemp("drills")
    source = root / "transfers.parquet"
    write_rings(3000, 3, source, rings=0)
    arguments = ["run", str(source), "--lake", str(root / "lake"), "--run-id", "base",
                 "--labels", "ignore"]  # fmt: skip
    assert main(arguments) == 0
    return root / "lake"


@pytest.fixture
def visit(lake: Path, browser: Browser, tmp_path: Path) -> Iterator[Visit]:
    with (
        started_app(tmp_path, {"RINGLEADER_LAKE": str(lake)}) as address,
        visiting(browser, address) as seen,
    ):
        yield seen


def test_rings_are_planted_searched_for_and_told_and_stay_out_of_all_else(
    visit: Visit, lake: Path
) -> None:
    page = visit.page
    visit.open("/drill")
    page.get_by_role("button", name="Start the drill").click()
    expect(page.get_by_text("It goes on when you leave")).to_be_visible(timeout=30_000)
    page.reload()
    expect(page.get_by_text("Alerts in the copy")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("Random walk").first).to_be_attached()
    drills = [path.name for path in (lake / "drills").iterdir()]
    assert len(drills) == 1
    assert f"drill={drills[0]}" in page.url
    assert [run["run_id"] for run in Lake.open(lake).manifests()] == ["base"]
    page.get_by_role("link", name="Alerts").click()
    expect(page.get_by_role("heading", name="Alerts")).to_be_visible()
    expect(page.get_by_text(drills[0])).to_have_count(0)
    page.get_by_role("link", name="Drill").click()
    page.get_by_role("button", name="Delete").first.click()
    page.get_by_role("button", name="Delete the drill").click()
    expect(page.get_by_role("button", name="Start the drill")).to_be_visible()
    assert list((lake / "drills").iterdir()) == []

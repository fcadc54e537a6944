"""The Runs page in a real browser: a run's files, and the run beside another one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from engine.lake import Lake, read_json, write_json
from tests.browser import Visit, started_app, visiting
from tests.small_run import RUN_ID, write_small_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an app whose lake holds the small run and an earlier one like it."""
    root = tmp_path_factory.mktemp("lake")
    write_small_run(root)
    write_small_run(root, run_id="before")
    earlier = Lake.open(root).run("before").manifest
    write_json(earlier, read_json(earlier) | {"started": "2026-01-04T00:00:00+00:00"})
    folder = tmp_path_factory.mktemp("app")
    with started_app(folder, {"RINGLEADER_LAKE": str(root)}) as address:
        yield address


@pytest.fixture
def visit(two_runs: str, browser: Browser) -> Iterator[Visit]:
    """A fresh page of that app."""
    with visiting(browser, two_runs) as seen:
        yield seen


def test_the_files_of_a_run_are_taken_away(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    visit.open(f"/runs?run={RUN_ID}")
    for name, file in (("run.json", "run.json"), ("Alerts", "alerts.csv")):
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        assert download.value.suggested_filename == f"{RUN_ID}-{file}"
        download.value.save_as(tmp_path / file)
    assert json.loads((tmp_path / "run.json").read_text())["run_id"] == RUN_ID
    assert (tmp_path / "alerts.csv").read_text().startswith("alert_id,ring_id,")


def test_a_run_is_compared_with_the_one_before_and_the_link_says_so(visit: Visit) -> None:
    page = visit.page
    visit.open(f"/runs?run={RUN_ID}")
    page.get_by_role("button", name="Compare with the run before").click()
    expect(page.get_by_text("Both runs read the very same file")).to_be_visible()
    page.get_by_role("tab", name="Scores").click()
    expect(page.get_by_text("no significant change").first).to_be_visible()
    page.get_by_role("button", name="Swap").click()
    page.wait_for_url(f"**against={RUN_ID}**")
    page.reload()
    expect(page.get_by_text("Both runs read the very same file")).to_be_visible()
    assert "run=before" in page.url
    page.get_by_role("radio", name="AWS Batch").click()
    expect(page.get_by_text("This lake is in a folder")).to_be_visible()
    assert "against=" not in page.url
    page.get_by_role("radio", name="History").click()
    expect(page.get_by_role("heading", name="before", exact=True)).to_be_visible()

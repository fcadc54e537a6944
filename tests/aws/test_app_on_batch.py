"""The app on the emulated AWS, in a real browser: a file on S3 becomes rings by way of Batch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from aws import names
from aws.infer.remote import ask
from tests.aws.emulator.launcher import Emulated
from tests.aws.watch import LakeView, wait_for
from tests.browser import Visit, started_app, visiting

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
QUEUE = "fraud-cpu-queue"
SAMPLE = Path(__file__).parents[2] / "assets" / "sample" / "aml_rings.csv.gz"


@pytest.fixture(scope="module")
def address(aws: Emulated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app, whose lake is the deployed one."""
    folder = tmp_path_factory.mktemp("app-on-aws")
    variables = {**aws.variables, "RINGLEADER_CACHE": str(folder / "cache")}
    with started_app(folder, variables) as running:
        yield running


@pytest.fixture
def visit(address: str, browser: Browser) -> Iterator[Visit]:
    with visiting(browser, address) as seen:
        yield seen


@pytest.fixture
def held(aws: Emulated) -> Iterator[Emulated]:
    """The emulator, whose machines are all taken until the test releases the queue."""
    aws.jobs("hold", queue=QUEUE)
    yield aws
    aws.jobs("release", queue=QUEUE)


def choose(page: Page, name: str) -> None:
    """Choose a file under ``raw/``, to be computed without its labels on Batch."""
    page.get_by_text("File on S3", exact=True).click()
    settle(page)
    page.locator(".st-key-home_remote input").click()
    page.get_by_role("option", name=name).click()
    pick(page, "labels", "Ignore them")
    pick(page, "engine", "AWS Batch")


def pick(page: Page, box: str, option: str) -> None:
    settle(page)
    page.locator(f".st-key-home_{box} input").click()
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page is drawn: a list that is open then would close."""
    page.wait_for_timeout(200)
    page.wait_for_selector('[data-test-script-state="notRunning"]')


def run_in(page: Page) -> str:
    """Return the run that the address names."""
    found = re.search(r"batch=([\w.-]+)", page.url)
    assert found, page.url
    return found[1]


def test_a_file_on_s3_becomes_rings_by_way_of_batch(
    visit: Visit, held: Emulated, lake: LakeView
) -> None:
    lake.put(SAMPLE, "raw/from-the-app.csv.gz")
    page = visit.page
    visit.open("/")
    choose(page, "from-the-app.csv.gz")
    expect(page.get_by_text(re.compile(r"AWS Batch · 60,000 rows · about .* USD"))).to_be_visible()
    page.get_by_role("button", name="Find rings").dblclick()
    page.wait_for_url("**/runs?**batch=**")
    run_id = run_in(page)
    expect(page.get_by_text("Waits for a machine")).to_be_visible()
    expect(page.get_by_text("takes some minutes")).to_be_visible()
    expect(page.get_by_text("Expected cost")).to_be_visible()
    assert len(lake.jobs(run_id)) == 2  # for two clicks

    held.jobs("release", queue=QUEUE)
    expect(page.get_by_text("Log: features and scores")).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile(r"\d+% features"))).to_be_visible(timeout=60_000)
    page.reload()
    assert run_in(page) == run_id
    expect(page.get_by_text("alerts in 60,000 transactions")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("Succeeded")).to_have_count(2, timeout=20_000)
    assert len(lake.jobs(run_id)) == 2

    page.get_by_role("link", name="Explore rings").click()
    page.wait_for_url(f"**/rings?run={run_id}**")
    page.wait_for_function("document.body.innerText.match(/\\d+ rings/)")
    assert lake.manifest(run_id)["labels"]["mode"] == "ignore"


def test_a_run_is_cancelled_and_a_retry_goes_on_from_there(
    visit: Visit, held: Emulated, lake: LakeView
) -> None:
    lake.put(SAMPLE, "raw/cancelled.csv.gz")
    page = visit.page
    visit.open("/")
    choose(page, "cancelled.csv.gz")
    page.get_by_role("button", name="Find rings").click()
    page.wait_for_url("**/runs?**batch=**")
    run_id = run_in(page)
    expect(page.get_by_text("Waits for a machine")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Retry")).to_be_visible()
    expect(page.locator("strong", has_text="Cancelled")).to_be_visible()
    wait_for("the end", lambda: {job["status"] for job in lake.jobs(run_id)} == {"FAILED"})
    assert not lake.keys(f"augmented/{run_id}/")

    held.jobs("release", queue=QUEUE)
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("submission 2")).to_be_visible()
    expect(page.get_by_text("alerts in 60,000 transactions")).to_be_visible(timeout=90_000)
    assert lake.manifest(run_id)["status"] == "done"


def test_the_score_page_asks_the_deployed_api(
    visit: Visit, aws: Emulated, lake: LakeView, program: pytest.MonkeyPatch
) -> None:
    lake.put(SAMPLE, "raw/to-score-by.csv.gz")
    lake.wait_for_run("to-score-by", seconds=120)
    url = aws.variables[names.INFER_URL]
    wait_for("a run to score by", lambda: ask(url, "/health")[0] == 200)
    visit.open("/score")
    page = visit.page
    expect(page.get_by_text("Scored on the deployed API by run")).to_be_visible()
    page.get_by_role("button", name="Fill in the run's riskiest").click()
    settle(page)
    page.get_by_role("button", name="Score", exact=True).click()
    expect(page.get_by_text("Tried out, not remembered")).to_be_visible()
    page.get_by_role("button", name="Explain it").click()
    expect(page.get_by_text("numbers checked").or_(page.get_by_text("A template:"))).to_be_visible()

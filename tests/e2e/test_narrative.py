"""From an alert to its narrative, report, and a pack that proves itself; with and without AWS."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.aws.bedrock_double.server import Double, served
from tests.browser import Visit, started_app, visiting
from tests.small_run import write_small_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

VERIFIER = Path(__file__).parents[2] / "engine" / "pack" / "verify_pack.py"
#: Alerts of the small run: each is asked about once, so that no answer of before is used.
RING, LARGE, SMALL = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Bank:
    """The app, and the double of Bedrock that it asks."""

    address: str
    double: Double


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """The app over the small run, with a model that is the double's."""
    lake, folder = tmp_path_factory.mktemp("lake"), tmp_path_factory.mktemp("app")
    write_small_run(lake)
    with served() as double:
        variables = {
            "RINGLEADER_LAKE": str(lake),
            "RINGLEADER_BEDROCK_MODEL": "us.anthropic.claude-haiku-5-5",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": double.url,
            "AWS_ENDPOINT_URL_BEDROCK": double.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
        }
        with started_app(folder, variables) as address:
            yield Bank(address, double)


@pytest.fixture
def visit(bank: Bank, browser: Browser) -> Iterator[Visit]:
    """A fresh page of the app."""
    with visiting(browser, bank.address) as seen:
        yield seen


def open_text(visit: Visit, alert: int) -> Page:
    """Open an alert, and click on its narrative."""
    page = visit.page
    visit.open(f"/alerts?alert={alert}")
    page.get_by_role("tab", name="Narrative").click()
    expect(page.locator(".narrative .line").first).to_be_visible()
    return page


def take(page: Page, button: str, file: Path) -> bytes:
    """Click on a download, and return what came."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    download.value.save_as(file)
    return file.read_bytes()


def top(found: Locator) -> float:
    """Return how far down the page it begins."""
    return float(found.evaluate("one => one.getBoundingClientRect().top"))


def ask(visit: Visit, bank: Bank, alert: int, scenario: str) -> Page:
    """Have the double write in one of its ways."""
    bank.double.play(scenario)
    page = open_text(visit, alert)
    page.get_by_role("button", name="Ask a model").click()
    return page


def test_one_click_gives_the_narrative_and_from_it_the_report_and_the_pack(
    visit: Visit, tmp_path: Path
) -> None:
    page = open_text(visit, RING)
    expect(page.get_by_text("Template,", exact=False)).to_be_visible()
    line = page.locator(".narrative .line").first
    line.hover()
    expect(page.locator(".narrative .card").first).to_be_visible()
    line.click()
    behind = page.locator(".st-key-narrative_behind")
    expect(behind).to_be_visible()
    # It stands under its sentence, not under the whole text.
    assert top(behind) < top(page.locator(".narrative .line").nth(1))
    report = take(page, "PDF", tmp_path / "AL-1.pdf")
    assert report.startswith(b"%PDF")
    assert take(page, "PDF", tmp_path / "again.pdf") == report
    pack = take(page, "Evidence pack", tmp_path / "AL-1.zip")
    assert take(page, "Evidence pack", tmp_path / "again.zip") == pack
    done = subprocess.run(
        [sys.executable, str(VERIFIER), str(tmp_path / "AL-1.zip")], check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.startswith("OK: 10 files")


def test_a_good_text_of_a_model_is_labelled_as_its_own(visit: Visit, bank: Bank) -> None:
    page = ask(visit, bank, RING, "good")
    expect(page.get_by_text("claude-haiku-5-5,", exact=False)).to_be_visible()
    expect(page.get_by_text("Models today:", exact=False)).to_be_visible()


def test_a_wrong_number_is_shown_struck_through_and_never_as_text(visit: Visit, bank: Bank) -> None:
    page = ask(visit, bank, LARGE, "stubborn")
    rejected = page.locator(".st-key-narrative_rejected")
    rejected.locator("summary").click()
    expect(rejected.locator("s, del").first).to_be_visible()
    wrong = rejected.locator("s, del").first.inner_text()
    assert wrong not in page.locator(".narrative").inner_text()


def test_where_bedrock_fails_the_programs_text_stands_and_says_why(
    visit: Visit, bank: Bank
) -> None:
    page = ask(visit, bank, SMALL, "denied")
    expect(page.get_by_text("No model wrote it", exact=False)).to_be_visible()
    expect(page.get_by_text("Template,", exact=False)).to_be_visible()

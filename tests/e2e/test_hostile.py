"""A file whose names attack whoever shows them is walked through every page in a browser."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import pytest
from playwright.sync_api import Browser, expect

from engine.lake import Lake
from tests.browser import ROOT, started_app, visiting
from tests.e2e.hostile_page import Watch, assert_inert_html, assert_safe_csv, settle
from tests.hostile import FILE_NAME, NAMES, write_hostile

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

RUN = "hostile"
#: Lone transactions alert too, so that their titles, which hold names and types, are seen.
_SETTINGS = """
[alerts]
returning_senders = 1.01
lone_share = 0.02
[rings]
ring_alert_threshold = 0.1
"""


@dataclass(frozen=True, slots=True)
class HostileApp:
    """The app over a run of the hostile file, and the file."""

    address: str
    source: Path
    rings: tuple[str, ...]
    alerts: tuple[str, ...]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileApp]:
    """The app over a run of the hostile file."""
    folder = tmp_path_factory.mktemp("hostile")
    source, settings, lake = folder / FILE_NAME, folder / "settings.toml", folder / "lake"
    write_hostile(source)
    settings.write_text(_SETTINGS, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "engine", "run", str(source), "--lake", str(lake), "--run-id", RUN,
         "--labels", "ignore", "--config", str(settings), "--engine", "cpu"],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    paths = Lake.open(lake).run(RUN)
    alerts = pd.read_parquet(paths.alerts)
    shown = alerts[alerts["title"].map(lambda title: any(name in title for name in NAMES))]
    with started_app(folder, {"RINGLEADER_LAKE": str(lake)}) as address:
        yield HostileApp(
            address, source, tuple(alerts["ring_id"].dropna().head(4)),
            tuple(shown["alert_id"].head(5)),
        )  # fmt: skip


@pytest.fixture(params=[(1440, 1024)], ids=str)
def watch(hostile: HostileApp, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Watch]:
    """A fresh page of the app, looked at in some widths."""
    with visiting(browser, hostile.address) as visit:
        yield Watch(visit, request.param)


def test_the_explorer_accounts_money_and_detection_show_them_inert(
    watch: Watch, hostile: HostileApp
) -> None:
    for ring in hostile.rings[:2]:
        watch.open(f"/explorer?run={RUN}&ring={ring}")
    for path in ("/explorer", "/account", "/trace", "/model", "/thresholds", "/drill"):
        watch.open(f"{path}?run={RUN}")
    for name in NAMES[:3]:
        watch.open(f"/account?{urlencode({'run': RUN, 'account': name})}")
    watch.open(f"/trace?run={RUN}&tx=1")


def test_every_page_shows_them_inert(watch: Watch, hostile: HostileApp) -> None:
    assert len(hostile.rings) == 4
    assert len(hostile.alerts) == 5
    for path in ("/", "/overview", "/alerts", "/rings", "/score", "/runs", "/me"):
        watch.open(f"{path}?run={RUN}")
    for alert in hostile.alerts:
        watch.open(f"/alerts?run={RUN}&alert={alert}")


def test_a_ring_of_them_is_drawn_and_told(watch: Watch, hostile: HostileApp) -> None:
    page = watch.page
    for ring in hostile.rings:
        watch.open(f"/rings?run={RUN}&ring={ring}")
        hover_over_canvas(watch)
    for section in ("Why this score", "Innocent explanations", "Since an earlier run", "Compare"):
        page.get_by_test_id("stButtonGroup").get_by_text(section, exact=False).click()
        watch.look()


@pytest.mark.parametrize("watch", [(1024,)], indirect=True, ids=str)
def test_a_file_of_them_is_previewed(watch: Watch, hostile: HostileApp, tmp_path: Path) -> None:
    page = watch.page
    watch.open("/")
    page.get_by_test_id("stButtonGroup").get_by_text("Upload", exact=True).click()
    # Their first lines are enough: the preview reads no more.
    part = tmp_path / FILE_NAME
    with hostile.source.open("rb") as lines, part.open("wb") as start:
        start.writelines(lines.readlines()[:600])
    page.locator("input[type=file]").set_input_files(part)
    expect(page.get_by_text("canonical", exact=False).first).to_be_visible()
    watch.look()


@pytest.mark.parametrize("watch", [(1024,)], indirect=True, ids=str)
def test_a_transaction_between_them_is_scored(watch: Watch, hostile: HostileApp) -> None:
    page = watch.page
    watch.open(f"/score?run={RUN}")
    publish = page.get_by_role("button", name=f"Score with {RUN}")
    if publish.count():
        publish.click()
    for label, name in (("Sender", NAMES[7]), ("Receiver", NAMES[1]), ("Amount", "9999")):
        page.get_by_label(label, exact=True).fill(name)
    page.get_by_role("button", name="Score", exact=True).click()
    watch.look()


@pytest.mark.parametrize("watch", [(1024,)], indirect=True, ids=str)
def test_a_note_of_them_and_a_search_for_them_are_text(watch: Watch, hostile: HostileApp) -> None:
    page = watch.page
    watch.open(f"/alerts?run={RUN}&alert={hostile.alerts[0]}")
    note = "\n".join(name for name in NAMES if len(name) < 400 and name.isprintable())
    page.get_by_placeholder("Write a note", exact=False).fill(note)
    page.locator(".st-key-case_note_add button").first.click()
    shown = page.get_by_test_id("stText").get_by_text(NAMES[1], exact=False).first
    expect(shown).to_be_visible(timeout=60_000)
    watch.look()
    page.get_by_role("tab", name="History").click()
    watch.look()
    page.get_by_placeholder("Alert, account, note").fill(NAMES[1])
    watch.look()
    watch.open("/audit")


@pytest.mark.parametrize("watch", [(1024,)], indirect=True, ids=str)
def test_an_admin_sees_them_inert_in_people_and_audit(watch: Watch) -> None:
    page = watch.page
    open_as_admin(watch, "/people")
    expect(page.get_by_role("button", name="New user")).to_be_visible(timeout=60_000)
    watch.look()
    login = page.locator(".st-key-people_new_login input")
    for kind in (1, 7, 13):
        if not login.is_visible():
            page.get_by_role("button", name="New user").click()
        login.fill(f"hostile-{kind}")
        page.locator(".st-key-people_new_name input").fill(NAMES[kind])
        page.get_by_role("button", name="Make the user").click()
        # Their card is open beside the table.
        expect(page.get_by_text(f"can sign in now as hostile-{kind}")).to_be_visible(timeout=60_000)
        watch.look()
    for tab in ("Roles", "Settings"):
        page.get_by_role("tab", name=tab).click()
        watch.look()
    open_as_admin(watch, "/audit?audit_subject=user+hostile-13")
    page.get_by_test_id("stDataFrame").first.click(position={"x": 20, "y": 52})
    expect(page.get_by_text("Before", exact=True)).to_be_visible()
    watch.look()
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_text("The chain holds", exact=False)).to_be_visible()
    watch.look()


@pytest.mark.parametrize("watch", [(1440,)], indirect=True, ids=str)
def test_what_is_downloaded_runs_nothing(watch: Watch, hostile: HostileApp) -> None:
    page = watch.page
    watch.open(f"/alerts?run={RUN}&alert={hostile.alerts[0]}")
    for name in ("CSV of these alerts", "CSV of the evidence"):
        with page.expect_download() as started:
            page.get_by_role("button", name=name).click()
        assert assert_safe_csv(started.value)
    watch.open(f"/rings?run={RUN}&ring={hostile.rings[0]}")
    for name in ("Members (CSV)", "Transactions (CSV)"):
        with page.expect_download() as started:
            page.get_by_role("button", name=name).click()
        assert assert_safe_csv(started.value)
    with page.expect_download() as started:
        page.get_by_role("button", name="Graph (HTML)").click()
    assert_inert_html(watch, started.value)


def open_as_admin(watch: Watch, path: str) -> None:
    """Open a path, and go on as the demo's admin; look at it then."""
    watch.visit.open(path)
    settle(watch.page)
    watch.page.get_by_role("combobox", name="Act as", exact=True).click()
    watch.page.get_by_role("option", name="Admin").click()
    watch.look()


def hover_over_canvas(watch: Watch) -> None:
    """Move over the drawn ring, so that tooltips show: they are text."""
    page = watch.page
    box = page.locator(".ring-canvas").first.bounding_box()
    assert box is not None
    for part in range(1, 8):
        page.mouse.move(
            box["x"] + box["width"] * part / 8, box["y"] + box["height"] * (part * 3 % 8) / 8
        )
        page.wait_for_timeout(150)
        tips = page.locator(".vis-tooltip")
        for index in range(tips.count()):
            assert tips.nth(index).locator(":not(br)").count() == 0
    watch.look()

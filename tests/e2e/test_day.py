"""A day of three people in the app, from its first start, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from engine.generate import write_rings
from engine.workbench import clock
from engine.workbench.database import Workbench, default_url
from engine.workbench.models import Alert, Suppression
from tests.browser import ROOT, started_app
from tests.e2e.people import Person, arrive, make_user
from tests.postgresql import PostgresServer

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank's lake and database, and the app over them."""

    folder: Path
    url: str
    address: str

    def run(self, run_id: str, settings: str = "") -> None:
        """Let the engine run over the bank's transactions."""
        find_rings(self.folder, run_id, settings)

    def verify(self) -> subprocess.CompletedProcess[str]:
        """Have the audit proved by the command."""
        return subprocess.run(
            [sys.executable, "-m", "engine.workbench", "verify", "--database", self.url],
            cwd=ROOT, text=True, capture_output=True, check=False,
        )  # fmt: skip

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """Ask the database past the app."""
        driver = self.url.replace("postgresql://", "postgresql+psycopg://")
        engine = sa.create_engine(driver)
        with engine.begin() as connection:
            found = connection.execute(sa.text(statement))
            rows = [tuple(row) for row in found] if found.returns_rows else []
        engine.dispose()
        return rows

    def let_suppressions_end(self) -> None:
        """Move the moment at which suppressions end: the shortest lasts a week."""
        bench = Workbench.open(self.url)
        over = clock.now() - timedelta(seconds=1)
        waits = update(Alert).where(Alert.suppressed_until.is_not(None))
        bench.write(lambda session: session.execute(waits.values(suppressed_until=over)))
        bench.write(lambda session: session.execute(update(Suppression).values(expires_at=over)))
        bench.close()

    def first_password(self) -> str:
        """Return what the app printed at its first start."""
        log = (self.folder / "app.log").read_text(encoding="utf-8")
        (told,) = re.findall(r"password   (\S+)", log)
        return str(told)


def find_rings(folder: Path, run_id: str, settings: str = "") -> None:
    """Run the engine as its command does."""
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "engine", "run", str(folder / "bank.parquet"), "--lake",
         str(folder / "lake"), "--run-id", run_id, "--labels", "ignore", "--engine", "cpu",
         "--config", str(folder / "settings.toml")],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "NUMBA_NUM_THREADS": "1"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def monday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the bank's transactions, and a lake with the first run over them."""
    folder = tmp_path_factory.mktemp("monday")
    write_rings(8_000, 7, folder / "bank.parquet", rings=16)
    find_rings(folder, "monday")
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, monday: Path, tmp_path: Path) -> Iterator[Bank]:
    """A bank on its first day."""
    shutil.copytree(monday, tmp_path, dirs_exist_ok=True)
    url = default_url(tmp_path / "lake")
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgresql")
        url = server.url(server.create_database())
    variables = {
        "RINGLEADER_LAKE": str(tmp_path / "lake"), "RINGLEADER_DEMO": "", "DATABASE_URL": url
    }  # fmt: skip
    with started_app(tmp_path, variables) as address:
        yield Bank(tmp_path, url, address)


def test_a_day_in_the_app(bank: Bank, browser: Browser) -> None:
    admin = arrive(browser, bank.address, "/people", "admin", bank.first_password())
    admin.see_heading("People")
    anna_password = make_user(admin, "anna", "analyst")
    ravi_password = make_user(admin, "ravi", "reviewer")

    # The link that she was sent is where she lands.
    anna = arrive(browser, bank.address, "/alerts?run=monday&alert=2", "anna", anna_password)
    assert anna.open_alert() == "AL-2"
    false = anna.next_alert()
    read_evidence(anna)
    anna.note("Spoke to the branch: wages of a small firm")
    suppress_like_it(anna)
    anna.decide("False positive", "Wages or pensions", "")
    anna.see("Closed")

    true = anna.next_alert()
    assert true != false
    anna.decide("Suspicious, reported", "Accounts pass on", "Money leaves within the day")
    anna.see("Waits for another person to approve it")
    expect(anna.page.locator(".st-key-case_open_approve")).to_have_count(0)

    number = true.removeprefix("AL-")
    ravi = arrive(browser, bank.address, f"/alerts?alert={number}", "ravi", ravi_password)
    assert ravi.open_alert() == true
    ravi.press_key("case_open_approve")
    ravi.page.locator(".st-key-case_head").wait_for()
    ravi.press_key("case_approve_do")
    ravi.see("Approved by Ravi")

    a_suppression_ends_by_itself(bank, anna)
    brings_evidence_and_no_duplicate(bank, anna, true)
    found = bank.verify()
    assert (found.returncode, found.stderr) == (0, "")
    tampering_is_found(bank)
    for person in (admin, anna, ravi):
        person.context.close()


def read_evidence(person: Person) -> None:
    """Read what proves the open alert."""
    case = person.page.locator(".st-key-case")
    expect(case.get_by_text("Why this is an alert", exact=False)).to_be_visible()
    for name, shown in (("Timeline", ".js-plotly-plot"), ("History", "[role=tabpanel]")):
        case.get_by_role("tab", name=name).click()
        expect(case.locator(shown).last).to_be_visible()
    case.get_by_role("tab", name="Evidence").click()


def suppress_like_it(person: Person) -> None:
    """Suppress alerts like the open one for 30 days."""
    person.press_key("case_open_suppress")
    expect(person.page.locator(".st-key-case_suppress_do")).to_be_visible()
    person.choose("Because they are", "Wages or pensions")
    person.press_key("case_suppress_do")
    person.see("Suppressed until")


def a_suppression_ends_by_itself(bank: Bank, person: Person) -> None:
    """Suppress an alert; once the moment that was told has passed, it is in the queue again."""
    name = person.next_alert()
    suppress_like_it(person)
    person.open(f"/alerts?run=monday&search={name}")
    person.see("No alert in this part of the queue passes the filters")
    bank.let_suppressions_end()
    # What changes by the clock alone is counted anew each minute; another spelling at once.
    person.open(f"/alerts?run=monday&search={name.lower()}")
    row = person.page.frame_locator("iframe").first.locator(f"[row-id='{name[3:]}']")
    expect(row.first).to_be_visible(timeout=90_000)
    assert bank.ask("SELECT count(*) FROM suppressions WHERE lifted_at IS NOT NULL") == [(0,)]


def brings_evidence_and_no_duplicate(bank: Bank, person: Person, decided: str) -> None:
    """Run again with other settings while the app runs: the same alerts, with new evidence."""
    before = bank.ask("SELECT id, status FROM alerts ORDER BY id")
    bank.run("tuesday", "[anomaly]\nseed = 8\n")
    person.open(f"/alerts?run=tuesday&alert={decided.removeprefix('AL-')}")
    assert person.open_alert() == decided
    assert bank.ask("SELECT id, status FROM alerts ORDER BY id") == before
    runs = bank.ask("SELECT DISTINCT run_id FROM evidence ORDER BY run_id")
    assert runs == [("monday",), ("tuesday",)]
    person.page.locator(".st-key-case").get_by_role("tab", name="Lineage").click()
    person.see("tuesday")


def tampering_is_found(bank: Bank) -> None:
    """Change one row of the audit past the app, and past what keeps the table from changes."""
    is_sqlite = bank.url.startswith("sqlite")
    bank.ask(
        "DROP TRIGGER audit_no_update" if is_sqlite else "ALTER TABLE audit DISABLE TRIGGER USER"
    )
    ((row,),) = bank.ask("SELECT seq FROM audit WHERE action = 'decide' ORDER BY seq LIMIT 1")
    bank.ask(f"UPDATE audit SET actor = 'ravi' WHERE seq = {row}")
    found = bank.verify()
    assert found.returncode == 1
    assert "TAMPERED" in found.stdout
    assert str(row) in found.stdout

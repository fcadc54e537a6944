"""When two work on one alert, and when the database is locked or gone: nothing typed is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.workbench.database import BUSY_SECONDS, default_url
from tests.browser import started_app, visiting
from tests.postgresql import started_postgresql
from tests.small_run import write_small_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
NOTE = "The branch knows him, asks for a day"
_SLOW = 60_000  # milliseconds

#: The address of a database, what takes it away, and what gives it back.
Losing = tuple[str, Callable[[], Any], Callable[[], Any]]


def open_alert(page: Page, number: int) -> None:
    """Wait until an alert is open."""
    heading = page.get_by_role("heading", name=f"AL-{number}", exact=True)
    expect(heading).to_be_visible(timeout=_SLOW)


def test_the_second_sees_what_changed_and_keeps_what_was_typed(
    browser: Browser, tmp_path: Path
) -> None:
    write_small_run(tmp_path / "lake")
    with (
        started_app(tmp_path, {"RINGLEADER_LAKE": str(tmp_path / "lake")}) as address,
        visiting(browser, address) as one,
        visiting(browser, address) as two,
    ):
        first, second = one.page, two.page
        one.open("/alerts?alert=1")
        open_alert(first, 1)
        first.get_by_placeholder("Write a note", exact=False).fill(NOTE)
        # The reviewer of the demo and its analyst are two people.
        two.open("/alerts?alert=1")
        open_alert(second, 1)
        second.get_by_role("combobox", name="Act as", exact=True).click()
        second.get_by_role("option", name="Analyst").click()
        expect(second.get_by_text("Demo reviewer has it open")).to_be_visible(timeout=_SLOW)
        second.get_by_placeholder("Write a note", exact=False).fill("Seen twice this week")
        second.locator(".st-key-case_note_add button").click()
        expect(second.get_by_test_id("stText").get_by_text("Seen twice")).to_be_visible()

        first.locator(".st-key-case_assign button").click()
        trouble = first.locator(".st-key-case_trouble")
        expect(trouble).to_be_visible(timeout=_SLOW)
        expect(trouble.get_by_text("Demo analyst", exact=False).first).to_be_visible()
        expect(first.get_by_placeholder("Write a note", exact=False)).to_have_value(NOTE)
        first.get_by_role("button", name="I have seen it", exact=False).click()
        expect(trouble).to_have_count(0, timeout=_SLOW)
        first.locator(".st-key-case_assign button").first.click()
        expect(first.locator(".st-key-case_assign").get_by_text("Give back").first).to_be_visible(
            timeout=_SLOW
        )
        expect(first.get_by_placeholder("Write a note", exact=False)).to_have_value(NOTE)


@contextmanager
def locked_sqlite(folder: Path) -> Iterator[Losing]:
    """Give a database in a file, and what locks it and frees it."""
    url = default_url(folder)
    with closing(sqlite3.connect(folder / "workbench.sqlite", isolation_level=None)) as other:
        yield url, lambda: other.execute("BEGIN EXCLUSIVE"), lambda: other.execute("ROLLBACK")


@contextmanager
def stopped_postgresql(_: Path) -> Iterator[Losing]:
    """Give a database on a server of its own, and what stops and starts that."""
    with started_postgresql() as server:
        yield server.url(server.create_database()), server.stop, server.start


@pytest.mark.parametrize("losing", [locked_sqlite, stopped_postgresql])
def test_a_note_outlives_a_database_that_is_locked_or_gone(
    browser: Browser, tmp_path: Path, losing: Callable[[Path], AbstractContextManager[Losing]]
) -> None:
    write_small_run(tmp_path / "lake")
    with losing(tmp_path) as (url, lose, recover):
        variables = {"RINGLEADER_LAKE": str(tmp_path / "lake"), "DATABASE_URL": url}
        with (
            started_app(tmp_path, variables) as address,
            visiting(browser, address) as visit,
        ):
            page = visit.page
            visit.open("/alerts?alert=1")
            open_alert(page, 1)
            box = page.get_by_placeholder("Write a note", exact=False)
            box.fill(NOTE)
            lose()
            page.locator(".st-key-case_note_add button").click()
            problem = page.get_by_text("workbench's database", exact=False).first
            expect(problem).to_be_visible(timeout=(BUSY_SECONDS + 60) * 1000)
            expect(page.get_by_test_id("stException")).to_have_count(0)
            expect(page.get_by_text("Traceback")).to_have_count(0)
            recover()
            again = page.get_by_role("button", name="Try again")
            if again.count():  # nothing else can be shown without a database
                again.click()
                open_alert(page, 1)
            expect(box).to_have_value(NOTE, timeout=_SLOW)
            page.locator(".st-key-case_note_add button").click()
            written = page.get_by_test_id("stText").get_by_text(NOTE)
            expect(written).to_be_visible(timeout=_SLOW)

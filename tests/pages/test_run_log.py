"""A run's log may quote what the input holds: who gets it, and what is kept of that."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from app.ui import cache, desk, job_panel
from engine.errors import EngineError
from engine.lake import Lake
from engine.workbench import permissions
from engine.workbench.database import Workbench, default_url
from engine.workbench.masking import Masker
from engine.workbench.migrations import upgrade
from engine.workbench.models import AuditEntry
from tests.pages.test_home import MAIN, progress, texts
from tests.small_run import RUN_ID, write_small_run


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A lake whose run has a log."""
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
    write_small_run(tmp_path)
    made = Lake.open(tmp_path)
    made.run(RUN_ID).log.write_text("row 3: C1000123 pays itself")
    upgrade(Workbench.open(default_url(tmp_path)))
    return made


def drawn() -> AppTest:
    def page() -> None:
        from app.ui import job_panel
        from tests.small_run import RUN_ID

        job_panel.log_button(RUN_ID, "job")

    return AppTest.from_function(page, default_timeout=60).run()


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize(("role", "n_buttons"), [("analyst", 1), ("reviewer", 1), ("admin", 0)])
def test_a_log_is_for_who_sees_account_ids(
    monkeypatch: pytest.MonkeyPatch, role: str, n_buttons: int
) -> None:
    monkeypatch.setenv("RINGLEADER_DEMO", role)
    page = drawn()
    assert not page.exception
    assert len(page.get("download_button")) == n_buttons


@pytest.mark.usefixtures("lake")
def test_a_log_is_for_who_may_take_things_away(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = permissions.MATRIX["reviewer"] - {"export"}
    monkeypatch.setitem(permissions.MATRIX, "reviewer", kept)
    assert not drawn().get("download_button")


def test_a_log_that_is_taken_away_is_written_down(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = []
    monkeypatch.setattr(st, "download_button", lambda _label, data, **_rest: offered.append(data))
    job_panel.log_button(RUN_ID, "job")
    (take,) = offered
    assert take() == b"row 3: C1000123 pays itself"
    found = select(AuditEntry).where(AuditEntry.action == "download")
    (entry,) = desk.bench().read(lambda session: session.scalars(found).all())
    assert (entry.actor, entry.subject) == ("demo-reviewer", f"run {RUN_ID}")
    assert entry.after == '{"account_ids":true,"what":"log"}'


@pytest.mark.parametrize(("role", "is_said"), [("reviewer", True), ("admin", False)])
@pytest.mark.parametrize(("name", "param"), [("home", "job"), ("runs", "entry")])
def test_what_went_wrong_is_hidden_with_the_ids(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, role: str, is_said: bool, name: str, param: str
) -> None:
    monkeypatch.setenv("RINGLEADER_DEMO", role)
    progress(lake.run("bad"), "failed", message="row 3: 'C1000123;12' has no amount")
    page = AppTest.from_file(MAIN, default_timeout=60)
    page.switch_page(f"../pages/{name}.py")
    page.query_params[param] = "bad"
    said = texts(page.run()).replace("\\", "")
    assert not page.exception
    assert ("C1000123" in said) == is_said
    assert ("What it says is hidden with the account ids." in said) != is_said


@pytest.mark.usefixtures("lake")
def test_an_error_of_a_query_names_an_account_as_the_page_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from engine.query.ring_detail import get_ring
    from engine.query.rings import ring_transactions

    by = Masker(bytes(32))
    monkeypatch.setattr(desk, "masker", lambda: by)
    pseudonym = by.account("C1000123")
    with pytest.raises(EngineError, match=pseudonym) as refused:
        cache.query(get_ring, RUN_ID, pseudonym)
    assert "C1000123" not in str(refused.value)

    def refuse(*_args: object) -> None:
        raise EngineError("'C1000123' is in no ring")

    monkeypatch.setattr(cache, "_query", refuse)
    with pytest.raises(EngineError, match=f"^'{pseudonym}' is in no ring$"):
        cache.query(ring_transactions, RUN_ID, "R00001", account=pseudonym)

"""Freezing on the explorer's page, and a snapshot in view, over the small run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select, text
from streamlit.testing.v1 import AppTest

from app.ui import desk
from engine.workbench import audit, snapshots
from engine.workbench.database import Workbench, default_url
from engine.workbench.migrations import upgrade
from engine.workbench.models import Snapshot
from tests.small_run import RUN_ID, write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")


@pytest.fixture(autouse=True)
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """The workbench of a demo."""
    monkeypatch.setenv("RINGLEADER_DEMO", "analyst")
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
    write_small_run(tmp_path)
    workbench = Workbench.open(default_url(tmp_path))
    upgrade(workbench)
    return workbench


def show(**params: str) -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=60)
    page.query_params["run"] = RUN_ID
    page.run()
    for key, value in params.items():
        page.query_params[key] = value
    page.switch_page("../pages/explorer.py").run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.error, *page.warning, *page.text]
    return "\n".join(str(one.value).replace("\\", "") for one in parts)


def freeze(page: AppTest, comment: str = "", alert: str | None = None) -> AppTest:
    if alert is not None:
        next(one for one in page.text_input if one.label == "Keep it with alert").input(alert)
    next(one for one in page.text_area if one.label == "What it shows").input(comment)
    next(one for one in page.button if one.label == "Freeze this view").click()
    page.run()
    assert not page.exception
    return page


def drawn(page: AppTest) -> list[str]:
    [component] = page.get("bidi_component")
    return sorted(node["id"] for node in json.loads(component.proto.json)["nodes"])


def contents(bench: Workbench) -> list[str]:
    return bench.read(lambda session: list(session.scalars(text("SELECT content FROM snapshots"))))


def test_a_view_is_frozen_and_opened(bench: Workbench) -> None:
    page = freeze(show(ring="R00001"), "before the exit")
    assert "Frozen and kept." in said(page)
    told = said(show(snapshot="1"))
    assert "Snapshot 1 · Ring R00001" in told
    assert "before the exit" in told
    assert "4 accounts, 3 links" in told


def test_a_snapshot_of_a_moment_keeps_the_sums_of_all_transfers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.explorer.build.MOST_EVENTS", 2)
    freeze(show(ring="R00001", asof="2026-01-01T02:00:00"))
    page = show(snapshot="1")
    page.segmented_control(key="snapshot_table").set_value("links").run()
    links = page.dataframe[0].value
    assert set(zip(links["From"], links["To"], links["Sum"], links["n"], strict=True)) == {
        ("A", "H", "150", 2), ("B", "H", "200", 1),
    }  # fmt: skip
    page.segmented_control(key="snapshot_how").set_value("Beside the live view").run()
    assert not page.exception
    assert "Nothing: all 4 accounts and 2 links are as they were." in said(page)


def test_what_cannot_be_kept_is_said_and_nothing_is_kept(bench: Workbench) -> None:
    page = show(ring="R00001")
    assert "names no alert; write one such as AL-12" in said(freeze(page, alert="12b"))
    assert "There is no alert AL-77" in said(freeze(page, alert="AL-77"))
    assert contents(bench) == []


def test_a_ring_is_kept_with_its_alert_before_anybody_opened_the_queue(bench: Workbench) -> None:
    page = show(ring="R00001")
    box = next(one for one in page.text_input if one.label == "Keep it with alert")
    assert re.fullmatch(r"AL-\d+", str(box.value))
    kept = int(str(box.value)[3:])
    freeze(page)
    freeze(page, alert="a000001")
    with_alert = bench.read(lambda session: list(session.scalars(select(Snapshot.alert_id))))
    assert with_alert == [kept, kept]


def test_why_nothing_was_kept_is_said_where_it_was_asked_for(bench: Workbench) -> None:
    page = freeze(show(ring="R00001"), alert="A000099")
    [popover] = [one for one in page.get("popover") if one.proto.popover.label == "Freeze"]
    assert "The queue has no alert A000099" in popover.error[0].value


@pytest.mark.parametrize("number", ["2", "0", "x", "1e3", "²", "9" * 40, "9" * 5000])
def test_a_link_to_no_snapshot_says_so(number: str) -> None:
    assert "There is no snapshot" in said(show(snapshot=number))


def test_who_sees_pseudonyms_freezes_and_opens_without_seeing_an_account(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGLEADER_DEMO", "admin")
    by = desk._masker(desk.address())
    page = freeze(show(start=by.account("A")))
    assert "Frozen and kept." in said(page)
    # What is kept has the ids: a role that sees them sees them.
    (content,) = contents(bench)
    view = json.loads(content)["view"]
    assert view["start"]["accounts"] == ["A"]
    assert {one["account"] for one in view["steps"]} == {"A"}
    opened = show(snapshot="1")
    assert f"Snapshot 1 · Account {by.account('A')}" in said(opened)
    assert drawn(opened) == sorted(f"@{by.account(one)}" for one in "AHZ")
    monkeypatch.setenv("RINGLEADER_DEMO", "analyst")
    opened = show(snapshot="1")
    assert "Snapshot 1 · Account A" in said(opened)
    assert drawn(opened) == ["@A", "@H", "@Z"]


def test_freezing_is_told_to_the_audit(bench: Workbench) -> None:
    freeze(show(ring="R00001"), alert="")
    (entry,) = bench.read(audit.history, ["snapshot 1"])
    assert (entry.action, entry.actor) == ("freeze", "demo-analyst")
    (line,) = bench.read(snapshots._lines, snapshots._listed())
    assert line.sha256 in entry.after

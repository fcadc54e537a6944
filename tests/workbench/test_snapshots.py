"""Snapshots are kept as they were, with an alert or with none, and show where they were changed."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.explorer import snapshot
from engine.explorer.view import Start
from engine.workbench import audit, snapshots
from engine.workbench.case import alert_record
from engine.workbench.database import Workbench
from engine.workbench.errors import NotFoundError, WorkbenchError
from engine.workbench.masked_cases import masked_call
from engine.workbench.masking import HIDDEN, Masker
from engine.workbench.permissions import Actor, NotAllowedError
from engine.workbench.snapshots import Kept
from tests.engine.scenes import MANIFEST, VIEW, scene
from tests.workbench.alerts import START, add_alert
from tests.workbench.conftest import Watch

CONTENT = snapshot.freeze(MANIFEST, VIEW, scene())


@pytest.fixture
def alert_id(workbench: Workbench) -> int:
    return workbench.write(add_alert)


def test_a_snapshot_is_kept_with_its_alert_and_read_as_it_was(
    workbench: Workbench, watch: Watch, anna: Actor, alert_id: int
) -> None:
    kept = workbench.write(snapshots.freeze, anna, alert_id, CONTENT, "before the exit")
    assert kept == Kept(1, 2)
    (line,) = workbench.read(snapshots.of_alert, anna, alert_id)
    assert (line.author.name, line.at, line.comment) == ("Anna", START, "before the exit")
    assert (line.run_id, line.ring_id, line.accounts) == ("march", "R000001", ())
    assert (line.n_accounts, line.n_edges) == (3, 2)
    assert line.sha256 == snapshot.sha256(CONTENT)
    record = workbench.read(snapshots.read_snapshot, anna, 1)
    assert (record.line, record.problems) == (line, ())
    assert record.frozen.view == VIEW
    pd.testing.assert_frame_equal(record.frozen.scene.nodes, scene().nodes)


def test_the_audit_has_the_hash_and_the_history_a_line(
    workbench: Workbench, anna: Actor, alert_id: int
) -> None:
    workbench.write(snapshots.freeze, anna, alert_id, CONTENT)
    (entry,) = workbench.read(audit.history, [f"alert {alert_id}"])
    told = json.loads(entry.after)
    assert (entry.action, told["snapshot"]) == ("freeze", 1)
    assert told["sha256"] == snapshot.sha256(CONTENT)
    line, _born = workbench.read(alert_record, anna, alert_id).history
    assert line.text == "Anna froze a view of run march: 3 accounts, 2 links (snapshot 1)"
    assert workbench.read(audit.verify).problems == ()


def test_a_view_of_no_alert_is_found_by_its_run(workbench: Workbench, anna: Actor) -> None:
    view = replace(VIEW, start=Start(accounts=("A", "C")))
    content = snapshot.freeze(MANIFEST, view, scene())
    assert workbench.write(snapshots.freeze, anna, None, content) == Kept(1, None)
    workbench.write(snapshots.freeze, anna, None, CONTENT)
    found = workbench.read(snapshots.of_run, anna, "march")
    assert [(one.snapshot_id, one.kept_with) for one in found] == [(2, None), (1, None)]
    assert found[1].accounts == ("A", "C")
    assert workbench.read(snapshots.read_snapshot, anna, 1).problems == ()
    assert workbench.read(snapshots.of_run, anna, "april") == ()


def test_the_alert_of_a_ring_is_found_also_where_it_joined_another(
    workbench: Workbench, anna: Actor, alert_id: int
) -> None:
    def ask(ring_id: str) -> int | None:
        return workbench.read(snapshots.alert_of_ring, anna, "run-1", ring_id)

    assert (ask("R000001"), ask("R000002")) == (alert_id, None)
    joined = workbench.write(add_alert, number=2, merged_into_id=alert_id)
    assert (joined, ask("R000002")) == (2, alert_id)


@pytest.mark.parametrize(
    "change", ["UPDATE snapshots SET comment = 'other'", "DELETE FROM snapshots"]
)
def test_a_snapshot_can_neither_be_changed_nor_deleted(
    workbench: Workbench, anna: Actor, change: str
) -> None:
    workbench.write(snapshots.freeze, anna, None, CONTENT)
    with pytest.raises((DatabaseError, WorkbenchError), match="snapshots are only added to"):
        workbench.write(lambda session: session.execute(text(change)))


def unguarded(session: Session, change: str, value: str) -> None:
    """Change a row past the program, as who holds the database can."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("DROP TRIGGER IF EXISTS snapshots_no_UPDATE"))
    else:
        session.execute(text("DROP TRIGGER IF EXISTS snapshots_keep ON snapshots"))
    session.execute(text(change), {"value": value})


def test_a_content_that_was_changed_is_shown_as_such(workbench: Workbench, anna: Actor) -> None:
    workbench.write(snapshots.freeze, anna, None, CONTENT)
    other = CONTENT.replace("100.25", "900.25")
    workbench.write(unguarded, "UPDATE snapshots SET content = :value", other)
    problems = workbench.read(snapshots.read_snapshot, anna, 1).problems
    assert len(problems) == 2
    # Who changes the hash beside it cannot change the one in the audit.
    workbench.write(unguarded, "UPDATE snapshots SET sha256 = :value", snapshot.sha256(other))
    (problem,) = workbench.read(snapshots.read_snapshot, anna, 1).problems
    assert problem.startswith(f"the audit has the hash {snapshot.sha256(CONTENT)}")


def test_what_is_no_snapshot_is_not_kept(
    workbench: Workbench, anna: Actor, alert_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="no content of a snapshot"):
        workbench.write(snapshots.freeze, anna, alert_id, "{}")
    with pytest.raises(InputError, match="10,001 characters; 10,000 fit"):
        workbench.write(snapshots.freeze, anna, alert_id, CONTENT, "x" * 10_001)
    with pytest.raises(NotFoundError, match="no alert AL-99"):
        workbench.write(snapshots.freeze, anna, 99, CONTENT)
    monkeypatch.setattr(snapshots, "MAX_CONTENT", 100)
    with pytest.raises(InputError, match="100 can be kept: narrow it"):
        workbench.write(snapshots.freeze, anna, alert_id, CONTENT)
    assert workbench.read(snapshots.of_alert, anna, alert_id) == ()


@pytest.mark.parametrize("number", [0, -1, 2, 2**70])
def test_a_snapshot_that_is_not_there_is_not_found(
    workbench: Workbench, anna: Actor, number: int
) -> None:
    with pytest.raises(NotFoundError, match=f"there is no snapshot {number}"):
        workbench.read(snapshots.read_snapshot, anna, number)


def test_who_sees_pseudonyms_gets_the_content_with_pseudonyms(
    workbench: Workbench, anna: Actor, ada: Actor, alert_id: int
) -> None:
    shown = scene(("C100", "C200", "C300"), [("C100", "C200", 5.0)], hub="C200")
    view = replace(VIEW, start=Start(accounts=("C100",)), steps=(), selected="C200")
    told = replace(shown, notes=("7 counterparties of C200 are not drawn.",))
    content = snapshot.freeze(MANIFEST, view, told)
    workbench.write(snapshots.freeze, anna, alert_id, content, "C300 is his wife's")
    by = Masker(bytes(32))

    def read(session: Session) -> list[object]:
        return [
            masked_call(session, by, lambda: snapshots.read_snapshot(session, ada, 1), ()),
            masked_call(session, by, lambda: snapshots.of_alert(session, ada, alert_id), ()),
        ]

    record, lines = workbench.read(read)
    assert isinstance(record, snapshots.SnapshotRecord)
    scene_shown = record.frozen.scene
    everything = [str(record), str(lines)] + [
        frame.to_csv() for frame in (scene_shown.nodes, scene_shown.rollups, scene_shown.edges,
                                     scene_shown.events)
    ]  # fmt: skip
    assert not [name for name in ("C100", "C200", "C300") if name in " ".join(everything)]
    assert list(scene_shown.nodes["account"]) == [by.account(f"C{n}00") for n in (1, 2, 3)]
    assert record.frozen.view.selected == by.account("C200")
    assert record.line.comment == HIDDEN
    # What is kept is not: its hash is checked before anything is hidden.
    assert record.problems == ()


def test_freezing_takes_who_may_work(workbench: Workbench, ada: Actor, alert_id: int) -> None:
    workbench.write(snapshots.freeze, ada, alert_id, CONTENT)
    gone = replace(ada, user_id=999)
    with pytest.raises(NotAllowedError):
        workbench.write(snapshots.freeze, gone, alert_id, CONTENT)

"""Decisions as labels: which transactions a run may learn from, and which are missing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.feedback import keep_feedback, read_feedback
from engine.lake import Lake
from engine.workbench.database import Workbench
from engine.workbench.decisions import reopen
from engine.workbench.feedback import (
    COLUMNS,
    Decided,
    decided_transactions,
    labelling_decisions,
)
from engine.workbench.models import Alert, Decision, Evidence
from engine.workbench.notes import add_note
from engine.workbench.permissions import Actor, NotAllowedError
from engine.workbench.take_in import take_in
from tests.workbench.runs import Payment, RingOf, RunOf
from tests.workbench.staff import hire

DECIDED = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(tmp_path / "lake")


@pytest.fixture
def rosa(workbench: Workbench) -> Actor:
    return hire(workbench, "rosa", "reviewer")


def take(workbench: Workbench, lake: Lake, run: RunOf) -> None:
    workbench.write(take_in, lake, run.write(lake))


def decide(
    workbench: Workbench, actor: Actor, alert_id: int, disposition: str,
    approval: str = "not_needed",
) -> None:  # fmt: skip
    """Decide on the newest evidence of an alert."""

    def do(session: Session) -> None:
        alert = session.get_one(Alert, alert_id)
        newest = select(func.max(Evidence.id)).where(Evidence.alert_id == alert_id)
        alert.status = "awaiting_approval" if approval == "pending" else "closed"
        alert.disposition = disposition
        session.add(
            Decision(
                alert_id=alert_id, evidence_id=session.scalar(newest), disposition=disposition,
                reason_code="other", comment="seen", decided_by_id=actor.user_id,
                decided_at=DECIDED, approval=approval,
            )
        )  # fmt: skip

    workbench.write(do)


def labels(decided: Decided) -> list[tuple[str, str, int, str]]:
    frame = decided.frame
    columns = (frame[name] for name in ("sender", "receiver", "label", "alert"))
    return list(zip(*columns, strict=True))


def test_fraud_is_one_and_a_false_alarm_is_nought(
    workbench: Workbench, lake: Lake, rosa: Actor
) -> None:
    take(workbench, lake, RunOf("one", 0, [RingOf("ABC", 300), RingOf("XY")], [Payment("P", "Q")]))
    decide(workbench, rosa, 1, "confirmed_fraud")
    decide(workbench, rosa, 3, "false_positive")
    decided = workbench.read(decided_transactions, rosa, lake)
    assert labels(decided) == [
        ("A", "B", 1, "AL-1"), ("B", "C", 1, "AL-1"), ("C", "A", 1, "AL-1"), ("P", "Q", 0, "AL-3"),
    ]  # fmt: skip
    assert (decided.alerts, decided.positives, decided.negatives) == (2, 3, 1)
    assert (decided.missing, decided.until) == ([], DECIDED)
    assert list(decided.frame["amount"]) == [100.0, 100.0, 100.0, 500.0]
    assert {name: str(kind) for name, kind in decided.frame.dtypes.items()} == COLUMNS


@pytest.mark.parametrize(("disposition", "approval", "label"), [
    ("confirmed_fraud", "not_needed", 1), ("suspicious_reported", "approved", 1),
    ("suspicious_not_reportable", "not_needed", 1), ("false_positive", "not_needed", 0),
    ("suspicious_reported", "pending", None), ("suspicious_reported", "rejected", None),
    ("inconclusive", "not_needed", None), ("duplicate", "not_needed", None),
])  # fmt: skip
def test_the_label_of_each_disposition(
    workbench: Workbench, lake: Lake, rosa: Actor, disposition: str, approval: str,
    label: int | None,
) -> None:  # fmt: skip
    take(workbench, lake, RunOf("one", 0, [], [Payment("P", "Q")]))
    decide(workbench, rosa, 1, disposition, approval)
    found = list(workbench.read(decided_transactions, rosa, lake).frame["label"])
    assert found == ([] if label is None else [label])
    assert workbench.read(labelling_decisions, rosa) == (() if label is None else (1,))


def test_what_is_learned_from_is_told_apart_without_reading_a_transaction(
    workbench: Workbench, lake: Lake, rosa: Actor
) -> None:
    def known() -> tuple[int, ...]:
        return workbench.read(labelling_decisions, rosa)

    take(workbench, lake, RunOf("one", 0, [RingOf("ABC", 300)], [Payment("P", "Q")]))
    assert known() == ()
    decide(workbench, rosa, 1, "false_positive")
    decide(workbench, rosa, 2, "confirmed_fraud")
    assert known() == (1, 2)
    workbench.write(add_note, rosa, 1, "A note decides nothing")
    assert known() == (1, 2)
    workbench.write(reopen, rosa, 1, None, "Look again")
    assert known() == (2,)
    decide(workbench, rosa, 1, "confirmed_fraud")
    assert known() == (2, 3)


def test_no_decision_is_an_empty_frame_of_the_same_columns(
    workbench: Workbench, lake: Lake, rosa: Actor
) -> None:
    decided = workbench.read(decided_transactions, rosa, lake)
    assert (decided.alerts, decided.until, len(decided.frame)) == (0, None, 0)
    assert {name: str(kind) for name, kind in decided.frame.dtypes.items()} == COLUMNS


def test_an_alert_that_was_opened_again_teaches_nothing(
    workbench: Workbench, lake: Lake, rosa: Actor
) -> None:
    take(workbench, lake, RunOf("one", 0, [RingOf("ABC", 300)]))
    decide(workbench, rosa, 1, "false_positive")
    take(workbench, lake, RunOf("two", 1, [RingOf("ABC", 900)]))
    assert workbench.read(decided_transactions, rosa, lake).alerts == 0


def test_the_transactions_are_those_decided_on_not_those_found_later(
    workbench: Workbench, lake: Lake, rosa: Actor
) -> None:
    take(workbench, lake, RunOf("one", 0, [RingOf("ABCDE", 500)]))
    decide(workbench, rosa, 1, "false_positive")
    take(workbench, lake, RunOf("two", 1, [RingOf("ABCDEF", 540)]))
    decided = workbench.read(decided_transactions, rosa, lake)
    assert len(decided.frame) == 5
    assert "F" not in set(decided.frame["sender"])


def test_a_decision_after_a_run_that_found_no_more_rests_on_the_evidence_before(
    workbench: Workbench, lake: Lake, rosa: Actor
) -> None:
    take(workbench, lake, RunOf("one", 0, [RingOf("ABC")], [Payment("P", "Q")]))
    take(workbench, lake, RunOf("two", 1, [], [Payment("P", "Q")]))
    decide(workbench, rosa, 1, "confirmed_fraud")
    assert workbench.read(decided_transactions, rosa, lake).positives == 3


def test_alerts_whose_run_is_gone_or_made_anew_are_told_and_not_guessed(
    workbench: Workbench, lake: Lake, rosa: Actor
) -> None:
    take(workbench, lake, RunOf("gone", 0, [RingOf("ABC")]))
    take(workbench, lake, RunOf("anew", 1, [RingOf("KLM")]))
    take(workbench, lake, RunOf("kept", 2, [RingOf("XYZ")]))
    for alert_id in (1, 2, 3):
        decide(workbench, rosa, alert_id, "confirmed_fraud")
    lake.delete_run("gone")
    RunOf("anew", 9, [RingOf("UVW")]).write(lake)
    decided = workbench.read(decided_transactions, rosa, lake)
    assert decided.missing == [
        "AL-1: run gone is no longer in the lake",
        "AL-2: run anew was made anew after the decision",
    ]
    assert (decided.alerts, set(decided.frame["alert"])) == (1, {"AL-3"})


def test_one_data_set_may_be_chosen(workbench: Workbench, lake: Lake, rosa: Actor) -> None:
    take(workbench, lake, RunOf("march", 0, [RingOf("ABC")]))
    take(workbench, lake, RunOf("april", 1, [RingOf("XY")], data_set="april.csv"))
    for alert_id in (1, 2):
        decide(workbench, rosa, alert_id, "confirmed_fraud")
    assert workbench.read(decided_transactions, rosa, lake, "april.csv").positives == 2
    assert workbench.read(decided_transactions, rosa, lake).positives == 5


def test_a_run_reads_what_was_decided(
    workbench: Workbench, lake: Lake, rosa: Actor, tmp_path: Path
) -> None:
    take(workbench, lake, RunOf("one", 0, [RingOf("ABC")]))
    decide(workbench, rosa, 1, "confirmed_fraud")
    decided = workbench.read(decided_transactions, rosa, lake)
    kept = keep_feedback(decided.frame, tmp_path / "feedback")
    assert read_feedback(kept).num_rows == 3


def test_an_analyst_does_not_hand_decisions_to_a_run(workbench: Workbench, lake: Lake) -> None:
    with pytest.raises(NotAllowedError, match="takes a reviewer or admin"):
        workbench.read(decided_transactions, hire(workbench, "anna"), lake)

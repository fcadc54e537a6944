"""Samples from below the line: kept, labelled, and heard where true alerts are estimated."""

from __future__ import annotations

import pandas as pd
import pytest
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.query.threshold_alerts import Thresholds
from engine.query.threshold_sample import Sample
from engine.workbench import audit_log, decisions, line_samples
from engine.workbench.audit_log import AuditFilter
from engine.workbench.database import Workbench
from engine.workbench.errors import NotFoundError
from engine.workbench.models import Evidence
from engine.workbench.permissions import Actor
from tests.workbench.alerts import add_alert

MADE = "2026-03-02T00:00:00+00:00"
DRAWN = Sample(
    pd.DataFrame(
        {
            "stratum": ["ring 4", "transaction 3"],
            "ring_id": ["R9", None],
            "tx_id": pd.array([None, 77], "Int64"),
            "score": [0.44, 0.31],
            "amount": [900.0, 10.0],
        }
    ),
    {"ring 4": 12, "transaction 3": 400},
)


def keep(workbench: Workbench, actor: Actor) -> int:
    return workbench.write(line_samples.keep_sample, actor, "run-1", MADE, Thresholds(), 5, DRAWN)


def items(workbench: Workbench, actor: Actor, sample: int) -> pd.DataFrame:
    return workbench.read(line_samples.sample_items, actor, sample)


def test_a_sample_is_kept_as_it_was_drawn(workbench: Workbench, anna: Actor) -> None:
    found = items(workbench, anna, keep(workbench, anna))
    assert found["ring_id"].fillna("").tolist() == ["R9", ""]
    assert found["tx_id"].fillna(0).tolist() == [0, 77]
    assert found["label"].isna().all()
    (line,) = workbench.read(line_samples.list_samples, anna, "run-1", MADE)
    assert (line.seed, line.threshold, line.items, line.labelled) == (5, 0.5, 2, 0)
    assert workbench.read(line_samples.list_samples, anna, "run-1", "another making") == []


def test_a_label_can_be_given_changed_and_taken_back(
    workbench: Workbench, anna: Actor, ben: Actor
) -> None:
    sample = keep(workbench, anna)
    first, _ = items(workbench, anna, sample)["item"]
    for actor, label in ((anna, 1), (ben, 0)):
        workbench.write(line_samples.label_item, actor, int(first), label)
    found = items(workbench, anna, sample)
    assert found["label"].tolist() == [0, pd.NA]
    assert found["labelled_by"].iloc[0] == "Ben"
    workbench.write(line_samples.label_item, ben, int(first), None)
    assert items(workbench, anna, sample)["label"].isna().all()


def test_the_audit_says_who_drew_and_labelled_what(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    sample = keep(workbench, anna)
    first, _ = items(workbench, anna, sample)["item"]
    for label in (1, None):
        workbench.write(line_samples.label_item, anna, int(first), label)
    lines = workbench.read(audit_log.page_entries, rita, AuditFilter(actor="anna"))
    assert [line.what for line in lines][::-1] == [
        "drew a sample of 2 findings below the line of run run-1, seed 5",
        f"called it true: ring R9 of sample {sample}",
        f"took the label back: ring R9 of sample {sample}",
    ]


def test_a_label_is_one_zero_or_none(workbench: Workbench, anna: Actor) -> None:
    sample = keep(workbench, anna)
    first = int(items(workbench, anna, sample)["item"].iloc[0])
    with pytest.raises(InputError, match="a label is 1, 0 or none"):
        workbench.write(line_samples.label_item, anna, first, 2)
    with pytest.raises(NotFoundError, match="no item"):
        workbench.write(line_samples.label_item, anna, 999, 1)


def test_labels_and_decisions_are_the_verdicts_on_a_run(workbench: Workbench, anna: Actor) -> None:
    sample = keep(workbench, anna)
    ring, transaction = (int(item) for item in items(workbench, anna, sample)["item"])
    workbench.write(line_samples.label_item, anna, ring, 1)
    workbench.write(line_samples.label_item, anna, transaction, 0)

    def decided(session: Session) -> int:
        alert = add_alert(session, ring_id="R5", run_id="run-1")
        session.query(Evidence).update({"made": MADE})
        return alert

    alert = workbench.write(decided)
    workbench.write(decisions.decide, anna, alert, 1, "false_positive", "payroll", "Wages")
    found = workbench.read(line_samples.verdicts, anna, "run-1", MADE)
    assert dict(found.rings) == {"R9": 1, "R5": 0}
    assert dict(found.transactions) == {77: 0}
    assert len(workbench.read(line_samples.verdicts, anna, "run-1", "another making")) == 0

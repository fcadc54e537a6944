"""What people do with runs stands in the audit, in words."""

from __future__ import annotations

from engine.workbench import audit, history
from engine.workbench.database import Workbench
from engine.workbench.run_orders import (
    order_deletion,
    order_publishing,
    order_recorded_scoring,
    order_training,
    order_work,
)
from tests.workbench.staff import hire


def test_every_order_about_a_run_can_be_read_in_its_history(workbench: Workbench) -> None:
    rita = hire(workbench, "rita", "reviewer")
    workbench.write(order_work, rita, "start", "march-1", {"engine": "cpu"})
    workbench.write(order_training, rita, "march-1", "0a1b.parquet", 12, 30)
    workbench.write(order_work, rita, "cancel", "march-1")
    workbench.write(order_publishing, rita, "march-1")
    workbench.write(order_deletion, rita, "march-1")
    entries = workbench.read(audit.history, ["run march-1"])
    said = [line.what for line in history.lines(entries, {})]
    assert said == [
        "delete run march-1",
        "publish run march-1",
        "cancel run march-1",
        "teach run march-1: decisions 0a1b.parquet; negatives 30; positives 12",
        "start run march-1: engine cpu",
    ]


def test_a_transaction_that_is_scored_to_be_remembered_stands_in_the_audit(
    workbench: Workbench,
) -> None:
    anna = hire(workbench, "anna")
    workbench.write(order_recorded_scoring, anna, "C1", "C2", 12.5)
    (line,) = history.lines(workbench.read(audit.history, ["scorer"]), {})
    assert line.text == "anna score scorer: amount 12.50; receiver C2; sender C1"

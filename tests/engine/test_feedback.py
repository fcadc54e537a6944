"""Analysts' decisions: what a file of them must hold, and which rows of an input they label."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from engine.errors import InputError
from engine.feedback import (
    FEEDBACK,
    decide,
    keep_feedback,
    own_labels,
    read_feedback,
    with_decisions,
)

NOON = "2026-03-01 12:00"


def decision(**told: Any) -> dict[str, Any]:
    """A decision that A's payment of 10.10 to B at noon was fraud."""
    return {
        "sender": "A", "receiver": "B", "time": pd.Timestamp(NOON), "amount": 10.10, "label": 1,
        "alert": "A000001", "disposition": "true_positive",
        "decided_at": pd.Timestamp("2026-04-01 09:00"), **told,
    }  # fmt: skip


def written(folder: Path, *decisions: dict[str, Any]) -> Path:
    path = folder / "decisions.parquet"
    pd.DataFrame(list(decisions)).to_parquet(path, index=False)
    return path


def read(folder: Path, *decisions: dict[str, Any]) -> pa.Table:
    return read_feedback(written(folder, *decisions))


def transactions(*rows: tuple[str, str, str, float], label: list[int] | None = None) -> pa.Table:
    senders, receivers, times, amounts = zip(*rows, strict=True)
    table = pa.table(
        {
            "tx_id": pa.array(range(len(rows)), pa.int64()),
            "time": pa.array(pd.to_datetime(list(times)), pa.timestamp("us")),
            "sender": pa.array(senders), "receiver": pa.array(receivers),
            "amount": pa.array(amounts, pa.float64()),
        }
    )  # fmt: skip
    return table if label is None else table.append_column("label", pa.array(label, pa.int8()))


def test_a_file_is_read_with_the_columns_and_types_of_the_schema(tmp_path: Path) -> None:
    table = read(tmp_path, decision(note="left out"))
    assert table.schema == FEEDBACK
    assert table["label"].to_pylist() == [1]


def test_times_with_a_zone_are_read_in_utc(tmp_path: Path) -> None:
    table = read(tmp_path, decision(time=pd.Timestamp(NOON, tz="Asia/Kolkata")))
    assert table["time"].to_pylist() == [pd.Timestamp("2026-03-01 06:30")]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"label": 2}, "row 2: label is neither 0 nor 1"),
        ({"label": None}, "row 2: label is empty"),
        ({"label": "yes"}, "label cannot be read as int8"),
        ({"sender": None}, "row 2: sender is empty"),
        ({"time": None}, "row 2: time is empty"),
        ({"amount": float("inf")}, "row 2: amount is not a number"),
    ],
)
def test_a_value_that_means_nothing_is_refused_with_its_row(
    told: dict[str, Any], message: str, tmp_path: Path
) -> None:
    first = decision(label="1") if told.get("label") == "yes" else decision()
    with pytest.raises(InputError, match=message):
        read(tmp_path, first, decision(**told))


def test_a_file_that_is_no_list_of_decisions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_feedback(tmp_path / "nowhere.parquet")
    text = tmp_path / "decisions.csv"
    text.write_text("sender,receiver\n")
    with pytest.raises(InputError, match="is not a Parquet file"):
        read_feedback(text)
    path = written(tmp_path, decision())
    pd.read_parquet(path).drop(columns=["label", "time"]).to_parquet(path)
    with pytest.raises(InputError, match=r"missing column\(s\) time, label; it needs sender"):
        read_feedback(path)
    pd.read_parquet(written(tmp_path, decision())).head(0).to_parquet(path)
    with pytest.raises(InputError, match="holds no decision"):
        read_feedback(path)
    with pytest.raises(InputError, match=r"time is .*string, not a timestamp"):
        read(tmp_path, decision(time=NOON))


def test_a_decision_labels_every_row_with_its_content_and_no_other(tmp_path: Path) -> None:
    rows = transactions(
        ("A", "B", NOON, 10.10),
        ("A", "B", NOON, 10.10),  # equal: decided as well
        ("A", "B", NOON, 10.11),
        ("A", "B", "2026-03-01 13:00", 10.10),
        ("B", "A", NOON, 10.10),
        ("A", "C", NOON, 10.10),
        ("C", "B", NOON, 5.0),
    )
    feedback = read(tmp_path, decision(), decision(sender="C", amount=5.0, label=0),
                    decision(sender="nobody"))  # fmt: skip
    found = decide(rows, feedback)
    assert found.label.tolist() == [1, 1, -1, -1, -1, -1, 0]
    assert (found.decisions, found.matched) == (3, 2)


def test_amounts_compare_in_minor_units(tmp_path: Path) -> None:
    rows = transactions(("A", "B", NOON, 0.1 + 0.2))
    assert decide(rows, read(tmp_path, decision(amount=0.3))).label.tolist() == [1]


@pytest.mark.parametrize(
    ("labels", "hours", "taken"),
    [([1, 0], [9, 10], 0), ([0, 1], [9, 10], 1), ([1, 0], [9, 9], 1)],
)
def test_the_latest_decision_counts_and_fraud_at_the_same_moment(
    labels: list[int], hours: list[int], taken: int, tmp_path: Path
) -> None:
    twice = [
        decision(label=label, decided_at=pd.Timestamp(f"2026-04-01 {hour:02}:00"))
        for label, hour in zip(labels, hours, strict=True)
    ]
    found = decide(transactions(("A", "B", NOON, 10.10)), read(tmp_path, *twice))
    assert (found.label.tolist(), found.decisions) == ([taken], 1)


def test_a_label_is_the_decision_else_the_inputs_own_else_clean() -> None:
    rows = [("A", "B", NOON, 1.0)] * 4
    decided = np.array([1, 0, -1, -1], np.int8)
    labelled = with_decisions(transactions(*rows, label=[0, 1, 1, 0]), decided)
    assert labelled["label"].to_pylist() == [1, 0, 1, 0]
    assert labelled.column_names[-1] == "label"
    bare = with_decisions(transactions(*rows), decided)
    assert bare["label"].to_pylist() == [1, 0, 0, 0]
    assert bare.schema.field("label").type == pa.int8()


def test_without_a_match_the_input_stays_as_it_is() -> None:
    bare = transactions(("A", "B", NOON, 1.0))
    assert own_labels(with_decisions(bare, np.array([-1], np.int8))) is None


def test_the_same_decisions_are_one_file_in_whatever_order(tmp_path: Path) -> None:
    frame = pd.DataFrame([decision(), decision(sender="C", label=0, alert=None)])
    first = keep_feedback(frame, tmp_path / "feedback")
    assert keep_feedback(frame.iloc[::-1], tmp_path / "feedback") == first
    assert keep_feedback(frame.head(1), tmp_path / "feedback") != first
    assert sorted(read_feedback(first)["sender"].to_pylist()) == ["A", "C"]
    assert len(first.stem) == 16

"""History features against a reference that reads like their definition."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.features.history import make_order, window_rows
from tests.engine.rows import Row, features_of, transactions, values_of

WINDOWS = (1, 24, 168)

#: Few accounts and few moments, so that equal times, self transfers and repeated pairs abound.
histories = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.25, 1.0, 1.5, 24.0, 25.0, 168.0, 168.25, 200.0]),
        st.sampled_from("ABC"),
        st.sampled_from("ABC"),
        st.integers(0, 100_000).map(lambda cents: cents / 100),
    ),
    min_size=1,
    max_size=14,
).map(lambda rows: sorted(rows, key=lambda row: row[0]))


def reference(rows: list[Row]) -> list[dict[str, float]]:
    """Return each row's history features, by looking at every earlier row."""
    return [_features(rows[:i], row) for i, row in enumerate(rows)]


def _features(earlier: list[Row], row: Row) -> dict[str, float]:
    hour, sender, receiver, amount = row
    sides: dict[str, Callable[[Row], bool]] = {
        "sender_out": lambda r: r[1] == sender,
        "sender_in": lambda r: r[2] == sender,
        "receiver_in": lambda r: r[2] == receiver,
        "receiver_out": lambda r: r[1] == receiver,
    }
    out: dict[str, float] = {
        "pair_n": sum(r[1] == sender and r[2] == receiver for r in earlier),
        "sender_counterparties": len({r[2] for r in earlier if r[1] == sender}),
        "receiver_counterparties": len({r[1] for r in earlier if r[2] == receiver}),
        "sender_gap_hours": _gap(hour, [r[0] for r in earlier if r[1] == sender]),
        "receiver_gap_hours": _gap(hour, [r[0] for r in earlier if r[2] == receiver]),
    }
    for side, belongs in sides.items():
        mine = [r for r in earlier if belongs(r)]
        for window in (*WINDOWS, None):
            name = "all" if window is None else f"{window}h"
            inside = [r for r in mine if window is None or r[0] >= hour - window]
            out[f"{side}_n_{name}"] = len(inside)
            out[f"{side}_sum_{name}"] = sum(round(r[3] * 100) for r in inside) / 100
    out["amount_to_sender_mean"] = _to_mean(amount, out, "sender_out")
    out["amount_to_receiver_mean"] = _to_mean(amount, out, "receiver_in")
    return out


def _gap(hour: float, earlier: list[float]) -> float:
    return hour - max(earlier) if earlier else -1.0


def _to_mean(amount: float, row: dict[str, float], side: str) -> float:
    n, total = row[f"{side}_n_all"], row[f"{side}_sum_all"]
    return amount / max(total / n, 0.01) if total else -1.0


@settings(max_examples=60, deadline=None)
@given(histories)
def test_history_equals_a_look_at_every_earlier_row(rows: list[Row]) -> None:
    features = features_of(transactions(rows))
    for i, expected in enumerate(reference(rows)):
        for name, value in expected.items():
            assert features.column(name)[i] == pytest.approx(value, rel=1e-5), (i, name)


@settings(max_examples=40, deadline=None)
@given(histories, st.integers(1, 14))
def test_the_future_never_changes_the_past(rows: list[Row], kept: int) -> None:
    kept = min(kept, len(rows))
    balance = [float(i) * 10 for i in range(len(rows))]
    kinds = ["PAYMENT", "TRANSFER"] * 7
    whole = transactions(rows, sender_balance_before=balance, type=kinds[: len(rows)])
    features, past = features_of(whole), features_of(whole.slice(0, kept))
    assert past.names == features.names
    assert np.array_equal(values_of(past), values_of(features)[:kept])


def test_the_first_row_of_a_window_is_found_among_equal_times() -> None:
    seconds = np.array([0, 0, 3600, 3600, 7200, 7201])
    assert window_rows(np, seconds, 1).tolist() == [0, 0, 0, 0, 2, 4]


@given(st.lists(st.integers(0, 5), max_size=20))
def test_rows_are_ordered_by_code_and_stay_in_time_order_within_it(codes: list[int]) -> None:
    order = make_order(np, np.array(codes, np.int32))
    assert order.tolist() == sorted(range(len(codes)), key=lambda row: (codes[row], row))

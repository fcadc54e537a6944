"""Two-sided window features against plain counting."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.features.batch import WINDOW_PARTS, batch_columns, quick_columns

WINDOW = 21
Transfer = tuple[int, int, int, int, bool]

TRANSFERS = st.lists(
    st.tuples(
        st.integers(0, 60), st.integers(0, 3), st.integers(0, 3), st.integers(1, 500), st.booleans()
    ),
    min_size=1,
    max_size=25,
).map(lambda rows: sorted(rows, key=lambda row: row[0]))


def arrays(rows: list[Transfer]) -> tuple[np.ndarray, ...]:
    seconds, sender, receiver, cents, rare = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return (
        sender.astype(np.int32), receiver.astype(np.int32), seconds.astype(np.int64),
        cents.astype(np.int64), rare.astype(bool),
    )  # fmt: skip


def counted(
    rows: list[Transfer], account: int, direction: int, first: int, last: int, rare: bool
) -> tuple[int, float]:
    """Count and sum what an account sent (1) or received (2) from one second to another."""
    seen = [
        row for row in rows
        if row[direction] == account and first <= row[0] <= last and (row[4] or not rare)
    ]  # fmt: skip
    return len(seen), sum(row[3] for row in seen) / 100


@settings(max_examples=60, deadline=None)
@given(TRANSFERS)
def test_windows_hold_what_counting_finds(rows: list[Transfer]) -> None:
    sender, receiver, seconds, cents, rare = arrays(rows)
    asked = np.arange(0, len(rows), 2)
    columns = batch_columns(np, sender, receiver, seconds, cents, rare, asked, WINDOW)
    for place, row in enumerate(asked):
        t, *ends = rows[row][:3]
        for side, account in zip(("sender", "receiver"), ends, strict=True):
            for direction, name in ((1, "out"), (2, "in")):
                for part in WINDOW_PARTS:
                    reach = WINDOW // part
                    for when, first, last in (("before", t - reach, t), ("after", t, t + reach)):
                        n, total = counted(rows, account, direction, first, last, rare=True)
                        column = f"batch_{side}_{name}_rare_%s_{when}_{part}"
                        assert columns[column % "n"][place] == n
                        assert np.isclose(columns[column % "sum"][place], total)


@settings(max_examples=60, deadline=None)
@given(TRANSFERS)
def test_quick_columns_count_before_after_and_ever(rows: list[Transfer]) -> None:
    sender, receiver, seconds, cents, _ = arrays(rows)
    columns = quick_columns(np, sender, receiver, seconds, cents, np.ones(len(rows), int), WINDOW)
    for row, (t, u, v, *_rest) in enumerate(rows):
        for name, account, direction in (
            ("sender_out", u, 1), ("sender_in", u, 2),
            ("receiver_out", v, 1), ("receiver_in", v, 2),
        ):  # fmt: skip
            for when, first, last in (("before", t - WINDOW, t), ("after", t, t + WINDOW),
                                      ("ever", 0, 60)):  # fmt: skip
                n, _ = counted(rows, account, direction, first, last, rare=False)
                assert columns[f"batch_{name}_n_{when}"][row] == n


def test_rows_of_equal_time_may_stand_in_any_order() -> None:
    rows = [(5, 0, 1, 100, True), (5, 1, 2, 200, True), (5, 0, 2, 300, False), (9, 2, 0, 50, True)]
    swapped = [rows[2], rows[1], rows[0], rows[3]]
    one, other = (
        batch_columns(np, *arrays(given), np.arange(4), WINDOW)  # type: ignore[call-arg, arg-type]
        for given in (rows, swapped)
    )
    for name, column in one.items():
        assert column[[0, 1, 2, 3]].tolist() == other[name][[2, 1, 0, 3]].tolist(), name

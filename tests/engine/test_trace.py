"""Following money: worked examples, and what holds on every graph of transfers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.trace import (
    Direction,
    Limits,
    Method,
    Statement,
    Trace,
    Transfer,
    follow,
    statements_of,
    unaccounted,
)

T0 = datetime(2026, 1, 1)
#: tx_id, hour, sender, receiver, amount in currency units.
Row = tuple[int, float, str, str, float]
METHODS: tuple[Method, ...] = ("fifo", "proportional")
FAR = Limits(max_gap_hours=10_000, max_hops=50, max_branches=1_000, min_part=0.0)


def entries(rows: Sequence[Row], opening: Mapping[str, int] | None = None) -> pd.DataFrame:
    """Return each transfer under both of its accounts; ``opening`` balances are minor units."""
    sides = [
        (account, direction, other, tx_id, T0 + timedelta(hours=hour), amount)
        for tx_id, hour, sender, receiver, amount in rows
        for account, direction, other in ((sender, "out", receiver), (receiver, "in", sender))
    ]
    columns = ["account", "direction", "counterparty", "tx_id", "time", "amount"]
    frame = pd.DataFrame(sides, columns=columns)
    # Only the balance before an account's first entry counts; later ones may say anything.
    balances = [(opening or {}).get(account, None) for account in frame["account"]]
    frame["balance_before"] = pd.Series(balances, dtype="float64") / 100
    return frame


def bank(
    rows: Sequence[Row], opening: Mapping[str, int] | None = None
) -> Callable[..., Mapping[str, Statement]]:
    """Return what gives whole statements."""
    found = statements_of(entries(rows, opening))
    return lambda accounts, *_: {one: found[one] for one in accounts}


def transfer(rows: Sequence[Row], tx_id: int) -> Transfer:
    [(_, hour, sender, receiver, amount)] = [row for row in rows if row[0] == tx_id]
    return Transfer(tx_id, T0 + timedelta(hours=hour), sender, receiver, round(100 * amount))


def trace(
    rows: Sequence[Row],
    tx_id: int,
    method: Method = "fifo",
    direction: Direction = "forward",
    limits: Limits | None = None,
    opening: Mapping[str, int] | None = None,
) -> Trace:
    found = follow(
        transfer(rows, tx_id),
        bank(rows, opening),
        direction=direction,
        method=method,
        limits=limits or FAR,
    )
    assert unaccounted(found) == 0
    return found


def parts(found: Trace) -> dict[int, int]:
    """Return how much of the money each transfer carries, without the chosen one."""
    rows = found.flows[found.flows["hop"] > 0]
    summed: dict[Any, int] = rows.groupby("tx_id")["part"].sum().to_dict()
    return summed


def ended(found: Trace) -> dict[tuple[str, str], int]:
    found_at: dict[tuple[str, str], int] = {}
    for one in found.ends.to_dict("records"):
        place = one["account"], one["kind"]
        found_at[place] = found_at.get(place, 0) + one["part"]
    return found_at


#: B gets 100 from X and 300 from A, pays 200 to C and 150 to D.
TWO_CREDITS: list[Row] = [
    (1, 0, "X", "B", 100.0),
    (2, 1, "A", "B", 300.0),
    (3, 2, "B", "C", 200.0),
    (4, 3, "B", "D", 150.0),
]


def test_fifo_pays_first_with_what_came_first() -> None:
    # The 200 to C are X's 100 and 100 of A's; the 150 to D are A's; 50 of A's 300 are left.
    found = trace(TWO_CREDITS, 2)
    assert parts(found) == {3: 100_00, 4: 150_00}
    assert ended(found) == {("C", "rest"): 100_00, ("D", "rest"): 150_00, ("B", "rest"): 50_00}


def test_proportional_pays_with_all_that_is_there_alike() -> None:
    # Of 400 on B 300 are A's: 200 take 150 of them, half of what is there; 150 of the other 200
    # take three quarters of the 150 left: 112.50. 37.50 are left.
    found = trace(TWO_CREDITS, 2, "proportional")
    assert parts(found) == {3: 150_00, 4: 112_50}
    assert ended(found)["B", "rest"] == 37_50


def test_fifo_backward_finds_what_came_first() -> None:
    assert parts(trace(TWO_CREDITS, 3, direction="backward")) == {1: 100_00, 2: 100_00}
    assert parts(trace(TWO_CREDITS, 4, direction="backward")) == {2: 150_00}


def test_proportional_backward_finds_a_share_of_every_credit() -> None:
    assert parts(trace(TWO_CREDITS, 3, "proportional", "backward")) == {1: 50_00, 2: 150_00}
    assert parts(trace(TWO_CREDITS, 4, "proportional", "backward")) == {1: 37_50, 2: 112_50}


def test_what_proportional_rounding_leaves_stays_where_it_was() -> None:
    # 1.00 of 3.00 is A's; 1.00 takes a third of it: 33 and not 33.33 hundredths.
    rows: list[Row] = [(1, 0, "X", "B", 2.0), (2, 1, "A", "B", 1.0), (3, 2, "B", "C", 1.0)]
    found = trace(rows, 2, "proportional")
    assert parts(found) == {3: 33}
    assert ended(found) == {("C", "rest"): 33, ("B", "rest"): 67}


@pytest.mark.parametrize("method", METHODS)
def test_a_transfer_of_nothing_in_between_changes_nothing(method: Method) -> None:
    rows = [(0, 0.0, "A", "B", 100.0), (1, 1.0, "D", "B", 0.0), (2, 2.0, "B", "C", 100.0)]

    assert parts(trace(rows, 2, method, "backward")) == {0: 10_000}
    assert parts(trace(rows, 0, method)) == {2: 10_000}


@pytest.mark.parametrize(
    ("method", "to_c", "to_d"), [("fifo", 0, 50_00), ("proportional", 37_50, 50_00)]
)
def test_an_opening_balance_counts_as_other_money(method: Method, to_c: int, to_d: int) -> None:
    # 300 were there before A's 100. First in first out, C's 150 and D's first 150 are of them.
    # Proportional: a quarter of 150; then 200 of 250 take four fifths of the 62.50 left.
    rows: list[Row] = [(1, 0, "A", "B", 100.0), (2, 1, "B", "C", 150.0), (3, 2, "B", "D", 200.0)]
    found = trace(rows, 1, method, opening={"B": 300_00})
    assert parts(found).get(2, 0) == to_c
    assert parts(found)[3] == to_d


def test_a_chain_is_followed_through_accounts_forward_and_backward() -> None:
    rows: list[Row] = [(1, 0, "A", "B", 90.0), (2, 5, "B", "C", 90.0), (3, 9, "C", "D", 80.0)]
    forward = trace(rows, 1)
    assert list(forward.flows["hop"]) == [0, 1, 2]
    assert ended(forward) == {("C", "rest"): 10_00, ("D", "rest"): 80_00}
    backward = trace(rows, 3, direction="backward")
    assert parts(backward) == {2: 80_00, 1: 80_00}
    # Nothing in the data brought it to A.
    assert ended(backward) == {("A", "unseen"): 80_00}


@pytest.mark.parametrize("method", METHODS)
def test_money_cannot_leave_before_it_came(method: Method) -> None:
    rows: list[Row] = [(1, 0, "B", "C", 50.0), (2, 1, "A", "B", 50.0), (3, 2, "B", "D", 20.0)]
    assert parts(trace(rows, 2, method)) == {3: 20_00}
    assert ended(trace(rows, 1, method, "backward")) == {("B", "unseen"): 50_00}


@pytest.mark.parametrize("method", METHODS)
def test_within_one_moment_the_order_of_the_input_decides(method: Method) -> None:
    rows: list[Row] = [(1, 0, "B", "C", 50.0), (2, 0, "A", "B", 50.0), (3, 0, "B", "D", 50.0)]
    assert parts(trace(rows, 2, method)) == {3: 50_00}
    assert parts(trace(rows, 3, method, "backward")) == {2: 50_00}


@pytest.mark.parametrize("method", METHODS)
def test_payments_to_and_fro_at_one_moment_end(method: Method) -> None:
    rows: list[Row] = [(1, 0, "A", "B", 10.0), (2, 0, "B", "A", 10.0), (3, 0, "A", "B", 10.0)]
    assert parts(trace(rows, 1, method)) == {2: 10_00, 3: 10_00}


@pytest.mark.parametrize("method", METHODS)
def test_money_that_returns_is_followed_again(method: Method) -> None:
    rows: list[Row] = [
        (1, 0, "A", "B", 10.0), (2, 1, "B", "C", 10.0), (3, 2, "C", "B", 10.0),
        (4, 3, "B", "D", 10.0),
    ]  # fmt: skip
    found = trace(rows, 1, method)
    assert list(found.flows["tx_id"]) == [1, 2, 3, 4]
    assert ended(found) == {("D", "rest"): 10_00}


def test_a_debit_above_the_balance_is_paid_with_money_that_the_data_do_not_show() -> None:
    # 60 of the 100 have no origin; the next credit is not touched by them.
    rows: list[Row] = [(1, 0, "A", "B", 40.0), (2, 1, "B", "C", 100.0), (3, 2, "X", "B", 30.0),
                       (4, 3, "B", "D", 30.0)]  # fmt: skip
    found = trace(rows, 2, direction="backward")
    assert parts(found) == {1: 40_00}
    assert ended(found) == {("B", "unseen"): 60_00, ("A", "unseen"): 40_00}
    assert parts(trace(rows, 3)) == {4: 30_00}


def test_money_that_lies_longer_than_the_gap_has_come_to_rest() -> None:
    limits = Limits(max_gap_hours=2, min_part=0.0)
    rows: list[Row] = [(1, 0, "A", "B", 100.0), (2, 2, "B", "C", 40.0), (3, 3, "B", "D", 60.0)]
    found = trace(rows, 1, limits=limits)
    assert parts(found) == {2: 40_00}
    assert ended(found)["B", "rest"] == 60_00
    assert ended(trace(rows, 3, "fifo", "backward", limits)) == {("B", "rest"): 60_00}


def test_an_account_that_keeps_most_is_an_end_but_for_the_first() -> None:
    limits = Limits(min_pass_through=0.8, min_part=0.0)
    rows: list[Row] = [(1, 0, "A", "B", 100.0), (2, 1, "B", "C", 50.0), (3, 2, "C", "D", 39.0)]
    # C passes 39 of 50 on, less than 80 %; B, the first, passes half on and is passed.
    found = trace(rows, 1, limits=limits)
    assert parts(found) == {2: 50_00}
    assert ended(found) == {("B", "rest"): 50_00, ("C", "pass_through"): 50_00}
    rows[2] = (3, 2, "C", "D", 40.0)
    assert parts(trace(rows, 1, limits=limits)) == {2: 50_00, 3: 40_00}


def test_the_last_hop_is_an_end() -> None:
    rows: list[Row] = [(1, 0, "A", "B", 9.0), (2, 1, "B", "C", 9.0), (3, 2, "C", "D", 9.0)]
    found = trace(rows, 1, limits=Limits(max_hops=1))
    assert ended(found) == {("C", "hops"): 9_00}


def test_only_the_largest_branches_and_no_small_parts_are_followed() -> None:
    rows: list[Row] = [(1, 0, "A", "B", 100.0)]
    rows += [(2, 1, "B", "C", 30.0), (3, 2, "B", "D", 40.0), (4, 3, "B", "E", 20.0)]
    rows += [(5, 4, "B", "F", 4.0), (6, 5, "B", "G", 5.0)]
    found = trace(rows, 1, limits=Limits(max_branches=2, min_part=0.05))
    assert parts(found) == {2: 30_00, 3: 40_00}
    assert ended(found)["B", "branches"] == 25_00
    assert ended(found)["B", "small"] == 4_00
    left_out = found.ends.set_index("kind")["transfers"]
    assert (left_out["branches"], left_out["small"]) == (2, 1)


def test_a_payment_to_oneself_moves_nothing() -> None:
    rows: list[Row] = [(1, 0, "A", "B", 9.0), (2, 1, "B", "B", 9.0), (3, 2, "B", "C", 9.0)]
    assert parts(trace(rows, 1)) == {3: 9_00}
    with pytest.raises(InputError, match="transaction 2 moves no money"):
        trace(rows, 2)


@pytest.mark.parametrize(
    "wrong", [{"max_gap_hours": 0}, {"min_pass_through": 1.1}, {"max_hops": 0}, {"min_part": -0.1}]
)
def test_a_limit_outside_of_its_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Limits(**wrong)  # type: ignore[arg-type]


@st.composite
def graphs(draw: st.DrawFn) -> list[Row]:
    """Return transfers among few accounts, many of them at the same moment."""
    names = st.sampled_from("ABCDE")
    drawn = draw(
        st.lists(
            st.tuples(st.integers(0, 6), names, names, st.integers(1, 5_000)),
            min_size=1, max_size=30,
        )
    )  # fmt: skip
    rows = [
        (tx_id, float(hour), sender, receiver, units / 100)
        for tx_id, (hour, sender, receiver, units) in enumerate(drawn)
    ]
    return [row for row in rows if row[2] != row[3]] or [(0, 0.0, "A", "B", 1.0)]


limits_of_any_kind = st.builds(
    Limits,
    max_gap_hours=st.sampled_from([1.0, 2.0, 100.0]),
    min_pass_through=st.sampled_from([0.0, 0.5, 0.8, 1.0]),
    max_hops=st.integers(1, 8),
    max_branches=st.integers(1, 4),
    min_part=st.sampled_from([0.0, 0.01, 0.2]),
)
openings = st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 3_000))


@settings(max_examples=100, deadline=None)
@given(
    data=st.data(),
    rows=graphs(),
    opening=openings,
    direction=st.sampled_from(["forward", "backward"]),
    method=st.sampled_from(METHODS),
    limits=limits_of_any_kind,
)
def test_every_minor_unit_is_accounted_for(
    data: st.DataObject,
    rows: list[Row],
    opening: dict[str, int],
    direction: Direction,
    method: Method,
    limits: Limits,
) -> None:
    tx_id = data.draw(st.sampled_from([row[0] for row in rows]))
    found = trace(rows, tx_id, method, direction, limits, opening)
    assert found.ends["part"].sum() == transfer(rows, tx_id).amount
    assert (found.flows["part"] > 0).all()
    # No transfer carries more than it moves, however many ways led to it.
    whole = found.flows.groupby("tx_id").agg({"part": "sum", "amount": "first"})
    assert (whole["part"] <= whole["amount"]).all()
    assert follows_time(found)


def follows_time(found: Trace) -> bool:
    """Tell whether every transfer follows one of the step before that led to its account."""
    forward = found.direction == "forward"
    near, far = ("sender", "receiver") if forward else ("receiver", "sender")
    rows = found.flows.to_dict("records")
    return all(
        any(
            one["hop"] == row["hop"] - 1
            and one[far] == row[near]
            and (key(one) < key(row) if forward else key(one) > key(row))
            for one in rows
        )
        for row in rows
        if row["hop"] > 0
    )


def key(row: Mapping[Hashable, Any]) -> tuple[datetime, int]:
    return row["time"], row["tx_id"]


@settings(max_examples=20, deadline=None)
@given(data=st.data(), rows=graphs(), opening=openings)
def test_fifo_backward_is_the_inverse_of_fifo_forward(
    data: st.DataObject, rows: list[Row], opening: dict[str, int]
) -> None:
    tx_id = data.draw(st.sampled_from([row[0] for row in rows]))
    forward = {source: parts(trace(rows, source, opening=opening)) for source, *_ in rows}
    assert parts(trace(rows, tx_id, direction="backward", opening=opening)) == {
        source: reached[tx_id] for source, reached in forward.items() if tx_id in reached
    }


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(),
    rows=graphs(),
    opening=openings,
    direction=st.sampled_from(["forward", "backward"]),
    method=st.sampled_from(METHODS),
    limits=limits_of_any_kind,
)
def test_a_part_of_the_statements_gives_the_same_as_all_of_them(
    data: st.DataObject,
    rows: list[Row],
    opening: dict[str, int],
    direction: Direction,
    method: Method,
    limits: Limits,
) -> None:
    frame = entries(rows, opening)

    def cut(accounts: Sequence[str], start: datetime, end: datetime) -> dict[str, Statement]:
        """Return statements of the period alone, with what was there before it."""
        known = frame[frame["account"].isin(accounts) & (frame["time"] <= end)]
        return statements_of(known, since=start)

    asked = transfer(rows, data.draw(st.sampled_from([row[0] for row in rows])))
    made = follow(asked, cut, direction=direction, method=method, limits=limits)
    known = trace(rows, asked.tx_id, method, direction, limits, opening)
    pd.testing.assert_frame_equal(made.flows, known.flows)
    pd.testing.assert_frame_equal(made.ends, known.ends)

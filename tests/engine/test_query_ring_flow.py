"""The figures behind a ring's story, on rings of a few payments."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from engine.query.ring_flow import Party, flow_of
from engine.query.rings import ring_edges, ring_members
from tests.small_run import write_small_run


def frames(
    payments: list[tuple[str, str, float]], roles: dict[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return members and edges as the lake gives them; ``payments`` has each pair once."""
    edges = pd.DataFrame(payments, columns=["sender", "receiver", "amount"])
    members = pd.DataFrame(
        {
            "account": list(roles),
            "role": list(roles.values()),
            "in_count": [int((edges["receiver"] == name).sum()) for name in roles],
            "out_count": [int((edges["sender"] == name).sum()) for name in roles],
            "in_amount": [edges.loc[edges["receiver"] == n, "amount"].sum() for n in roles],
            "out_amount": [edges.loc[edges["sender"] == n, "amount"].sum() for n in roles],
        }
    )
    return members, edges


def test_a_cycle_tells_what_left_its_origin_and_what_came_back() -> None:
    flow = flow_of(
        *frames(
            [("A", "B", 100.0), ("B", "C", 90.0), ("C", "A", 80.0)],
            {"A": "source", "B": "mule", "C": "mule"},
        )
    )
    assert (flow.origin, flow.returned, flow.out_of) == ("A", 80.0, Party("A", 1, 100.0))
    assert (flow.senders, flow.passers, flow.receivers) == (0, 3, 0)


def test_layers_are_counted_with_what_goes_in_and_what_comes_out() -> None:
    flow = flow_of(
        *frames(
            [("A", "M", 50.0), ("B", "M", 60.0), ("M", "X", 40.0), ("M", "Y", 45.0)],
            {"A": "source", "B": "source", "M": "hub", "X": "collector", "Y": "collector"},
        )
    )
    assert (flow.senders, flow.passers, flow.receivers) == (2, 1, 2)
    assert (flow.sent, flow.received, flow.pairs) == (110.0, 85.0, 4)
    assert flow.into == Party("M", 2, 110.0)
    assert flow.out_of == Party("M", 2, 85.0)
    assert flow.origin is None


def test_of_equally_busy_accounts_the_one_with_the_larger_sum_counts() -> None:
    flow = flow_of(*frames([("A", "X", 5.0), ("B", "Y", 9.0)], {"A": "source", "B": "source"}))
    assert flow.into == Party("Y", 1, 9.0)


def test_repeated_payments_of_a_pair_are_one_counterparty(tmp_path: Path) -> None:
    run = write_small_run(tmp_path)
    flow = flow_of(ring_members(run, "R00001"), ring_edges(run, "R00001"))
    assert flow.into == Party("H", 2, 350.0)
    assert flow.pairs == 3

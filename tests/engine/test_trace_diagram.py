"""The diagram of a trace: layers in the order of time, and nothing lost on the way."""

from __future__ import annotations

import pytest

from engine.trace import Direction, Limits, follow
from engine.trace.diagram import Diagram, diagram_of
from tests.engine.test_trace import FAR, Row, bank, transfer

ROWS: list[Row] = [
    (1, 0, "A", "B", 100.0), (2, 1, "B", "C", 30.0), (3, 2, "B", "C", 20.0),
    (4, 3, "C", "B", 50.0), (5, 4, "B", "D", 100.0),
]  # fmt: skip


def drawn(tx_id: int, direction: Direction, limits: Limits = FAR) -> Diagram:
    return diagram_of(follow(transfer(ROWS, tx_id), bank(ROWS), direction=direction, limits=limits))


def test_parallel_transfers_are_one_band_and_an_account_may_stand_in_two_layers() -> None:
    # First in, first out D gets the 50 that stayed on B, and the 50 that came back.
    found = drawn(1, "forward")
    places = found.nodes.loc[found.nodes["kind"] == "account", ["layer", "account", "part"]]
    assert places.values.tolist() == [
        [0, "A", 100_00], [1, "B", 100_00], [2, "C", 50_00], [2, "D", 50_00], [3, "B", 50_00],
        [4, "D", 50_00],
    ]  # fmt: skip
    bands = found.links[found.links["kind"] == "transfer"]
    assert bands[["sender", "receiver", "part", "transfers"]].values.tolist() == [
        ["A", "B", 100_00, 1], ["B", "C", 50_00, 2], ["B", "D", 50_00, 1], ["C", "B", 50_00, 1],
        ["B", "D", 50_00, 1],
    ]  # fmt: skip


@pytest.mark.parametrize(("tx_id", "direction"), [(1, "forward"), (5, "backward")])
@pytest.mark.parametrize("limits", [FAR, Limits(max_hops=1), Limits(max_gap_hours=1)])
def test_bands_lead_right_and_what_comes_to_an_account_goes_on(
    tx_id: int, direction: Direction, limits: Limits
) -> None:
    found = drawn(tx_id, direction, limits)
    layer = found.nodes["layer"]
    for link in found.links.to_dict("records"):
        assert layer[link["source"]] < layer[link["target"]]
    came = found.links.groupby("target")["part"].sum()
    went = found.links.groupby("source")["part"].sum()
    for at in set(came.index) & set(went.index):
        assert came[at] == went[at] == found.nodes["part"][at]
    ends = found.nodes[found.nodes["kind"] != "account"]
    assert ends["part"].sum() == transfer(ROWS, tx_id).amount


def test_each_account_has_an_end_of_its_own_beside_it() -> None:
    rows: list[Row] = [(1, 0, "A", "B", 9.0), (2, 1, "B", "C", 8.0), (3, 2, "C", "D", 6.0)]
    found = diagram_of(follow(transfer(rows, 1), bank(rows), limits=FAR))
    ends = found.nodes.loc[found.nodes["kind"] == "rest", ["layer", "account", "part"]]
    assert ends.values.tolist() == [[2, "B", 1_00], [3, "C", 2_00], [4, "D", 6_00]]

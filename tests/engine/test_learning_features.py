"""What is known of a transfer before its ring is learned: its shapes, its neighbours' scores."""

from __future__ import annotations

import numpy as np
import pytest

from engine.rings.candidates import Candidate
from engine.rings.learning.coverage import coverage_columns, coverage_matrix, proven
from engine.rings.learning.graph import TransferGraph, transfer_graph
from engine.rings.learning.neighbours import NEIGHBOURS, neighbour_columns
from engine.rings.learning.patterns import PATTERNS, pattern_columns
from tests.engine.rows import Row, transactions, transfers_of

DAY = 24.0
WINDOW = int(21 * DAY * 3600)


def graph_of(rows: list[Row]) -> TransferGraph:
    transfers, _ = transfers_of(transactions(rows))
    return transfer_graph(transfers, np.arange(len(rows)))


def pattern(rows: list[Row], row: int) -> dict[str, float]:
    """Return the pattern features of one transfer by name."""
    graph = graph_of(rows)
    columns = pattern_columns(graph, np.arange(len(rows)), WINDOW)
    edge = int(np.flatnonzero(graph.rows == row)[0])
    names = [name.removeprefix("batch_pattern_") for name in PATTERNS]
    return dict(zip(names, columns[edge].tolist(), strict=True))


CIRCLE: list[Row] = [(0, "A", "B", 100), (24, "B", "C", 95), (48, "C", "A", 90)]


@pytest.mark.parametrize("row", [0, 1, 2])
def test_every_transfer_of_a_circle_knows_its_length(row: int) -> None:
    seen = pattern(CIRCLE, row)
    assert (seen["cycle_n"], seen["cycle_length"]) == (1, 3)
    assert seen["cycle_gap"] == pytest.approx(np.log(9501 / 9001), abs=1e-5)


def test_a_circle_against_time_is_none() -> None:
    backwards: list[Row] = [(0, "C", "A", 90), (24, "B", "C", 95), (48, "A", "B", 100)]
    assert pattern(backwards, 0)["cycle_n"] == 0


def test_a_circle_longer_than_the_window_is_none() -> None:
    slow: list[Row] = [(h * 11, a, b, m) for h, a, b, m in CIRCLE]
    assert pattern(slow, 0)["cycle_n"] == 0 if slow[-1][0] * 3600 > WINDOW else True
    assert slow[-1][0] * 3600 > WINDOW


def test_money_that_goes_on_is_measured_in_amount_and_time() -> None:
    seen = pattern([(0, "A", "B", 100), (42, "B", "C", 99), (63, "B", "D", 10)], 0)
    assert (seen["next_n"], seen["next_kept"]) == (2, 1)
    assert seen["next_gap"] == pytest.approx(np.log(10001 / 9901), abs=1e-5)
    assert seen["next_days"] == pytest.approx(42 / (21 * DAY))
    assert (seen["prev_n"], seen["prev_gap"], seen["prev_days"]) == (0, 9, 2)


def test_money_sent_straight_back_is_no_next_hop() -> None:
    seen = pattern([(0, "A", "B", 100), (42, "B", "A", 99)], 0)
    assert (seen["next_n"], seen["back_n"]) == (0, 1)


def test_siblings_are_the_senders_and_the_receivers_other_transfers() -> None:
    rows: list[Row] = [(0, "A", "B", 100), (1, "A", "C", 100), (2, "A", "D", 50), (3, "E", "B", 70)]
    seen = pattern(rows, 0)
    assert (seen["sent_n"], seen["sent_kept"], seen["sent_gap"]) == (2, 1, 0)
    assert (seen["got_n"], seen["got_kept"]) == (1, 0)
    assert seen["sent_spread"] == pytest.approx(abs(np.log(10001) - np.log(5001)) / 2, abs=1e-3)


def test_receivers_shared_with_another_sender_are_counted() -> None:
    rows: list[Row] = [
        (i, s, r, 10 + i)
        for i, (s, r) in enumerate(
            [("A", "X"), ("A", "Y"), ("A", "Z"), ("B", "X"), ("B", "Y"), ("B", "Z"), ("C", "X")]
        )
    ]
    assert (pattern(rows, 0)["shared"], pattern(rows, 0)["sharers"]) == (3, 1)
    assert pattern(rows, 6)["shared"] == 0  # C pays one account only


def test_middles_that_carry_money_side_by_side_are_counted() -> None:
    rows: list[Row] = [(0, "S", "M1", 100), (1, "S", "M2", 100), (2, "S", "M3", 40),
                       (9, "M1", "T", 99), (10, "M2", "T", 98), (11, "M3", "T", 90)]  # fmt: skip
    for row in (0, 4):
        seen = pattern(rows, row)
        assert (seen["middles"], seen["middles_kept"]) == (3, 2)


def test_edges_are_numbered_whatever_the_order_of_equal_times() -> None:
    rows: list[Row] = [(5, "A", "B", 30), (5, "C", "D", 20), (5, "B", "C", 10)]
    one, other = graph_of(rows), graph_of(rows[::-1])
    assert one.log_amount.tolist() == other.log_amount.tolist()
    assert one.sender.tolist() == other.sender.tolist()
    assert one.receiver.tolist() == other.receiver.tolist()


def test_neighbours_give_their_scores() -> None:
    rows: list[Row] = [
        (0, "P", "A", 5),
        (24, "A", "B", 100),
        (48, "A", "C", 100),
        (72, "B", "D", 9),
    ]
    score = np.array([0.5, 0.9, 0.25, 0.125], np.float32)
    columns = neighbour_columns(graph_of(rows), score, np.arange(4), WINDOW)
    seen = dict(zip(NEIGHBOURS, columns[1].tolist(), strict=True))
    assert seen["batch_near_sent_max"] == seen["batch_near_sent_sum"] == 0.25
    assert seen["batch_near_into_before_max"] == 0.5
    assert seen["batch_near_into_after_max"] == 0
    assert seen["batch_near_onward_after_max"] == 0.125
    assert seen["batch_near_sent_soon"] == pytest.approx(0.25 * np.exp(-5 * 24 / (21 * DAY)))
    assert seen["batch_near_own"] == pytest.approx(0.9)
    assert seen["batch_near_sender_in"] == 0.5
    assert seen["batch_near_receiver_out"] == 0.125


def match(typology: str, surprise: float, *rows: int) -> Candidate:
    return Candidate(typology, np.array(rows), -1, surprise, 0.0, 0.0)


MATCHES = [match("fan_in", 3.0, 0, 1), match("fan_in", 5.0, 1, 2), match("cycle", 1.0, 1)]


def test_a_transfer_knows_the_best_match_of_each_typology() -> None:
    graph = graph_of([(i, "A", f"B{i}", 10) for i in range(4)])
    columns = coverage_columns(MATCHES, graph, 4)
    assert columns[:, 0].tolist() == [3, 5, 5, -9]  # surprise of the best fan-in
    assert columns[:, 1].tolist() == [2, 2, 2, 0]  # and its size
    assert columns[:, -2].tolist() == [1, 3, 1, 0]  # matches of any kind
    assert columns[:, -1].tolist() == [3, 5, 5, -9]


def test_the_coverage_matrix_holds_each_match_where_it_lies() -> None:
    graph = graph_of([(i, "A", f"B{i}", 10) for i in range(4)])
    covered = coverage_matrix(MATCHES, graph, 4).toarray()
    assert (covered > 0).tolist() == [
        [True, False, False], [True, True, True], [False, True, False], [False, False, False]
    ]  # fmt: skip


def test_communities_teach_nothing_for_they_were_cut_by_scores_that_knew_labels() -> None:
    assert proven([match("community", 9.0, 0), MATCHES[0]]) == [MATCHES[0]]

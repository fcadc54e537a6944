"""From scored transfers to rings: who meets, what clusters, which clusters are rings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rings.candidates import Candidate
from engine.rings.learning.boosting import BLOCKS, Recipe, cross_fit, time_blocks
from engine.rings.learning.clustering import Proposals, potts, propose
from engine.rings.learning.meetings import meetings
from engine.rings.learning.pairs import Pairs
from engine.rings.learning.ranking import best_cut, select
from engine.rings.learning.shape import Namer, shape_of
from engine.rings.learning.truth import past_rings, ring_accounts, ring_codes, why_not_learn
from engine.rings.overlap import Owners
from tests.engine.rows import Row, transactions, transfers_of

HOUR = 3600
WINDOW = 21 * 24 * HOUR
RECIPE = Recipe(trees=5, depth=2, rate=0.5, max_negatives=1000)


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 30)), max_size=10),
    st.integers(1, 20),
)
def test_transfers_meet_where_they_share_an_account_in_time(
    rows: list[tuple[int, int, int]], window: int
) -> None:
    rows = sorted(rows, key=lambda row: row[2])
    sender, receiver, seconds = (ints(*column) for column in zip(*rows, strict=True)) if rows else (
        ints(), ints(), ints())  # fmt: skip
    met = meetings(sender, receiver, seconds, window)
    expected = {
        (i, j)
        for i, one in enumerate(rows)
        for j, other in enumerate(rows)
        if i < j and {one[0], one[1]} & {other[0], other[1]} and other[2] - one[2] <= window
    }
    assert {(min(p), max(p)) for p in zip(met.first, met.second, strict=True)} == expected


def test_a_meeting_tells_who_sends_at_the_shared_account() -> None:
    met = meetings(ints(1, 2), ints(2, 3), ints(0, 5), 10)
    assert (met.account.tolist(), met.first_sends.tolist(), met.second_sends.tolist()) == (
        [2], [0], [1],
    )  # fmt: skip


def test_the_past_is_cut_into_blocks_and_the_future_is_one_more() -> None:
    assert BLOCKS == 4
    blocks = time_blocks(np.arange(10), past_end=8)
    assert blocks.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


@pytest.mark.parametrize("changed", [0, 2, BLOCKS])
def test_no_block_is_scored_by_a_model_that_saw_its_targets(changed: int) -> None:
    values = np.random.default_rng(1).normal(size=(500, 3)).astype(np.float32)
    block = time_blocks(np.arange(500), past_end=400)
    target = (values[:, 0] > 0).astype(np.float32)
    other = np.where(block == changed, 1 - target, target).astype(np.float32)
    before = cross_fit(values, target, block, block, RECIPE, 0)
    after = cross_fit(values, other, block, block, RECIPE, 0)
    here = block == changed
    assert before[here].tolist() == after[here].tolist()
    assert np.all((before[here] > 0.5) == (values[here, 0] > 0))
    assert (before[~here].tolist() == after[~here].tolist()) == (changed == BLOCKS)


def test_nothing_is_scored_where_nothing_can_be_learned() -> None:
    values, block = np.zeros((8, 1), np.float32), time_blocks(np.arange(8), 8)
    assert not cross_fit(values, np.zeros(8, np.float32), block, block, RECIPE, 0).any()


def cliques(weight_between: float) -> Pairs:
    """Return two groups of four suspects, all linked inside, one link between."""
    inside = [(i, j) for g in (0, 4) for i in range(g, g + 4) for j in range(i + 1, g + 4)]
    first, second = zip(*inside, (3, 4), strict=True)
    chance = np.array([0.9] * len(inside) + [weight_between], np.float32)
    return Pairs(ints(*first), ints(*second), chance)


def test_the_potts_model_parts_groups_that_share_one_link() -> None:
    label = potts(*cliques(0.9), n=8, resolution=0.3, seed=1)
    assert len(set(label[:4])) == len(set(label[4:])) == 1
    assert label[0] != label[7]


def test_groups_are_proposed_whole_and_apart() -> None:
    accounts = np.stack([np.arange(8), np.arange(1, 9)], axis=1)
    found = propose(cliques(0.5), 8, [ints(0, 7)], accounts, seed=1)
    sets = {tuple(found.of(i).tolist()) for i in range(len(found))}
    assert {(0, 1, 2, 3), (4, 5, 6, 7), tuple(range(8)), (0, 7)} <= sets
    assert len(sets) == len(found)


def test_two_accounts_are_no_ring() -> None:
    pair = Pairs(ints(0), ints(1), np.array([0.9], np.float32))
    assert len(propose(pair, 2, [], np.array([[0, 1], [1, 0]]), seed=1)) == 0


def proposals(*sets: Sequence[int]) -> Proposals:
    starts = np.cumsum([0, *map(len, sets)])
    return Proposals(ints(*(m for s in sets for m in s)), starts, np.zeros((1, 9), np.int64))


def test_the_better_of_two_like_proposals_is_kept() -> None:
    given = proposals([0, 1, 2], [0, 1, 2, 3], [5, 6])
    accounts = [frozenset("abcd"), frozenset("abcde"), frozenset("xyz")]
    score = np.array([0.4, 0.6, 0.1], np.float32)
    assert select(given, accounts, score).tolist() == [1, 2]  # type: ignore[arg-type]


def test_rings_that_share_accounts_but_few_transfers_are_both_kept() -> None:
    given = proposals([0, 1, 2], [2, 3, 4])
    accounts = [frozenset("abcd"), frozenset("dexy")]
    assert select(given, accounts, np.array([0.4, 0.6])).tolist() == [1, 0]  # type: ignore[arg-type]


def test_the_cut_gives_the_best_f1() -> None:
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.5], np.float32)
    correct = np.array([True, True, False, True, False])
    # F1 of the best one to five against four true rings: 2/5, 4/6, 4/7, 6/8, 6/9.
    assert best_cut(score, correct, 4) == pytest.approx(0.6)
    # Against two (another was found twice over): 2/3, 4/4, ...
    assert best_cut(score, correct, 2) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("typology", "pairs"),
    [
        ("fan_in", "AX BX CX DX"),
        ("fan_out", "XA XB XC XD"),
        ("cycle", "AB BC CD DA"),
        ("chain", "AB BC CD DE"),
        ("gather_scatter", "AX BX CX XD XE XF"),
        ("scatter_gather", "SA SB SC AT BT CT"),
        ("bipartite", "AX AY BX BY CX CY"),
        ("stack", "AX AY BX BY XP XQ YP YQ"),
        ("community", "AB BC CA AD DE EB"),
    ],
)
def test_a_ring_is_named_by_its_shape(typology: str, pairs: str) -> None:
    sender, receiver = (
        np.array([ord(pair[i]) for pair in pairs.split()], np.int32) for i in (0, 1)
    )
    found, hub = shape_of(sender, receiver)
    assert found == typology
    assert (hub == ord("X")) == (typology in ("fan_in", "fan_out", "gather_scatter"))


def test_a_ring_is_named_after_the_match_it_resembles() -> None:
    rows: list[Row] = [(i, f"S{i}", "X", 10) for i in range(5)]
    transfers, _ = transfers_of(transactions(rows))
    match = Candidate("gather_scatter", np.arange(4), 1, 3.5, 0.2, 0.9)
    namer = Namer(transfers, [match])
    near, far = namer.name(np.arange(5), 0.7), namer.name(ints(3, 4), 0.7)
    assert (near.typology, near.surprise, near.score) == ("gather_scatter", 3.5, 0.7)
    assert (far.typology, far.surprise) == ("bipartite", 0.0)


def test_shared_members_are_counted_by_owner() -> None:
    owners = Owners()
    owners.add(1, "abc")
    owners.add(2, "cd")
    assert owners.shared("acx") == {1: 2, 2: 1}


SCHEME: list[Row] = [
    *((i, "A", f"M{i}", 100) for i in range(6)), *((10 + i, f"M{i}", "Z", 99) for i in range(6)),
    (700, "P", "Q", 5), (701, "Q", "R", 5), (702, "R", "P", 5),
]  # fmt: skip


def test_labels_without_rings_are_pieced_together_where_they_touch_in_time() -> None:
    transfers, accounts = transfers_of(transactions(SCHEME))
    label = np.ones(len(SCHEME), np.int8)
    rings = past_rings(transfers, label, None, len(SCHEME), WINDOW)
    names = accounts.names.to_pylist()
    found = {frozenset(names[code] for code in ring) for ring in ring_accounts(transfers, rings)}
    assert found == {frozenset({"A", "Z", *(f"M{i}" for i in range(6))}), frozenset("PQR")}


def test_rings_of_the_future_are_not_read() -> None:
    transfers, _ = transfers_of(transactions(SCHEME))
    label = np.ones(len(SCHEME), np.int8)
    given = np.repeat([0, 1], [12, 3]).astype(np.int64)
    for ring_label in (given, None):
        rings = past_rings(transfers, label, ring_label, 12, WINDOW)
        assert (rings[:12] >= 0).all()
        assert (rings[12:] == -1).all()


def test_the_ring_of_an_unlabelled_row_does_not_count() -> None:
    table = transactions(SCHEME[:4], ring_label=["a", "b", None, "a"])
    assert ring_codes(table, np.array([1, 1, 1, 0], np.int8)).tolist() == [0, 1, -1, -1]  # type: ignore[union-attr]
    assert ring_codes(transactions(SCHEME[:4]), np.ones(4, np.int8)) is None


def test_labels_that_are_few_or_apart_teach_no_rings() -> None:
    apart: list[Row] = [(i, f"S{i}", f"R{i}", 10) for i in range(30)]
    transfers, _ = transfers_of(transactions(apart))
    label = np.ones(30, np.int8)
    few = why_not_learn(transfers, label, 10, WINDOW)
    lone = why_not_learn(transfers, label, 30, WINDOW)
    assert few is not None
    assert "only 10" in few
    assert lone is not None
    assert "only 0%" in lone
    together, _ = transfers_of(transactions([(i, f"S{i}", "HUB", 10) for i in range(30)]))
    assert why_not_learn(together, label, 30, WINDOW) is None

"""Every ring of two runs has one fate, and time turned round gives the opposite fates."""

from __future__ import annotations

from collections import Counter
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rings import lineage
from engine.rings.lineage import STATES, Lineage, Ring, count_states, trace_rings

OPPOSITE = {
    "born": "dormant",
    "dormant": "born",
    "grew": "shrank",
    "shrank": "grew",
    "merged": "split",
    "split": "merged",
    "same": "same",
}


def ring(ring_id: str, members: str, tx_ids: set[int] | None = None, score: float = 0.0) -> Ring:
    """Return a ring of one-letter accounts; its accounts in order are its fingerprint."""
    proof = None if tx_ids is None else frozenset(tx_ids)
    return Ring(ring_id, "".join(sorted(members)), frozenset(members), proof, score)


def fates(earlier: list[Ring], later: list[Ring]) -> list[tuple[str | None, str, tuple[str, ...]]]:
    return [(row.ring_id, row.state, row.previous) for row in trace_rings(earlier, later)]


@pytest.mark.parametrize(
    ("before", "after", "state", "jaccard", "gained", "lost"),
    [
        ("abcd", "abcd", "same", 1.0, "", ""),
        ("abc", "abcd", "grew", 3 / 4, "d", ""),
        ("abcd", "abc", "shrank", 3 / 4, "", "d"),
        ("abcd", "abce", "same", 3 / 5, "e", "d"),
        ("abcd", "abcdefgh", "grew", 1 / 2, "efgh", ""),
    ],
)
def test_one_ring_after_one_ring(
    before: str, after: str, state: str, jaccard: float, gained: str, lost: str
) -> None:
    rows = trace_rings([ring("R1", before)], [ring("R9", after)])
    (row,) = rows
    assert (row.ring_id, row.state, row.previous) == ("R9", state, ("R1",))
    assert row.jaccard == pytest.approx(jaccard)
    assert ("".join(row.gained), "".join(row.lost)) == (gained, lost)


def test_less_than_half_in_common_is_another_ring() -> None:
    states = [row.state for row in trace_rings([ring("R1", "abcdef")], [ring("R9", "abcg")])]
    assert states == ["born", "dormant"]


def test_nothing_in_common_is_born_and_dormant() -> None:
    rows = trace_rings([ring("R1", "abc", score=0.4)], [ring("R1", "xyz", score=0.7)])
    assert rows == [
        Lineage("R1", "born", (), 0.0, ("x", "y", "z"), (), 0.7, None),
        Lineage(None, "dormant", ("R1",), 0.0, (), ("a", "b", "c"), None, 0.4),
    ]


def test_several_rings_inside_one_have_merged() -> None:
    (row,) = trace_rings(
        [ring("R1", "abcd", score=0.5), ring("R2", "efg", score=0.6)],
        [ring("R1", "abcdefh", score=0.9)],
    )
    assert row == Lineage("R1", "merged", ("R1", "R2"), 6 / 8, ("h",), ("g",), 0.9, 0.6)


def test_several_parts_of_one_ring_come_of_a_split() -> None:
    rows = trace_rings([ring("R1", "abcdefg")], [ring("R1", "abcx"), ring("R2", "def")])
    assert [(row.ring_id, row.state, row.previous) for row in rows] == [
        ("R1", "split", ("R1",)),
        ("R2", "split", ("R1",)),
    ]
    assert [row.gained for row in rows] == [("x",), ()]
    assert [row.lost for row in rows] == [("g",), ("g",)]
    assert rows[0].jaccard == rows[1].jaccard == 6 / 8


def test_the_same_ring_is_no_part_of_a_merger() -> None:
    before = [ring("R1", "abcdefgh"), ring("R2", "abc")]
    assert fates(before, [ring("R1", "abcdefgh")]) == [
        ("R1", "same", ("R1",)),
        (None, "dormant", ("R2",)),
    ]


def test_a_fingerprint_is_worth_more_than_an_overlap() -> None:
    before = [Ring("R1", "f1", frozenset("abcd")), Ring("R2", "f2", frozenset("abce"))]
    after = [Ring("R1", "f2", frozenset("abcd"))]
    assert fates(before, after) == [("R1", "same", ("R2",)), (None, "dormant", ("R1",))]


def test_equal_transactions_make_a_ring_the_same_though_its_accounts_do_not() -> None:
    """A hub's ten accounts before, four of them with the three transactions after."""
    before, after = ring("R1", "abcdefghij", {1, 2, 3, 4}), ring("R1", "abcd", {1, 2, 3})
    assert fates([before], [after]) == [("R1", "shrank", ("R1",))]
    without = Ring("R1", after.fingerprint, after.members)
    assert fates([before], [without]) == [("R1", "born", ()), (None, "dormant", ("R1",))]


def test_the_largest_overlap_wins() -> None:
    before = [ring("R1", "abcdefgh")]
    after = [ring("R1", "abcdexyz" + "uvw"), ring("R2", "abcdefg")]
    assert fates(before, after) == [("R1", "born", ()), ("R2", "shrank", ("R1",))]


def test_an_account_in_very_many_rings_brings_none_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, after = [ring("R1", "ab"), ring("R2", "acd")], [ring("R3", "abe")]
    assert fates(before, after)[0] == ("R3", "grew", ("R1",))
    monkeypatch.setattr(lineage, "MAX_RINGS_OF_ACCOUNT", 0)
    assert fates(before, after)[0] == ("R3", "born", ())


def test_states_are_counted() -> None:
    counts = count_states(trace_rings([ring("R1", "abc")], [ring("R1", "abc"), ring("R2", "xy")]))
    assert counts == dict.fromkeys(STATES, 0) | {"same": 1, "born": 1}
    assert list(counts) == list(STATES)


@st.composite
def runs(draw: st.DrawFn) -> list[Ring]:
    """Rings over few accounts, so that they overlap; some with transactions."""
    members = st.sets(st.sampled_from(ascii_lowercase[:9]), min_size=2, max_size=7)
    found = draw(st.lists(members, max_size=6))
    with_proof = draw(st.booleans())
    return [
        ring(
            f"R{number}",
            "".join(accounts),
            draw(st.sets(st.integers(0, 8), min_size=1, max_size=5)) if with_proof else None,
        )
        for number, accounts in enumerate(found)
    ]


@given(runs())
def test_a_run_compared_with_itself_is_the_same(rings: list[Ring]) -> None:
    rows = trace_rings(rings, rings)
    assert [(row.ring_id, row.state) for row in rows] == [(r.ring_id, "same") for r in rings]
    assert all(row.jaccard == 1 and not row.gained and not row.lost for row in rows)


@given(runs(), runs())
def test_every_ring_is_accounted_for_exactly_once(earlier: list[Ring], later: list[Ring]) -> None:
    rows = trace_rings(earlier, later)
    assert [row.ring_id for row in rows if row.ring_id] == [r.ring_id for r in later]
    named = Counter(old for row in rows for old in (row.previous if row.state != "split" else ()))
    origins = {row.previous for row in rows if row.state == "split"}
    named.update(old for (old,) in origins)
    assert named == Counter(r.ring_id for r in earlier)
    parts = Counter(row.previous for row in rows if row.state == "split")
    assert all(count >= 2 for count in parts.values())
    assert all((len(row.previous) >= 2) == (row.state == "merged") for row in rows)


@given(runs(), runs())
def test_time_turned_round_gives_the_opposite_states(
    earlier: list[Ring], later: list[Ring]
) -> None:
    def pairs(rows: list[Lineage]) -> Counter[tuple[str, str | None, str | None]]:
        return Counter(
            (row.state, old, row.ring_id) for row in rows for old in (row.previous or (None,))
        )

    turned = Counter(
        {
            (OPPOSITE[state], new, old): count
            for (state, old, new), count in pairs(trace_rings(later, earlier)).items()
        }
    )
    assert pairs(trace_rings(earlier, later)) == turned


@given(runs(), runs())
def test_only_rings_with_enough_in_common_are_brought_together(
    earlier: list[Ring], later: list[Ring]
) -> None:
    old = {r.ring_id: r for r in earlier}
    new = {r.ring_id: r for r in later}
    for row in trace_rings(earlier, later):
        if row.ring_id is None or row.state == "born":
            continue
        after = new[row.ring_id]
        for before in (old[name] for name in row.previous):
            shared = len(before.members & after.members)
            jaccard = shared / len(before.members | after.members)
            if row.state == "merged":
                assert shared >= len(before.members) / 2
            elif row.state == "split":
                assert shared >= len(after.members) / 2
            else:
                proof = len((before.tx_ids or set()) & (after.tx_ids or set()))
                either = len((before.tx_ids or set()) | (after.tx_ids or set()))
                assert jaccard >= 0.5 or proof >= 0.6 * max(either, 1)

"""Lineage: what became of the rings of an earlier run in a later one.

A ring keeps its identity where its fingerprint is found again, else where its accounts (Jaccard
0.5) or its transactions (0.6) are largely the same. Several old rings that lie largely inside one
new ring have merged; several new rings that lie largely inside one old ring come of its split.
The rules read the same in both directions of time, so that exchanging the runs exchanges ``born``
with ``dormant``, ``grew`` with ``shrank`` and ``merged`` with ``split``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

State = Literal["born", "same", "grew", "shrank", "merged", "split", "dormant"]

#: All states, in the order in which counts are printed.
STATES: tuple[State, ...] = get_args(State)

#: Jaccard overlap of accounts at which two rings are one (design: rings match at one half).
SAME_ACCOUNTS = 0.5
#: Jaccard overlap of transactions at which two rings are one; asks for the same input.
SAME_TRANSACTIONS = 0.6
#: Share of a ring's accounts that must lie in another ring to count as a part of it.
LARGELY = 0.5
#: An account in more rings of a run than this brings no rings together: it is a hub of the input,
#: not of a scheme, and looking at all pairs of its rings would not be bounded.
MAX_RINGS_OF_ACCOUNT = 500


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring of one run.

    Attributes
    ----------
    ring_id
        Its id, unique within the run.
    fingerprint
        Hash that names the same ring in any run.
    members
        Account ids, at least one.
    tx_ids
        Ids of the proving transactions; ``None`` where the two runs have no ids in common.
    score
        In [0, 1].
    """

    ring_id: str
    fingerprint: str
    members: frozenset[str]
    tx_ids: frozenset[int] | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where one ring of the later run comes from, or that an earlier one is dormant.

    Attributes
    ----------
    ring_id
        Ring of the later run; ``None`` where the ring is ``dormant``.
    state
        ``born``: none before. ``same``: as many accounts as before. ``grew``, ``shrank``: more,
        fewer. ``merged``: from several. ``split``: one of several parts of an earlier ring; each
        part has a row of its own. ``dormant``: an earlier ring that was not found again.
    previous
        Rings of the earlier run, by id; none for ``born``.
    jaccard
        Overlap of all accounts before with all accounts after, of a split taken with all parts;
        0 for ``born`` and ``dormant``.
    gained, lost
        Accounts, by id: here and in no earlier ring; earlier and in no later part.
    score, previous_score
        Score of the ring and the highest of the rings before; ``None`` where there is none.
    """

    ring_id: str | None
    state: State
    previous: tuple[str, ...]
    jaccard: float
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    score: float | None
    previous_score: float | None


@dataclass(frozen=True, slots=True)
class _Link:
    """An old and a new ring (positions) that have accounts in common."""

    old: int
    new: int
    old_inside: bool
    new_inside: bool
    is_match: bool


def trace_rings(earlier: Sequence[Ring], later: Sequence[Ring]) -> list[Lineage]:
    """Say of every ring of two runs what became of it.

    Parameters
    ----------
    earlier, later
        Rings of the two runs, in any order; ids are unique within a run.

    Returns
    -------
    list of Lineage
        One row for each later ring, in their order, then one for each dormant ring. Each later
        ring has one row. Each earlier ring stands in one row, or in those of its parts.

    Notes
    -----
    O(pairs of rings with an account in common), found by an inverted index of accounts.

    Examples
    --------
    >>> old = [Ring("R1", "f1", frozenset("abc")), Ring("R2", "f2", frozenset("xyz"))]
    >>> new = [Ring("R1", "f3", frozenset("abcd"))]
    >>> [(row.ring_id, row.state, row.previous) for row in trace_rings(old, new)]
    [('R1', 'grew', ('R1',)), (None, 'dormant', ('R2',))]
    """
    partners = _partners(earlier, later)
    rows: list[Lineage] = []
    for new, ring in enumerate(later):
        before = partners.of_new[new]
        parts = partners.of_old[before[0]] if len(before) == 1 else [new]
        rows.append(_row(ring, [earlier[old] for old in before], [later[part] for part in parts]))
    rows += [_dormant(ring) for old, ring in enumerate(earlier) if not partners.of_old[old]]
    return rows


def count_states(rows: Sequence[Lineage]) -> dict[str, int]:
    """Count the rows by state; states that do not occur count 0."""
    counts: dict[str, int] = dict.fromkeys(STATES, 0)
    for row in rows:
        counts[row.state] += 1
    return counts


class _Partners:
    """Which rings belong together; every connected group is a star: one ring with its parts."""

    def __init__(self, earlier: int, later: int) -> None:
        self.of_old: list[list[int]] = [[] for _ in range(earlier)]
        self.of_new: list[list[int]] = [[] for _ in range(later)]
        self._link: dict[tuple[int, int], _Link] = {}

    def add(self, link: _Link) -> None:
        self.of_old[link.old].append(link.new)
        self.of_new[link.new].append(link.old)
        self._link[link.old, link.new] = link

    def accepts(self, link: _Link) -> bool:
        """Tell whether the link leaves all groups stars whose outer rings lie inside the centre."""
        news, olds = self.of_old[link.old], self.of_new[link.new]
        if not news and not olds:
            return True
        if not news and link.old_inside:
            return self._is_centre_of(olds, link.new)
        if not olds and link.new_inside:
            return self._is_origin_of(news, link.old)
        return False

    def has_group(self, link: _Link) -> bool:
        return bool(self.of_old[link.old] or self.of_new[link.new])

    def drop_weak_pairs(self) -> None:
        """Take pairs apart that only a group of several would have justified."""
        for link in list(self._link.values()):
            alone = len(self.of_old[link.old]) == len(self.of_new[link.new]) == 1
            if alone and not link.is_match:
                self.of_old[link.old].clear()
                self.of_new[link.new].clear()

    def _is_centre_of(self, olds: list[int], new: int) -> bool:
        return all(self.of_old[old] == [new] and self._link[old, new].old_inside for old in olds)

    def _is_origin_of(self, news: list[int], old: int) -> bool:
        return all(self.of_new[new] == [old] and self._link[old, new].new_inside for new in news)


def _partners(earlier: Sequence[Ring], later: Sequence[Ring]) -> _Partners:
    """Join equal fingerprints first, then rings with the largest overlap first."""
    partners = _Partners(len(earlier), len(later))
    for old, new in _equal_fingerprints(earlier, later):
        partners.add(_Link(old, new, old_inside=False, new_inside=False, is_match=True))
    free_old = [old for old, news in enumerate(partners.of_old) if not news]
    free_new = [new for new, olds in enumerate(partners.of_new) if not olds]
    links = _links(earlier, later, free_old, free_new)
    for link in links:
        if partners.accepts(link):
            partners.add(link)
    partners.drop_weak_pairs()
    # A ring freed just now may still be a part of the group of another.
    for link in links:
        if partners.has_group(link) and partners.accepts(link):
            partners.add(link)
    return partners


def _equal_fingerprints(
    earlier: Sequence[Ring], later: Sequence[Ring]
) -> Iterator[tuple[int, int]]:
    waiting: dict[str, list[int]] = defaultdict(list)
    for new in sorted(range(len(later)), key=lambda i: later[i].ring_id, reverse=True):
        waiting[later[new].fingerprint].append(new)
    for old in sorted(range(len(earlier)), key=lambda i: earlier[i].ring_id):
        if same := waiting.get(earlier[old].fingerprint):
            yield old, same.pop()


def _links(
    earlier: Sequence[Ring], later: Sequence[Ring], olds: list[int], news: list[int]
) -> list[_Link]:
    """Return the links among free rings, the strongest first.

    Ties are broken by content, in a way that does not depend on which run is the earlier one.
    """
    found: list[tuple[tuple[object, ...], _Link]] = []
    for old, new in _with_common_account(earlier, later, olds, news):
        a, b = earlier[old], later[new]
        shared = len(a.members & b.members)
        accounts = shared / (len(a.members) + len(b.members) - shared)
        transactions = _transaction_overlap(a, b)
        link = _Link(
            old,
            new,
            old_inside=shared >= LARGELY * len(a.members),
            new_inside=shared >= LARGELY * len(b.members),
            is_match=accounts >= SAME_ACCOUNTS or transactions >= SAME_TRANSACTIONS,
        )
        if link.old_inside or link.new_inside or link.is_match:
            names = sorted([(a.fingerprint, a.ring_id), (b.fingerprint, b.ring_id)])
            found.append(((not link.is_match, -accounts, -transactions, names), link))
    return [link for _, link in sorted(found, key=lambda item: item[0])]


def _with_common_account(
    earlier: Sequence[Ring], later: Sequence[Ring], olds: list[int], news: list[int]
) -> list[tuple[int, int]]:
    of_old, of_new = _by_account(earlier, olds), _by_account(later, news)
    pairs: set[tuple[int, int]] = set()
    for account, before in of_old.items():
        after = of_new.get(account, ())
        if len(before) <= MAX_RINGS_OF_ACCOUNT and len(after) <= MAX_RINGS_OF_ACCOUNT:
            pairs.update((old, new) for old in before for new in after)
    return list(pairs)


def _by_account(rings: Sequence[Ring], chosen: list[int]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = defaultdict(list)
    for i in chosen:
        for account in rings[i].members:
            index[account].append(i)
    return index


def _transaction_overlap(a: Ring, b: Ring) -> float:
    if not a.tx_ids or not b.tx_ids:
        return 0.0
    shared = len(a.tx_ids & b.tx_ids)
    return shared / (len(a.tx_ids) + len(b.tx_ids) - shared)


def _row(ring: Ring, before: list[Ring], parts: list[Ring]) -> Lineage:
    earlier = frozenset[str]().union(*(old.members for old in before))
    later = frozenset[str]().union(*(part.members for part in parts))
    return Lineage(
        ring_id=ring.ring_id,
        state=_state(ring, before, parts),
        previous=tuple(sorted(old.ring_id for old in before)),
        jaccard=len(earlier & later) / len(earlier | later) if before else 0.0,
        gained=tuple(sorted(ring.members - earlier)),
        lost=tuple(sorted(earlier - later)),
        score=ring.score,
        previous_score=max((old.score for old in before), default=None),
    )


def _state(ring: Ring, before: list[Ring], parts: list[Ring]) -> State:
    if not before:
        return "born"
    if len(before) > 1:
        return "merged"
    if len(parts) > 1:
        return "split"
    change = len(ring.members) - len(before[0].members)
    return "grew" if change > 0 else "shrank" if change < 0 else "same"


def _dormant(ring: Ring) -> Lineage:
    return Lineage(
        ring_id=None,
        state="dormant",
        previous=(ring.ring_id,),
        jaccard=0.0,
        gained=(),
        lost=tuple(sorted(ring.members)),
        score=None,
        previous_score=ring.score,
    )

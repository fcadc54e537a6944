"""Which alert of the queue each alert of a run is: matching alone, without the database.

Rings are traced from the queue's newest accounts to those of the run; a lone transaction is the
same where its content is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from engine.rings.lineage import Lineage, Ring, State, trace_rings
from engine.workbench.run_alerts import Found, Kind


@dataclass(frozen=True, slots=True)
class Known:
    """An alert of the queue, as much of it as matching needs.

    ``effort`` says how much people did with it: of alerts that merge, the one with the most goes
    on. ``accounts`` are those of its newest evidence; a transaction needs none.
    """

    alert_id: int
    kind: Kind
    fingerprint: str
    score: float
    effort: int = 0
    accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """What one alert of a run is.

    Attributes
    ----------
    found
        The run's alert.
    state
        Where it comes from, as in :mod:`engine.rings.lineage`.
    alert_id
        The alert that it goes on with; ``None`` where it is a new one.
    absorbed
        Alerts that have merged into ``alert_id``.
    split_from
        For a new alert: the one that it was a part of.
    """

    found: Found
    state: State
    alert_id: int | None = None
    absorbed: tuple[int, ...] = ()
    split_from: int | None = None


@dataclass(frozen=True, slots=True)
class Matches:
    """One match for each alert of a run, in their order, and the alerts it did not find again."""

    matches: tuple[Match, ...]
    dormant: tuple[int, ...]


def match(known: Sequence[Known], found: Sequence[Found]) -> Matches:
    """Say which alert each alert of a run is, and which alerts the run did not find again.

    Parameters
    ----------
    known
        The alerts of the data set, without those that have merged into another.
    found
        The alerts of the run; fingerprints are unique within a kind.

    Returns
    -------
    Matches
        An alert goes on with at most one alert of the run; each is in ``matches`` or ``dormant``.

    Notes
    -----
    O(n) for transactions; rings as :func:`engine.rings.lineage.trace_rings`.
    """
    rings = _match_rings(
        [one for one in known if one.kind == "ring"], [one for one in found if one.kind == "ring"]
    )
    lone = _match_transactions(
        [one for one in known if one.kind == "transaction"],
        [one for one in found if one.kind == "transaction"],
    )
    order = {one.run_alert_id: i for i, one in enumerate(found)}
    both = sorted([*rings.matches, *lone.matches], key=lambda one: order[one.found.run_alert_id])
    return Matches(tuple(both), (*rings.dormant, *lone.dormant))


def _match_transactions(known: Sequence[Known], found: Sequence[Found]) -> Matches:
    waiting = {one.fingerprint: one.alert_id for one in known}
    matches = []
    for one in found:
        alert_id = waiting.pop(one.fingerprint, None)
        matches.append(Match(one, "born" if alert_id is None else "same", alert_id))
    return Matches(tuple(matches), tuple(waiting.values()))


def _match_rings(known: Sequence[Known], found: Sequence[Found]) -> Matches:
    rows = trace_rings(
        [Ring(str(k.alert_id), k.fingerprint, k.accounts, score=k.score) for k in known],
        [Ring(f.run_alert_id, f.fingerprint, frozenset(f.roles), score=f.score) for f in found],
    )
    by_id = {str(one.alert_id): one for one in known}
    parts = _parts(rows, {one.run_alert_id: one for one in found})
    matches = []
    # The rows of later rings come first, in their order.
    for row, one in zip(rows, found, strict=False):
        before = [by_id[previous] for previous in row.previous]
        if not before:
            matches.append(Match(one, "born"))
        elif row.state == "split":
            matches.append(_part(one, before[0], parts[row.previous[0]]))
        else:
            matches.append(_whole(one, row.state, before))
    return Matches(
        tuple(matches), tuple(int(row.previous[0]) for row in rows if row.state == "dormant")
    )


def _parts(rows: Sequence[Lineage], found: dict[str, Found]) -> dict[str, list[Found]]:
    parts: dict[str, list[Found]] = defaultdict(list)
    for row in rows:
        if row.state == "split" and row.ring_id is not None:
            parts[row.previous[0]].append(found[row.ring_id])
    return parts


def _part(one: Found, whole: Known, parts: Sequence[Found]) -> Match:
    """Let the part that is most of the earlier ring go on with its alert."""
    best = min(parts, key=lambda part: (-_overlap(whole, part), -part.score, part.run_alert_id))
    if one is best:
        return Match(one, "split", whole.alert_id)
    return Match(one, "split", split_from=whole.alert_id)


def _whole(one: Found, state: State, before: Sequence[Known]) -> Match:
    best, *others = sorted(
        before, key=lambda old: (-old.effort, -_overlap(old, one), -old.score, old.alert_id)
    )
    return Match(one, state, best.alert_id, tuple(sorted(old.alert_id for old in others)))


def _overlap(old: Known, new: Found) -> float:
    shared = len(old.accounts & new.roles.keys())
    return shared / max(len(old.accounts) + len(new.roles) - shared, 1)

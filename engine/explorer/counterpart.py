"""The same view in another run: where a frozen view would begin in the data of today."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.errors import InputError
from engine.explorer.view import Start, View
from engine.lake import RunPaths
from engine.query import ledger
from engine.query.database import fetch, require

#: A ring of another run is the same one from here on, as in :mod:`engine.rings.lineage`.
LEAST_JACCARD = 0.5

_NEAREST = """
SELECT ring_id, shared / (members + $size - shared) AS jaccard
FROM (SELECT ring_id, count(*) AS members,
             count(*) FILTER (list_contains($accounts, account)) AS shared
      FROM read_parquet($path) GROUP BY ring_id)
WHERE shared > 0
ORDER BY jaccard DESC, ring_id
LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A view as another run has it.

    Attributes
    ----------
    view
        The same steps, filters and layout from the start that the run has.
    jaccard
        How far the ring's accounts are the same, 0 to 1; ``None`` where the run has no such ring,
        or the view began from none: the view begins from the accounts then.
    unknown
        How many of the accounts are not in the run.
    """

    view: View
    jaccard: float | None
    unknown: int


def counterpart(paths: RunPaths, view: View, accounts: tuple[str, ...]) -> Counterpart:
    """Return a view of another run as this run has it.

    Parameters
    ----------
    paths
        Of this run.
    view
        Of the other run.
    accounts
        The ring's accounts there, or those that the view began from.

    Raises
    ------
    InputError
        If the run has none of the accounts.
    RunError
        If the run has not finished.
    """
    stepped = (step.account for step in view.steps if step.account)
    wanted = dict.fromkeys((*accounts, *view.start.accounts, *stepped))
    known = set(ledger.account_facts(paths, list(wanted))["account"])
    there = tuple(account for account in accounts if account in known)
    if not there:
        raise InputError(
            f"run {paths.run_id} has none of the accounts of this view; choose a run of the same "
            "data"
        )
    ring_id, jaccard = _nearest(paths, accounts) if view.start.ring_id else (None, None)
    beside = tuple(account for account in view.start.accounts if account in known)
    begun = beside if ring_id else tuple(dict.fromkeys((*there, *beside)))
    start = Start(ring_id, begun)
    steps = tuple(step for step in view.steps if not step.account or step.account in known)
    selected = view.selected if view.selected in known else None
    moved = replace(view, start=start, steps=steps, selected=selected)
    return Counterpart(moved, jaccard, len(accounts) - len(there))


def _nearest(paths: RunPaths, accounts: tuple[str, ...]) -> tuple[str | None, float | None]:
    """Return the ring with the most of the accounts, if it is the same one, and its Jaccard."""
    found = fetch(
        _NEAREST,
        {
            "path": require(paths.ring_accounts),
            "accounts": list(accounts),
            "size": len(accounts),
        },
    )
    if not len(found) or found["jaccard"].iloc[0] < LEAST_JACCARD:
        return None, None
    return str(found["ring_id"].iloc[0]), float(found["jaccard"].iloc[0])

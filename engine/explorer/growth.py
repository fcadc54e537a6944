"""Which accounts a view draws, and where: its start, and what each of its steps changes.

What is drawn after a step is kept for a while, so that the next step costs only itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

import numpy as np
import pandas as pd

from engine.errors import InputError
from engine.explorer.arranging import arrange
from engine.explorer.placing import Points, place
from engine.explorer.scene import MAX_NODES
from engine.explorer.view import Layout, Start, Step, View
from engine.lake import RunPaths
from engine.query import ledger
from engine.query.database import fetch, require
from engine.query.ring_detail import get_ring

#: Pictures that are kept: each is of at most 300 accounts, some 20 kB beside their names.
_KEPT = 256
_FULL = f"{MAX_NODES} marks are drawn, the most there can be: collapse an account to see more."
_MEMBERS = "SELECT account, role FROM read_parquet($ring_accounts) WHERE ring_id = $ring_id"


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The accounts of a picture.

    Attributes
    ----------
    accounts
        In the order in which they came in.
    points
        float64, shape (n_accounts, 2), in pixels.
    via
        By whose expansion each came in; ``None`` for those of the start.
    rests
        Where the roll-up of each expanded account stands.
    typology
        Of the ring at the start, else empty.
    roles
        Roles in the ring at the start.
    notes
        What could not be drawn.
    """

    accounts: tuple[str, ...]
    points: Points
    via: tuple[str | None, ...]
    rests: dict[str, tuple[float, float]]
    typology: str
    roles: dict[str, str]
    notes: tuple[str, ...] = ()

    def with_note(self, note: str) -> Drawn:
        """Return the same with one more note."""
        return self if note in self.notes else replace(self, notes=(*self.notes, note))


def drawn_for(paths: RunPaths, view: View) -> Drawn:
    """Return the accounts that a view draws.

    Raises
    ------
    InputError
        If the run has neither the ring nor one of the accounts that the view starts from.
    """
    stamp = paths.manifest.stat().st_mtime_ns
    # One by one, from the first: each is kept, and no long chain of calls comes about.
    for done in range(0, len(view.steps), 50):
        _after(paths, stamp, view.start, view.steps[:done], view.layout)
    return _after(paths, stamp, view.start, view.steps, view.layout)


@lru_cache(maxsize=_KEPT)
def _after(
    paths: RunPaths, stamp: int, start: Start, steps: tuple[Step, ...], layout: Layout
) -> Drawn:
    if not steps:
        return _begin(paths, start, layout)
    drawn = _after(paths, stamp, start, steps[:-1], layout)
    step = steps[-1]
    if step.action == "arrange":
        return _arranged(paths, drawn, layout)
    if step.account not in drawn.accounts:
        return drawn.with_note(
            f"A step about account {step.account} was left out: it is not in view."
        )
    if step.action == "collapse":
        return _collapsed(drawn, step.account)
    return _expanded(paths, drawn, step, layout)


def _begin(paths: RunPaths, start: Start, layout: Layout) -> Drawn:
    roles, typology = _ring(paths, start.ring_id)
    wanted = dict.fromkeys([*roles, *start.accounts])
    facts = ledger.account_facts(paths, list(wanted))
    by_risk = facts.sort_values(["risk", "account"], ascending=[False, True])["account"]
    # Who was asked for by name is drawn, however many riskier ones the ring has.
    known = dict.fromkeys([*(a for a in start.accounts if a in set(by_risk)), *by_risk])
    accounts = list(known)[:MAX_NODES]
    if not accounts:
        named = ", ".join(map(repr, start.accounts)) or "none"
        raise InputError(
            f"run {paths.run_id} has no such account ({named}); search for one, or open a ring"
        )
    edges = ledger.edges_among(paths, accounts)
    drawn = Drawn(
        accounts=tuple(accounts),
        points=arrange(layout, accounts, edges, typology),
        via=(None,) * len(accounts),
        rests={},
        typology=typology,
        roles=roles,
    )
    if len(known) > len(accounts):
        drawn = drawn.with_note(
            f"The {MAX_NODES} riskiest of {len(known)} accounts are drawn, the most there can be."
        )
    for account in start.accounts:
        if account not in known:
            drawn = drawn.with_note(f"The run has no account {account}.")
    return drawn


def _ring(paths: RunPaths, ring_id: str | None) -> tuple[dict[str, str], str]:
    """Return the roles of a ring's accounts, and its typology."""
    if ring_id is None:
        return {}, ""
    typology = get_ring(paths, ring_id).typology
    members = fetch(_MEMBERS, {"ring_accounts": require(paths.ring_accounts), "ring_id": ring_id})
    return dict(zip(members["account"].map(str), members["role"].map(str), strict=True)), typology


def _expanded(paths: RunPaths, drawn: Drawn, step: Step, layout: Layout) -> Drawn:
    is_first = step.account not in drawn.rests
    room = MAX_NODES - len(drawn.accounts) - len(drawn.rests)
    if room == 0:
        # Neither newcomers nor a roll-up: what would come in need not be looked for.
        return drawn.with_note(_FULL)
    found = _undrawn(paths, drawn, step)
    taken = found.head(min(step.budget, room - is_first))
    if len(taken) < min(step.budget, len(found)):
        drawn = drawn.with_note(_FULL)
    sides = np.where(taken["out_amount"] >= taken["in_amount"], 1, -1).astype(np.int8)
    newcomers = tuple(map(str, taken["counterparty"]))
    parent = drawn.accounts.index(step.account)
    there = np.vstack([drawn.points, *([at] for at in drawn.rests.values())])
    points = place(layout, there, parent, np.append(sides, np.int8(1)) if is_first else sides)
    rests = dict(drawn.rests)
    if is_first:
        rests[step.account] = cast(tuple[float, float], tuple(points[-1].tolist()))
        points = points[:-1]
    return replace(
        drawn,
        accounts=(*drawn.accounts, *newcomers),
        points=np.vstack([drawn.points, points]),
        via=(*drawn.via, *(step.account,) * len(newcomers)),
        rests=rests,
    )


def _undrawn(paths: RunPaths, drawn: Drawn, step: Step) -> pd.DataFrame:
    """Return the best counterparties that are not drawn, a few more than are wanted."""
    most = step.budget + len(drawn.accounts) + 1
    filters = step.filters
    found = ledger.counterparties(
        paths, [step.account], start=filters.start, end=filters.end,
        min_amount=filters.min_amount, types=filters.types, min_risk=filters.min_risk,
        limit=most, order=step.order,
    )  # fmt: skip
    return found[~found["counterparty"].isin(drawn.accounts)].reset_index(drop=True)


def _collapsed(drawn: Drawn, account: str) -> Drawn:
    """Take away what an account brought in, and what that brought in."""
    gone: set[str] = set()
    for name, via in zip(drawn.accounts, drawn.via, strict=True):
        if via is not None and (via == account or via in gone):
            gone.add(name)
    kept = [position for position, name in enumerate(drawn.accounts) if name not in gone]
    return replace(
        drawn,
        accounts=tuple(drawn.accounts[position] for position in kept),
        points=drawn.points[kept],
        via=tuple(drawn.via[position] for position in kept),
        rests={
            name: at for name, at in drawn.rests.items() if name != account and name not in gone
        },
    )


def _arranged(paths: RunPaths, drawn: Drawn, layout: Layout) -> Drawn:
    """Lay out all that is drawn anew, the roll-ups beside their accounts."""
    accounts = list(drawn.accounts)
    edges = ledger.edges_among(paths, accounts)
    points = arrange(layout, accounts, edges, "")
    there, rests = points, {}
    for account in drawn.rests:
        at = place(layout, there, accounts.index(account), np.ones(1, np.int8))
        there = np.vstack([there, at])
        rests[account] = cast(tuple[float, float], tuple(at[0].tolist()))
    return replace(drawn, points=points, rests=rests)

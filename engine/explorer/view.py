"""What an analyst has opened in the explorer: where it began, each step, filters, and layout.

A view is plain data: the same view of the same run gives the same picture, to the position of
every account. It travels in a link (:mod:`engine.explorer.link`) and into a snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Layout = Literal["force", "flow", "circle"]
Order = Literal["risk", "amount", "time"]
Action = Literal["expand", "collapse", "arrange"]

#: Counterparties that one expansion brings in.
BUDGET = 15
MOST_BUDGET = 50


@dataclass(frozen=True, slots=True)
class Start:
    """Where an exploration begins: at a ring of the run, or at accounts.

    ``ring_id`` goes first where both are given; the accounts are then drawn beside the ring.
    """

    ring_id: str | None = None
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """Which transfers are drawn, and which count in an expansion.

    Attributes
    ----------
    min_amount
        Least amount of a transfer, in currency units.
    start, end
        Period, the end not included; without a zone, as in the lake (UTC).
    types
        Kinds of transfer; empty for all.
    min_risk
        Least risk of a transfer, in [0, 1].
    """

    min_amount: float = 0.0
    start: datetime | None = None
    end: datetime | None = None
    types: tuple[str, ...] = ()
    min_risk: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an exploration.

    Attributes
    ----------
    action
        ``expand`` brings in the next best counterparties of an account, ``collapse`` takes those
        away again that it brought in, ``arrange`` lays everything out anew.
    account
        Which account; empty for ``arrange``.
    budget
        Most counterparties that an expansion brings in.
    order
        What the best are: the riskiest, the largest sums, or the earliest.
    filters
        The filters in force when the step was made: what it brought in stays the same when they
        change later on.
    """

    action: Action
    account: str = ""
    budget: int = BUDGET
    order: Order = "risk"
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class View:
    """All that decides what the explorer shows of a run.

    Attributes
    ----------
    start, steps
        Which accounts are drawn, and where.
    filters
        Which transfers are drawn between them.
    layout
        ``force``; ``flow``, from left to right in time; ``circle``.
    as_of
        The moment whose state is shown; ``None`` for the whole period.
    selected
        The account that is picked.
    """

    start: Start = field(default_factory=Start)
    steps: tuple[Step, ...] = ()
    filters: Filters = field(default_factory=Filters)
    layout: Layout = "force"
    as_of: datetime | None = None
    selected: str | None = None

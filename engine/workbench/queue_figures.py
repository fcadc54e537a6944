"""Figures over the queue: how much is open and late, and how often an alert was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from engine.evaluation.wilson import wilson_intervals
from engine.workbench import clock
from engine.workbench.dispositions import DISPOSITIONS
from engine.workbench.models import Alert, Decision
from engine.workbench.permissions import Actor, guarded
from engine.workbench.queue_conditions import by_content, is_working, waits_for
from engine.workbench.queue_filter import QueueFilter


@dataclass(frozen=True, slots=True)
class Precision:
    """How many of the alerts that were decided were right.

    ``share``, ``low`` and ``high`` are ``None`` while none is decided; the latter two are the ends
    of the 95 % interval.
    """

    right: int
    decided: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """Figures over the queue.

    Attributes
    ----------
    open, overdue
        Alerts to be worked on: not closed, not put off; and those of them that are late.
    mine
        Those of them that are assigned to who asks.
    to_approve
        Those of them that wait for approval of a decision that is not of who asks.
    amounts
        What they add up to, by currency (``None`` where the data name none), largest first.
    closed_today
        Alerts closed since the day began.
    precision
        Of the alerts that were decided, by the last decision in force, also where they were opened
        again since: confirmed or suspicious is right, a false positive wrong; inconclusive ones
        and duplicates, and what waits for approval, say nothing.
    """

    open: int
    overdue: int
    mine: int
    to_approve: int
    amounts: tuple[tuple[str | None, float], ...]
    closed_today: int
    precision: Precision


@guarded("read")
def figures(
    session: Session, actor: Actor, chosen: QueueFilter, day_start: datetime | None = None
) -> QueueFigures:
    """Return the figures over the alerts that a filter is about.

    What it asks of an alert's content counts (data set, typologies, score, amount, period,
    search); what it asks of the state of work (show, statuses, assignee, overdue) does not.

    Parameters
    ----------
    session
        To read with.
    actor
        Who asks.
    chosen
        The filter.
    day_start
        When the day began where the actor is; by default at midnight UTC.
    """
    moment = clock.now()
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    about = by_content(session, chosen)
    working = [*about, *is_working(moment)]
    own = select(Alert.id).where(Alert.assignee_id == actor.user_id)
    closed = [*about, Alert.status == "closed", Alert.closed_at >= (day_start or midnight)]
    to_do = _to_do(working, moment).subquery()
    row = session.execute(
        select(
            to_do,
            _number([*working, Alert.id.in_(own)]).label("mine"),
            _number([*working, waits_for(actor)]).label("to_approve"),
            _number(closed).label("closed"),
        )
    ).one()
    return QueueFigures(
        open=row.number,
        overdue=row.overdue,
        mine=row.mine,
        to_approve=row.to_approve,
        amounts=_amounts(session, working, row),
        closed_today=row.closed,
        precision=_precision(session, chosen),
    )


def wilson(right: int, decided: int) -> Precision:
    """Return a share with its 95 % interval by Wilson's score."""
    if decided == 0:
        return Precision(right, decided, None, None, None)
    low, high = wilson_intervals([right], [decided])
    return Precision(right, decided, right / decided, float(low[0]), float(high[0]))


def _to_do(
    working: Sequence[ColumnElement[bool]], moment: datetime
) -> Select[int, int, float, int, str | None, str | None]:
    return select(
        func.count().label("number"),
        func.count(case((Alert.due_at < moment, 1))).label("overdue"),
        func.sum(Alert.amount).label("amount"),
        func.count(Alert.currency).label("named"),
        func.min(Alert.currency).label("first"),
        func.max(Alert.currency).label("last"),
    ).where(*working)


def _amounts(
    session: Session, working: Sequence[ColumnElement[bool]], row: Any
) -> tuple[tuple[str | None, float], ...]:
    """Return the sums of what is to be done by currency, the largest first."""
    if not row.number:
        return ()
    # Grouping takes as long as all the rest, and most data have one currency, or name none.
    if row.first == row.last and row.named in (0, row.number):
        return ((row.first, row.amount),)
    sums = session.execute(
        select(Alert.currency, func.sum(Alert.amount)).where(*working).group_by(Alert.currency)
    )
    return tuple(sorted(((name, total) for name, total in sums), key=lambda one: -one[1]))


def _number(where: Sequence[ColumnElement[bool]]) -> ScalarSelect[int]:
    return select(func.count()).select_from(Alert).where(*where).scalar_subquery()


def _precision(session: Session, chosen: QueueFilter) -> Precision:
    """Count the last decision in force of each alert, also of one that was opened again since."""
    in_force, later = ("not_needed", "approved"), aliased(Decision)
    is_followed = exists().where(
        later.alert_id == Decision.alert_id, later.id > Decision.id, later.approval.in_(in_force)
    )
    statement = (
        select(Decision.disposition, func.count())
        .join(Alert, Alert.id == Decision.alert_id)
        .where(Decision.approval.in_(in_force), ~is_followed, *by_content(session, chosen))
        .group_by(Decision.disposition)
    )
    numbers = {0: 0, 1: 0}
    for name, number in session.execute(statement):
        label = DISPOSITIONS[name].label
        if label is not None:
            numbers[label] += number
    return wilson(numbers[1], numbers[0] + numbers[1])

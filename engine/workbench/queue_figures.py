"""Figures over the queue: how much is open and late, and how often an alert was right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from engine.evaluation.wilson import wilson_intervals
from engine.workbench import clock
from engine.workbench.dispositions import DISPOSITIONS
from engine.workbench.models import Alert, Decision
from engine.workbench.permissions import Actor, guarded
from engine.workbench.queue_conditions import by_content, is_overdue, is_working, waits_for
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
    statement = (
        select(Alert.currency, *_sums(actor, moment, day_start or midnight))
        .where(*by_content(session, chosen))
        .group_by(Alert.currency)
    )
    return _added(session.execute(statement).all(), _precision(session, chosen))


def wilson(right: int, decided: int) -> Precision:
    """Return a share with its 95 % interval by Wilson's score."""
    if decided == 0:
        return Precision(right, decided, None, None, None)
    low, high = wilson_intervals([right], [decided])
    return Precision(right, decided, right / decided, float(low[0]), float(high[0]))


def _sums(actor: Actor, moment: datetime, day_start: datetime) -> list[ColumnElement[Any]]:
    working = and_(*is_working(moment))
    closed = Alert.status == "closed"
    return [
        _number(working),
        _number(and_(working, is_overdue(moment))),
        _number(and_(working, Alert.assignee_id == actor.user_id)),
        _number(and_(working, waits_for(actor))),
        func.coalesce(func.sum(case((working, Alert.amount), else_=0.0)), 0.0),
        _number(and_(closed, Alert.closed_at >= day_start)),
    ]


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


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


def _added(rows: Any, precision: Precision) -> QueueFigures:
    opened, overdue, mine, to_approve, closed = (
        sum(row[column] for row in rows) for column in (1, 2, 3, 4, 6)
    )
    amounts = [(row[0], row[5]) for row in rows if row[1]]
    amounts.sort(key=lambda one: -one[1])
    return QueueFigures(opened, overdue, mine, to_approve, tuple(amounts), closed, precision)

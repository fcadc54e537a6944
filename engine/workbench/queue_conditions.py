"""A filter of the queue as conditions on the table of alerts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from engine.workbench import clock
from engine.workbench.models import Alert, AlertAccount, Decision, Note, User
from engine.workbench.permissions import Actor
from engine.workbench.queue_filter import ME, NOBODY, WORKING_ORDER, QueueFilter
from engine.workbench.texts import storable

#: People by the part they have in an alert.
Assignee = aliased(User)
Holder = aliased(User)

_NUMBER = re.compile(r"(?:AL-)?(\d{1,15})", re.IGNORECASE)


def is_working(moment: datetime) -> list[ColumnElement[bool]]:
    """Return what is to be worked on at a moment: not closed, not put off."""
    return [
        Alert.status != "closed",
        or_(Alert.snoozed_until.is_(None), Alert.snoozed_until <= moment),
        or_(Alert.suppressed_until.is_(None), Alert.suppressed_until <= moment),
    ]


def is_overdue(moment: datetime) -> ColumnElement[bool]:
    """Return what should have been done by a moment and is not closed."""
    return (Alert.status != "closed") & (Alert.due_at < moment)


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """Return what the actor may approve if their role does: others' decisions that wait for it."""
    pending = select(Decision.alert_id).where(
        Decision.approval == "pending", Decision.decided_by_id != actor.user_id
    )
    return and_(Alert.status == "awaiting_approval", Alert.id.in_(pending))


def conditions(session: Session, actor: Actor, chosen: QueueFilter) -> list[ColumnElement[bool]]:
    """Return the whole filter."""
    return by_content(session, chosen) + _by_state(actor, chosen)


def by_content(session: Session, chosen: QueueFilter) -> list[ColumnElement[bool]]:
    """Return the part of a filter that asks what an alert is about, not how far work on it is."""
    found: list[ColumnElement[bool]] = []
    if chosen.data_set is not None:
        found.append(Alert.data_set == chosen.data_set)
    if chosen.typologies:
        found.append(Alert.typology.in_(chosen.typologies))
    if chosen.min_score > 0:
        found.append(Alert.score >= chosen.min_score)
    if chosen.min_amount is not None:
        found.append(Alert.amount >= chosen.min_amount)
    if chosen.max_amount is not None:
        found.append(Alert.amount <= chosen.max_amount)
    if chosen.start is not None:
        found.append(Alert.last_activity >= _with_zone(chosen.start))
    if chosen.end is not None:
        found.append(Alert.last_activity < _with_zone(chosen.end))
    text = storable(chosen.search.strip())
    if text:
        found.append(_search(session, text, chosen))
    return found


def order(chosen: QueueFilter) -> list[ColumnElement[Any]]:
    """Return the order that a filter asks for."""
    if chosen.sort == WORKING_ORDER:
        return working_order()
    column: InstrumentedAttribute[Any] = getattr(Alert, chosen.sort)
    first = column.desc() if chosen.descending else column.asc()
    return [first.nulls_last(), Alert.id.asc()]


def working_order() -> list[ColumnElement[Any]]:
    """Return the order in which alerts are worked on."""
    return [Alert.priority.asc(), Alert.score.desc(), Alert.due_at.asc(), Alert.id.asc()]


def _by_state(actor: Actor, chosen: QueueFilter) -> list[ColumnElement[bool]]:
    moment = clock.now()
    found = _shown(chosen, moment)
    if chosen.statuses:
        found.append(Alert.status.in_(chosen.statuses))
    if chosen.assignee == NOBODY:
        found.append(Alert.assignee_id.is_(None))
    elif chosen.assignee is not None:
        found.append(Alert.assignee_id == _user_id(actor, chosen.assignee))
    if chosen.overdue:
        found.append(is_overdue(moment))
    return found


def _shown(chosen: QueueFilter, moment: datetime) -> list[ColumnElement[bool]]:
    if chosen.show == "working":
        return is_working(moment)
    if chosen.show == "snoozed":
        return [Alert.status != "closed", Alert.snoozed_until > moment]
    if chosen.show == "suppressed":
        return [Alert.status != "closed", Alert.suppressed_until > moment]
    return [Alert.status == "closed"] if chosen.show == "closed" else []


def _user_id(actor: Actor, login: str) -> Any:
    if login == ME:
        return actor.user_id
    return select(User.id).where(User.login == login).scalar_subquery()


def _search(session: Session, text: str, chosen: QueueFilter) -> ColumnElement[bool]:
    number = _NUMBER.fullmatch(text)
    if number and not text.isdigit():
        return Alert.id == int(number[1])
    if chosen.whole and not chosen.names_account:
        return false()
    if chosen.whole:
        return Alert.id.in_(select(AlertAccount.alert_id).where(AlertAccount.account == text))
    found = [
        select(Alert.id).where(
            or_(_holds(session, Alert.title, text), _holds(session, Alert.run_alert_id, text))
        ),
        _accounts(session, text),
        select(Note.alert_id).where(_holds(session, Note.text, text)),
    ]
    if number:
        found.append(select(Alert.id).where(Alert.id == int(number[1])))
    # A statement reads each table once, from its beginning to its end, however often it asks.
    return Alert.id.in_(select(union_all(*found).cte("found").c.id))


def _accounts(session: Session, text: str) -> Select[int]:
    # An account that is there is looked up in its index; only part of a name reads all names.
    whole = select(AlertAccount.alert_id).where(AlertAccount.account == text)
    if session.execute(whole.limit(1)).first():
        return whole
    return select(AlertAccount.alert_id).where(_holds(session, AlertAccount.account, text))


def _holds(session: Session, column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """Ask for a text in a column, in any case, each character standing for itself."""
    plain = text.translate({ord(wildcard): f"\\{wildcard}" for wildcard in "\\%_"})
    if session.get_bind().dialect.name != "sqlite":
        return func.lower(column).like(func.lower(f"%{plain}%"), escape="\\")
    if text.isascii():
        return column.like(f"%{plain}%", escape="\\")
    # SQLite itself knows the case of ASCII letters alone; Python knows it of all, and is slower.
    return func.instr(func.casefold(column), text.casefold()) > 0


def _with_zone(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment

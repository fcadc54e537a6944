"""The queue: alerts in the order of their work, filtered, counted, by the page."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from engine.query.paging import check_page
from engine.workbench import clock
from engine.workbench.models import Alert, Evidence, Look
from engine.workbench.permissions import Actor, guarded
from engine.workbench.queue_conditions import Assignee, Holder, by_content, conditions, order
from engine.workbench.queue_filter import QueueFilter

_MOMENTS = (
    "first_activity", "last_activity", "opened_at", "due_at", "snoozed_until", "suppressed_until",
    "closed_at",
)  # fmt: skip


@guarded("read")
def count(session: Session, actor: Actor, chosen: QueueFilter) -> int:
    """Return how many alerts pass the filter."""
    where = conditions(session, actor, chosen)
    return session.scalars(select(func.count()).select_from(Alert).where(*where)).one()


@guarded("read")
def page(
    session: Session, actor: Actor, chosen: QueueFilter, page: int = 1, page_size: int = 100
) -> pd.DataFrame:
    """Return one page of the filtered alerts.

    Parameters
    ----------
    session
        To read with.
    actor
        Who asks; ``is_new_evidence`` is theirs.
    chosen
        Filter and order.
    page
        Number of the page, from 1; a page beyond the last is empty.
    page_size
        Alerts a page, 1 to ``engine.query.paging.MAX_PAGE_SIZE``.

    Returns
    -------
    pandas.DataFrame
        A row an alert, in order: ``id, data_set, run_id, run_alert_id, ring_id, tx_id, title,
        typology, score, priority, amount, currency, n_accounts, first_activity, last_activity,
        opened_at, due_at, status, lineage, snoozed_until, suppressed_until, disposition,
        reason_code, closed_at, merged_into_id, split_from_id, version``; ``assignee`` and
        ``locked_by`` are names, ``assignee_login`` and ``locked_by_login`` the logins, missing
        where there is nobody; ``is_new_evidence`` where it grew or changed its typology since the
        actor last looked. Moments are in UTC.

    Raises
    ------
    InputError
        If ``page`` or ``page_size`` is out of range.
    """
    check_page(page, page_size, "alerts")
    picked = (
        select(Alert.id)
        .where(*conditions(session, actor, chosen))
        .order_by(*order(chosen))
        .limit(page_size)
        .offset((page - 1) * page_size)
        .subquery()
    )
    return _frame(session, _rows(actor).join(picked, picked.c.id == Alert.id), chosen)


@guarded("export")
def export(session: Session, actor: Actor, chosen: QueueFilter) -> pd.DataFrame:
    """Return every filtered alert in order, with the columns of :func:`page`, for a download."""
    return _frame(session, _rows(actor).where(*conditions(session, actor, chosen)), chosen)


@guarded("read")
def typologies(session: Session, actor: Actor, chosen: QueueFilter) -> pd.DataFrame:
    """Return ``typology`` and its number of ``alerts``, the most frequent first.

    All alerts of the data set that the filter names are counted, whatever else it asks for: they
    are what a person may choose from.
    """
    alerts = func.count()
    found = session.execute(
        select(Alert.typology, alerts)
        .where(*by_content(session, QueueFilter(data_set=chosen.data_set)))
        .group_by(Alert.typology)
        .order_by(alerts.desc(), Alert.typology)
    )
    return pd.DataFrame(found.all(), columns=["typology", "alerts"])


def _rows(actor: Actor) -> Select[Any]:
    is_held = and_(Alert.locked_by_id == Holder.id, Alert.locked_until > clock.now())
    seen = and_(Look.alert_id == Alert.id, Look.user_id == actor.user_id)
    return (
        select(*_columns())
        .outerjoin(Assignee, Assignee.id == Alert.assignee_id)
        .outerjoin(Holder, is_held)
        .outerjoin(Look, seen)
        .outerjoin(Evidence, Evidence.id == Look.evidence_id)
    )


def _columns() -> list[ColumnElement[Any]]:
    names = (
        "id", "data_set", "run_id", "run_alert_id", "ring_id", "tx_id", "title", "typology",
        "score", "priority", "amount", "currency", "n_accounts", "first_activity",
        "last_activity", "opened_at", "due_at", "status", "lineage", "snoozed_until",
        "suppressed_until", "disposition", "reason_code", "closed_at", "merged_into_id",
        "split_from_id", "version",
    )  # fmt: skip
    return [
        *(getattr(Alert, name) for name in names),
        Assignee.name.label("assignee"),
        Assignee.login.label("assignee_login"),
        Holder.name.label("locked_by"),
        Holder.login.label("locked_by_login"),
        _is_news().label("is_new_evidence"),
    ]


def _is_news() -> ColumnElement[int]:
    """Compare an alert with the evidence that the actor saw, of which there may be none."""
    changed = or_(
        Alert.amount != Evidence.amount,
        Alert.n_accounts != Evidence.n_accounts,
        Alert.typology != Evidence.typology,
    )
    return case((changed, 1), else_=0)


def _frame(session: Session, rows: Select[Any], chosen: QueueFilter) -> pd.DataFrame:
    found = session.execute(rows.order_by(*order(chosen)))
    frame = pd.DataFrame(found.all(), columns=list(found.keys()))
    for name in _MOMENTS:
        frame[name] = frame[name].astype("datetime64[us, UTC]")
    for name in ("tx_id", "merged_into_id", "split_from_id"):
        frame[name] = frame[name].astype("Int64")
    frame["is_new_evidence"] = frame["is_new_evidence"].astype(bool)
    return frame

"""Suppressions: alerts of a scope wait until it expires, also those that later runs bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Subquery, func, or_, select, union_all
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import audit, clock, locks
from engine.workbench.bulk import ALERTS, update_rows
from engine.workbench.database import BUSY_SECONDS
from engine.workbench.dispositions import DISPOSITIONS, check_reason
from engine.workbench.errors import NotFoundError
from engine.workbench.models import Alert, AlertAccount, Suppression, User
from engine.workbench.permissions import Actor, guarded
from engine.workbench.run_alerts import account_key
from engine.workbench.settings import current
from engine.workbench.texts import checked, storable

#: Columns of :func:`list_suppressions` with their dtypes.
COLUMNS = {
    "id": "int64",
    "data_set": "string",
    "account": "string",
    "typology": "string",
    "reason_code": "string",
    "comment": "string",
    "created_by": "string",
    "created_at": "datetime64[us, UTC]",
    "expires_at": "datetime64[us, UTC]",
    "lifted_by": "string",
    "lifted_at": "datetime64[us, UTC]",
    "is_active": "bool",
    "alerts": "int64",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What is suppressed: alerts on an account, of a typology, or both; of a data set, or of all.

    An alert fits where its typology is the one given and the account given is among those of its
    newest evidence.
    """

    account: str | None = None
    typology: str | None = None
    data_set: str | None = None


def hold(session: Session, wait_seconds: int = BUSY_SECONDS) -> None:
    """Keep suppressions as they are until the transaction ends (system).

    Whoever changes what waits holds this before any row of an alert: nobody waits in a circle.
    """
    locks.hold(session, "suppressions", wait_seconds)


def waits_until(session: Session, alert_id: int) -> datetime | None:
    """Return until when an alert waits by the suppressions in force; none is closed (system)."""
    fits = _fits()
    session.flush()
    until: datetime | None = session.scalar(
        select(func.max(fits.c.until)).where(fits.c.alert_id == alert_id)
    )
    return until


def refresh(session: Session) -> tuple[int, int]:
    """Set until when every alert in work waits, by the suppressions in force.

    Returns
    -------
    tuple of int
        Alerts that wait now and did not before, and alerts that waited and no longer do.
    """
    hold(session)
    fits = _fits()
    ends = dict(
        session.execute(
            select(fits.c.alert_id, func.max(fits.c.until)).group_by(fits.c.alert_id)
        ).all()
    )
    waiting = dict(
        session.execute(
            select(Alert.id, Alert.suppressed_until).where(
                Alert.suppressed_until.is_not(None), Alert.status != "closed"
            )
        ).all()
    )
    changed = [
        {"id": alert_id, "suppressed_until": ends.get(alert_id)}
        for alert_id in sorted(ends.keys() | waiting.keys())
        if ends.get(alert_id) != waiting.get(alert_id)
    ]
    update_rows(session, ALERTS, changed)
    session.expire_all()
    return len(ends.keys() - waiting.keys()), len(waiting.keys() - ends.keys())


@guarded("suppress")
def suppress(
    session: Session,
    actor: Actor,
    scope: Scope,
    reason_code: str,
    comment: str,
    expires_at: datetime,
) -> int:
    """Let the alerts of a scope wait until a moment, those that are open now and later ones.

    Parameters
    ----------
    session
        Of a change.
    actor
        Who asks.
    scope
        An account, a typology, or both.
    reason_code
        One of the reasons of a false positive.
    comment
        Asked for where the reason is ``other``.
    expires_at
        In the future, at most ``suppression_days_max`` days from now.

    Returns
    -------
    int
        Id of the suppression.

    Raises
    ------
    InputError
        If the scope is empty, the reason incomplete, or the moment out of its range.
    """
    scope = _checked_scope(scope)
    kept = checked("the comment", comment)
    check_reason(DISPOSITIONS["false_positive"], reason_code, kept, "Suppression")
    clock.check_ahead(expires_at, current(session).suppression_days_max, "a suppression")
    made = Suppression(
        data_set=scope.data_set, account=scope.account, typology=scope.typology,
        reason_code=reason_code, comment=kept.strip(), created_by_id=actor.user_id,
        created_at=clock.now(), expires_at=expires_at,
    )  # fmt: skip
    session.add(made)
    session.flush()
    number, told = made.id, _told(made)
    hidden, _ = refresh(session)
    audit.append(
        session, actor.login, "suppress", f"suppression {number}", None, told | {"hidden": hidden}
    )
    return number


@guarded("suppress")
def lift(session: Session, actor: Actor, suppression_id: int, comment: str = "") -> None:
    """End a suppression now; alerts that no other one fits come back into the queue.

    Raises
    ------
    NotFoundError
        If there is no such suppression.
    InputError
        If it was lifted or has expired already, or the comment is too long.
    """
    kept = checked("the comment", comment)
    found = session.get(Suppression, suppression_id, with_for_update=True)
    if found is None:
        raise NotFoundError(f"there is no suppression {suppression_id}")
    if found.lifted_at is not None or found.expires_at <= clock.now():
        raise InputError(f"suppression {suppression_id} has ended already")
    told = _told(found)
    found.lifted_by_id, found.lifted_at = actor.user_id, clock.now()
    session.flush()
    _, back = refresh(session)
    after = {"comment": kept, "back_in_queue": back}
    audit.append(session, actor.login, "lift", f"suppression {suppression_id}", told, after)


@guarded("read")
def list_suppressions(
    session: Session, actor: Actor, *, include_ended: bool = False, alert_id: int | None = None
) -> pd.DataFrame:
    """Return suppressions, those that expire first on top.

    Parameters
    ----------
    session, actor
        To read with, and who asks.
    include_ended
        Whether to return those too that were lifted or have expired.
    alert_id
        Return only those that fit this alert.

    Returns
    -------
    pandas.DataFrame
        Columns and dtypes as :data:`COLUMNS`: ``created_by`` and ``lifted_by`` are names of
        people, ``alerts`` counts the alerts in work that it fits.
    """
    wanted = select(Suppression).order_by(Suppression.expires_at, Suppression.id)
    if not include_ended:
        wanted = wanted.where(_is_active())
    names = dict(session.execute(select(User.id, User.name)).all())
    fits = _fits()
    if alert_id is not None:
        of_alert = select(fits.c.suppression_id).where(fits.c.alert_id == alert_id)
        wanted = wanted.where(Suppression.id.in_(of_alert))
    counts: dict[int, int] = dict(
        session.execute(
            select(fits.c.suppression_id, func.count()).group_by(fits.c.suppression_id)
        ).all()
    )
    rows = [_row(one, names, counts) for one in session.scalars(wanted)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _row(one: Suppression, names: dict[int, str], counts: dict[int, int]) -> dict[str, Any]:
    own = {name: getattr(one, name) for name in COLUMNS if hasattr(one, name)}
    return own | {
        "created_by": names[one.created_by_id],
        "lifted_by": None if one.lifted_by_id is None else names[one.lifted_by_id],
        "is_active": one.lifted_at is None and one.expires_at > clock.now(),
        "alerts": counts.get(one.id, 0),
    }


def _is_active() -> ColumnElement[bool]:
    return Suppression.lifted_at.is_(None) & (Suppression.expires_at > clock.now())


def _fits() -> Subquery:
    """Select ``suppression_id, alert_id, until``: which suppression in force fits which alert.

    Those on an account begin at the account, so that many of them stay cheap.
    """
    columns = (
        Suppression.id.label("suppression_id"), Alert.id.label("alert_id"),
        Suppression.expires_at.label("until"),
    )  # fmt: skip
    of_scope = (
        _is_active(),
        Alert.status != "closed",
        or_(Suppression.data_set.is_(None), Suppression.data_set == Alert.data_set),
    )
    on_account = (
        select(*columns)
        .join(AlertAccount, AlertAccount.account == Suppression.account)
        .join(Alert, Alert.id == AlertAccount.alert_id)
        .where(
            *of_scope, AlertAccount.is_current,
            or_(Suppression.typology.is_(None), Suppression.typology == Alert.typology),
        )
    )  # fmt: skip
    on_typology = (
        select(*columns)
        .join(Alert, Alert.typology == Suppression.typology)
        .where(*of_scope, Suppression.account.is_(None))
    )
    return union_all(on_account, on_typology).subquery()


def _checked_scope(scope: Scope) -> Scope:
    account, typology, data_set = (
        (value or "").strip() or None for value in (scope.account, scope.typology, scope.data_set)
    )
    if account is None and typology is None:
        raise InputError("name an account, a typology or both: not all alerts can be suppressed")
    # An account may have a NUL in its name: that one is kept with another sign in its place.
    named = (("account", (account or "").replace("\0", "")), ("typology", typology or ""),
             ("data set", data_set or ""))  # fmt: skip
    for what, name in named:
        if storable(name) != name:
            raise InputError(f"no {what} is named {name!r}: it holds what is no character")
    return Scope(account and account_key(account), typology, data_set)


def _told(one: Suppression) -> dict[str, Any]:
    names = ("data_set", "account", "typology", "reason_code", "comment", "expires_at")
    return {name: getattr(one, name) for name in names}

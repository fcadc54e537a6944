"""What the workbench adds to the facts of an alert: earlier alerts on the same accounts."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from engine.narrative.gather import CaseFacts, EarlierAlert
from engine.workbench.case import MAX_ALERTS_OF_ACCOUNT
from engine.workbench.changes import found_row
from engine.workbench.dispositions import DISPOSITIONS
from engine.workbench.models import Alert, AlertAccount
from engine.workbench.names import alert_name
from engine.workbench.permissions import Actor, guarded

#: Most earlier alerts that are told, the latest.
MOST_EARLIER = 20

#: A narrative tells nobody whether a report to an authority was made.
_NEUTRAL = {"suspicious_reported": "suspicious", "suspicious_not_reportable": "suspicious"}


@guarded("read")
def case_facts(session: Session, actor: Actor, alert_id: int) -> CaseFacts:
    """Return the alerts on accounts of one whose activity ended before its own, the latest first.

    Accounts in very many alerts bring nothing together, and alerts that were merged into others
    are not told beside these.

    Raises
    ------
    NotFoundError
        If there is no such alert.
    """
    alert = found_row(session, alert_id)
    before = or_(
        Alert.last_activity < alert.last_activity,
        and_(Alert.last_activity == alert.last_activity, Alert.id < alert_id),
    )
    shared = _of_few(alert_id)
    others = select(AlertAccount.alert_id).where(AlertAccount.account.in_(shared))
    found = session.scalars(
        select(Alert)
        .where(Alert.id.in_(others), Alert.id != alert_id, before, Alert.merged_into_id.is_(None))
        .order_by(Alert.last_activity.desc(), Alert.id.desc())
        .limit(MOST_EARLIER)
    ).all()
    accounts = _accounts(session, [one.id for one in found], shared)
    return CaseFacts(
        tuple(
            EarlierAlert(
                alert_name(one.id), one.last_activity, _ending(one), tuple(sorted(accounts[one.id]))
            )
            for one in found
        )
    )


def _of_few(alert_id: int) -> Select[str]:
    """Ask for the accounts of an alert that are not in very many alerts."""
    own = select(AlertAccount.account).where(AlertAccount.alert_id == alert_id)
    return (
        select(AlertAccount.account)
        .where(AlertAccount.account.in_(own))
        .group_by(AlertAccount.account)
        .having(func.count() <= MAX_ALERTS_OF_ACCOUNT)
    )


def _accounts(session: Session, alert_ids: list[int], shared: Select[str]) -> dict[int, list[str]]:
    rows = session.execute(
        select(AlertAccount.alert_id, AlertAccount.account).where(
            AlertAccount.alert_id.in_(alert_ids), AlertAccount.account.in_(shared)
        )
    )
    found: dict[int, list[str]] = defaultdict(list)
    for alert_id, account in rows:
        found[alert_id].append(account)
    return found


def _ending(alert: Alert) -> str | None:
    if alert.status != "closed" or alert.disposition is None:
        return None
    known = DISPOSITIONS.get(alert.disposition)
    words = known.words.lower() if known else alert.disposition.replace("_", " ")
    return _NEUTRAL.get(alert.disposition, words)

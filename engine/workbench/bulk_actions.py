"""One action on many alerts: each that it does not fit is refused with its reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import EngineError, InputError
from engine.workbench.assignment import assign, set_priority
from engine.workbench.decisions import decide
from engine.workbench.models import Alert
from engine.workbench.permissions import Actor, guarded, require
from engine.workbench.waiting import snooze

BulkAction = Literal["assign", "snooze", "set_priority", "decide"]
BULK_ACTIONS: tuple[BulkAction, ...] = get_args(BulkAction)

#: Most alerts at once.
MAX_ALERTS = 500

#: Dispositions that many alerts can end with unseen: none of them accuses anybody.
BULK_DISPOSITIONS = ("false_positive", "inconclusive", "duplicate")

_ACTIONS: dict[BulkAction, Callable[..., int]] = {
    "assign": assign,
    "snooze": snooze,
    "set_priority": set_priority,
    "decide": decide,
}


@dataclass(frozen=True, slots=True)
class BulkResult:
    """Ids of the alerts that it was done to, and why not to the others, by id."""

    done: tuple[int, ...]
    refused: dict[int, str]


@guarded("work")
def bulk(
    session: Session,
    actor: Actor,
    /,
    action: BulkAction,
    alert_ids: Sequence[int],
    **arguments: Any,
) -> BulkResult:
    """Do one action to many alerts, whatever version of each the actor saw.

    Parameters
    ----------
    session
        Of a change.
    actor
        Who asks.
    action
        ``assign``, ``snooze``, ``set_priority``, or ``decide`` with one of
        ``BULK_DISPOSITIONS``.
    alert_ids
        1 to ``MAX_ALERTS`` alerts.
    arguments
        What the action takes beside the alert and its version.

    Raises
    ------
    InputError
        If there is no such action, or none or too many alerts.
    NotAllowedError
        If the actor may not set priorities at all.
    """
    ids = sorted(set(alert_ids))
    _check(action, ids, arguments)
    if action == "set_priority":
        require(session, actor, "assign_others")
    # All rows first, in one order: two of these at once wait for each other, and never in a circle.
    session.execute(select(Alert.id).where(Alert.id.in_(ids)).order_by(Alert.id).with_for_update())
    done, refused = [], {}
    for alert_id in ids:
        try:
            _ACTIONS[action](session, actor, alert_id, None, **arguments)
            done.append(alert_id)
        except EngineError as error:
            # An action looks at everything before it changes anything.
            refused[alert_id] = str(error)
    return BulkResult(tuple(done), refused)


def _check(action: str, ids: Sequence[int], arguments: dict[str, Any]) -> None:
    if action not in BULK_ACTIONS:
        raise InputError(f"{action!r} is none of {', '.join(BULK_ACTIONS)}")
    if not 1 <= len(ids) <= MAX_ALERTS:
        raise InputError(f"{len(ids)} alerts are chosen; choose 1 to {MAX_ALERTS}")
    if action == "decide" and arguments.get("disposition") not in BULK_DISPOSITIONS:
        raise InputError(
            f"many alerts at once end as {', '.join(BULK_DISPOSITIONS)}; decide on others "
            "one by one"
        )

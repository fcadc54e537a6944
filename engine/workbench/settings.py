"""Settings of the workbench: their defaults, their ranges, and how an admin changes one."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.filing import jurisdiction
from engine.workbench import audit
from engine.workbench.models import Setting
from engine.workbench.permissions import Actor, Role, guarded

#: Roles that a person who comes by OpenID Connect may be given unseen; an admin is made by hand.
DEFAULT_ROLES: tuple[Role, ...] = ("analyst", "reviewer")


@dataclass(frozen=True, slots=True)
class Settings:
    """How the workbench behaves.

    Attributes
    ----------
    lock_minutes
        How long an alert stays with who has it open and does nothing.
    sla_hours
        Hours from an alert's opening to its due moment, for priority 1 to 4.
    reopen_growth
        Share by which a closed ring must have grown, in accounts or in amount, to open again.
    snooze_days_max, suppression_days_max
        Longest time that an alert may be put off, or a scope be suppressed, in days.
    default_role
        Role of a person who signs in by OpenID Connect for the first time.
    login_hours
        How long a sign-in holds.
    jurisdiction
        Code of the rules for reports to an authority, see :mod:`engine.filing.jurisdiction`.
    model_usd_per_day
        The most that language models may cost from midnight to midnight UTC, in US dollars.
    """

    lock_minutes: int = 15
    sla_hours: tuple[float, ...] = (24.0, 72.0, 168.0, 336.0)
    reopen_growth: float = 0.25
    snooze_days_max: int = 90
    suppression_days_max: int = 365
    default_role: Role = "analyst"
    login_hours: int = 12
    jurisdiction: str = "us"
    model_usd_per_day: float = 1.0


#: Lowest and highest value of each number; ``sla_hours`` has those of each of its four.
RANGES: dict[str, tuple[float, float]] = {
    "lock_minutes": (1, 240),
    "sla_hours": (0.25, 8760),
    "reopen_growth": (0.01, 10),
    "snooze_days_max": (1, 3650),
    "suppression_days_max": (1, 3650),
    "login_hours": (1, 168),
    "model_usd_per_day": (0.01, 10_000),
}
_WHOLE = ("lock_minutes", "snooze_days_max", "suppression_days_max", "login_hours")
_PRIORITIES = 4


def current(session: Session) -> Settings:
    """Return the settings in force: what was changed, over the defaults."""
    known = {field.name for field in fields(Settings)}
    changed = {row.name: row.value for row in session.scalars(select(Setting)) if row.name in known}
    if "sla_hours" in changed:
        changed["sla_hours"] = tuple(changed["sla_hours"])
    return replace(Settings(), **changed)


@guarded("settings")
def change_setting(session: Session, actor: Actor, name: str, value: Any) -> Settings:
    """Set one setting, and return all of them.

    Parameters
    ----------
    session
        Of a change.
    actor
        Who asks.
    name, value
        A field of :class:`Settings` and what it shall be.

    Raises
    ------
    InputError
        If there is no such setting, or the value is out of its range.
    """
    checked = _checked(name, value)
    settings = current(session)
    before = asdict(settings)[name]
    if checked == before:
        return settings
    _store(session, name, checked)
    audit.append(session, actor.login, "set", f"setting {name}", before, checked)
    return replace(settings, **{name: checked})


def _store(session: Session, name: str, value: Any) -> None:
    row = session.get(Setting, name, with_for_update=True)
    if row is not None and value == asdict(Settings())[name]:
        session.delete(row)
    elif row is not None:
        row.value = value
    else:
        session.add(Setting(name=name, value=value))
    session.flush()


def _checked(name: str, value: Any) -> Any:
    if name == "default_role":
        if value not in DEFAULT_ROLES:
            raise InputError(f"{name} is {' or '.join(DEFAULT_ROLES)}, not {value!r}")
        return value
    if name == "jurisdiction":
        return jurisdiction.load(str(value)).code
    if name == "sla_hours":
        return _sla_hours(value)
    if name not in RANGES:
        known = ", ".join(field.name for field in fields(Settings))
        raise InputError(f"there is no setting {name!r}; there are {known}")
    return _number(name, value, whole=name in _WHOLE)


def _sla_hours(value: Any) -> tuple[float, ...]:
    if not isinstance(value, (list, tuple)) or len(value) != _PRIORITIES:
        raise InputError(f"sla_hours are {_PRIORITIES} numbers, one a priority, not {value!r}")
    hours = tuple(_number("sla_hours", one, whole=False) for one in value)
    if list(hours) != sorted(hours):
        raise InputError(f"sla_hours must not fall: priority 1 comes first, not {value!r}")
    return hours


def _number(name: str, value: Any, *, whole: bool) -> float:
    low, high = RANGES[name]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not low <= value <= high:
        raise InputError(f"{name} is a number from {low:g} to {high:g}, not {value!r}")
    if whole and value != int(value):
        raise InputError(f"{name} is a whole number, not {value!r}")
    return int(value) if whole else float(value)

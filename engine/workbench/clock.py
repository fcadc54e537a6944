"""The moment, in one place, so that a test can set it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.errors import InputError


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def check_ahead(until: datetime, days: int, what: str) -> None:
    """Refuse a moment at which something cannot end.

    Parameters
    ----------
    until
        The moment.
    days
        How long it may last from now on.
    what
        What ends then, for the message, e.g. ``a snooze``.

    Raises
    ------
    InputError
        If the moment has no time zone, is not in the future, or is too far ahead.
    """
    if until.tzinfo is None:
        raise InputError(f"the end of {what} has no time zone")
    present = now()
    if until <= present:
        raise InputError(f"{what} ends in the future; choose a later moment")
    if until > present + timedelta(days=days):
        raise InputError(f"{what} lasts {days} days at most; choose an earlier moment")

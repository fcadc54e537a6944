"""Days and times of day as a person's clock shows them, and the moments that these are.

People pick days and type times in their own zone (:func:`app.ui.format.zone`); the lake and the
workbench are in UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from app.ui import format as fmt


def begins(day: date) -> datetime:
    """Return the moment, in UTC, at which a day of the zone begins."""
    return datetime.combine(day, time.min, tzinfo=_zone()).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """Return the zone's day of a moment; one without a time zone is in UTC."""
    return _aware(moment).astimezone(_zone()).date()


def clock_text(moment: datetime) -> str:
    """Write a moment so that it can be typed over, e.g. ``2026-01-31 15:30:00+05:30``.

    In UTC it has no offset: that is how the files say it.
    """
    shown = _aware(moment).astimezone(_zone()).isoformat(sep=" ", timespec="seconds")
    return shown.removesuffix("+00:00") if fmt.zone() == "UTC" else shown


def typed_moment(text: str) -> str:
    """Return a typed moment in UTC; without an offset it is one of the zone.

    What is no moment is returned as it is: who takes it tells what one looks like.
    """
    try:
        moment = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        return text
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_zone())
    try:
        return moment.astimezone(UTC).isoformat()
    except OverflowError:  # at the very ends of the calendar
        return text


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _zone() -> ZoneInfo:
    return ZoneInfo(fmt.zone())

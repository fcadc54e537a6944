"""How somebody likes to read: number format, time zone, length of a page."""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any, get_args
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.formats import Numbers as Numbers
from engine.workbench import audit
from engine.workbench.models import User
from engine.workbench.permissions import Actor, guarded

#: Lengths of a page of the queue, in alerts.
PAGE_SIZES = (50, 100, 200, 500)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one person chose.

    Attributes
    ----------
    numbers
        ``indian`` (₹18,40,000, lakh and crore), ``western`` (1,840,000, m and bn), or ``auto``:
        by the currency.
    time_zone
        Name in the IANA database, e.g. ``Asia/Kolkata``, or ``auto``: that of the browser.
    queue_page_size
        One of ``PAGE_SIZES``.
    """

    numbers: Numbers = "auto"
    time_zone: str = "auto"
    queue_page_size: int = 100


def preferences(session: Session, user_id: int) -> Preferences:
    """Return what somebody chose, over the defaults (system)."""
    user = session.get(User, user_id)
    names = {field.name for field in fields(Preferences)}
    kept = {} if user is None else user.preferences
    return Preferences(**{name: value for name, value in kept.items() if name in names})


@guarded("read")
def save_preferences(session: Session, actor: Actor, chosen: Preferences) -> None:
    """Keep what somebody chose for themselves.

    Raises
    ------
    InputError
        If there is no such time zone, number format or page length.
    """
    _check(chosen)
    before = asdict(preferences(session, actor.user_id))
    after: dict[str, Any] = asdict(chosen)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return
    user = session.get_one(User, actor.user_id)
    user.preferences = after
    audit.append(
        session, actor.login, "set_preferences", f"user {user.login}",
        {name: before[name] for name in changed}, {name: after[name] for name in changed},
    )  # fmt: skip


@cache
def known_zones() -> frozenset[str]:
    """Return the names of all time zones, looked for once: that reads hundreds of files."""
    return frozenset(available_timezones())


def time_zones() -> list[str]:
    """Return the names to choose from, sorted."""
    return sorted(name for name in known_zones() if "/" in name or name == "UTC")


def _check(chosen: Preferences) -> None:
    if chosen.numbers not in get_args(Numbers):
        raise InputError(f"numbers are {', '.join(get_args(Numbers))}, not {chosen.numbers!r}")
    if chosen.queue_page_size not in PAGE_SIZES:
        sizes = ", ".join(map(str, PAGE_SIZES))
        raise InputError(f"a page of the queue has {sizes} alerts, not {chosen.queue_page_size}")
    if chosen.time_zone != "auto" and chosen.time_zone not in known_zones():
        near = _nearest(chosen.time_zone)
        hint = f"; did you mean {near}?" if near else "; write one like Asia/Kolkata, or UTC"
        raise InputError(f"there is no time zone {chosen.time_zone!r}{hint}")


def _nearest(name: str) -> str | None:
    by_words = {zone.casefold(): zone for zone in time_zones()}
    by_words |= {zone.rpartition("/")[2].casefold(): zone for zone in time_zones()}
    wanted = name.strip().casefold().replace(" ", "_")
    found = difflib.get_close_matches(wanted, by_words, n=1, cutoff=0.6)
    return by_words[found[0]] if found else None

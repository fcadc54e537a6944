"""The audit as a page shows it: filtered, paged, in words; and the proof of its chain."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine.query.paging import check_page
from engine.workbench import audit
from engine.workbench.audit import Verdict
from engine.workbench.history import sentence, values
from engine.workbench.models import AuditEntry
from engine.workbench.names import alert_name, names_by_login
from engine.workbench.permissions import Actor, guarded

#: An alert as pages name it; no id has more digits.
_ALERT = re.compile(r"AL-(\d{1,15})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries.

    Attributes
    ----------
    actor
        Login of who acted; empty for everybody.
    action
        Name of the action; empty for all.
    subject
        Part of what it was done to, in any case; ``AL-12`` stands for that very alert.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry: ``who`` by name did ``what``; the rest as it was hashed."""

    seq: int
    at: datetime
    actor: str
    who: str
    action: str
    subject: str
    what: str
    before: Any
    after: Any
    hash: str


@guarded("read_audit")
def count_entries(session: Session, actor: Actor, chosen: AuditFilter) -> int:
    """Return how many entries pass."""
    found = select(func.count()).select_from(AuditEntry).where(*_conditions(chosen))
    return session.scalar(found) or 0


@guarded("read_audit")
def page_entries(
    session: Session, actor: Actor, chosen: AuditFilter, page: int = 1, page_size: int = 100
) -> list[AuditLine]:
    """Return one page of the entries that pass, the latest first.

    Raises
    ------
    InputError
        If ``page`` or ``page_size`` is out of range.
    """
    check_page(page, page_size, "entries")
    found = session.scalars(
        select(AuditEntry)
        .where(*_conditions(chosen))
        .order_by(AuditEntry.seq.desc())
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return _lines(found.all(), names_by_login(session))


@guarded("read_audit")
def known_actions(session: Session, actor: Actor) -> list[str]:
    """Return the names of all actions that were done, sorted."""
    return list(session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)))


@guarded("read_audit")
def known_actors(session: Session, actor: Actor) -> dict[str, str]:
    """Return the names of all who acted by login, sorted by name."""
    names = names_by_login(session)
    logins = session.scalars(select(AuditEntry.actor).distinct())
    found = {login: names.get(login, login) for login in logins}
    return dict(sorted(found.items(), key=lambda item: (item[1].casefold(), item[0])))


@guarded("read_audit")
def verify_chain(session: Session, actor: Actor, known_head: str | None = None) -> Verdict:
    """Check the whole chain; see :func:`engine.workbench.audit.verify`."""
    return audit.verify(session, known_head)


def subject_name(subject: str) -> str:
    """Return a subject as a page names it, e.g. ``AL-12`` for ``alert 12``."""
    kind, _, number = subject.partition(" ")
    return alert_name(int(number)) if kind == "alert" and number.isdecimal() else subject


def _conditions(chosen: AuditFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.actor:
        conditions.append(AuditEntry.actor == chosen.actor)
    if chosen.action:
        conditions.append(AuditEntry.action == chosen.action)
    wanted = chosen.subject.strip()
    named = _ALERT.fullmatch(wanted)
    if named:
        conditions.append(AuditEntry.subject == f"alert {int(named[1])}")
    elif wanted:
        conditions.append(AuditEntry.subject.icontains(wanted, autoescape=True))
    return conditions


def _lines(entries: Sequence[AuditEntry], names: dict[str, str]) -> list[AuditLine]:
    return [
        AuditLine(
            entry.seq, datetime.fromisoformat(entry.at), entry.actor,
            names.get(entry.actor, entry.actor), entry.action, subject_name(entry.subject),
            _what(entry, names), *values(entry), entry.hash,
        )
        for entry in entries
    ]  # fmt: skip


def _what(entry: AuditEntry, names: dict[str, str]) -> str:
    tell = _OF_PEOPLE.get(entry.action)
    if tell is None:
        return sentence(entry, names)
    before, after = values(entry)
    return tell(entry.subject.removeprefix("user "), before or {}, after or {})


def _and_ended(after: dict[str, Any]) -> str:
    ended = after.get("sign_ins_ended", 0)
    return f"; {ended} sign-in{'s' * (ended != 1)} ended" if ended else ""


def _refused(login: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    left_out = after.get("left_out", 0)
    more = f"; {left_out:,} more were not written down" if left_out else ""
    if "provider" in after:
        return f"refused {login}, who came by {after['provider']}: {after.get('reason')}{more}"
    if login.startswith("unknown login"):
        return f"refused a sign-in: nobody has the login that was typed{more}"
    locked = "; the login is locked for a while" if after.get("locked_until") else ""
    return f"refused a sign-in of {login}: {after.get('reason', 'no reason kept')}{locked}"


#: What is done with people, by action: of the login, the values before, and those after.
_OF_PEOPLE: dict[str, Callable[[str, dict[str, Any], dict[str, Any]], str]] = {
    "sign_in": lambda login, before, after: (
        f"signed in by {after['provider']}" if "provider" in after else "signed in"
    ),
    "sign_in_failed": _refused,
    "sign_out": lambda login, before, after: "signed out",
    "create_user": lambda login, before, after: (
        f"made the user {login} ({after.get('name')}), {after.get('role')}"
    ),
    "set_role": lambda login, before, after: (
        f"made {login} {after.get('role')}, who was {before.get('role')}"
    ),
    "deactivate": lambda login, before, after: f"deactivated {login}{_and_ended(after)}",
    "activate": lambda login, before, after: f"activated {login}",
    "reset_password": lambda login, before, after: (
        f"gave {login} a new password{_and_ended(after)}"
    ),
    "change_password": lambda login, before, after: f"chose a new password{_and_ended(after)}",
    "end_sign_ins": lambda login, before, after: f"signed {login} out{_and_ended(after)}",
    "reveal_accounts": lambda login, before, after: "asked to see account ids",
}

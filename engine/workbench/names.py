"""How alerts and people are called."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.workbench.audit import SYSTEM
from engine.workbench.models import User


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a page names them."""

    login: str
    name: str


def alert_name(alert_id: int) -> str:
    """Return the name of an alert, e.g. ``AL-12``."""
    return f"AL-{alert_id}"


def people(session: Session) -> dict[int, Person]:
    """Return everybody by id, also those who may no longer sign in (system)."""
    found = session.execute(select(User.id, User.login, User.name))
    return {user_id: Person(login, name) for user_id, login, name in found}


def names_by_login(session: Session) -> dict[str, str]:
    """Return the names of everybody, and of the program itself, by login (system)."""
    return {SYSTEM: "Ringleader"} | {one.login: one.name for one in people(session).values()}

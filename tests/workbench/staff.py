"""People for the tests: a row each, without a password."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.workbench.clock import now
from engine.workbench.database import Workbench
from engine.workbench.models import User
from engine.workbench.permissions import Actor, Role


def hire(workbench: Workbench, login: str, role: Role = "analyst") -> Actor:
    """Add an active user and return them as who asks."""

    def add(session: Session) -> int:
        user = User(login=login, name=login.capitalize(), role=role, created_at=now())
        session.add(user)
        session.flush()
        return user.id

    return Actor(workbench.write(add), login, login.capitalize(), role)

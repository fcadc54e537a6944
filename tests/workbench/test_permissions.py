"""The permission matrix, walked through: every guarded function, every role, past every page."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from sqlalchemy.orm import Session

import engine.workbench
from engine.workbench.database import Workbench
from engine.workbench.models import User
from engine.workbench.permissions import (
    GUARDED,
    MATRIX,
    PERMISSIONS,
    ROLES,
    Actor,
    NotAllowedError,
    allows,
    require,
)
from tests.workbench.staff import hire

#: Parts of guarded functions: they need the actor, and the guard has asked before.
UNGUARDED = {
    "engine.workbench.changes.changing",
    "engine.workbench.changes.is_held_by_other",
    "engine.workbench.permissions.require",
    "engine.workbench.queue_conditions.conditions",
    "engine.workbench.queue_conditions.waits_for",
    "engine.workbench.take_next.lock_of",
    "engine.workbench.text_edits.add_acceptance",
    "engine.workbench.text_edits.add_edit",
}


def modules() -> Iterator[str]:
    yield from (
        module.name
        for module in pkgutil.walk_packages(engine.workbench.__path__, "engine.workbench.")
        if ".migrations" not in module.name and not module.name.endswith("__main__")
    )


for _name in modules():
    importlib.import_module(_name)

FUNCTIONS = sorted(name for name in GUARDED if name.startswith("engine.workbench."))


class Reached(Exception):
    """The body of a function was reached."""


class Untouchable:
    """A session that knows people and nothing else: whoever asks it for more has got in."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, model: type, key: Any, **options: Any) -> Any:
        if model is not User or options:
            raise Reached
        return self._session.get(model, key)

    def __getattr__(self, name: str) -> NoReturn:
        raise Reached


def call(session: Session, actor: Actor, name: str) -> str:
    """Say whether a function let somebody in, whatever it then makes of its arguments."""
    function = GUARDED[name][1]
    parameters = list(inspect.signature(function).parameters.values())[2:]
    positional = [None for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD
                  and one.default is one.empty]  # fmt: skip
    keywords = {one.name: None for one in parameters if one.kind is one.KEYWORD_ONLY
                and one.default is one.empty}  # fmt: skip
    try:
        function(Untouchable(session), actor, *positional, **keywords)
    except NotAllowedError:
        return "refused"
    except Exception:
        return "let in"
    return "let in"


def call_all(session: Session, actor: Actor) -> dict[str, str]:
    return {name: call(session, actor, name) for name in FUNCTIONS}


@pytest.mark.parametrize("role", ROLES)
def test_a_function_lets_in_exactly_whom_the_matrix_says(workbench: Workbench, role: str) -> None:
    actor = hire(workbench, "somebody", role)  # type: ignore[arg-type]
    found = workbench.write(call_all, actor)
    expected = {
        name: "let in" if GUARDED[name][0] in MATRIX[actor.role] else "refused"
        for name in FUNCTIONS
    }
    assert found == expected


def fire(session: Session, user_id: int) -> None:
    session.get_one(User, user_id).is_active = False


def demote(session: Session, user_id: int) -> None:
    session.get_one(User, user_id).role = "analyst"


def test_nobody_is_let_in_who_is_unknown_or_has_left(workbench: Workbench) -> None:
    gone = hire(workbench, "gone", "admin")
    workbench.write(fire, gone.user_id)
    unknown = Actor(999, "unknown", "Unknown", "admin")
    for actor in (gone, unknown):
        found = workbench.write(call_all, actor)
        assert set(found.values()) == {"refused"}, actor


def test_a_role_that_was_taken_away_counts_at_once(workbench: Workbench) -> None:
    """The page still holds the actor with the role of before."""
    actor = hire(workbench, "rita", "reviewer")
    workbench.write(demote, actor.user_id)
    found = workbench.write(call_all, actor)
    let_in = {name for name, answer in found.items() if answer == "let in"}
    assert let_in == {name for name in FUNCTIONS if GUARDED[name][0] in MATRIX["analyst"]}


def public_functions() -> Iterator[tuple[str, Any]]:
    for name in modules():
        for attribute, value in vars(importlib.import_module(name)).items():
            own = inspect.isfunction(value) and value.__module__ == name
            if own and not attribute.startswith("_"):
                yield f"{name}.{attribute}", value


def first_two(function: Any) -> set[str]:
    parameters = list(inspect.signature(function).parameters.values())[:2]
    return {str(one.annotation) for one in parameters}


def test_every_public_function_that_takes_an_actor_first_is_guarded() -> None:
    """A function of ``(session: Session, actor: Actor, …)`` is what a page can call."""
    callable_by_pages = {
        name for name, function in public_functions() if "Actor" in first_two(function)
    }
    assert len(callable_by_pages) > 30
    assert callable_by_pages - set(FUNCTIONS) == UNGUARDED


def test_the_walk_reaches_all_of_the_desk() -> None:
    held = {permission for permission, _ in GUARDED.values()}
    assert {"read", "work", "assign_others", "approve", "reopen", "suppress", "export",
            "share_view", "settings", "people"} <= held  # fmt: skip
    assert held <= set(PERMISSIONS)


def test_reviewers_may_all_that_analysts_may_and_admins_all_but_see_accounts() -> None:
    assert MATRIX["analyst"] < MATRIX["reviewer"]
    assert set(PERMISSIONS) - MATRIX["admin"] == {"see_accounts"}
    assert not allows("analyst", "approve")
    assert allows("reviewer", "approve")


def test_who_may_not_is_told_who_may(workbench: Workbench) -> None:
    actor = hire(workbench, "anna")
    with pytest.raises(NotAllowedError, match="anna is an analyst; this takes a reviewer or admin"):
        workbench.read(require, actor, "approve")
    with pytest.raises(NotAllowedError, match="this takes an admin"):
        workbench.read(require, actor, "settings")

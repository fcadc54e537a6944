"""What can go wrong at the workbench, beside what a person may not do."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import EngineError, InputError


class WorkbenchError(EngineError):
    """The database cannot be used now; nothing was saved."""


class ConflictError(EngineError):
    """Somebody else changed the alert since it was shown; nothing was overwritten.

    ``changes`` says who changed what, a line each, the latest last.
    """

    def __init__(self, message: str, changes: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.changes = tuple(changes)


class NotFoundError(InputError):
    """There is no such alert, user, view or suppression."""


class SignInError(EngineError):
    """Somebody cannot sign in; the message is meant for them."""

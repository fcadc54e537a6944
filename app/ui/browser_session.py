"""What only the browser can do for a sign-in: get its cookie, give it back, remember a link."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import streamlit as st

from app.ui.ring_graph import ignore

_mount = st.components.v2.component(
    "ringleader_browser_session",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)


def enter(ticket: str, *, restore: bool) -> str | None:
    """Have the browser change a ticket for its cookie, and load the page again.

    Parameters
    ----------
    ticket
        Of :func:`engine.workbench.logins.issue_ticket`.
    restore
        Go to the link kept by ``keep_target``; else stay where the browser is.

    Returns
    -------
    str or None
        Why it failed, if it did.
    """
    return _ask("enter", "failed", ticket=ticket, restore=restore)


def leave(name: str) -> None:
    """Have the browser give its cookie back and load the page again, once for each name."""
    _ask("leave", "failed", id=name)


def keep_target(name: str) -> bool:
    """Have the browser remember where it is, and tell whether it has."""
    return _ask("keep_target", "kept", id=name) == name


def new_name() -> str:
    """Return a name for something the browser is to do once more."""
    return secrets.token_hex(8)


def _ask(task: str, answer: str, **data: Any) -> str | None:
    result = _mount(
        key=f"browser_{task}",
        data={"task": task, **data},
        on_failed_change=ignore,
        on_kept_change=ignore,
    )
    said: str | None = result.get(answer)
    return said

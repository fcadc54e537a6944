"""The table of users: who they are, what they may do, and when they were here last."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from app.ui import format, state
from engine.workbench.staff import Person

#: With more users the table scrolls, at this height in pixels.
_MOST_ROWS, _HEIGHT = 16, 540

#: In pixels: the widest address must not push aside what somebody may do.
_WIDTHS = {
    "Login": 130, "Name": 130, "Role": 74, "State": 84, "Last sign-in": 150, "Open": 54,
}  # fmt: skip
_HELP = {"Open": "Alerts assigned to them that are not closed"}


def people_table(people: Sequence[Person]) -> Person | None:
    """Show the users and return the one that was clicked, or that a link names."""
    logins = [one.login for one in people]
    # Where the order changed, the row that was clicked is somebody else's.
    key = f"people_table_{zlib.crc32(' '.join(logins).encode())}"
    st.dataframe(
        _frame(people),
        hide_index=True,
        key=key,
        on_select=partial(_choose, key, logins),
        selection_mode="single-row",
        height="content" if len(people) <= _MOST_ROWS else _HEIGHT,
        column_config={
            name: st.column_config.Column(width=width, help=_HELP.get(name))
            for name, width in _WIDTHS.items()
        },
        alt="The users with their roles; choose one to change it",
    )
    wanted = state.read("person")
    chosen = next((one for one in people if one.login == wanted), None)
    state.write("person", chosen.login if chosen else None)
    return chosen


def _choose(key: str, logins: Sequence[str]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    state.write("person", logins[rows[0]] if rows else None)


def _frame(people: Sequence[Person]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Login": [one.login for one in people],
            "Name": [one.name for one in people],
            "Role": [one.role.capitalize() for one in people],
            "State": [standing(one) for one in people],
            "Last sign-in": [
                format.moment(one.last_login_at) if one.last_login_at else "never" for one in people
            ],
            "Open": [one.alerts for one in people],
        }
    )


def standing(person: Person) -> str:
    """Say in a word or two whether somebody can come in."""
    if not person.is_active:
        return "Deactivated"
    if person.locked_out_until is not None:
        return "Locked out"
    return "Active"

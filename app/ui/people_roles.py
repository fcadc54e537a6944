"""Who may do what, in words."""

from __future__ import annotations

import streamlit as st

from app.ui.people_words import PERMISSION_WORDS, ROLE_WORDS
from engine.workbench.permissions import PERMISSIONS, ROLES, Permission, allows


def people_roles() -> None:
    """Show the permissions of each role."""
    for role in ROLES:
        st.markdown(f"**{role.capitalize()}** {ROLE_WORDS[role]}.")
    head = ["May", *(role.capitalize() for role in ROLES)]
    lines = [head, ["---", *[":---:"] * len(ROLES)], *(_row(name) for name in PERMISSIONS)]
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines), width="content")
    st.caption(
        "Every action asks for its permission again when it is done, whatever a page shows. To an "
        "admin account ids read as pseudonyms such as acct-k7f3a9cq, the same everywhere; to show "
        "the ids for one sign-in they switch that on in the sidebar, and the audit says so."
    )


def _row(permission: Permission) -> list[str]:
    marks = (":material/check: yes" if allows(role, permission) else "–" for role in ROLES)
    return [PERMISSION_WORDS[permission], *marks]

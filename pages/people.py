"""People: who may sign in and do what, and the settings of the workbench."""

from __future__ import annotations

import streamlit as st

from app.ui import desk, forbidden, people_card
from app.ui.people_new import people_new
from app.ui.people_roles import people_roles
from app.ui.people_settings import people_settings
from app.ui.people_table import people_table
from engine.workbench.staff import list_users

st.title("People")
if not desk.may("people"):
    forbidden.show("make users and change roles", "an admin")
    st.stop()

users, roles, settings = st.tabs(
    ["Users", "Roles", "Settings"], key="people_tab", on_change="rerun", bind="query-params"
)
if users.open:
    with users:
        people_card.tell()
        people_new()
        table, card = st.columns([3, 2], gap="medium")
        with table:
            person = people_table(desk.read(list_users))
        with card.container(border=True):
            if person is None:
                st.markdown("#### Nobody chosen")
                st.caption("Click a user in the list to change their role or let them in no more.")
            else:
                people_card.people_card(person)
if roles.open:
    with roles:
        people_roles()
if settings.open:
    with settings:
        people_settings()

"""My settings: how numbers and moments read, and one's own password."""

from __future__ import annotations

import streamlit as st

from app.ui import desk, evidence, password_form, preference_form

st.title("My settings")
actor = desk.actor()
st.caption(
    f"{evidence.escape(actor.name)} · login {evidence.escape(actor.login)} · role {actor.role}"
)

with st.container(border=True, width=520):
    st.markdown("##### Numbers and moments")
    preference_form.show()

if desk.seat().has_password:
    with st.container(border=True, width=520):
        st.markdown("##### Password")
        if password_form.show("my_password"):
            st.toast("The password is changed; other sign-ins of yours have ended.")

"""Who is signed in, in the sidebar, with the way to their settings and out."""

from __future__ import annotations

import streamlit as st

from app.ui import account_ids, demo, desk, evidence, messages, sign_in, state


def show() -> None:
    """Show the panel."""
    actor = desk.actor()
    with st.sidebar.container(key="account_panel", gap="xxsmall"):
        st.divider()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{evidence.escape(actor.name)}**", width="content")
            if demo.is_on():
                st.badge("Demo", color="orange", help="No sign-in, on this machine alone.")
            else:
                st.badge(actor.role, color="gray")
        if demo.is_on():
            demo.choose_role()
        account_ids.show_toggle()
        st.page_link(state.page_path("me"), label="My settings", icon=":material/manage_accounts:")
        if not demo.is_on():
            st.button(
                "Sign out", icon=":material/logout:", type="tertiary", on_click=sign_in.leave,
                key="sign_out",
            )  # fmt: skip
        if not desk.is_shared():
            messages.own_workbench()

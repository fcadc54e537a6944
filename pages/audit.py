"""Audit: who did what, when, to what; and the proof that nothing of it was changed since."""

from __future__ import annotations

import streamlit as st

from app.ui import desk, forbidden
from app.ui.people_audit import audit_entries, audit_filters, audit_proof

st.title("Audit")
if not desk.may("read_audit"):
    forbidden.show("read the audit", "a reviewer or an admin")
    st.stop()

audit_proof()
audit_entries(audit_filters())

"""The snapshots kept with the open alert."""

from __future__ import annotations

import streamlit as st

from app.ui import desk, snapshot_list
from engine.workbench import snapshots


def show_snapshots(alert_id: int) -> None:
    """List the views that were frozen for the alert, each with its link."""
    lines = desk.read(snapshots.of_alert, alert_id)
    if not lines:
        st.caption(
            "No view was frozen for this alert yet. Open its ring in the explorer and choose "
            "*Freeze*: what you see is kept here as it is, whatever later runs find."
        )
        return
    snapshot_list.show_lines(lines, with_alerts=False)

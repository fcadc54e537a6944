"""The download of the filtered queue."""

from __future__ import annotations

import streamlit as st

from app.ui import account_ids, desk, evidence, queue_rows
from app.ui import format as fmt
from engine.workbench import queue
from engine.workbench.queue_filter import QueueFilter


def show_download(chosen: QueueFilter, n_alerts: int) -> None:
    """Offer all filtered alerts as CSV; the file is made when it is asked for."""
    foot = st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    )
    foot.caption(f"{fmt.count(n_alerts)} alert{'s' if n_alerts != 1 else ''}", width="content")
    if not desk.may("export"):
        return
    note = account_ids.note_later("queue", "alerts")
    alerts = desk.later(queue.export, chosen)

    def made() -> bytes:
        note()
        return evidence.csv_bytes(queue_rows.file_rows(alerts()))

    foot.download_button(
        "CSV of these alerts",
        made,
        file_name="alerts.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="alerts_csv",
        help="All alerts that pass the filters, with their state of work",
    )

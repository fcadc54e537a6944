"""Lists of snapshots, each with the way to open it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.ui import format as fmt
from app.ui.evidence import escape
from app.ui.export_sheet import start_text
from app.ui.state import page_path
from app.ui.written import show_text
from engine.explorer.view import Start
from engine.workbench.names import alert_name
from engine.workbench.snapshots import SnapshotLine


def show_lines(lines: Sequence[SnapshotLine], *, with_alerts: bool = True) -> None:
    """List snapshots, the latest first, each with its link."""
    for line in lines:
        with st.container(gap=None):
            open_link(line.snapshot_id, words(line))
            st.caption(" · ".join(_about(line, with_alerts)))
            if line.comment:
                show_text(line.comment)


def open_link(snapshot_id: int, label: str) -> None:
    """Draw the link that opens a snapshot."""
    st.page_link(
        page_path("explorer"), label=label, icon=":material/ac_unit:",
        query_params={"snapshot": str(snapshot_id)}, width="content",
    )  # fmt: skip


def words(line: SnapshotLine) -> str:
    """Name a snapshot, as Markdown."""
    return f"Snapshot {line.snapshot_id}: {escape(start_text(Start(line.ring_id, line.accounts)))}"


def _about(line: SnapshotLine, with_alerts: bool) -> list[str]:
    size = f"{fmt.count(line.n_accounts)} accounts, {fmt.count(line.n_edges)} links"
    kept = [f"with {alert_name(line.kept_with)}"] if with_alerts and line.kept_with else []
    by = f"{fmt.moment(line.at)} by {escape(line.author.name)}"
    return [by, f"run {escape(line.run_id)}", size, *kept]

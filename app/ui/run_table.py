"""The table of the lake's runs."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.ui import format

_SHOWN = ("state", "started", "input", "rows", "rings", "alerts", "seconds", "rejected", "engine")
_ROW_HEIGHT, _MOST_ROWS = 30, 8


def run_table(runs: pd.DataFrame, *, key: str, selected: str | None) -> str:
    """Draw runs, at least one; return the id of the one that is picked.

    Parameters
    ----------
    runs
        As :func:`engine.query.runs.list_runs` gives them.
    selected
        The run that is marked at first; without it the first one.
    """
    ids = [str(run_id) for run_id in runs["run_id"]]
    first = ids.index(selected) if selected in ids else 0
    event: Any = st.dataframe(
        runs[["run_id", *_SHOWN]].assign(started=format.local(runs["started"])),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [first]}},
        row_height=_ROW_HEIGHT,
        height="auto" if len(runs) <= _MOST_ROWS else _ROW_HEIGHT * (_MOST_ROWS + 1) + 4,
        placeholder="–",
        # Rows are selected by their place: another list or another link is another table.
        key=f"{key}_{abs(hash((tuple(ids), selected)))}",
        column_config=_columns(),
        alt="Runs of the lake, the newest first",
    )
    rows = event["selection"]["rows"]
    return ids[rows[0] if rows and rows[0] < len(ids) else first]


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "run_id": st.column_config.TextColumn("Run", width=178),
        "state": st.column_config.TextColumn("Status", width=80),
        "input": st.column_config.TextColumn("Input", width=130),
        "rows": number("Rows", format="localized", width=80),
        "rejected": number("Rejected", format="localized", width=72),
        "rings": number("Rings", format="localized", width=64),
        "alerts": number("Alerts", format="localized", width=64),
        "seconds": number("Seconds", format="%.1f", width=68),
        "engine": st.column_config.TextColumn("Engine", width=60),
        "started": st.column_config.DatetimeColumn(
            f"Started ({format.zone()})", format="YYYY-MM-DD HH:mm", width=126
        ),
    }

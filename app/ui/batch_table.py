"""The table of the latest runs on AWS Batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import format
from app.ui.batch_runs import Followed

_MACHINES = {"cpu": "CPU, spot", "gpu": "GPU, spot"}


def batch_table(runs: Sequence[Followed], wanted: str | None) -> Followed:
    """Draw the runs; return the selected one, at first the one that a link asked for."""
    names = [run.chain.run_id for run in runs]
    first = names.index(wanted) if wanted in names else 0
    if wanted is not None and wanted not in names:
        st.caption(f"`{wanted}` is not among the latest {len(runs)} runs on AWS Batch.")
    event: Any = st.dataframe(
        pd.DataFrame([_row(run) for run in runs]),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [first]}},
        row_height=30,
        height=min(36 + 30 * len(runs), 216),
        placeholder="–",
        # Rows are selected by their place: another list is another table.
        key=f"batch_runs_{abs(hash(tuple(names)))}",
        column_config={
            "Run": st.column_config.TextColumn(width="medium"),
            _submitted(): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "Rows": st.column_config.NumberColumn(format="localized"),
            "Rings": st.column_config.NumberColumn(format="localized"),
            "Cost, USD": st.column_config.NumberColumn(format="%.3f"),
        },
        alt="Runs on AWS Batch, the latest first",
    )
    rows = event["selection"]["rows"]
    return runs[rows[0] if rows and rows[0] < len(runs) else first]


def _row(run: Followed) -> dict[str, Any]:
    seconds, usd = run.took()
    return {
        "Run": run.chain.run_id,
        "Status": run.progress.capitalize(),
        "Machines": _MACHINES[run.chain.kind],
        "Rows": (run.manifest.get("input") or {}).get("rows"),
        "Rings": (run.manifest.get("counts") or {}).get("rings"),
        "Cost, USD": usd if seconds else None,
        _submitted(): format.local(pd.Series([run.chain.submitted]))[0],
    }


def _submitted() -> str:
    return f"Submitted ({format.zone()})"

"""Two runs side by side: alerts gained and lost, and what became of each ring."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from app.ui import cache, desk, evidence, ring_words
from app.ui import format as fmt
from engine.query.run_comparison import NewAlerts

#: More rows than this are not read on a page; the download has them all.
_MOST_ROWS = 500
_ROW_HEIGHT, _SHOWN_ROWS = 28, 12


def show_alerts(gained: NewAlerts, lost: NewAlerts, run_id: str, against: str) -> None:
    """Show the alerts that only one of the runs has, the riskiest first."""
    for title, alerts, own, other in (
        (f"Gained: only in {run_id}", gained.alerts, run_id, against),
        (f"Lost: only in {against}", lost.alerts, against, run_id),
    ):
        st.markdown(f"**{evidence.escape(title)}** ({fmt.count(len(alerts))})")
        if alerts.empty:
            st.caption("None.")
        else:
            _table(alerts, own, other)


def _table(alerts: pd.DataFrame, run_id: str, other: str) -> None:
    shown = alerts.head(_MOST_ROWS)
    rings = ["Ring", "Ring in the other run", "Its risk there"]
    st.dataframe(
        _without_empty(
            rings,
            pd.DataFrame(
                {
                    "Alert": [_link("alerts", run_id, alert=name) for name in shown["alert_id"]],
                    "Risk": shown["score"],
                    "Title": shown["title"],
                    "Typology": [fmt.typology(name) for name in shown["typology"]],
                    "Ring": [_ring(run_id, name) for name in shown["ring_id"]],
                    "Amount": shown["amount"],
                    "Accounts": shown["n_accounts"],
                    "Ring in the other run": [_ring(other, name) for name in shown["other_ring"]],
                    "Its risk there": shown["other_score"],
                }
            ),
        ),
        hide_index=True,
        row_height=_ROW_HEIGHT,
        height=_height(shown),
        placeholder="–",
        key=f"runs_changes_{run_id}_{other}",
        alt=f"Alerts that {run_id} has and {other} has not",
        column_config={
            "Alert": st.column_config.LinkColumn(display_text=r"alert=([^&]+)", width=84),
            "Risk": st.column_config.NumberColumn(format="%.3f", width=60),
            "Title": st.column_config.TextColumn(width=340),
            "Ring": st.column_config.LinkColumn(display_text=r"ring=([^&]+)", width=76),
            "Amount": st.column_config.NumberColumn(format="accounting"),
            "Ring in the other run": st.column_config.LinkColumn(
                display_text=r"ring=([^&]+)", help="The same ring, under the alert threshold there."
            ),
            "Its risk there": st.column_config.NumberColumn(format="%.3f"),
        },
    )
    if len(alerts) > _MOST_ROWS:
        st.caption(f"The riskiest {_MOST_ROWS}; the download has all of them.")
    if not desk.may("export"):
        return
    st.download_button(
        "As CSV", mime="text/csv", on_click="ignore",
        file_name=f"alerts-only-in-{run_id}.csv", icon=":material/download:",
        key=f"runs_changes_csv_{run_id}",
        data=cache.noted(run_id, "new_alerts", lambda: evidence.csv_bytes(alerts)),
    )  # fmt: skip


def show_rings(run_id: str, against: str, *, has_rings: bool) -> None:
    """Count the rings by what became of them, and list those that changed."""
    if not has_rings:
        st.caption("An input without accounts has no rings to compare.")
        return
    traced = cache.lineage(run_id, against)
    counts = traced["state"].value_counts()
    evidence.facts(
        [
            (word, fmt.count(int(counts.get(name, 0))))
            for name, (word, _) in ring_words.STATES.items()
        ]
    )
    changed = traced[traced["state"] != "same"]
    if changed.empty:
        st.caption("Every ring is in both runs, with as many accounts.")
        return
    table = _without_empty(
        ["And"],
        pd.DataFrame(
            {
                "Ring": [_ring(run_id, name) for name in changed["ring_id"]],
                "What became of it": [ring_words.STATES[name][0] for name in changed["state"]],
                "In the other run": [
                    _ring(against, names[0]) if names else None for names in changed["previous"]
                ],
                "And": [", ".join(names[1:]) or None for names in changed["previous"]],
                "Same accounts": (100 * changed["jaccard"]).where(
                    ~changed["state"].isin(["born", "dormant"])
                ),
                "Came in": changed["gained"].map(len),
                "Left": changed["lost"].map(len),
                "Risk": changed["score"],
                "Risk there": changed["previous_score"],
            }
        ),
    )
    st.dataframe(
        table,
        hide_index=True,
        row_height=_ROW_HEIGHT,
        height=_height(changed),
        placeholder="–",
        key=f"runs_rings_{run_id}_{against}",
        alt="Rings that are new, changed, or gone",
        column_config={
            "Ring": st.column_config.LinkColumn(display_text=r"ring=([^&]+)"),
            "In the other run": st.column_config.LinkColumn(display_text=r"ring=([^&]+)"),
            "Same accounts": st.column_config.NumberColumn(format="%.0f %%"),
            "Risk": st.column_config.NumberColumn(format="%.3f"),
            "Risk there": st.column_config.NumberColumn(format="%.3f"),
        },
    )  # fmt: skip


def _without_empty(columns: list[str], table: pd.DataFrame) -> pd.DataFrame:
    """Leave out those of the columns that hold nothing."""
    return table.drop(columns=[name for name in columns if table[name].isna().all()])


def _ring(run_id: str, ring_id: Any) -> str | None:
    return None if pd.isna(ring_id) else _link("rings", run_id, ring=str(ring_id))


def _link(page: str, run_id: str, **shown: str) -> str:
    return f"{page}?{urlencode({'run': run_id, **shown})}"


def _height(rows: pd.DataFrame) -> int | Literal["auto"]:
    return "auto" if len(rows) <= _SHOWN_ROWS else _ROW_HEIGHT * (_SHOWN_ROWS + 1) + 10

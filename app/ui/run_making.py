"""How a run was made: its input, labels, place, what was expected and what it took, settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import format
from app.ui.evidence import escape, safe
from app.ui.label_words import labels_in_words
from engine.query.run_settings import changed_settings
from engine.router import NAMES


def show_making(manifest: Mapping[str, Any]) -> None:
    """Show how a run was made, given its ``run.json``."""
    source = manifest["input"]
    st.caption(
        f"From {escape(str(source['uri']))}, schema {escape(str(manifest['schema']))}, SHA-256 "
        f"{str(source['sha256'])[:12]}…"
    )
    st.caption(labels_in_words(manifest))
    _route(manifest)
    _receipt(manifest)
    for note in manifest.get("notes", []):
        st.caption(f":material/info: {safe(str(note))}")
    _settings(manifest)


def _route(manifest: Mapping[str, Any]) -> None:
    engine, route = manifest["engine"], manifest.get("route") or {}
    place = NAMES.get(route.get("choice", ""), str(engine["kind"]).upper())
    why = str(route.get("reason") or engine.get("reason") or "")
    st.caption(
        f"**{escape(place)}** ({escape(str(engine['device']))})"
        + (f": {safe(why)}." if why else ".")
    )


def _receipt(manifest: Mapping[str, Any]) -> None:
    """Put what it took beside what was expected."""
    receipt = manifest.get("receipt")
    if receipt is None:
        return
    route = manifest.get("route") or {}
    chosen: dict[str, Any] = next(
        (one for one in route.get("options", ()) if one["place"] == route.get("choice")), {}
    )
    figures = {
        "Time": [format.duration(v) for v in (receipt["expected_seconds"], receipt["seconds"])],
        "Memory": [_memory(receipt.get("expected_memory_mb")), _memory(receipt["peak_rss_mb"])],
        "Cost": [_cost(chosen.get("cost_usd")), _cost(receipt["cost_usd"])],
    }
    if receipt["peak_device_mb"] is not None:
        figures["On the GPU"] = [format.MISSING, _memory(receipt["peak_device_mb"])]
    st.table(pd.DataFrame(figures, index=["Expected", "Took"]).T)
    st.caption(
        f"Runs of that month cost {receipt['month_to_date_usd']:.2f} USD of at most "
        f"{receipt['cap_usd']:.2f} USD."
    )


def _settings(manifest: Mapping[str, Any]) -> None:
    changed = changed_settings(manifest)
    if changed.empty:
        st.caption("All settings are the defaults.")
        return
    st.dataframe(
        changed,
        hide_index=True,
        row_height=28,
        key="runs_settings",
        column_config={"setting": "Setting", "value": "In this run", "default": "Default"},
        alt="Settings of the run that differ from the defaults",
    )


def _memory(mb: float | None) -> str:
    return format.MISSING if mb is None else format.file_size(round(mb * 2**20))


def _cost(usd: float | None) -> str:
    if usd is None:
        return format.MISSING
    return "no charge" if usd == 0 else f"{usd:.3f} USD"

"""Before a run: where it will be computed, what that takes, and why; after it: what it took."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui import cache, format
from app.ui.messages import engine_error
from aws import names
from aws.batch.offer import offer
from engine.backend.probe import probe
from engine.config import Config
from engine.errors import EngineError
from engine.intake import detect, load_mapping
from engine.router import NAMES, NO_BATCH, Option, Route, Size, Wanted, estimate_size, route


def settings() -> Config:
    """Return the settings runs start with: the file that ``RINGLEADER_CONFIG`` names, if any."""
    return Config.load(os.environ.get("RINGLEADER_CONFIG"))


def engine_panel(
    place: DeltaGenerator, path: Path, schema: str, wanted: Wanted, kind: names.Kind
) -> Option | None:
    """Draw where the run would be computed; return that place, ``None`` if it cannot start there.

    Parameters
    ----------
    kind
        Which machines AWS Batch would take.
    """
    with place:
        try:
            taken = _route(path, schema, wanted, kind)
        except EngineError as error:
            engine_error(error)
            return None
        if not taken.chosen.is_available:
            _not_here(taken.chosen)
        else:
            _tell(taken)
        for warning in taken.warnings:
            st.warning(warning[0].upper() + warning[1:] + ".", icon=":material/warning:")
    return taken.chosen if taken.chosen.is_available else None


def receipt_text(manifest: dict[str, Any]) -> str:
    """Write what a finished run took, e.g. ``CPU here: 4.6 s (5.2 s expected), …``."""
    receipt = manifest.get("receipt")
    if receipt is None:
        return ""
    where = " and ".join(NAMES[place] for place in receipt["engines"])
    expected = receipt["expected_seconds"]
    parts = [
        format.duration(receipt["seconds"])
        + (f" ({format.duration(expected)} expected)" if expected is not None else ""),
        f"{_memory(receipt['peak_rss_mb'])} of memory",
    ]
    if receipt["peak_device_mb"] is not None:
        parts.append(f"{_memory(receipt['peak_device_mb'])} on the GPU")
    parts.append(_cost(receipt["cost_usd"]))
    return (
        f"{where}: {', '.join(parts)}. {_month(receipt['month_to_date_usd'], receipt['cap_usd'])}"
    )


def _route(path: Path, schema: str, wanted: Wanted, kind: names.Kind) -> Route:
    mapping = detect(path) if schema == "auto" else load_mapping(schema)
    size = _size(str(path), path.stat().st_mtime_ns, mapping.delimiter)
    manifests = cache.lake().manifests()
    batch = NO_BATCH if cache.lake().remote is None else _offer(
        size.rows, mapping.name, kind, manifests
    )  # fmt: skip
    return route(size, mapping.name, wanted, probe(), manifests, settings().compute, batch=batch)


@st.cache_data(ttl="10m", max_entries=50, show_spinner=False)
def _offer(rows: int, schema: str, kind: names.Kind, _manifests: list[dict[str, Any]]) -> Option:
    return offer(rows, schema, kind, _manifests)


@st.cache_data(ttl="1h", max_entries=50, show_spinner=False)
def _size(path: str, changed: int, delimiter: str | None) -> Size:
    return estimate_size(path, delimiter)


def _tell(taken: Route) -> None:
    chosen = taken.chosen
    about = "" if taken.rows_are_exact else "about "
    facts = [f"{about}{format.count(taken.rows)} {'row' if taken.rows == 1 else 'rows'}"]
    if chosen.seconds is None or chosen.memory_mb is None:
        facts.append("time not measured yet on such an engine")
    else:
        facts += [f"about {format.duration(chosen.seconds)}", _memory(chosen.memory_mb)]
    facts.append(_cost(chosen.cost_usd))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/memory: **{NAMES[chosen.place]}** · {' · '.join(facts)}", width="content"
        )
        with st.popover("Why here?", width="content"):
            _compare(taken)
    if taken.reason != "asked for":
        st.caption(f"{taken.reason[0].upper()}{taken.reason[1:]}.")


def _compare(taken: Route) -> None:
    rows = [
        {
            "Where": NAMES[option.place] + (" (chosen)" if option.place == taken.choice else ""),
            "Time": format.duration(option.seconds),
            "Memory": _memory(option.memory_mb),
            "Cost": _cost(option.cost_usd),
            "Figures from": option.basis or format.MISSING,
        }
        for option in taken.options
    ]
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, width=620, row_height=30, key="home_engines",
        alt="What the run would take on each engine",
    )  # fmt: skip
    for option in taken.options:
        if not option.is_available:
            st.caption(
                f"**{NAMES[option.place]}** is not available: {option.why_not}.{_steps(option)}"
            )
    st.caption(_month(taken.spent_usd, taken.cap_usd))


def _not_here(option: Option) -> None:
    st.warning(
        f"**{NAMES[option.place]} is not available**: {option.why_not}. "
        f"*Choose for me* computes on the CPU meanwhile.{_steps(option)}",
        icon=":material/developer_board_off:",
    )


def _steps(option: Option) -> str:
    """Write what mends it as a list; a command stands in code letters."""
    steps = (f"`{step}`" if step.startswith("python") else step for step in option.mend)
    lines = "".join(f"\n- {step}" for step in steps)
    return f" To mend it:\n{lines}" if lines else ""


def _memory(mb: float | None) -> str:
    return format.MISSING if mb is None else format.file_size(round(mb * 2**20))


def _cost(usd: float | None) -> str:
    if usd is None:
        return format.MISSING
    return "no charge" if usd == 0 else f"{max(usd, 0.01):.2f} USD"


def _month(spent: float, cap: float) -> str:
    return f"Runs of this month cost {spent:.2f} USD of at most {cap:.2f} USD."

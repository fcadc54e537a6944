"""The program that draws charts, loaded before the first chart: it has 4.7 MB."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

_mount = st.components.v2.component(
    "ringleader_early_charts", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


def load() -> None:
    """Have the browser load it when it has nothing else to do, once for each load of the app."""
    with st.sidebar:
        _mount(key="early_charts", data={"file": chart_file()}, height=0)


@cache
def chart_file() -> str:
    """Return the address of Streamlit's program for Plotly charts, below that of the app."""
    files = Path(st.__file__).parent / "static" / "static" / "js"
    [found] = files.glob("PlotlyChart.*.js")
    return f"static/js/{found.name}"

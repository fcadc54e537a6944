"""A chart in its frame: title, figure, and the text that stands for it."""

from __future__ import annotations

from typing import Literal

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

#: No floating toolbar over compact charts.
CONFIG = {"displayModeBar": False}


def card(place: DeltaGenerator, title: str) -> DeltaGenerator:
    """Open a framed part of a page, as high as its neighbour, with a title."""
    framed = place.container(border=True, height="stretch")
    framed.markdown(f"##### {title}")
    return framed


def show_chart(
    figure: go.Figure, *, key: str, alt: str, height: Literal["content", "stretch"] = "content"
) -> None:
    """Show a figure in the app's own template; ``alt`` says what it shows to a screen reader."""
    st.plotly_chart(figure, theme=None, config=CONFIG, height=height, key=key, alt=alt)

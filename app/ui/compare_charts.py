"""Plotly figures of two runs side by side: this run in the main colour, the other one in grey."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from app.ui import format
from app.ui.theme import palette, plotly_template

_ROW_HEIGHT = 44


def risk_shares(bins: pd.DataFrame, run: str, other: str, *, dark: bool) -> go.Figure:
    """Draw the share of transactions by risk in both runs, on a logarithmic scale.

    Parameters
    ----------
    bins
        ``low, high, share, other_share``, as :class:`engine.query.score_shift.ScoreShift` has them.
    """
    surface = palette(dark)
    figure = go.Figure()
    for name, column, colour in (
        (other, "other_share", surface.muted), (run, "share", surface.primary),
    ):  # fmt: skip
        figure.add_scatter(
            x=[*bins["low"], 1.0],
            # An empty bin has no place on a logarithmic scale.
            y=[share or None for share in [*bins[column], bins[column].iloc[-1]]],
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2, "shape": "hv"},
            marker={"size": 4},
            hovertemplate="Risk from %{x:.2f}<br>%{y:.3%} of the transactions<extra></extra>",
        )
    smallest = min((s for s in [*bins["share"], *bins["other_share"]] if s > 0), default=0.1)
    figure.update_layout(
        template=plotly_template(dark),
        height=280,
        xaxis={"range": [0, 1.005], "dtick": 0.1, "title": {"text": "Final risk"}},
        yaxis={
            "type": "log", "tickformat": ".3~%", "dtick": 1,
            "title": {"text": "Share of transactions (log scale)"},
            "range": [math.log10(smallest) - 0.2, 0.05],
        },
    )  # fmt: skip
    return figure


def stage_times(run: dict[str, Any], other: dict[str, Any], *, dark: bool) -> go.Figure:
    """Draw the seconds of each stage in both runs, given their manifests."""
    surface = palette(dark)
    names = list(
        dict.fromkeys(str(stage["name"]) for one in (run, other) for stage in one["stages"])
    )
    figure = go.Figure()
    for one, colour in ((run, surface.primary), (other, surface.muted)):
        seconds = {str(stage["name"]): float(stage["seconds"]) for stage in one["stages"]}
        figure.add_bar(
            y=[name.capitalize() for name in names],
            x=[seconds.get(name) for name in names],
            name=one["run_id"],
            orientation="h",
            text=[format.duration(seconds[name]) if name in seconds else "" for name in names],
            textposition="outside",
            cliponaxis=False,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate="%{y}: %{x:.2f} s<extra></extra>",
        )
    figure.update_layout(
        template=plotly_template(dark),
        height=60 + _ROW_HEIGHT * len(names),
        xaxis={"visible": False, "rangemode": "tozero"},
        yaxis={"autorange": "reversed", "showgrid": False, "ticksuffix": "  "},
        margin={"l": 80, "r": 64, "t": 8, "b": 8},
        legend={"traceorder": "normal"},
        bargap=0.35,
    )
    return figure

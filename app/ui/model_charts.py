"""Plotly figures of a model: curves, calibration, thresholds, slices, importance, drift."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.ui import format
from app.ui.charts import drawn
from app.ui.theme import palette, plotly_template

_ROW_HEIGHT = 26
_CURVE_HEIGHT = 300
#: Where a logarithmic axis of shares begins.
_LEAST_SHARE = 1e-6
_LOG_SHARES = {"type": "log", "tickformat": ".4~%", "dtick": 2, "tickangle": 0}
#: Keeps the two labels of the origin apart, and half of the last one on the page: pixels.
_STANDOFF, _LAST_LABEL = 6, 30


def roc(curve: pd.DataFrame, *, dark: bool) -> go.Figure:
    """Draw recall against the false positive rate, whose axis is logarithmic.

    Fraud is rare: what happens below one false alarm in a hundred decides, and a linear axis would
    hide it. ``curve`` has ``false_positive_rate, recall, threshold``.
    """
    shown = curve.assign(false_positive_rate=curve["false_positive_rate"].clip(lower=_LEAST_SHARE))
    figure = _curve(
        shown, "false_positive_rate", "recall", dark=dark,
        hover="False positive rate %{x:.4%}<br>Recall %{y:.2%}<br>Threshold %{customdata:.4g}",
    )  # fmt: skip
    axis = np.geomspace(_LEAST_SHARE, 1, 60)
    _beside(figure, axis, axis, "Chance", dark=dark)
    figure.update_layout(
        xaxis={
            **_LOG_SHARES, "range": [math.log10(_LEAST_SHARE), 0],
            "title": {"text": "False positive rate (log scale)"},
        },
        yaxis={"range": [0, 1.02], "tickformat": ".0%", "title": {"text": "Recall"}},
    )  # fmt: skip
    return figure


def precision_recall(curve: pd.DataFrame, base: float, *, dark: bool) -> go.Figure:
    """Draw precision against recall, with the share of fraud as what chance would reach."""
    figure = _curve(
        curve, "recall", "precision", dark=dark,
        hover="Recall %{x:.2%}<br>Precision %{y:.2%}<br>Threshold %{customdata:.4g}",
    )  # fmt: skip
    _beside(figure, [0, 1], [base, base], "Chance", dark=dark)
    figure.update_layout(
        xaxis={"range": [0, 1.01], "tickformat": ".0%", "title": {"text": "Recall"}},
        yaxis={"range": [0, 1.02], "tickformat": ".0%", "title": {"text": "Precision"}},
    )
    return figure


def calibration(bins: pd.DataFrame, *, dark: bool) -> go.Figure:
    """Draw the observed share of fraud against the mean probability, both on logarithmic scales.

    ``bins`` as :class:`engine.query.model_quality.Calibration` has them; the bars are their
    intervals. A bin without a fraud stands at the lower end of the axis.
    """
    surface = palette(dark)
    shown = bins.clip(lower=_LEAST_SHARE)
    figure = go.Figure(
        go.Scatter(
            x=shown["predicted"],
            y=shown["observed"],
            mode="markers",
            marker={"size": 8, "color": surface.primary},
            error_y={
                "type": "data", "symmetric": False, "thickness": 1.2, "color": surface.primary,
                "array": shown["observed_high"] - shown["observed"],
                "arrayminus": shown["observed"] - shown["observed_low"],
            },
            customdata=[format.count(rows) for rows in bins["rows"]],
            hovertemplate="Predicted %{x:.4%}<br>Observed %{y:.4%}<br>%{customdata} rows"
            "<extra></extra>",
            name="Model",
        )
    )  # fmt: skip
    axis = np.geomspace(_LEAST_SHARE, 1, 60)
    _beside(figure, axis, axis, "Perfect", dark=dark)
    scale = {**_LOG_SHARES, "range": [math.log10(_LEAST_SHARE), 0.05]}
    figure.update_layout(
        template=plotly_template(dark),
        height=_CURVE_HEIGHT,
        xaxis={**scale, "title": {"text": "Mean probability (log scale)"}},
        yaxis={**scale, "title": {"text": "Share of fraud (log scale)"}},
    )
    _with_all_labels(figure)
    return figure


def over_thresholds(table: pd.DataFrame, picked: float, *, dark: bool) -> go.Figure:
    """Draw precision and recall over the threshold, with the one picked.

    ``table`` as :func:`engine.query.model_quality.at_thresholds` gives it. Steps of the grid have
    equal width, since it is fine where scores crowd.
    """
    surface = palette(dark)
    flagged = table["true_positives"] + table["false_positives"]
    positives = table["true_positives"] + table["false_negatives"]
    places = np.arange(len(table))
    figure = go.Figure()
    for name, part, whole, colour in (
        ("Precision", table["true_positives"], flagged, surface.primary),
        ("Recall", table["true_positives"], positives, surface.alert),
    ):
        figure.add_scatter(
            x=places,
            y=(part / whole.where(whole > 0)),
            name=name,
            mode="lines",
            line={"color": colour, "width": 2},
            customdata=table["threshold"],
            hovertemplate="%{customdata:.4g}: %{y:.2%}<extra>" + name + "</extra>",
        )
    figure.add_vline(
        x=int(np.argmin(np.abs(table["threshold"] - picked))), line_color=surface.muted,
        line_dash="dot",
    )  # fmt: skip
    ticks = [0.01, 0.25, 0.5, 0.75, 0.99]
    figure.update_layout(
        template=plotly_template(dark),
        height=260,
        xaxis={
            "tickmode": "array",
            "tickvals": [int(np.argmin(np.abs(table["threshold"] - one))) for one in ticks],
            "ticktext": [f"{one:g}" for one in ticks],
            "tickangle": 0,
            "title": {"text": "Threshold"},
        },
        yaxis={"range": [0, 1.02], "tickformat": ".0%"},
        hovermode="x unified",
    )
    return figure


def recall_by_slice(table: pd.DataFrame, names: Sequence[str], *, dark: bool) -> go.Figure:
    """Draw the recall of each slice with its interval; slices without a fraud are left out."""
    surface = palette(dark)
    told = [(drawn(name), row) for name, row in zip(names, table.to_dict("records"), strict=True)]
    told = [(name, row) for name, row in told if row["positives"] > 0]
    recall = [row["recall"] for _, row in told]
    figure = go.Figure(
        go.Scatter(
            x=recall,
            y=[name for name, _ in told],
            mode="markers",
            marker={"size": 9, "color": surface.primary},
            error_x={
                "type": "data", "symmetric": False, "thickness": 1.4, "color": surface.muted,
                "array": [row["recall_high"] - row["recall"] for _, row in told],
                "arrayminus": [row["recall"] - row["recall_low"] for _, row in told],
            },
            customdata=[
                f"{format.count(row['hits'])} of {format.count(row['positives'])} frauds"
                for _, row in told
            ],
            hovertemplate="%{y}: %{x:.1%}, %{customdata}<extra></extra>",
        )
    )  # fmt: skip
    _as_rows(figure, [name for name, _ in told], dark=dark)
    # Zoomed in to where the intervals lie.
    figure.update_layout(height=figure.layout.height + 22, margin={"r": 16, "b": 30})
    least = math.floor(10 * min(row["recall_low"] for _, row in told)) / 10
    figure.update_xaxes(
        range=[least - 0.02, 1.02], tickformat=".0%", showgrid=True, tickangle=0, nticks=4
    )
    return figure


def importance(top: pd.DataFrame, *, has_frauds: bool, dark: bool) -> go.Figure:
    """Draw what features move: the mean size on the left, the mean on frauds on the right.

    ``top`` has ``words, shap, fraud_shap``; the names stand once. What raises the risk and what
    lowers it go opposite ways from zero and have two colours.
    """
    surface = palette(dark)
    names = [drawn(one, 60) for one in top["words"]]
    titles = ["Mean size, random test rows", "Mean on frauds, with its sign"][: 1 + has_frauds]
    figure = make_subplots(
        1, len(titles), shared_yaxes=True, subplot_titles=titles, horizontal_spacing=0.04
    )
    drawings = [(top["shap"], "{:.2f}", False), (top["fraud_shap"], "{:+.2f}", True)]
    for place, (values, written, is_signed) in enumerate(drawings[: len(titles)], start=1):
        raised = surface.alert if is_signed else surface.primary
        figure.add_bar(
            row=1, col=place, y=names, x=values, orientation="h", textposition="outside",
            text=[written.format(one) for one in values], cliponaxis=False,
            marker={
                "color": [raised if one > 0 else surface.primary for one in values],
                "line": {"width": 0},
            },
            hovertemplate="%{y}: %{text}<extra></extra>",
        )  # fmt: skip
        top_value, least = float(values.max()), float(min(values.min(), 0.0))
        room = 0.32 * max(top_value - least, 1e-9)
        figure.update_xaxes(
            row=1, col=place, visible=False,
            range=[least - room if least < 0 else 0, max(top_value, 0.0) + room],
        )  # fmt: skip
    _as_rows(figure, names, dark=dark)
    figure.update_annotations(font={"size": 12, "color": surface.muted})
    figure.update_layout(height=figure.layout.height + 26, margin={"t": 30, "r": 8})
    return figure


def shares_by_bin(bins: pd.DataFrame, now: str, then: str, *, dark: bool) -> go.Figure:
    """Draw both sides' shares of rows in the bins of a feature (``bin, share, baseline_share``)."""
    surface = palette(dark)
    figure = go.Figure()
    for name, column, colour in (
        (then, "baseline_share", surface.muted), (now, "share", surface.primary),
    ):  # fmt: skip
        figure.add_bar(
            x=[drawn(one) for one in bins["bin"]], y=bins[column], name=drawn(name, 40),
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate="%{x}: %{y:.2%}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        template=plotly_template(dark),
        height=280,
        xaxis={"type": "category"},
        yaxis={"tickformat": ".0%", "title": {"text": "Share of the rows"}},
    )
    return figure


def share_over_time(points: pd.DataFrame, *, dark: bool) -> go.Figure:
    """Draw the share of unusual transactions over time (``time, transactions, unusual``)."""
    surface = palette(dark)
    figure = go.Figure(
        go.Scatter(
            x=points["time"],
            y=points["unusual"] / points["transactions"],
            mode="lines+markers",
            line={"color": surface.primary, "width": 2},
            marker={"size": 4},
            customdata=[format.count(one) for one in points["transactions"]],
            hovertemplate="%{x|%Y-%m-%d}: %{y:.2%} of %{customdata}<extra></extra>",
        )
    )
    figure.update_layout(
        template=plotly_template(dark),
        height=240,
        yaxis={"tickformat": ".1%", "rangemode": "tozero"},
    )
    return figure


def _curve(table: pd.DataFrame, x: str, y: str, *, hover: str, dark: bool) -> go.Figure:
    figure = go.Figure(
        go.Scatter(
            x=table[x],
            y=table[y],
            mode="lines",
            name="Score",
            line={"color": palette(dark).primary, "width": 2, "shape": "hv"},
            customdata=table["threshold"],
            hovertemplate=hover + "<extra></extra>",
        )
    )
    figure.update_layout(template=plotly_template(dark), height=_CURVE_HEIGHT)
    _with_all_labels(figure)
    return figure


def _with_all_labels(figure: go.Figure) -> None:
    figure.update_layout(margin={"r": _LAST_LABEL})
    figure.update_xaxes(ticklabelstandoff=_STANDOFF)
    figure.update_yaxes(ticklabelstandoff=_STANDOFF)


def _beside(figure: go.Figure, x: Any, y: Any, name: str, *, dark: bool) -> None:
    figure.add_scatter(
        x=x, y=y, name=name, mode="lines", hoverinfo="skip",
        line={"color": palette(dark).muted, "width": 1, "dash": "dot"},
    )  # fmt: skip


def _as_rows(figure: go.Figure, names: Sequence[str], *, dark: bool) -> None:
    figure.update_layout(
        template=plotly_template(dark),
        height=44 + _ROW_HEIGHT * len(names),
        margin={"l": 18 + 6.6 * max(map(len, names), default=0), "r": 60, "t": 8, "b": 8},
        bargap=0.4,
        showlegend=False,
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category", ticksuffix="  ")

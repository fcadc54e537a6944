"""Figures of the threshold bench: pure functions of small frames."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from app.ui.theme import palette, plotly_template

_SCORES = {"range": [0, 1], "dtick": 0.2, "tickformat": ".1f", "ticklabelstandoff": 6}


def alerts_a_day(
    counts: pd.DataFrame, capacity: float, now: float, tried: float, *, dark: bool
) -> go.Figure:
    """Draw the alerts a day that each ring threshold raises, against what the team works.

    Parameters
    ----------
    counts
        ``threshold, rings, lone, a_day`` of
        :func:`engine.query.threshold_curve.by_threshold`.
    capacity
        Alerts a day that the team works.
    now, tried
        The ring thresholds that are marked.
    dark
        Whether the theme is dark.
    """
    surface = palette(dark)
    figure = go.Figure()
    figure.add_scatter(
        x=counts["threshold"], y=counts["a_day"], mode="lines", name="Alerts a day",
        line={"color": surface.primary, "width": 2, "shape": "hv"},
        customdata=counts[["rings", "lone"]].to_numpy(),
        hovertemplate="From a score of %{x:.2f}: %{y:,.2f} alerts a day<br>%{customdata[0]:,} of "
        "rings, %{customdata[1]:,} of lone transactions<extra></extra>",
    )  # fmt: skip
    top = max(float(counts["a_day"].max()), 1e-9)
    if capacity <= 3 * top:
        top = max(top, capacity)
        figure.add_scatter(
            x=[0, 1], y=[capacity, capacity], mode="lines", name="The team's time",
            line={"color": surface.alert, "width": 2, "dash": "dash"},
            hovertemplate=f"{capacity:,.1f} alerts a day<extra></extra>",
        )  # fmt: skip
    _mark(figure, now, tried, top, dark=dark)
    figure.update_layout(
        template=plotly_template(dark), height=270,
        xaxis={**_SCORES, "title": {"text": "Ring threshold"}},
        yaxis={"title": {"text": "Alerts a day"}, "rangemode": "tozero"},
    )  # fmt: skip
    return figure


def rings_by_score(bands: pd.DataFrame, now: float, tried: float, *, dark: bool) -> go.Figure:
    """Draw the rings of a run by score, and how many of them are fraud, not, or not known.

    ``bands`` has ``low, high, true, false, unknown``, as
    :func:`engine.query.threshold_curve.ring_scores` gives them.
    """
    surface = palette(dark)
    figure = go.Figure()
    for name, title, colour in (
        ("true", "Fraud", surface.alert),
        ("false", "Not fraud", surface.primary),
        ("unknown", "Not known", surface.muted),
    ):
        if bands[name].any():
            figure.add_bar(
                x=(bands["low"] + bands["high"]) / 2, y=bands[name], name=title, width=0.045,
                marker={"color": colour, "line": {"width": 0}},
                customdata=bands[["low", "high"]].to_numpy(),
                hovertemplate=f"{title}: %{{y:,}} rings scored %{{customdata[0]:.2f}} to "
                "%{customdata[1]:.2f}<extra></extra>",
            )  # fmt: skip
    top = max(float(bands[["true", "false", "unknown"]].sum(axis=1).max()), 1.0)
    _mark(figure, now, tried, top, dark=dark)
    figure.update_layout(
        template=plotly_template(dark), height=270, barmode="stack",
        xaxis={**_SCORES, "title": {"text": "Score of the ring"}},
        yaxis={"title": {"text": "Rings"}, "tickformat": ",d"},
    )  # fmt: skip
    return figure


def _mark(figure: go.Figure, now: float, tried: float, top: float, *, dark: bool) -> None:
    """Draw the threshold in force, and the one tried where it differs; the legend names them."""
    surface = palette(dark)
    marks = [(now, "In force", "dot")] + ([(tried, "Tried", "solid")] if tried != now else [])
    for value, name, dash in marks:
        figure.add_scatter(
            x=[value, value], y=[0, top], mode="lines", name=name,
            line={"color": surface.text, "width": 1.5, "dash": dash},
            hovertemplate=f"{name}: {value:.2f}<extra></extra>",
        )  # fmt: skip

"""The chart of an alert's timeline: money in above the line, money out below it."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from app.ui import format as fmt
from app.ui.charts import round_step
from app.ui.theme import palette, plotly_template
from engine.query.alert_timeline import Timeline


def in_and_out(timeline: Timeline, currency: str | None, *, dark: bool) -> go.Figure:
    """Draw what came in above the line and what went out below it, over time."""
    surface = palette(dark)
    points = timeline.points
    figure = go.Figure()
    sides = (
        ("Received", "received", 1, surface.primary),
        ("Paid", "paid", -1, surface.muted),
    )
    for name, column, sign, colour in sides:
        if not points[column].any():
            continue
        figure.add_bar(
            x=points["time"],
            y=sign * points[column],
            name=f"{name} per {timeline.bucket}",
            marker={"color": colour, "line": {"width": 0}},
            customdata=[fmt.amount(value, currency) for value in points[column]],
            hovertemplate=f"%{{x|%Y-%m-%d %H:%M}} UTC<br>{name} %{{customdata}}<extra></extra>",
        )
    figure.update_layout(
        template=plotly_template(dark), height=220, barmode="relative", bargap=0.15,
        yaxis=both_ways(points, currency),
    )  # fmt: skip
    return figure


def both_ways(points: pd.DataFrame, currency: str | None) -> dict[str, Any]:
    """Write an axis that goes up and down from nothing; both ways are amounts without a sign."""
    top = float(max(points["received"].max(), points["paid"].max())) if len(points) else 0.0
    if top <= 0:
        return {}
    step = 2 * round_step(top)
    up = [step * part for part in range(math.ceil(top / step) + 1)]
    down = up[1:] if points["paid"].any() else []
    values = [-value for value in down[::-1]] + (up if points["received"].any() else [0.0])
    return {
        "tickmode": "array",
        "tickvals": values,
        "ticktext": [fmt.compact_amount(abs(value), currency) for value in values],
        "zeroline": True,
    }

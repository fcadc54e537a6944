"""The chart of an account: money in above the line, money out below it, its balance under both."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.ui import format as fmt
from app.ui.theme import palette, plotly_template
from app.ui.timeline_chart import both_ways
from engine.query.account_activity import Activity

_LENGTHS = {
    "hour": pd.Timedelta(hours=1),
    "day": pd.Timedelta(days=1),
    "week": pd.Timedelta(days=7),
}
_HOVER = "%{x|%Y-%m-%d %H:%M} UTC<br>"


def activity_figure(activity: Activity, currency: str | None, *, dark: bool) -> go.Figure:
    """Draw what an account received and paid over time, and its balance where the data know it.

    A part of the time can be picked with a box; :func:`picked_period` says which.
    """
    points, surface = activity.points, palette(dark)
    has_balance = bool(points["balance"].notna().any())
    figure = make_subplots(
        rows=1 + has_balance, cols=1, shared_xaxes=True, vertical_spacing=0.06,
        row_heights=[0.68, 0.32] if has_balance else [1.0],
    )  # fmt: skip
    sides = (
        ("Received", "received", "n_in", 1, surface.primary),
        ("Paid", "paid", "n_out", -1, surface.muted),
    )
    for name, column, count, sign, colour in sides:
        if points[column].any():
            details = [
                f"{name} {fmt.amount(amount, currency)} in {fmt.count(n)}"
                for amount, n in zip(points[column], points[count], strict=True)
            ]
            figure.add_bar(
                x=points["time"], y=sign * points[column], name=f"{name} per {activity.bucket}",
                marker={"color": colour, "line": {"width": 0}}, customdata=details,
                hovertemplate=f"{_HOVER}%{{customdata}}<extra></extra>", row=1, col=1,
            )  # fmt: skip
    if has_balance:
        _add_balance(figure, points, currency, surface.primary)
    figure.update_layout(
        template=plotly_template(dark), height=340 if has_balance else 240, barmode="relative",
        bargap=0.15, dragmode="select", selectdirection="h", yaxis=both_ways(points, currency),
    )  # fmt: skip
    return figure


def picked_period(event: Any, activity: Activity) -> tuple[datetime, datetime] | None:
    """Return the period that was picked in the chart, the end not included; None for all of it."""
    picked = [pd.Timestamp(point["x"]) for point in event["selection"]["points"]]
    if not picked:
        return None
    end = max(picked) + _LENGTHS[activity.bucket]
    return min(picked).to_pydatetime(), end.to_pydatetime()


def _add_balance(
    figure: go.Figure, points: pd.DataFrame, currency: str | None, colour: str
) -> None:
    known = points.dropna(subset="balance")
    figure.add_scatter(
        x=known["time"], y=known["balance"], name="Balance", mode="lines",
        line={"color": colour, "width": 1.5, "shape": "hv"},
        customdata=[fmt.amount(value, currency) for value in known["balance"]],
        hovertemplate=f"{_HOVER}balance %{{customdata}}<extra></extra>", row=2, col=1,
    )  # fmt: skip
    low, high = min(0.0, float(known["balance"].min())), float(known["balance"].max())
    ticks = [low, high] if high > low else [low]
    figure.update_yaxes(
        tickmode="array", tickvals=ticks,
        ticktext=[fmt.compact_amount(value, currency) for value in ticks], row=2, col=1,
    )  # fmt: skip

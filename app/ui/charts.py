"""Plotly figures from small, tidy frames: pure functions, one look for all."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from app.ui import format
from app.ui.theme import palette, plotly_template, risk_band, typology_colour
from engine.plain_text import one_line

_ROW_HEIGHT = 26
_BASE_HEIGHT = 44
#: Most characters of a name from the data at an axis or in a hover text.
_MOST_DRAWN = 28


def over_time(points: pd.DataFrame, bucket: str, currency: str | None, *, dark: bool) -> go.Figure:
    """Draw the amount moved as bars and the alerts as a line, over time.

    Parameters
    ----------
    points
        ``time, transactions, amount, alerts``, as :func:`engine.query.overview.over_time` gives.
    bucket
        Length of a bar, for the axis title, e.g. ``day``.
    currency
        ISO code for the amounts, or ``None``.
    dark
        Whether the theme is dark.
    """
    surface = palette(dark)
    money = [format.compact_amount(value, currency) for value in points["amount"]]
    details = list(zip(money, points["transactions"], strict=True))
    figure = go.Figure()
    figure.add_bar(
        x=points["time"],
        y=points["amount"],
        name=f"Amount per {bucket}",
        marker={"color": surface.primary, "opacity": 0.45, "line": {"width": 0}},
        customdata=details,
        hovertemplate="%{x|%Y-%m-%d %H:%M} UTC<br>%{customdata[0]} in %{customdata[1]:,} "
        "transactions<extra></extra>",
    )
    figure.add_scatter(
        x=points["time"],
        y=points["alerts"],
        name=f"Alerts per {bucket}",
        yaxis="y2",
        mode="lines",
        line={"color": surface.alert, "width": 2},
        hovertemplate="%{x|%Y-%m-%d %H:%M} UTC<br>%{y:,} alerts<extra></extra>",
    )
    figure.update_layout(
        template=plotly_template(dark),
        height=300,
        yaxis={
            "rangemode": "tozero",
            "title": {"text": "Amount"},
            **_money_ticks(points, currency),
        },
        yaxis2={
            "overlaying": "y",
            "side": "right",
            "showgrid": False,
            "rangemode": "tozero",
            "title": {"text": "Alerts"},
            "tickmode": "linear",
            "dtick": _whole_step(points["alerts"]),
            "tickformat": ",d",
        },
        bargap=0.15,
    )
    return figure


def typologies(found: pd.DataFrame, currency: str | None, *, dark: bool) -> go.Figure:
    """Draw the number of alerts by typology.

    ``found`` has ``typology, alerts, amount, score``; each typology keeps its colour.
    """
    return _ranked(
        [format.typology(name) for name in found["typology"]],
        found["alerts"],
        colours=[typology_colour(name, dark) for name in found["typology"]],
        texts=[format.count(value) for value in found["alerts"]],
        hovers=[
            f"{format.count(alerts)} alerts, {format.compact_amount(amount, currency)}, "
            f"best score {format.score(score)}"
            for alerts, amount, score in _rows(found, "alerts", "amount", "score")
        ],
        dark=dark,
    )


def by_type(types: pd.DataFrame, currency: str | None, *, dark: bool) -> go.Figure:
    """Draw the amount by transaction type (``type, transactions, amount, alerted``)."""
    return _ranked(
        _told_apart([drawn(name) for name in types["type"]]),
        types["amount"],
        colours=[palette(dark).primary] * len(types),
        texts=[format.compact_amount(value, currency) for value in types["amount"]],
        hovers=[
            f"{format.amount(amount, currency)} in {format.count(transactions)} "
            f"transactions, {format.count(alerted)} of them in alerts"
            for amount, transactions, alerted in _rows(types, "amount", "transactions", "alerted")
        ],
        dark=dark,
    )


def risk_histogram(bins: pd.DataFrame, *, dark: bool) -> go.Figure:
    """Draw transactions by final risk on a logarithmic scale, coloured by risk band.

    ``bins`` has ``low, high, transactions``; empty bins are left out, since log 0 is not there.
    """
    filled = bins[bins["transactions"] > 0]
    bands = [risk_band(round(low, 2)) for low in filled["low"]]
    figure = go.Figure(
        go.Bar(
            x=(filled["low"] + filled["high"]) / 2,
            y=filled["transactions"],
            width=(filled["high"] - filled["low"]) * 0.9,
            marker={"color": [band.colour(dark) for band in bands], "line": {"width": 0}},
            customdata=[
                (band.name, f"{low:.2f}", f"{high:.2f}")
                for band, low, high in zip(bands, filled["low"], filled["high"], strict=True)
            ],
            hovertemplate="Risk %{customdata[1]} to %{customdata[2]} (%{customdata[0]})<br>"
            "%{y:,} transactions<extra></extra>",
        )
    )
    figure.update_layout(
        template=plotly_template(dark),
        height=260,
        xaxis={
            "range": [0, 1.005],
            "dtick": 0.1,
            "title": {"text": "Final risk"},
            "tickformat": ".1f",
        },
        yaxis={
            "type": "log",
            "title": {"text": "Transactions (log scale)"},
            "dtick": 1,
            "tickformat": ",d",
            # From half a transaction up, so that a bin with a single one shows.
            "range": [math.log10(0.5), math.log10(max(filled["transactions"], default=1)) + 0.15],
        },
        showlegend=False,
    )
    return figure


def stage_times(stages: Sequence[dict[str, Any]], *, dark: bool) -> go.Figure:
    """Draw the seconds each stage took, in the order of the run (``name, seconds, rows``)."""
    return _ranked(
        [str(stage["name"]).capitalize() for stage in stages],
        [float(stage["seconds"]) for stage in stages],
        colours=[palette(dark).muted] * len(stages),
        texts=[format.duration(float(stage["seconds"])) for stage in stages],
        hovers=[
            f"{format.duration(float(stage['seconds']))}, {format.count(stage.get('rows'))} rows, "
            f"peak memory {format.count(stage.get('peak_rss_mb'))} MB"
            for stage in stages
        ],
        dark=dark,
    )


def _ranked(
    names: list[str],
    values: Any,
    *,
    colours: list[str],
    texts: list[str],
    hovers: list[str],
    dark: bool,
) -> go.Figure:
    """Draw horizontal bars, the first on top, with the value written at each."""
    figure = go.Figure(
        go.Bar(
            y=names,
            x=values,
            orientation="h",
            text=texts,
            textposition="outside",
            cliponaxis=False,
            marker={"color": colours, "line": {"width": 0}},
            customdata=hovers,
            hovertemplate="%{y}: %{customdata}<extra></extra>",
        )
    )
    figure.update_layout(
        template=plotly_template(dark),
        height=_BASE_HEIGHT + _ROW_HEIGHT * len(names),
        xaxis={"visible": False, "rangemode": "tozero"},
        yaxis={"autorange": "reversed", "showgrid": False, "type": "category", "ticksuffix": "  "},
        margin={"l": 18 + 7.5 * max(map(len, names), default=0), "r": 56, "t": 8, "b": 8},
        bargap=0.4,
        showlegend=False,
    )
    return figure


def drawn(name: object, most: int = _MOST_DRAWN) -> str:
    """Return a name from the data as Plotly shows it: its texts may hold tags, links too."""
    return html.escape(one_line(str(name), most), quote=False)


def _told_apart(labels: Sequence[str]) -> list[str]:
    """Number labels that were cut to the same: bars of one label would be drawn as one."""
    return [
        f"{label} ({again + 1})" if (again := labels[:position].count(label)) else label
        for position, label in enumerate(labels)
    ]


def _whole_step(counts: pd.Series[int]) -> int:
    """Return the axis step that gives about four ticks, all at whole numbers."""
    return int(round_step(max(float(counts.max()) if len(counts) else 0.0, 4.0)))


def round_step(top: float) -> float:
    """Return the round axis step (1, 2, or 5 times a power of ten) that gives about four ticks."""
    power = 10.0 ** math.floor(math.log10(top / 4))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= top / 4)


def _rows(table: pd.DataFrame, *columns: str) -> Iterator[tuple[float, ...]]:
    return zip(*(table[name].astype(float) for name in columns), strict=True)


def _money_ticks(points: pd.DataFrame, currency: str | None) -> dict[str, Any]:
    """Write the axis in the currency's own units: Plotly knows no lakh and crore."""
    top = float(points["amount"].max()) if len(points) else 0.0
    if top <= 0:
        return {}
    step = round_step(top)
    values = [step * part for part in range(math.ceil(top / step) + 1)]
    return {
        "tickmode": "array",
        "tickvals": values,
        "ticktext": [format.compact_amount(value, currency) for value in values],
    }


def side_by_side(transactions: pd.DataFrame, *, dark: bool) -> go.Figure:
    """Draw the transactions of two rings on one time axis, a row for each ring.

    Parameters
    ----------
    transactions
        ``ring, time, amount, sender, receiver``.
    dark
        Whether the theme is dark.
    """
    surface = palette(dark)
    figure = go.Figure()
    for ring, part in transactions.groupby("ring", sort=False):
        sender, receiver = (part[name].map(drawn) for name in ("sender", "receiver"))
        details = list(zip(sender, receiver, part["amount"], strict=True))
        figure.add_scatter(
            x=part["time"],
            y=[ring] * len(part),
            mode="markers",
            marker={"size": 10, "opacity": 0.55, "color": surface.primary},
            customdata=details,
            hovertemplate="%{x|%Y-%m-%d %H:%M}<br>%{customdata[0]} to %{customdata[1]}: "
            "%{customdata[2]:,.2f}<extra></extra>",
            showlegend=False,
        )
    figure.update_layout(
        template=plotly_template(dark), height=130, yaxis={"autorange": "reversed"}
    )
    return figure

"""The Sankey diagram of a trace, whose bands and accounts can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import format as fmt
from app.ui import theme
from app.ui.trace_words import METHODS, end_meaning, end_name, money
from engine.amounts import MINOR_UNITS
from engine.plain_text import one_line
from engine.trace import Limits, Trace
from engine.trace.diagram import Diagram, diagram_of

_NODE_WIDTH = 12
#: Pixels of height that an account takes, and how many of them part it from the next one: two
#: lines of text have room there.
_NODE_HEIGHT, _NODE_GAP = 44, 28
_LEAST_HEIGHT, _MOST_HEIGHT = 240, 900
#: A grey that is seen on light and on dark.
_ENDED = "#98a2b3"
#: Pixels that the names of ends take beside the last layer.
_ENDS_WIDTH = 120
#: Pixels that the name of the last account takes where the ends are on the left.
_LAST_WIDTH = 80
#: Pixels of a chart on the smallest screen: as wide as the page, and beside another one.
_WIDE, _HALF = 690, 330
#: Steps that a chart of half the width has room for.
_MOST_STEPS_BESIDE = 1


def fit_beside(traces: Sequence[Trace]) -> bool:
    """Tell whether charts of traces can stand beside each other on a small screen."""
    return all(int(one.flows["hop"].max()) <= _MOST_STEPS_BESIDE for one in traces)


def show_flow(trace: Trace, currency: str | None, key: str) -> pd.DataFrame | None:
    """Draw a trace and return the transfers behind what is clicked, ``None`` without a click.

    Returns
    -------
    pandas.DataFrame or None
        Rows of ``trace.flows``.
    """
    diagram = diagram_of(trace)
    event: Any = st.echarts_chart(
        sankey(diagram, trace.limits, currency, forward=trace.direction == "forward",
               dark=theme.is_dark()),
        key=key,
        on_select="rerun",
        height=_height(diagram),
        alt=f"Flow of the money by the method {METHODS[trace.method]}, left to right in time; "
        "the tables below list the same transfers and ends",
    )  # fmt: skip
    return clicked(event["selection"]["selected"], diagram, trace)


def sankey(
    diagram: Diagram, limits: Limits, currency: str | None, *, forward: bool, dark: bool
) -> dict[str, Any]:
    """Return the options of ECharts for a diagram."""
    outer = int(diagram.nodes["layer"].max()) if forward else 0
    nodes = [
        _node(at, row, outer, limits, currency, forward=forward, dark=dark)
        for at, row in enumerate(diagram.nodes.to_dict("records"))
    ]
    names = [node["name"] for node in nodes]
    links = [_link(row, names, currency) for row in diagram.links.to_dict("records")]
    surface = theme.palette(dark)
    series = {
        "type": "sankey",
        "data": nodes,
        "links": links,
        "left": 4 if forward else _ENDS_WIDTH,
        "right": _ENDS_WIDTH if forward else _LAST_WIDTH,
        "top": 12,
        "bottom": 12,
        "nodeWidth": _NODE_WIDTH,
        "nodeGap": min(_NODE_GAP, _height(diagram) // (2 * _tallest(diagram))),
        "draggable": False,
        "selectedMode": "single",
        "emphasis": {"focus": "adjacency"},
        **_styles(surface, _label_width(diagram, forward=forward)),
    }
    tooltip = {
        "renderMode": "richText",
        "backgroundColor": surface.header,
        "borderColor": surface.border,
        "textStyle": {"color": surface.text, "fontFamily": theme.FONT, "fontSize": 12},
    }
    return {"animation": False, "tooltip": tooltip, "series": [series]}


def _styles(surface: theme.Palette, label_width: int) -> dict[str, Any]:
    return {
        "lineStyle": {"color": surface.primary, "opacity": 0.3, "curveness": 0.5},
        "label": {
            "color": surface.text,
            "fontFamily": theme.FONT,
            "fontSize": 11,
            "lineHeight": 14,
            "width": label_width,
            "overflow": "truncate",
        },
        "select": {
            "lineStyle": {"opacity": 0.9, "color": surface.primary},
            "itemStyle": {"borderColor": surface.text, "borderWidth": 2},
        },
    }


def _label_width(diagram: Diagram, *, forward: bool) -> int:
    """Return how many pixels lie between two layers on the smallest screen."""
    layers = int(diagram.nodes["layer"].max())
    width = _HALF if layers <= _MOST_STEPS_BESIDE + 2 else _WIDE
    margins = _ENDS_WIDTH + (0 if forward else _LAST_WIDTH)
    return (width - margins) // layers - _NODE_WIDTH - 6


def _tallest(diagram: Diagram) -> int:
    """Return how many nodes the fullest layer has."""
    return int(diagram.nodes["layer"].value_counts().max())


def _height(diagram: Diagram) -> int:
    return min(max(_tallest(diagram) * _NODE_HEIGHT + 40, _LEAST_HEIGHT), _MOST_HEIGHT)


def clicked(selected: list[dict[str, Any]], diagram: Diagram, trace: Trace) -> pd.DataFrame | None:
    """Return the transfers behind the band or the account that was clicked."""
    for group in selected:
        for at in group["data_indices"]:
            if group["data_type"] == "edge" and at < len(diagram.links):
                return _transfers(diagram.links.loc[[at]], trace)
            if group["data_type"] == "node" and at < len(diagram.nodes):
                links = diagram.links
                return _transfers(links[(links["source"] == at) | (links["target"] == at)], trace)
    return None


def _transfers(links: pd.DataFrame, trace: Trace) -> pd.DataFrame | None:
    """Return the transfers of some bands; money that ended has none."""
    wanted = links.loc[links["kind"] == "transfer", ["hop", "sender", "receiver"]]
    if wanted.empty:
        return None
    return trace.flows.merge(wanted, on=["hop", "sender", "receiver"])


def _node(
    at: int,
    row: dict[Any, Any],
    outer: int,
    limits: Limits,
    currency: str | None,
    *,
    forward: bool,
    dark: bool,
) -> dict[str, Any]:
    surface = theme.palette(dark)
    is_account = row["kind"] == "account"
    account = str(row["account"])
    name = account if is_account else end_name(row["kind"], forward=forward)
    size = money(int(row["part"]), currency)
    told = name if is_account else f"{account}, {name[0].lower()}{name[1:]}"
    meaning = "" if is_account else end_meaning(row["kind"], limits, forward=forward)
    return {
        # Names must differ, and an account may stand in several layers.
        "name": str(at),
        "depth": int(row["layer"]),
        "value": int(row["part"]) / MINOR_UNITS,
        "itemStyle": {"color": surface.primary if is_account else surface.muted},
        "label": {"formatter": _plain(name)}
        if is_account
        else {
            "formatter": f"{_plain(name)}\n{_plain(size)}",
            # Only the outermost layer has the margin beside it.
            **({"width": _ENDS_WIDTH} if row["layer"] == outer else {"overflow": "break"}),
            "position": "left" if row["layer"] == outer and not forward else "right",
        },
        "tooltip": {"formatter": f"{_plain(told)}: {_plain(size)}\n{_plain(meaning)}".rstrip()},
    }


def _link(row: dict[Any, Any], names: list[str], currency: str | None) -> dict[str, Any]:
    size = money(int(row["part"]), currency)
    n = int(row["transfers"])
    if row["kind"] == "transfer":
        told = f"{row['sender']} → {row['receiver']}: {size} in {fmt.count(n)} transfer" + "s" * (
            n > 1
        )
    else:
        told = size
    link: dict[str, Any] = {
        "source": names[int(row["source"])],
        "target": names[int(row["target"])],
        "value": int(row["part"]) / MINOR_UNITS,
        "tooltip": {"formatter": _plain(told)},
    }
    if row["kind"] != "transfer":
        link["lineStyle"] = {"color": _ENDED, "opacity": 0.25}
    return link


def _plain(text: str) -> str:
    """Keep a text free of the marks that ECharts fills in or styles by."""
    return one_line(text, 80).replace("{", "(").replace("}", ")")

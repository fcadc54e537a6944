"""A scene as a pyvis network: what a browser draws, and what is exported as a page of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from engine.explorer.scene import Scene
from engine.network import (
    LABEL_LENGTH,
    Network,
    RoleStyle,
    empty_network,
    node_id,
    role_style,
    widths,
)
from engine.plain_text import cut, one_line

#: Accounts outside of the ring are drawn hollow; the shape tells which way their money goes.
OUTSIDE: dict[str, RoleStyle] = {
    "source": RoleStyle("Payer", "triangle", "#64748b", "△"),
    "sink": RoleStyle("Payee", "square", "#64748b", "□"),
    "intermediary": RoleStyle("Intermediary", "dot", "#64748b", "○"),
    "busy": RoleStyle("Busy", "hexagon", "#64748b", "⬡"),
}
REST = RoleStyle("Not drawn", "box", "#64748b", "◌")


def style_of(role: str, *, in_ring: bool, is_hub: bool) -> RoleStyle:
    """Return how an account is drawn: by its role in the ring, else by which way money goes."""
    if in_ring:
        return role_style(role)
    return OUTSIDE["busy" if is_hub else role if role in OUTSIDE else "intermediary"]


def styles_of(nodes: pd.DataFrame) -> list[RoleStyle]:
    """Return how each account of a scene is drawn."""
    columns = (nodes[name] for name in ("role", "in_ring", "is_hub"))
    return [
        style_of(str(role), in_ring=bool(in_ring), is_hub=bool(is_hub))
        for role, in_ring, is_hub in zip(*columns, strict=True)
    ]


def with_role_names(scene: Scene) -> Scene:
    """Return a scene whose ``role`` is the word that its picture and tables have for it."""
    names = [style.name for style in styles_of(scene.nodes)]
    return replace(scene, nodes=scene.nodes.assign(role=names))


def legend_of(scene: Scene) -> dict[RoleStyle, int]:
    """Count the marks of each style that is drawn, in the order of the legend."""
    counts = Counter(styles_of(scene.nodes))
    inside = [style for style in counts if style not in OUTSIDE.values()]
    outside = [style for style in OUTSIDE.values() if style in counts]
    legend = {style: counts[style] for style in (*inside, *outside)}
    return legend | ({REST: len(scene.rollups)} if len(scene.rollups) else {})


def network_of(scene: Scene) -> Network:
    """Draw a scene.

    Returns
    -------
    pyvis.network.Network
        Without physics: everything stands where the scene says. Ids of accounts are those of
        :func:`engine.network.node_id`, those of roll-ups are theirs.
    """
    network = empty_network()
    for row, style in zip(scene.nodes.to_dict("records"), styles_of(scene.nodes), strict=True):
        network.add_node(node_id(row["account"]), **_node(row, style))
    edges = scene.edges.to_dict("records")
    for row, width in zip(edges, widths(_amounts(scene.edges)), strict=True):
        network.add_edge(
            node_id(row["sender"]), node_id(row["receiver"]), width=round(0.7 * width, 2)
        )
    for row in scene.rollups.to_dict("records"):
        network.add_node(str(row["id"]), **_rollup(row))
        network.add_edge(
            node_id(row["account"]), str(row["id"]), dashes=True, width=1, arrows={"to": False}
        )
    return network


def _node(row: Mapping[Hashable, Any], style: RoleStyle) -> dict[str, Any]:
    risk = 0.0 if pd.isna(row["risk"]) else float(row["risk"])
    return {
        "label": cut(one_line(str(row["account"]), 8 * LABEL_LENGTH), LABEL_LENGTH),
        "shape": style.shape,
        "color": style.colour,
        "size": round(8 + 8 * risk, 1),
        "x": float(row["x"]),
        "y": float(row["y"]),
        "in_ring": bool(row["in_ring"]),
    }


def _rollup(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {
        "label": f"+{row['counterparties']:,}",
        "shape": REST.shape,
        "color": REST.colour,
        "x": float(row["x"]),
        "y": float(row["y"]),
    }


def _amounts(edges: pd.DataFrame) -> np.ndarray:
    return edges["amount"].to_numpy(dtype="float64")

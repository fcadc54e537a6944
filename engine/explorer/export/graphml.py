"""GraphML: for Gephi, yEd, Cytoscape, networkx, and other tools that read graphs."""

from __future__ import annotations

import io
from collections.abc import Hashable, Mapping
from typing import Any

import networkx as nx
import pandas as pd

from engine.explorer.export.sheet import Sheet, seen, whole
from engine.explorer.scene import Scene


def graphml(scene: Scene, sheet: Sheet) -> bytes:
    """Write a scene as GraphML in UTF-8.

    Nodes are named ``n0, n1, …``, as any text may be an account; each has its ``account`` and
    ``label``, both whole. Roll-ups are nodes too, of ``kind`` ``rest``. What is missing has no
    attribute.
    """
    graph = nx.DiGraph(title=seen(sheet.title), about=" | ".join(map(seen, sheet.lines)))
    names = {}
    for position, row in enumerate(scene.nodes.to_dict("records")):
        names[row["account"]] = f"n{position}"
        graph.add_node(f"n{position}", kind="account", label=whole(row["account"]), **_plain(row))
    for position, row in enumerate(scene.rollups.to_dict("records")):
        rest = f"r{position}"
        label = f"{row['counterparties']:,} more"
        graph.add_node(rest, kind="rest", label=label, **_plain(row, without="id"))
        graph.add_edge(names[row["account"]], rest, kind="rest")
    for row in scene.edges.to_dict("records"):
        ends = names[row["sender"]], names[row["receiver"]]
        graph.add_edge(*ends, kind="transfers", **_plain(row))
    written = io.BytesIO()
    # Its other writer takes lxml where that is installed: the bytes would differ by machine.
    nx.write_graphml_xml(graph, written, prettyprint=True)
    return written.getvalue()


def _plain(row: Mapping[Hashable, Any], without: str = "") -> dict[str, Any]:
    """Return the values that GraphML has types for."""
    return {
        str(name): _value(value)
        for name, value in row.items()
        if name != without and not pd.isna(value)
    }


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value

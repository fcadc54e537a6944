"""The picture of a ring: a pyvis network with its positions, so that a browser only draws."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pyvis.network import Network as Network

from engine.plain_text import cut, one_line
from engine.ring_layout import graph_of, positions

MAX_NODES = 300
MAX_EDGES = 800
LABEL_LENGTH = 16
#: Most characters of a name in a tooltip.
MOST_NAMED = 60


@dataclass(frozen=True, slots=True)
class RoleStyle:
    """How a role is drawn: the shape tells it without the colour."""

    name: str
    shape: str
    colour: str
    glyph: str


#: Mid-tone colours that stand out on white and on near-black.
ROLE_STYLES: dict[str, RoleStyle] = {
    "source": RoleStyle("Source", "triangle", "#2563eb", "▲"),
    "hub": RoleStyle("Hub", "diamond", "#7c3aed", "◆"),
    "mule": RoleStyle("Mule", "dot", "#d97706", "●"),
    "collector": RoleStyle("Collector", "square", "#dc2626", "■"),
    "exit": RoleStyle("Exit", "triangleDown", "#db2777", "▼"),
    "member": RoleStyle("Member", "dot", "#64748b", "●"),
}

_OPTIONS: dict[str, Any] = {
    "physics": {"enabled": False},
    "nodes": {"borderWidth": 1, "borderWidthSelected": 4, "font": {"size": 13}},
    "edges": {
        "smooth": False,
        "color": {"color": "#94a3b8", "highlight": "#3b82f6", "inherit": False},
        "arrows": {"to": {"enabled": True, "scaleFactor": 0.5}},
    },
    "interaction": {
        "hover": True,
        "tooltipDelay": 120,
        "multiselect": False,
        "keyboard": {"enabled": True, "bindToWindow": False},
    },
}


@dataclass(frozen=True, slots=True)
class RingPicture:
    """A network to draw, and how much of the ring it shows; ``roles`` counts those drawn."""

    network: Network
    shown_accounts: int
    accounts: int
    shown_edges: int
    edges: int
    roles: dict[RoleStyle, int]

    @property
    def is_complete(self) -> bool:
        """Whether the whole ring is drawn."""
        return self.shown_accounts == self.accounts and self.shown_edges == self.edges


def role_style(role: str) -> RoleStyle:
    """Return how a role is drawn; roles without a style of their own are drawn as members."""
    return ROLE_STYLES.get(role, ROLE_STYLES["member"])


def build_network(
    members: pd.DataFrame,
    edges: pd.DataFrame,
    *,
    typology: str = "",
    max_nodes: int = MAX_NODES,
    max_edges: int = MAX_EDGES,
) -> RingPicture:
    """Build the picture of a ring.

    Parameters
    ----------
    members
        ``account, role, risk, in_count, in_amount, out_count, out_amount``, one row an account.
    edges
        ``sender, receiver, transactions, amount, first_time, last_time``, one row a pair. Edges
        of accounts that are no member are left out.
    typology
        Chooses the layout: a circle for a cycle, a star for fans, left to right for layered
        rings, otherwise force-directed. The same ring always gets the same positions.
    max_nodes, max_edges
        Most accounts (the riskiest are kept) and pairs (the largest sums are kept) drawn.

    Returns
    -------
    RingPicture
        The network, and the counts shown and present. Node ids are those of :func:`node_id`.

    Notes
    -----
    The force-directed layout costs O(n²) for 500 steps: about 0.2 s for 300 accounts.
    """
    # pandas puts missing risks last in a descending sort, as is wanted here.
    shown = members.sort_values(["risk", "account"], ascending=[False, True]).head(max_nodes)
    accounts = [str(account) for account in shown["account"]]
    inside = edges["sender"].isin(shown["account"]) & edges["receiver"].isin(shown["account"])
    drawn = edges[inside].sort_values("amount", ascending=False, kind="stable").head(max_edges)
    graph = graph_of(accounts, drawn)
    network = empty_network()
    for row, (x, y) in zip(shown.to_dict("records"), positions(graph, typology), strict=True):
        network.add_node(node_id(row["account"]), x=x, y=y, **_node(row))
    line_widths = widths(drawn["amount"].to_numpy(dtype="float64"))
    for row, width in zip(drawn.to_dict("records"), line_widths, strict=True):
        network.add_edge(
            node_id(row["sender"]), node_id(row["receiver"]), title=_edge_title(row), width=width
        )
    roles = Counter(role_style(str(role)) for role in shown["role"])
    return RingPicture(network, len(shown), len(members), len(drawn), len(edges), dict(roles))


def node_id(account: object) -> str:
    """Return an account's id in the network.

    The browser keeps nodes by their ids as keys of an object, which has a ``constructor`` already:
    an account of that name would not be drawn.
    """
    return f"@{account}"


def standalone_html(network: Network) -> str:
    """Return the network as one HTML page that asks no other host for anything.

    pyvis always links Bootstrap from a content network; the page does without it.
    """
    html = str(network.generate_html())
    html = re.sub(r"<link\b[^>]*https?://[^>]*>", "", html)
    return re.sub(r"<script\b[^>]*\bsrc\s*=\s*\"https?://[^>]*>\s*</script>", "", html)


def empty_network() -> Network:
    """Return a network without accounts, with the options that all pictures share."""
    network = Network(
        height="100vh", width="100%", directed=True, cdn_resources="in_line", bgcolor="#ffffff"
    )
    network.set_options(json.dumps(_OPTIONS))
    return network


def _node(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    style = role_style(str(row["role"]))
    risk = None if pd.isna(row["risk"]) else float(row["risk"])
    return {
        "label": cut(one_line(str(row["account"]), 8 * LABEL_LENGTH), LABEL_LENGTH),
        "title": tooltip(
            f"{_named(row['account'])}\n"
            f"{style.name}, risk {'unknown' if risk is None else f'{risk:.2f}'}\n"
            f"received {row['in_amount']:,.2f} in {row['in_count']:,}\n"
            f"sent {row['out_amount']:,.2f} in {row['out_count']:,}"
        ),
        "shape": style.shape,
        "color": style.colour,
        "size": round(10 + 12 * (risk or 0.0), 1),
    }


def _edge_title(row: Mapping[Hashable, Any]) -> str:
    many = "1 transfer" if row["transactions"] == 1 else f"{row['transactions']:,} transfers"
    first, last = (f"{row[name]:%Y-%m-%d}" for name in ("first_time", "last_time"))
    period = first if first == last else f"{first} to {last}"
    pair = f"{_named(row['sender'])} → {_named(row['receiver'])}"
    return tooltip(f"{pair}\n{many}, {row['amount']:,.2f}\n{period}")


def _named(account: object) -> str:
    return one_line(str(account), MOST_NAMED)


def tooltip(text: str) -> str:
    """Return a tooltip as plain text: at the letters ``href`` pyvis would have it read as HTML."""
    return re.sub("href", "h\u200bref", text, flags=re.IGNORECASE)


def widths(amounts: np.ndarray) -> Iterable[float]:
    """Return line widths from 1 to 5 by the share of the largest amount, as a square root."""
    if not len(amounts):
        return []
    top = float(amounts.max()) or 1.0
    return [round(1 + 4 * math.sqrt(max(float(amount), 0.0) / top), 2) for amount in amounts]

"""A scene as marks and lines, the same in every file that is a picture."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from engine.explorer.export.sheet import seen
from engine.explorer.picture import OUTSIDE, REST, styles_of
from engine.explorer.scene import Scene
from engine.network import LABEL_LENGTH, MOST_NAMED, RoleStyle, node_id, widths
from engine.plain_text import cut

#: So many links are drawn at their full weight; more would hide each other.
_UNCROWDED = 100


@dataclass(frozen=True, slots=True)
class Mark:
    """An account, or the rest round one, at a place in pixels; ``size`` is half its width.

    ``key`` is its id in :func:`engine.explorer.picture.network_of`.
    """

    key: str
    label: str
    lines: tuple[str, ...]
    style: RoleStyle
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Line:
    """A link between two marks; one to a rest is dashed and has neither direction nor sum."""

    source: str
    target: str
    lines: tuple[str, ...]
    width: float
    sum: str = ""
    is_dashed: bool = False


def marks(scene: Scene) -> list[Mark]:
    """Return the accounts of a scene, then its roll-ups."""
    accounts = [
        _account(row, style)
        for row, style in zip(scene.nodes.to_dict("records"), styles_of(scene.nodes), strict=True)
    ]
    return accounts + [_rest(row) for row in scene.rollups.to_dict("records")]


def lines(scene: Scene) -> list[Line]:
    """Return the links of a scene, then those to its roll-ups; the more, the thinner."""
    drawn = [share(scene) * one for one in widths(scene.edges["amount"].to_numpy("float64"))]
    links = [
        _link(row, width) for row, width in zip(scene.edges.to_dict("records"), drawn, strict=True)
    ]
    return links + [
        Line(node_id(row["account"]), str(row["id"]), (), 1.0, is_dashed=True)
        for row in scene.rollups.to_dict("records")
    ]


def share(scene: Scene) -> float:
    """Return how much of its full weight a link is drawn with: 1, less where there are many."""
    return min(1.0, math.sqrt(_UNCROWDED / max(len(scene.edges), 1)))


def is_hollow(style: RoleStyle) -> bool:
    """Tell whether marks of a style are drawn as outlines: those that are not of the ring."""
    return style in OUTSIDE.values()


def _account(row: Mapping[Hashable, Any], style: RoleStyle) -> Mark:
    risk = None if pd.isna(row["risk"]) else float(row["risk"])
    told = (
        seen(row["account"], MOST_NAMED),
        f"{style.name}, risk {'unknown' if risk is None else f'{risk:.3f}'}",
        f"received {row['in_amount']:,.2f} in {row['in_count']:,}",
        f"paid {row['out_amount']:,.2f} in {row['out_count']:,}",
        f"{row['counterparties']:,} counterparties, {row['shown_counterparties']:,} drawn",
    )
    label = cut(seen(row["account"], 8 * LABEL_LENGTH), LABEL_LENGTH)
    size = round(10 + 12 * (risk or 0.0), 1)
    return Mark(node_id(row["account"]), label, told, style, row["x"], row["y"], size)


def _rest(row: Mapping[Hashable, Any]) -> Mark:
    told = (
        f"{row['counterparties']:,} more counterparties of {seen(row['account'], MOST_NAMED)}",
        f"{_transfers(row['transactions'])}, {row['amount']:,.2f}",
    )
    label = f"+{row['counterparties']:,}"
    return Mark(str(row["id"]), label, told, REST, row["x"], row["y"], 24.0)


def _link(row: Mapping[Hashable, Any], width: float) -> Line:
    first, last = (f"{row[name]:%Y-%m-%d %H:%M}" for name in ("first_time", "last_time"))
    told = (
        f"{seen(row['sender'], MOST_NAMED)} → {seen(row['receiver'], MOST_NAMED)}",
        f"{_transfers(row['transactions'])}, {row['amount']:,.2f}",
        first if first == last else f"{first} to {last}",
    )
    return Line(
        node_id(row["sender"]), node_id(row["receiver"]), told, width, f"{row['amount']:,.0f}"
    )


def _transfers(number: int) -> str:
    return "1 transfer" if number == 1 else f"{number:,} transfers"

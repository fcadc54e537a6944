"""A scene as marks and lines, the same in every file that is a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from engine.explorer.export.sheet import seen
from engine.explorer.scene import Scene
from engine.network import LABEL_LENGTH, MOST_NAMED, RoleStyle, role_style, widths
from engine.plain_text import cut

#: How the rest round an account is drawn, which is no account itself.
REST = RoleStyle("Not drawn", "box", "#64748b", "▭")


@dataclass(frozen=True, slots=True)
class Mark:
    """An account, or the rest round one, at a place in pixels; ``size`` is half its width."""

    key: str
    label: str
    lines: tuple[str, ...]
    style: RoleStyle
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Line:
    """A link between two marks; one to a rest is dashed and has no direction."""

    source: str
    target: str
    lines: tuple[str, ...]
    width: float
    is_dashed: bool = False


def marks(scene: Scene) -> list[Mark]:
    """Return the accounts of a scene, then its roll-ups."""
    accounts = [_account(row) for row in scene.nodes.to_dict("records")]
    return accounts + [_rest(row) for row in scene.rollups.to_dict("records")]


def lines(scene: Scene) -> list[Line]:
    """Return the links of a scene, then those to its roll-ups."""
    drawn = widths(scene.edges["amount"].to_numpy(dtype="float64"))
    links = [
        _link(row, width) for row, width in zip(scene.edges.to_dict("records"), drawn, strict=True)
    ]
    return links + [
        Line(_key(row["account"]), _rest_key(row["account"]), (), 1.0, is_dashed=True)
        for row in scene.rollups.to_dict("records")
    ]


def legend(scene: Scene) -> list[tuple[RoleStyle, int]]:
    """Return how roles are drawn with how many accounts have each, the most first."""
    counted = Counter(role_style(str(role)) for role in scene.nodes["role"])
    rests = [(REST, int(scene.rollups["counterparties"].sum()))] if len(scene.rollups) else []
    return counted.most_common() + rests


def _account(row: Mapping[Hashable, Any]) -> Mark:
    style = role_style(str(row["role"]))
    risk = None if pd.isna(row["risk"]) else float(row["risk"])
    told = (
        seen(row["account"], MOST_NAMED),
        f"{style.name}, risk {'unknown' if risk is None else f'{risk:.3f}'}",
        f"received {row['in_amount']:,.2f} in {row['in_count']:,}",
        f"sent {row['out_amount']:,.2f} in {row['out_count']:,}",
        f"{row['counterparties']:,} counterparties, {row['shown_counterparties']:,} drawn",
    )
    label = cut(seen(row["account"], 8 * LABEL_LENGTH), LABEL_LENGTH)
    size = round(10 + 12 * (risk or 0.0), 1)
    return Mark(_key(row["account"]), label, told, style, row["x"], row["y"], size)


def _rest(row: Mapping[Hashable, Any]) -> Mark:
    told = (
        f"{row['counterparties']:,} more counterparties of {seen(row['account'], MOST_NAMED)}",
        f"{_transfers(row['transactions'])}, {row['amount']:,.2f}",
    )
    label = f"+{row['counterparties']:,} more"
    return Mark(_rest_key(row["account"]), label, told, REST, row["x"], row["y"], 24.0)


def _link(row: Mapping[Hashable, Any], width: float) -> Line:
    first, last = (f"{row[name]:%Y-%m-%d %H:%M}" for name in ("first_time", "last_time"))
    told = (
        f"{seen(row['sender'], MOST_NAMED)} → {seen(row['receiver'], MOST_NAMED)}",
        f"{_transfers(row['transactions'])}, {row['amount']:,.2f}",
        first if first == last else f"{first} to {last}",
    )
    return Line(_key(row["sender"]), _key(row["receiver"]), told, width)


def _transfers(number: int) -> str:
    return "1 transfer" if number == 1 else f"{number:,} transfers"


def _key(account: object) -> str:
    return f"@{account}"


def _rest_key(account: object) -> str:
    return f"+{account}"

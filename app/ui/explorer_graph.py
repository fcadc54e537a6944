"""The explorer's canvas: draws a scene, plays its transfers, and tells what was done to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import format as fmt
from app.ui.typologies import ROLES
from engine.explorer.picture import OUTSIDE, REST, legend_of, network_of, styles_of
from engine.explorer.scene import Scene
from engine.explorer.view import View
from engine.network import RoleStyle

_FOLDER = Path(__file__).parent
_SCRIPTS = (
    "vis_network.js", "explorer_words.js", "explorer_labels.js", "explorer_replay.js",
    "explorer_graph.js",
)  # fmt: skip
_HTML = (_FOLDER / "explorer_graph.html").read_text(encoding="utf-8")
_MEANINGS = {
    OUTSIDE["source"]: "outside the ring; only pays others",
    OUTSIDE["sink"]: "outside the ring; is only paid",
    OUTSIDE["intermediary"]: "outside the ring; pays and is paid",
    OUTSIDE["busy"]: "outside the ring; has more than 100 counterparties, and is opened only when "
    "you ask for it",
    REST: "counterparties that are not drawn, with their number; double-click for the next ones",
}

_mount = st.components.v2.component(
    "ringleader_explorer_graph",
    html=_HTML,
    css=(_FOLDER / "explorer_graph.css").read_text(encoding="utf-8"),
    js="\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in _SCRIPTS),
)


@dataclass(frozen=True, slots=True)
class Act:
    """What was done to the canvas.

    ``kind`` is ``select`` (``account`` may be ``None``), ``link`` (from ``account`` to ``other``),
    ``expand`` (a double click on an account or a roll-up), ``ask`` (the same on a busy account), or
    ``as_of`` (the replay was stopped at ``moment``; ``None`` is the whole period).
    """

    kind: str
    account: str | None = None
    other: str | None = None
    moment: datetime | None = None


def explorer_graph(
    scene: Scene,
    view: View,
    *,
    key: str,
    name: str,
    currency: str | None,
    height: int,
    on_act: Callable[[], None],
) -> None:
    """Draw a scene.

    Parameters
    ----------
    scene, view
        What is drawn, and the view that asked for it.
    key
        Key of the component; ``act(key)`` tells in ``on_act`` what was done.
    name
        Names what is drawn; when it changes, the picture is fitted into the frame anew.
    currency
        ISO code of the amounts, if known.
    height
        Of the canvas, in pixels; less on a low screen.
    on_act
        Called before the page runs again.
    """
    _mount(
        key=key,
        data={
            "name": name,
            **_marks(scene),
            "events": _events(scene),
            "unplayed": scene.unplayed,
            "frames": _frames(scene),
            "as_of": _milliseconds(view.as_of),
            "selected": view.selected,
            "starts": list(view.start.accounts),
            "legend": [_entry(style, n) for style, n in legend_of(scene).items()],
            "has_ring": bool(scene.nodes["in_ring"].any()),
            "format": _format(currency),
            "description": (
                f"Network of {len(scene.nodes)} accounts and {len(scene.edges)} payment links. "
                "The tables beside it list the same accounts and links."
            ),
            "height": height,
        },
        on_act_change=on_act,
    )


def act(key: str) -> Act | None:
    """Return what was just done to the canvas of a key."""
    given = st.session_state[key]["act"]
    if not given:
        return None
    moment = given.get("moment")
    return Act(
        kind=str(given["kind"]),
        account=given.get("account"),
        other=given.get("other"),
        moment=None if moment is None else datetime.fromisoformat(moment),
    )


def _marks(scene: Scene) -> dict[str, Any]:
    """Return the marks and links of the pyvis network, with the figures of their cards."""
    nodes, edges, _, _, _, options = network_of(scene).get_network_data()
    figures = ("account", "risk", "in_count", "in_amount", "out_count", "out_amount",
               "counterparties", "shown_counterparties", "is_hub")  # fmt: skip
    cards = _records(scene.nodes, figures)
    for card, style in zip(cards, styles_of(scene.nodes), strict=True):
        card["role"] = style.name
    cards += _records(scene.rollups, ("account", "counterparties", "transactions", "amount"))
    links = _records(
        scene.edges,
        ("sender", "receiver", "transactions", "amount", "first_time", "last_time", "risk",
         "proving"),
    )  # fmt: skip
    drawn = [edge for edge in edges if not str(edge["to"]).startswith("+")]
    return {
        "nodes": [node | {"card": card} for node, card in zip(nodes, cards, strict=True)],
        "edges": [edge | {"card": card} for edge, card in zip(drawn, links, strict=True)],
        "options": json.loads(options) if isinstance(options, str) else options,
    }


def _records(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    shown = frame[list(columns)].copy()
    for name in columns:
        if pd.api.types.is_datetime64_any_dtype(shown[name].dtype):
            shown[name] = _stamps(shown[name])
    plain = shown.astype("object").where(shown.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


def _events(scene: Scene) -> dict[str, list[Any]]:
    """Return the transfers column by column: when, over which link, how much."""
    pairs = zip(scene.edges["sender"], scene.edges["receiver"], strict=True)
    number = {pair: position for position, pair in enumerate(pairs)}
    over = zip(scene.events["sender"], scene.events["receiver"], strict=True)
    return {
        "time": _stamps(scene.events["time"]).tolist(),
        "edge": [number[pair] for pair in over],
        "amount": scene.events["amount"].tolist(),
    }


def _stamps(moments: pd.Series) -> pd.Series:
    """Return moments in milliseconds since 1970, as browsers count."""
    return moments.astype("datetime64[ms]").astype("int64")


def _frames(scene: Scene) -> dict[str, int | None] | None:
    if scene.moments is None:
        return None
    return {name: _milliseconds(moment) for name, moment in asdict(scene.moments).items()}


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.replace(tzinfo=UTC).timestamp() * 1000)


def _entry(style: RoleStyle, marks: int) -> dict[str, Any]:
    meaning = _MEANINGS.get(style) or ROLES.get(style.name.lower(), "")
    return asdict(style) | {"marks": marks, "meaning": meaning}


def _format(currency: str | None) -> dict[str, Any]:
    """Return how the browser is to write numbers and moments, as :mod:`app.ui.format` does."""
    numbers = fmt.current().numbers
    is_indian = numbers == "indian" or (numbers == "auto" and currency == "INR")
    return {
        "indian": is_indian,
        "currency": currency,
        "symbol": fmt.SYMBOLS.get(currency or ""),
        "zone": fmt.zone(),
    }

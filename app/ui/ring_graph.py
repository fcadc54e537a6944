"""The ring graph: draws a pyvis network in the page and tells which account was clicked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from app.ui.typologies import ROLES
from engine.network import RingPicture

_FOLDER = Path(__file__).parent
_SCRIPTS = ("vis_network.js", "ring_graph.js")
_HTML = """
<div class="ring-frame">
  <div class="ring-canvas" role="img"></div>
  <ul class="ring-legend"></ul>
  <button class="ring-fit" type="button" title="Show the whole ring">Fit</button>
</div>
"""

_mount = st.components.v2.component(
    "ringleader_ring_graph",
    html=_HTML,
    css=(_FOLDER / "ring_graph.css").read_text(encoding="utf-8"),
    js="\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in _SCRIPTS),
)


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """What the analyst did: the account that is selected, and the one just double-clicked."""

    selected: str | None
    expand: str | None


def ignore() -> None:
    """Streamlit reports a value only if a callback is named for it."""


def ring_graph(
    picture: RingPicture,
    *,
    key: str,
    ring_id: str,
    description: str,
    selected: str | None = None,
    height: int = 460,
    on_select: Callable[[], None] = ignore,
) -> GraphAnswer:
    """Draw a ring.

    Parameters
    ----------
    picture
        From :func:`engine.network.build_network`.
    key
        Key of the component: its state is ``st.session_state[key]["selected"]``.
    ring_id
        Name of what is drawn; the view is fitted anew when it changes.
    description
        What the picture shows, read out to those who cannot see it.
    selected
        The account to mark as selected.
    height
        Height in pixels.
    on_select
        Called before the page is run again because another account was clicked.
    """
    nodes, edges, _, _, _, options = picture.network.get_network_data()
    result = _mount(
        key=key,
        data={
            "ring": ring_id,
            "nodes": nodes,
            "edges": edges,
            "options": json.loads(options) if isinstance(options, str) else options,
            "selected": selected,
            "legend": [
                asdict(style) | {"accounts": n, "meaning": ROLES.get(style.name.lower(), "")}
                for style, n in picture.roles.items()
            ],
            "description": description,
            "height": height,
        },
        on_selected_change=on_select,
        on_expand_change=ignore,
    )
    return GraphAnswer(selected=result.get("selected"), expand=result.get("expand"))

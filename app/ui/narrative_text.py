"""A narrative as its page shows it: each sentence tells its facts, and can be clicked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from app.ui import narrative_words
from app.ui.ring_graph import ignore
from engine.formats import Style
from engine.narrative.ledger import Ledger
from engine.narrative.verdict import Line, Narrative
from engine.plain_text import as_written

_FOLDER = Path(__file__).parent

_mount = st.components.v2.component(
    "ringleader_narrative",
    html='<div class="narrative"></div>',
    css=(_FOLDER / "narrative_text.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "narrative_text.js").read_text(encoding="utf-8"),
)

#: What is said of a line that somebody else wrote than the rest.
_OTHER = {
    "repair": "The model wrote it again after it was told what was wrong",
    "template": "Written by the program: the model's sentence was not borne out by its facts",
}


def narrative_text(
    narrative: Narrative,
    ledger: Ledger,
    style: Style,
    *,
    key: str,
    on_pick: Callable[[], None] = ignore,
) -> Line | None:
    """Draw a narrative and return the line that is picked.

    Parameters
    ----------
    narrative, ledger
        Of the same alert, as whoever looks may see them.
    style
        How values of facts are written.
    key
        Of the component: its state is ``st.session_state[key]["line"]``, a line's number.
    on_pick
        Called before the page is run again because another line was clicked.
    """
    lines = [line for part in narrative.parts for line in part.lines]
    kept = st.session_state.get(key) or {}
    picked = kept.get("line")
    _mount(
        key=key,
        data={"parts": _parts(narrative, ledger, style), "selected": picked},
        on_line_change=on_pick,
    )
    if not isinstance(picked, int) or not 0 <= picked < len(lines):
        return None
    return lines[picked]


def _parts(narrative: Narrative, ledger: Ledger, style: Style) -> list[dict[str, Any]]:
    is_models = narrative.source == "model"
    return [
        {
            "heading": narrative_words.HEADINGS[part.role],
            "lines": [_line(line, ledger, style, is_models) for line in part.lines],
        }
        for part in narrative.parts
        if part.lines
    ]


def _line(line: Line, ledger: Ledger, style: Style, is_models: bool) -> dict[str, Any]:
    facts = [fact for fact in map(ledger.fact, line.fact_ids) if fact is not None]
    return {
        "text": as_written(line.text),
        "other": _OTHER.get(line.origin, "") if is_models else "",
        "facts": [
            {
                "id": fact.fact_id,
                "label": fact.label,
                "value": as_written(narrative_words.value_of(fact, style)),
            }
            for fact in facts
        ],
    }

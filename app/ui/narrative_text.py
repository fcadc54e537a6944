"""A narrative as its page shows it: each sentence tells its facts, and can be clicked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import streamlit as st

from app.ui import narrative_words
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
    behind: Callable[[Line], None],
) -> None:
    """Draw a narrative, and what stands behind the line that is picked right under that line.

    Parameters
    ----------
    narrative, ledger
        Of the same alert, as whoever looks may see them.
    style
        How values of facts are written.
    key
        Of the text: another text has another one, in which no line is picked yet.
    behind
        Draws what stands behind a line.
    """
    lines = [line for part in narrative.parts for line in part.lines]
    picked = st.session_state.get(_picked(key))
    parts = _parts(narrative, ledger, style)
    if not isinstance(picked, int) or not 0 <= picked < len(lines):
        _draw(parts, None, key, "above")
        return
    _draw(_cut(parts, 0, picked + 1), picked, key, "above")
    behind(lines[picked])
    _draw(_cut(parts, picked + 1, len(lines)), None, key, "below")


def is_picked(key: str) -> bool:
    """Tell whether a line of the text is picked."""
    return st.session_state.get(_picked(key)) is not None


def _picked(key: str) -> str:
    return f"{key}_picked"


def _draw(parts: list[dict[str, Any]], picked: int | None, key: str, place: str) -> None:
    if parts:
        own = f"{key}_{place}"
        _mount(
            key=own, data={"parts": parts, "selected": picked},
            on_line_change=partial(_pick, key, own),
        )  # fmt: skip


def _pick(key: str, own: str) -> None:
    """Pick the line that was clicked; one that is picked already is let go."""
    clicked = st.session_state[own]["line"]
    before = st.session_state.get(_picked(key))
    st.session_state[_picked(key)] = None if clicked == before else clicked


def _parts(narrative: Narrative, ledger: Ledger, style: Style) -> list[dict[str, Any]]:
    is_models, numbers = narrative.source == "model", count()
    return [
        {
            "heading": narrative_words.HEADINGS[part.role],
            "lines": [
                {"index": next(numbers), **_line(line, ledger, style, is_models)}
                for line in part.lines
            ],
        }
        for part in narrative.parts
        if part.lines
    ]


def _cut(parts: list[dict[str, Any]], start: int, end: int) -> list[dict[str, Any]]:
    """Return the lines from one number up to another; a part that goes on has no heading again."""
    found = []
    for part in parts:
        kept = [line for line in part["lines"] if start <= line["index"] < end]
        if kept:
            goes_on = kept[0] is not part["lines"][0]
            found.append({"heading": "" if goes_on else part["heading"], "lines": kept})
    return found


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

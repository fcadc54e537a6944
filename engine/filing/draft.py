"""The first text of a report: the sentences of a verified narrative, as the authority wants it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.filing.jurisdiction import Jurisdiction, Place
from engine.narrative.draft import Role
from engine.narrative.ledger import Ledger
from engine.narrative.verdict import Line, Narrative

#: How a place begins that who files must fill in.
TO_STATE = "[To be stated: "

_PLACES: dict[Role, Place] = {"introduction": "introduction", "conclusion": "conclusion"}


@dataclass(frozen=True, slots=True)
class FilingDraft:
    """A text that nobody has read.

    Attributes
    ----------
    left_out
        Sentences that rest on no key fact and for which there was no room.
    """

    text: str
    left_out: int


def write_filing(narrative: Narrative, ledger: Ledger, rules: Jurisdiction) -> FilingDraft:
    """Write the draft of a report: introduction, body, conclusion.

    What the program cannot know stands in square brackets, to be stated by who files.
    """
    key = {fact.fact_id for fact in ledger.facts if fact.is_key}
    lines: list[tuple[Place, Line]] = [
        (_PLACES.get(part.role, "body"), line) for part in narrative.parts for line in part.lines
    ]
    whole = len(lines)
    text = _text(lines, rules)
    for position in range(whole - 1, -1, -1):
        if len(text) <= rules.longest:
            break
        place, line = lines[position]
        if place == "body" and not key & set(line.fact_ids):
            del lines[position]
            text = _text(lines, rules)
    return FilingDraft(text, whole - len(lines))


def _text(lines: list[tuple[Place, Line]], rules: Jurisdiction) -> str:
    paragraphs = []
    for place, wanted in rules.to_state.items():
        said = [line.text for at, line in lines if at == place]
        asked = [f"{TO_STATE}{one}.]" for one in wanted]
        paragraphs.append(" ".join([*said, *asked]))
    return "\n\n".join(filter(None, paragraphs))

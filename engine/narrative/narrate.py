"""The narrative of the program alone: written from the ledger, and verified against it."""

from __future__ import annotations

from engine.formats import PLAIN, Style
from engine.narrative.ledger import Ledger, sha256
from engine.narrative.pseudonyms import hide, restore
from engine.narrative.template import write
from engine.narrative.verdict import Line, Narrative, Part
from engine.narrative.verify import coverage, n_stated, verify


def narrate_by_template(ledger: Ledger, style: Style = PLAIN) -> Narrative:
    """Write the template narrative of a ledger, verified like any other.

    Raises
    ------
    RuntimeError
        If a sentence is not borne out by the facts that it cites: an error of the program.
    """
    # By pseudonyms: an account may be called ``2`` or ``the``, which reads as a number or a word.
    hidden, names = hide(ledger)
    draft = write(hidden, style)
    for one in verify(draft, hidden, style.zone):
        if not one.is_verified:
            raise RuntimeError(
                f"a fixed sentence is not borne out by its facts: {one.sentence.text!r} "
                f"({'; '.join(one.problems)})"
            )
    sentences = draft.sentences()
    parts = tuple(
        Part(section.role, tuple(Line(x.text, x.fact_ids, "template") for x in section.sentences))
        for section in restore(draft, names).sections
    )
    return Narrative(
        source="template",
        parts=parts,
        ledger_sha256=sha256(ledger),
        coverage=coverage([one for x in sentences for one in x.fact_ids], ledger),
        n_checked=sum(n_stated(one, hidden) for one in sentences),
    )

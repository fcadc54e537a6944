"""The narrative of the program alone: written from the ledger, and verified against it."""

from __future__ import annotations

from engine.formats import PLAIN, Style
from engine.narrative.draft import Draft, Role, Section
from engine.narrative.ledger import Ledger, sha256
from engine.narrative.pseudonyms import hide, restore
from engine.narrative.template import write
from engine.narrative.verdict import Checked, Line, Narrative, Part, Rejected
from engine.narrative.verify import coverage, n_stated, verify


def narrate_by_template(ledger: Ledger, style: Style = PLAIN) -> Narrative:
    """Write the template narrative of a ledger, verified like any other.

    A sentence that is not borne out by the facts that it cites is an error of the program: it is
    left out, and kept among those rejected.
    """
    # By pseudonyms: an account may be called ``2`` or ``the``, which reads as a number or a word.
    hidden, names = hide(ledger)
    checked = iter(verify(draft := write(hidden, style), hidden, style.zone))
    kept, rejected = list[Section](), list[tuple[Role, Checked]]()
    for section in draft.sections:
        found = [next(checked) for _ in section.sentences]
        kept.append(Section(section.role, tuple(x.sentence for x in found if x.is_verified)))
        rejected += [(section.role, one) for one in found if not one.is_verified]
    sentences = Draft(tuple(kept)).sentences()
    parts = tuple(
        Part(section.role, tuple(Line(x.text, x.fact_ids, "template") for x in section.sentences))
        for section in restore(Draft(tuple(kept)), names).sections
        if section.sentences
    )
    lost = restore(Draft(tuple(Section(role, (one.sentence,)) for role, one in rejected)), names)
    return Narrative(
        source="template",
        parts=parts,
        ledger_sha256=sha256(ledger),
        coverage=coverage([one for x in sentences for one in x.fact_ids], ledger),
        n_checked=sum(n_stated(one, hidden) for one in sentences),
        rejected=tuple(
            Rejected(role, sentence.text, one.problems, "template")
            for (role, one), sentence in zip(rejected, lost.sentences(), strict=True)
        ),
    )

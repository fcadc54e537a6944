"""From a model's draft to a narrative in which every line is verified."""

from __future__ import annotations

from collections.abc import Iterable

from engine.formats import PLAIN, Style
from engine.narrative.draft import Advice, Draft, Role, Section, Sentence
from engine.narrative.ledger import Ledger, sha256
from engine.narrative.template import write
from engine.narrative.verdict import Line, Narrative, Origin, Part, Rejected
from engine.narrative.verify import coverage, n_stated, verify

#: Roles that no narrative lacks.
NEEDED: tuple[Role, ...] = ("introduction", "conclusion")

_ORDER: tuple[Role, ...] = (
    "introduction", "who", "what", "when", "where", "why", "how", "counter", "unknown",
    "conclusion",
)  # fmt: skip
_ENOUGH = 0.9

_Lines = dict[Role, list[Line]]


def settle(first: Draft, repaired: Draft | None, ledger: Ledger, style: Style = PLAIN) -> Narrative:
    """Keep what is verified, and let the template say the rest.

    Of each role the verified sentences of the first draft stay, and of the repair those that are
    new. A role with a sentence rejected and none repaired gets the template's; so does one that is
    needed and missing, and so do key facts, where fewer than nine in ten are cited.
    """
    rejected: list[Rejected] = []
    lines: _Lines = {}
    _take(first, "model", ledger, style, lines, rejected)
    lost = {one.role for one in rejected}
    if repaired is not None:
        kept = {role: len(of) for role, of in lines.items()}
        _take(repaired, "repair", ledger, style, lines, rejected)
        lost = {role for role in lost if len(lines.get(role, ())) == kept.get(role, 0)}
    by_template: _Lines = {}
    _take(write(ledger, style), "template", ledger, style, by_template, [])
    needed = {role for role in (*NEEDED, "counter") if not lines.get(role)}
    for role in (*lost, *needed):
        _add(lines, role, by_template.get(role, []))
    _complete(lines, by_template, ledger)
    return _narrative(lines, rejected, _advice(repaired or first, ledger, style), ledger)


def _take(
    draft: Draft, origin: Origin, ledger: Ledger, style: Style, lines: _Lines,
    rejected: list[Rejected],
) -> None:  # fmt: skip
    checked = iter(verify(draft, ledger, style.zone))
    for section in draft.sections:
        for _ in section.sentences:
            one = next(checked)
            if one.is_verified:
                line = Line(one.sentence.text, one.sentence.fact_ids, origin)
                _add(lines, section.role, [line])
            else:
                rejected.append(Rejected(section.role, one.sentence.text, one.problems, origin))


def _add(lines: _Lines, role: Role, new: Iterable[Line]) -> None:
    there = lines.setdefault(role, [])
    texts = {line.text for line in there}
    there += [line for line in new if line.text not in texts]


def _complete(lines: _Lines, by_template: _Lines, ledger: Ledger) -> None:
    """Add the template's sentences on key facts until enough of them are told."""
    keys = {fact.fact_id for fact in ledger.facts if fact.is_key}
    for role, new in by_template.items():
        for line in new:
            cited = _cited(lines)
            if coverage(tuple(cited), ledger) >= _ENOUGH:
                return
            if (keys & set(line.fact_ids)) - cited:
                _add(lines, role, [line])


def _cited(lines: _Lines) -> set[str]:
    return {fact_id for of in lines.values() for line in of for fact_id in line.fact_ids}


def _advice(draft: Draft, ledger: Ledger, style: Style) -> Advice | None:
    if draft.advice is None:
        return None
    reasons = verify(Draft((_as_section(draft.advice.reasons),)), ledger, style.zone)
    return Advice(draft.advice.band, tuple(one.sentence for one in reasons if one.is_verified))


def _as_section(sentences: tuple[Sentence, ...]) -> Section:
    return Section("why", sentences)


def _narrative(
    lines: _Lines, rejected: list[Rejected], advice: Advice | None, ledger: Ledger
) -> Narrative:
    parts = tuple(Part(role, tuple(lines[role])) for role in _ORDER if lines.get(role))
    shown = [line for part in parts for line in part.lines]
    is_model = any(line.origin != "template" for line in shown)
    return Narrative(
        source="model" if is_model else "template",
        parts=parts,
        ledger_sha256=sha256(ledger),
        coverage=coverage(tuple(_cited(lines)), ledger),
        n_checked=sum(n_stated(Sentence(one.text, one.fact_ids), ledger) for one in shown),
        rejected=tuple(rejected),
        advice=advice,
    )

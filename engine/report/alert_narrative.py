"""The narrative of an alert with references to its facts, and the facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine import formats as fmt
from engine.narrative.ledger import Fact
from engine.narrative.verdict import Narrative, Part
from engine.report import by_hand, words
from engine.report.blocks import (
    Block,
    Cell,
    Run,
    Tone,
    badges,
    column,
    heading,
    paragraph,
    quiet,
    table,
)
from engine.report.content import ByPeople, Content, Edit
from engine.report.coverage import name, printable

_MOST_SENTENCE, _MOST_ROWS, _MOST_COMMENT = 2_000, 2, 600
#: No text that is accepted is longer: none is cut.
MOST_EDITED = 100_000


def narrative(content: Content) -> Iterator[Block]:
    """Print the text that somebody stands for, else the verified draft."""
    told, people = content.narrative, content.by_people
    yield heading("Narrative")
    edit = people.edit
    if edit is not None and edit.text:
        yield badges([(_accepted(people), "person"), (f"Draft: {_standing(told)}", _tone(told))])
        yield from _edited(content, edit)
        return
    own = people.accepted is not None and edit is None
    more: list[tuple[str, Tone]] = [(_accepted(people), "person")] if own else []
    yield badges([(_standing(told), _tone(told)), *more])
    known = {fact.fact_id for fact in content.ledger.facts}
    for part in told.parts:
        if part.lines:
            yield heading(words.PARTS[part.role], 2)
            yield paragraph(*_runs(part, known))
    yield quiet(" ".join(filter(None, (_remark(told), _hidden(people), *_of_people(content)))))


def _accepted(people: ByPeople) -> str:
    by = people.accepted.person if people.accepted is not None else ""
    return f"{'Accepted' if people.edit is None else 'Edited by hand, accepted'} by {printable(by)}"


def _hidden(people: ByPeople) -> str:
    if people.edit is None:
        return ""
    return (
        "A text edited by hand was accepted; it is hidden with the account ids, this is its draft."
    )


def _of_people(content: Content) -> Iterator[str]:
    """Say who edited and who accepted, and when."""
    people, style = content.by_people, content.style
    if people.edit is not None:
        edit = people.edit
        yield f"Edited by {printable(edit.person)}, {fmt.moment(edit.at, style)}."
    if people.accepted is not None:
        by, why = people.accepted, name(people.accepted.reason, _MOST_COMMENT).rstrip(".")
        when = fmt.moment(by.at, style)
        yield f"Accepted by {printable(by.person)}, {when}{f': {why}' if why else ''}."
    if people.pending is not None:
        edit = people.pending
        which = "later " if people.accepted is not None else ""
        yield (
            f"A {which}text by {printable(edit.person)}, {fmt.moment(edit.at, style)}, is not "
            "printed: nobody accepted it."
        )


def _edited(content: Content, edit: Edit) -> Iterator[Block]:
    told = by_hand.paragraphs(edit.text, content.narrative, content.ledger)
    known = {fact.fact_id for fact in content.ledger.facts}
    for sentences in told:
        yield paragraph(*(run for one in sentences for run in _by_hand(one, known)))
    yield quiet(" ".join((_counted(content, told), *_of_people(content))))


def _by_hand(one: by_hand.Sentence, known: set[str]) -> Iterator[Run]:
    yield f"{name(one.text, MOST_EDITED)} "
    if one.problems:
        problems = "; ".join(name(problem, 200) for problem in one.problems)
        yield {"mark": f"not verified: {problems}"}
    elif one.is_by_hand:
        yield {"mark": "by hand"}
    else:
        yield _references(one.fact_ids, known)
    yield " "


def _counted(content: Content, told: tuple[tuple[by_hand.Sentence, ...], ...]) -> str:
    """Say how much of a text is the verified draft's."""
    sentences = [one for some in told for one in some]
    edited = [one for one in sentences if one.is_by_hand]
    flagged = sum(bool(one.problems) for one in edited)
    gone = len(set(by_hand.cited_by(content.narrative)) - {one.text for one in sentences})
    return (
        f"Sentences: {fmt.count(len(sentences) - len(edited))} of the verified draft, word for "
        f"word, each with its facts; {fmt.count(len(edited))} by hand, of which "
        f"{fmt.count(flagged)} say what stands in no fact. {fmt.count(gone)} of the draft were "
        "changed or left out; narrative.json of the evidence pack has it whole."
    )


def _tone(told: Narrative) -> Tone:
    return "program" if told.source == "template" else "model"


def _standing(told: Narrative) -> str:
    n = fmt.count(told.n_checked)
    if told.source == "template":
        return f"Written by template, {n}/{n} numbers verified"
    return f"Machine-drafted, {n}/{n} numbers verified"


def _remark(told: Narrative) -> str:
    parts = [
        f"Each number, moment, and account was found in the facts that its sentence cites; the "
        f"narrative cites {fmt.share(told.coverage, decimals=0)} of the key facts."
    ]
    if told.usage is not None and told.source == "model":
        parts.append(f"Model: {printable(told.usage.model)}.")
    if told.rejected:
        n = len(told.rejected)
        was = "1 sentence of the model was" if n == 1 else f"{n} sentences of the model were"
        parts.append(f"{was} not verified and replaced.")
    if told.advice is not None:
        parts.append(f"A model advises: {told.advice.band}. Its advice changes no score.")
    return " ".join(parts)


def _runs(part: Part, known: set[str]) -> Iterator[Run]:
    for line in part.lines:
        yield f"{printable(line.text, _MOST_SENTENCE)} "
        yield _references(line.fact_ids, known)
        yield " "


def _references(fact_ids: Iterable[str], known: set[str]) -> Run:
    return {"facts": [[one, one in known] for one in _in_order(fact_ids)]}


def _in_order(fact_ids: Iterable[str]) -> list[str]:
    """Return each id once, by its number."""
    return sorted(set(fact_ids), key=lambda one: (len(one), one))


def facts(content: Content) -> Iterator[Block]:
    """List all facts with what they come from."""
    yield heading("Appendix: facts")
    columns = [
        column("Id"), column("What", 5), column("Value", 3), column("Asks"), column("From", 3),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            {"fact": fact.fact_id}, _label(fact), words.value_of(fact, content.style),
            words.TOPICS[fact.topic] + (" *" if fact.is_key else ""), _source(fact),
        ]
        for fact in content.ledger.facts
    ]  # fmt: skip
    note = (
        "* A complete narrative says it. The facts as JSON (facts.json of the evidence pack) have "
        f"the SHA-256 {content.narrative.ledger_sha256}."
    )
    yield table(columns, rows, note, size=7.0)


def _label(fact: Fact) -> str:
    """Say what a fact is, and of which account or two."""
    label = printable(fact.label)
    if fact.kind in ("account", "path") or not 1 <= len(fact.subjects) <= 2:
        return label
    return f"{label}: {' → '.join(map(name, fact.subjects))}"


def _source(fact: Fact) -> str:
    shown = ", ".join(str(tx_id) for tx_id in fact.tx_ids[:_MOST_ROWS])
    rest = max(fact.n_tx, len(fact.tx_ids)) - len(fact.tx_ids[:_MOST_ROWS])
    rows = f"rows {shown}" if shown else ""
    rows += f" and {fmt.count(rest)} more" if shown and rest > 0 else ""
    return rows or printable(fact.query.split("(")[0], 60)

"""The narrative of an alert with references to its facts, and the facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine import formats as fmt
from engine.narrative.ledger import Fact
from engine.narrative.verdict import Narrative, Part
from engine.report import words
from engine.report.blocks import Block, Cell, Run, badge, column, heading, paragraph, quiet, table
from engine.report.content import Content
from engine.report.coverage import LEFT, name, printable

_MOST_SENTENCE, _MOST_ROWS = 2_000, 2


def narrative(content: Content) -> Iterator[Block]:
    """Print the narrative; each sentence names its facts."""
    told = content.narrative
    yield heading("Narrative")
    yield badge(_standing(told), good=told.source == "template")
    known = {fact.fact_id for fact in content.ledger.facts}
    for part in told.parts:
        if part.lines:
            yield heading(words.PARTS[part.role], 2)
            yield paragraph(*_runs(part, known))
    yield quiet(_remark(told))


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
        yield {"facts": [[one, one in known] for one in _in_order(line.fact_ids)]}
        yield " "


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
    return f"{label}: {f'{LEFT} → '.join(map(name, fact.subjects))}"


def _source(fact: Fact) -> str:
    shown = ", ".join(str(tx_id) for tx_id in fact.tx_ids[:_MOST_ROWS])
    rest = max(fact.n_tx, len(fact.tx_ids)) - len(fact.tx_ids[:_MOST_ROWS])
    rows = f"rows {shown}" if shown else ""
    rows += f" and {fmt.count(rest)} more" if shown and rest > 0 else ""
    return rows or printable(fact.query.split("(")[0], 60)

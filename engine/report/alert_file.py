"""What stands round the evidence: decisions, method and limits, parameters, audit, glossary."""

from __future__ import annotations

from collections.abc import Iterator

from engine import formats as fmt
from engine.report import words
from engine.report.blocks import Block, bullets, column, heading, pairs, paragraph, quiet, table
from engine.report.content import Content
from engine.report.coverage import name, printable

_MOST_NOTE = 4_000
_MOST_AUDIT = 200


def decisions(content: Content) -> Iterator[Block]:
    """Print notes, the decision, and who approved it."""
    yield heading("Notes, decision, approvals")
    case, style = content.case, content.style
    if case is None:
        yield quiet("Made from the run alone: no workbench was asked.")
        return
    yield pairs([
        ("Decision", printable(case.decision or "none yet")),
        ("Reason", printable(case.decision_reason)),
    ])  # fmt: skip
    if case.steps:
        columns = [column("When"), column("What", 2), column("Who", 1), column("Why", 3)]
        yield table(columns, [
            [fmt.moment(one.at, style), printable(one.what), printable(one.person),
             name(one.reason, _MOST_NOTE)]
            for one in case.steps
        ])  # fmt: skip
    for note in case.notes:
        yield paragraph(
            {"bold": f"{printable(note.author)}, {fmt.moment(note.at, style)}: "},
            name(note.text, _MOST_NOTE),
        )
    if not case.steps and not case.notes:
        yield quiet("No notes and no decisions so far.")


def method(content: Content) -> Iterator[Block]:
    """Say what was looked at, how, and what that cannot tell."""
    found, style = content.evidence, content.style
    first, last = (fmt.moment(one, style) for one in found.period)
    yield heading("Method and limits")
    rejected = f", of which {fmt.count(found.rejected)} were rejected" if found.rejected else ""
    told = [
        f"Data: {fmt.count(found.rows)} rows of {printable(found.origin.input_name)}{rejected}, "
        f"from {first} to {last}. What other banks or earlier periods hold is not known.",
        "Rings are found by the shape, the timing, and the sums of transfers, and are compared "
        "with innocent look-alikes. A score ranks alerts within a run; it is no probability of "
        "guilt.",
    ]
    metrics = ", ".join(
        f"{key.replace('_', ' ')} {_measured(value)}"
        for key, value in sorted(found.metrics.items())
    )
    told.append(
        f"Model, on the last part of the period, which it was not trained on: {metrics}."
        if metrics
        else "No model was trained: scores rest on rules, rarity, and rings."
    )
    yield bullets([[one] for one in (*told, *map(words.sentence, found.notes))])


def _measured(value: float) -> str:
    return fmt.count(value) if value > 1 and value.is_integer() else f"{value:.3f}"


def parameters(content: Content) -> Iterator[Block]:
    """List what computed, and settings that differ from the defaults."""
    origin = content.evidence.origin
    yield heading("Appendix: parameters")
    versions = ", ".join(f"{key} {one}" for key, one in sorted(origin.versions.items()))
    yield pairs([
        ("Run", f"{printable(origin.run_id)}, begun {fmt.moment(origin.started)}"),
        ("Engine", origin.engine),
        ("Input SHA-256", name(origin.input_sha256, 80)),
        ("Settings SHA-256", name(origin.config_sha256, 80)),
        ("Model SHA-256", name(origin.model_sha256 or "", 80)),
    ])  # fmt: skip
    yield quiet(f"Versions: {printable(versions)}.")
    rows = [
        [name(row["setting"]), name(row["value"], 200), name(row["default"], 200)]
        for row in content.evidence.settings.to_dict("records")
    ]
    if rows:
        yield table([column("Setting", 2), column("Value", 2), column("Default", 2)], rows)
    else:
        yield quiet("All settings are the defaults.")


def audit(content: Content) -> Iterator[Block]:
    """Print the entries of the audit on the alert, with their hashes."""
    case = content.case
    if case is None or not case.audit:
        return
    yield heading("Appendix: extract of the audit")
    columns = [
        column("No", right=True), column("When"), column("Who"), column("What"),
        column("Told", 3), column("Hash"),
    ]  # fmt: skip
    latest = case.audit[-_MOST_AUDIT:]
    rows = [
        [str(one.seq), fmt.moment(one.at, content.style), printable(one.actor, 40),
         printable(one.action, 40), name(one.told, 300), one.hash[:12]]
        for one in latest
    ]  # fmt: skip
    left = len(case.audit) - len(latest)
    note = f"The {len(latest)} latest of {len(case.audit)} entries. " if left else ""
    if case.audit_head is not None:
        note += f"Entry {case.audit_head[0]} has the hash {case.audit_head[1]}."
    yield table(columns, rows, note, size=7.0)


def glossary() -> Iterator[Block]:
    """Say what the words of the report mean."""
    yield heading("Glossary")
    yield bullets([[{"bold": term}, f": {said}"] for term, said in words.GLOSSARY.items()])

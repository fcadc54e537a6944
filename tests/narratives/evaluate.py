"""How far narratives can be trusted: ``python -m tests.narratives.evaluate`` prints a table.

Everything runs over the frozen ledgers, on one core, in about 15 seconds.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.narrative.draft import Draft, Section, Sentence
from engine.narrative.ledger import Ledger
from engine.narrative.narrate import narrate_by_template
from engine.narrative.pseudonyms import hide
from engine.narrative.settle import settle
from engine.narrative.template import write
from engine.narrative.verdict import Narrative
from engine.narrative.verify import verify
from tests.narratives.attack import attacks
from tests.narratives.frozen import frozen, names
from tests.narratives.mutation import missed, mutants
from tests.narratives.oracle import unsupported
from tests.narratives.renamed import renamed
from tests.narratives.sets import SETS, Told, tell
from tests.narratives.true_sentences import true_sentences


@dataclass
class Findings:
    """What was tried, and each text that went wrong."""

    n_lines: int = 0
    unsupported: list[str] = field(default_factory=list)
    coverages: list[float] = field(default_factory=list)
    n_attacks: int = 0
    succeeded: dict[str, list[str]] = field(default_factory=dict)
    n_attack_sentences: int = 0
    n_honest: int = 0
    honest_lost: list[str] = field(default_factory=list)
    n_true: int = 0
    rejected: list[str] = field(default_factory=list)
    blind: dict[str, Told] = field(default_factory=dict)
    n_changed: int = 0
    missed: list[str] = field(default_factory=list)
    n_renamed: int = 0
    broken: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)


def evaluate(chosen: Sequence[str]) -> Findings:
    """Try everything over some of the frozen ledgers; all attacks, whatever their ledger."""
    found = Findings(blind={name: tell(name) for name in SETS})
    _attack(found)
    for place, name in enumerate(chosen):
        ledger = frozen(name)
        _template(found, ledger, place)
        _true(found, hide(ledger)[0] if place % 2 else ledger, place)
        _mixed(found, ledger, place)
        if place % 8 == 0:
            _renamed(found, ledger)
    return found


def _attack(found: Findings) -> None:
    for one in attacks():
        shown, narrative = one.shown()
        found.n_attacks += 1
        found.n_attack_sentences += len(one.bad)
        if shown:
            found.succeeded[one.name] = shown
        text = narrative.text()
        found.n_honest += len(one.honest)
        found.honest_lost += [honest for honest in one.honest if honest not in text]
        _look_at(found, narrative, one.ledger)


def _template(found: Findings, ledger: Ledger, turn: int) -> None:
    draft = write(ledger)
    start = time.process_time()
    verify(draft, ledger)
    found.milliseconds.append(1000 * (time.process_time() - start))
    narrative = narrate_by_template(ledger)
    found.coverages.append(narrative.coverage)
    _look_at(found, narrative, ledger)
    n_changed, passed = missed(draft.sentences(), ledger, turn)
    found.n_changed += n_changed
    found.missed += passed


def _true(found: Findings, ledger: Ledger, turn: int) -> None:
    draft = Draft((Section("what", tuple(true_sentences(ledger, turn))),))
    checked = verify(draft, ledger)
    found.n_true += len(checked)
    found.rejected += [
        f"{one.sentence.text} ({'; '.join(one.problems)})" for one in checked if not one.is_verified
    ]
    verified = [one.sentence for one in checked if one.is_verified]
    n_changed, passed = missed(verified, ledger, turn)
    found.n_changed += n_changed
    found.missed += passed


def _mixed(found: Findings, ledger: Ledger, turn: int) -> None:
    """A model that is right in every other sentence: what is wrong is replaced."""
    told = true_sentences(ledger, turn)
    wrong = [_changed(one, turn) if n % 2 else one for n, one in enumerate(told)]
    draft = Draft((Section("introduction", tuple(wrong)),))
    narrative = settle(draft, None, ledger)
    found.coverages.append(narrative.coverage)
    _look_at(found, narrative, ledger)


def _changed(sentence: Sentence, turn: int) -> Sentence:
    return next(mutants(sentence, turn), sentence)


def _renamed(found: Findings, ledger: Ledger) -> None:
    for name, other in renamed(ledger):
        found.n_renamed += 1
        lost = narrate_by_template(other).rejected
        found.broken += [f"{name!r}: {one.text} ({'; '.join(one.problems)})" for one in lost]


def _look_at(found: Findings, narrative: Narrative, ledger: Ledger) -> None:
    for line in (line for part in narrative.parts for line in part.lines):
        found.n_lines += 1
        if unsupported(line.text, line.fact_ids, ledger):
            found.unsupported.append(line.text)


def table(found: Findings) -> str:
    """Write the findings as one table in Markdown."""
    speed = found.milliseconds
    share = len(found.rejected) / found.n_true
    rows = (
        ("Unsupported numbers shown", f"{len(found.unsupported)} in {found.n_lines:,} lines", "0"),
        ("Coverage of key facts, least", f"{min(found.coverages):.3f}", "≥ 0.9"),
        (
            "Attacks that succeed",
            f"{len(found.succeeded)} of {found.n_attacks} "
            f"({sum(map(len, found.succeeded.values()))} of {found.n_attack_sentences} sentences)",
            "0",
        ),
        (
            "True sentences rejected", f"{share:.2%} ({len(found.rejected)} of {found.n_true:,})",
            "< 2 %",
        ),
        *(row for name, told in found.blind.items() for row in _of_set(name, told)),
        ("Changed digits missed", f"{len(found.missed)} of {found.n_changed:,}", "0"),
        (
            "Sentences of the program lost to odd names of accounts",
            f"{len(found.broken)} with {found.n_renamed} names", "0",
        ),
        (
            "Verification of a narrative (CPU), median / p95 / max",
            f"{np.median(speed):.1f} / {np.percentile(speed, 95):.1f} / {max(speed):.1f} ms",
            "< 20 ms",
        ),
    )  # fmt: skip
    lines = [f"| {' | '.join(row)} |" for row in (("Measure", "Result", "Aim"), *rows)]
    return "\n".join([lines[0], "|---|---|---|", *lines[1:]])


def _of_set(name: str, told: Told) -> Iterator[tuple[str, str, str]]:
    for what, texts, n in (
        ("true sentences rejected", told.rejected, told.n_true),
        ("false sentences shown", told.accepted, told.n_false),
    ):
        share = f"{len(texts) / n:.1%} ({len(texts)} of {n})"
        yield f"By others ({name.replace('_', ' ')}): {what}", share, "–"


def main(arguments: Sequence[str]) -> None:
    """Print the table; with ``--all``, each text that went wrong, too."""
    parser = argparse.ArgumentParser(prog="python -m tests.narratives.evaluate")
    parser.add_argument("--all", action="store_true", help="print what went wrong, too")
    is_all = parser.parse_args(arguments).all
    found = evaluate(names())
    print(table(found))
    if is_all:
        succeeded = [f"{name}: {one}" for name, of in found.succeeded.items() for one in of]
        for title, texts in (
            ("Unsupported", found.unsupported), ("Attacks", succeeded),
            ("Honest sentences beside attacks that were lost", found.honest_lost),
            *((f"Of {name}, true and rejected", x.rejected) for name, x in found.blind.items()),
            *((f"Of {name}, false and shown", x.accepted) for name, x in found.blind.items()),
            ("Rejected", found.rejected), ("Missed", found.missed),
            ("Lost to odd names", found.broken),
        ):  # fmt: skip
            print(f"\n{title}:", *(one[:300] for one in texts), sep="\n- ")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Ledgers and narratives with pseudonyms: no id is left, and nothing else is changed."""

from __future__ import annotations

from dataclasses import replace

from engine.narrative.draft import Advice, Sentence
from engine.narrative.ledger import Fact, Ledger, canonical
from engine.narrative.verdict import Line, Narrative, Part, Rejected
from engine.workbench.masked_ledger import masked_ledger, masked_narrative
from engine.workbench.masking import Masker

MASKER = Masker(bytes(32))

#: Accounts are called as days, hours and amounts read.
LEDGER = Ledger(
    "march", "A000001", "R000001", "fan_in", "INR", "ab" * 32, "cd" * 32, "1",
    (
        Fact("F1", "ring.start", "moment", "2026-01-12T12:00:00Z", "", "first transfer", "when"),
        Fact("F2", "hub", "account", "12", "", "who was paid", "who", query="account_facts('12')"),
        Fact("F3", "paid", "count", 12, "", "payments", "what", subjects=("12", "2026")),
        Fact("F4", "path", "path", ("2026", "12"), "", "path of the money", "how"),
    ),
)  # fmt: skip
A12, A2026 = MASKER.account("12"), MASKER.account("2026")


def test_accounts_are_told_by_the_kind_of_a_fact() -> None:
    start, hub, paid, path = masked_ledger(MASKER, LEDGER).facts
    assert start == LEDGER.facts[0]
    assert (hub.value, hub.query) == (A12, f"account_facts('{A12}')")
    assert (paid.value, paid.subjects) == (12, (A12, A2026))
    assert path.value == (A2026, A12)


def test_a_ledger_without_accounts_stays_as_it_is() -> None:
    bare = replace(LEDGER, facts=LEDGER.facts[:1])
    assert canonical(masked_ledger(MASKER, bare)) == canonical(bare)


def test_a_line_hides_the_accounts_of_the_facts_that_it_cites() -> None:
    lines = (
        Line("It began on 2026-01-12.", ("F1",), "model"),
        Line("12 was paid.", ("F2",), "model"),
    )
    rejected = (Rejected("who", "777 is the boss.", ("777 stands in no fact",), "model"),)
    advice = Advice("high", (Sentence("12 took it all.", ("F2",)),))
    narrative = Narrative(
        "model", (Part("what", lines),), "ef" * 32, 1.0, 2, rejected, advice
    )  # fmt: skip
    masked = masked_narrative(MASKER, narrative, LEDGER)
    assert [line.text for line in masked.parts[0].lines] == [
        "It began on 2026-01-12.", f"{A12} was paid.",
    ]  # fmt: skip
    assert masked.advice == Advice("high", (Sentence(f"{A12} took it all.", ("F2",)),))
    assert masked.rejected == ()


def test_who_wrote_a_line_is_no_account() -> None:
    line = Line("12 was paid.", ("F2",), "model")
    narrative = Narrative("model", (Part("what", (line,)),), "ef" * 32, 1.0, 1)
    masked = MASKER.value(narrative, ["12"])
    assert masked.source == masked.parts[0].lines[0].origin == "model"
    assert masked.parts[0].lines[0].text == f"{A12} was paid."

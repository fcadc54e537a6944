"""How facts, badges and costs of narratives read."""

from __future__ import annotations

from typing import Any

import pytest

from app.ui import narrative_words
from engine.formats import Style
from engine.narrative.ledger import Fact
from engine.narrative.verdict import Line, Narrative, Part, Rejected, Usage

USAGE = Usage("claude-haiku", "schema", 2310, 820, 0.0064, 4.21, 1)


def fact(kind: Any, value: Any, unit: str = "") -> Fact:
    return Fact("F1", "ring.amount", kind, value, unit, "what it is", "what")


@pytest.mark.parametrize(
    ("given", "reads"),
    [
        (fact("amount", 98000000, "INR"), "₹9,80,000.00"),
        (fact("amount", 120050, "USD"), "$1,200.50"),
        (fact("amount", 120050), "1,200.50"),
        (fact("count", 2946), "2,946"),
        (fact("share", "0.912"), "91.2 %"),
        (fact("score", "0.943"), "0.943"),
        (fact("moment", "2026-01-03T04:05:00Z"), "2026-01-03 04:05 UTC"),
        (fact("date", "2026-01-03"), "2026-01-03"),
        (fact("duration", 43500, "s"), "12 h 5 min"),
        (fact("account", "C1"), "C1"),
        (fact("path", ("C1", "C2")), "C1 → C2"),
        (fact("path", tuple(f"C{n}" for n in range(14))), " → ".join(
            f"C{n}" for n in range(12)) + " and 2 more"),
        (fact("text", "fan-in"), "fan-in"),
    ],
)  # fmt: skip
def test_a_fact_reads_by_its_kind(given: Fact, reads: str) -> None:
    assert narrative_words.value_of(given, Style()) == reads


def test_a_moment_is_told_in_the_zone_that_a_person_chose() -> None:
    told = narrative_words.value_of(
        fact("moment", "2026-01-03T04:05:00Z"), Style(zone="Asia/Kolkata")
    )
    assert told == "2026-01-03 09:35 UTC+05:30"


def test_the_badge_says_who_wrote_it_and_that_every_line_is_verified() -> None:
    parts = (Part("what", (Line("One.", ("F1",), "model"), Line("Two.", ("F2",), "template"))),)
    by_model = Narrative("model", parts, "ab" * 32, 1.0, 2, usage=USAGE)
    assert narrative_words.badge_of(by_model)[0] == "claude-haiku, 2/2 verified"
    assert narrative_words.badge_of(Narrative("template", parts, "", 1.0, 2))[0] == (
        "Template, 2/2 verified"
    )


def test_it_is_told_whose_sentences_stand_in_a_models_text() -> None:
    lines = (Line("One.", ("F1",), "model"), Line("Two.", ("F2",), "template"))
    told = narrative_words.checked(
        Narrative("model", (Part("what", lines),), "", 1.0, 2, usage=USAGE)
    )
    assert told.startswith("1 sentence by the model, 1 by the program")
    own = Narrative("template", (Part("what", lines[1:]),), "", 1.0, 1)
    assert "by the model" not in narrative_words.checked(own)


def test_a_sentence_that_was_rejected_twice_is_listed_once() -> None:
    first = Rejected("what", "9 moved.", ("9 stands in no fact",), "model")
    again = Rejected("what", "9 moved.", ("9 stands in no fact",), "repair")
    other = Rejected("who", "X did.", ("X is no account",), "model")
    assert narrative_words.once_each((first, other, again)) == [(first, 2), (other, 1)]


def test_what_a_model_took_is_told_with_its_cost() -> None:
    told = "2,310 tokens in, 820 out · $0.0064 · 4.2 s"
    assert narrative_words.spent(USAGE) == told

"""The proof of a sentence: what passes, and what is rejected and why."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from engine.narrative.draft import Draft, Section, Sentence
from engine.narrative.ledger import Fact
from engine.narrative.template import write
from engine.narrative.verify import coverage, n_stated, verify
from tests.engine.ledgers import FROZEN, fact, frozen, ledger, problems

AMOUNT = fact("F1", "amount", 98_000_000, unit="INR")
COUNT = fact("F2", "count", 24)
SHARE = fact("F3", "share", "0.912")
START = fact("F4", "date", "2026-02-03")
A = fact("F5", "account", "ACME")


def test_a_sentence_of_cited_values_is_verified() -> None:
    text = "In 24 transfers ₹9,80,000 moved from 3 February 2026 on; 91.2 % of it left ACME."
    assert problems(text, AMOUNT, COUNT, SHARE, START, A) == ()


@pytest.mark.parametrize(
    ("text", "of", "reason"),
    [
        ("It moved ₹9,90,000.", (AMOUNT,), "“₹9,90,000” stands in none of the cited facts"),
        ("It moved money.", (AMOUNT,), "it cites F1 (amount) and does not say its value"),
        ("24 of 24 were late.", (COUNT,), "it states a value more often than its cited facts do"),
        (
            "In transaction 9, 24 moved.",
            (COUNT,),
            "transaction 9 is behind none of the cited facts",
        ),
        ("There were thirty.", (COUNT,), "“thirty” stands in none of the cited facts"),
        ("There were 24 of ZED12.", (COUNT,), "“ZED12” stands in none of the cited facts"),
        ("Money moved on.", (A,), "F5 is about ACME, which it does not name"),
    ],
)
def test_what_is_not_borne_out_is_rejected(text: str, of: tuple[Fact, ...], reason: str) -> None:
    assert reason in problems(text, *of)


def test_a_sentence_needs_citations_of_facts_that_there_are() -> None:
    assert problems("It moved.", AMOUNT, cites=()) == ("it cites no fact",)
    assert problems("It moved.", AMOUNT, cites=("F99",)) == ("there is no fact F99",)


def test_a_sentence_without_end_is_rejected() -> None:
    text = f"In 24 transfers money moved {'on and ' * 300}on."
    assert problems(text, COUNT) == ("it has more than 600 letters",)


def test_a_value_has_to_stand_in_a_fact_that_the_sentence_cites() -> None:
    assert problems("It moved ₹9,80,000 in 24 transfers.", AMOUNT, COUNT) == ()
    assert problems("It moved ₹9,80,000 in 24 transfers.", AMOUNT, COUNT, cites=("F1",))


@pytest.mark.parametrize(
    "text",
    [
        "The criminals made 24 transfers.", "The 24 transfers launder money.",
        "They are guilty of 24 transfers.", "For 24 transfers see attached.",
        "For 24 transfers see the table.", "**24** transfers.", "| 24 | transfers |",
        "<b>24</b> transfers.", "24 transfers (https://example.org).", "24 transfers.\nMore.",
        "Ignore the 24 transfers.", "After 24 transfers this alert can be closed.",
        "The 24 transfers are legitimate.", "A SAR on the 24 transfers was filed.",
        "The ſtolen 24 transfers.", "The 24 transfers are íllegal.",
    ],
)  # fmt: skip
def test_verdicts_markup_and_orders_are_rejected(text: str) -> None:
    assert problems(text, COUNT)


@pytest.mark.parametrize(
    "text",
    [
        "There were 2\u200b4 transfers.", "There were \u202e24 transfers.",
        "There were ２４ transfers.", "There were २४ transfers.", "There were 24 trаnsfers.",
        "There were 24 transfers²", "There were 24 and ꜱix transfers.",
        "There were 24 and ſix transfers.", "There were 24 and sıx transfers.",
        "There were 24\u0301 transfers.", "There were 𝟤𝟦 transfers.",
        "There were 24 ﬁve transfers.",
    ],
)  # fmt: skip
def test_hidden_characters_and_foreign_digits_are_rejected(text: str) -> None:
    assert any("may not stand in a narrative" in one for one in problems(text, COUNT))


def test_accents_are_fine_and_hide_no_number() -> None:
    assert problems("In all, 24 transférs wére made – “direct”.", COUNT) == ()
    assert "“fìve” stands in none of the cited facts" in problems("24 or fìve.", COUNT)


@pytest.mark.parametrize(
    "text", ["24 were sent to Dubai.", "By Mr Smith, 24 were sent.", "The 24 of Müller."]
)
def test_no_one_and_no_place_is_named_that_no_fact_names(text: str) -> None:
    assert any("is a name that no cited fact has" in one for one in problems(text, COUNT))


@pytest.mark.parametrize(
    "text", ["24 were sent within an hour.", "A tenfold 24.", "On a Monday, 24.", "24 per mille."]
)
def test_what_is_told_vaguely_is_rejected(text: str) -> None:
    assert any("stands in none" in one for one in problems(text, COUNT))


def test_none_and_both_need_no_number() -> None:
    assert problems("No transfer was early.", fact("F1", "count", 0)) == ()
    assert problems("Both were early.", fact("F1", "count", 2)) == ()
    assert problems("Some were early.", fact("F1", "count", 2))


def test_coverage_is_of_the_key_facts() -> None:
    book = frozen("inr-01-chain")
    keys = [one.fact_id for one in book.facts if one.is_key]
    assert coverage(keys, book) == 1
    assert coverage(keys[:1], book) == 1 / len(keys)
    assert coverage((), ledger(COUNT)) == 1
    assert n_stated(Sentence("ACME sent 24.", ("F2", "F5")), ledger(COUNT, A)) == 2


@pytest.mark.parametrize("path", FROZEN[::3], ids=lambda path: path.stem)
def test_no_digit_of_a_narrative_can_be_changed(path: Path) -> None:
    book = frozen(path.stem)
    chance = random.Random(8)
    changed = []
    for one in write(book).sentences():
        for place in (n for n, letter in enumerate(one.text) if letter.isdigit()):
            digit = chance.choice([new for new in "0123456789" if new != one.text[place]])
            text = one.text[:place] + digit + one.text[place + 1 :]
            changed.append(Sentence(text, one.fact_ids))
    checked = verify(Draft((Section("what", tuple(changed)),)), book)
    assert [one.sentence.text for one in checked if one.is_verified] == []

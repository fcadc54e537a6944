"""No name leaves the ledger, and all of them come back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.narrative.draft import Advice, Draft, Section, Sentence
from engine.narrative.ledger import canonical
from engine.narrative.pseudonyms import hide, restore, whole_names
from engine.narrative.template import write
from engine.narrative.verify import verify
from tests.engine.ledgers import FROZEN, fact, frozen, ledger

NAMES = st.lists(
    st.text("abcXYZ0123456789- .é", min_size=1, max_size=8).filter(lambda one: one.strip() == one),
    min_size=1, max_size=12, unique=True,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(NAMES)
def test_what_was_hidden_is_restored(names: list[str]) -> None:
    book = ledger(*(fact(f"F{n}", "account", one) for n, one in enumerate(names, start=1)))
    hidden, back = hide(book)
    assert [back[str(one.value)] for one in hidden.facts] == names
    text = Draft((Section("who", tuple(Sentence(f"It is {one}, so.", ("F1",)) for one in back)),))
    assert [one.text for one in restore(text, back).sentences()] == [
        f"It is {one}, so." for one in names
    ]


@pytest.mark.parametrize("path", FROZEN[::7], ids=lambda path: path.stem)
def test_a_hidden_ledger_names_nobody_and_its_narrative_comes_back(path: Path) -> None:
    book = frozen(path.stem)
    hidden, names = hide(book)
    assert not set(hidden.accounts()) & set(book.accounts())
    assert all(one.query == "" for one in hidden.facts)
    text = write(hidden)
    assert all(one.is_verified for one in verify(text, hidden))
    assert restore(text, names).sentences() == write(book).sentences()


def test_names_within_words_are_hidden_too() -> None:
    named = replace(fact("F2", "text", "it is ACME of old"), label="what ACME is")
    hidden, _ = hide(ledger(fact("F1", "account", "ACME"), named))
    assert "ACME" not in canonical(hidden)


def test_advice_is_restored_and_longer_numbers_are_left_alone() -> None:
    advice = Advice("low", (Sentence("ACCT-01 is new.", ("F1",)),))
    back = restore(Draft((), advice), {"ACCT-01": "42"})
    assert back.advice == Advice("low", (Sentence("42 is new.", ("F1",)),))
    assert restore(
        Draft((Section("who", (Sentence("ACCT-011 is.", ()),)),)), {"ACCT-01": "42"}
    ).sentences() == (Sentence("ACCT-011 is.", ()),)


def test_no_names_are_found_in_no_names() -> None:
    assert not whole_names(()).search("anything")

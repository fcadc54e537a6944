"""The form of answers: what Bedrock compiles, what is read of a model's text, what is shown."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws.bedrock.prose import prose
from aws.bedrock.schema import SCHEMA, read_draft, write_draft
from engine.narrative.draft import Advice, Draft, Section, Sentence
from engine.narrative.verify import MOST_LETTERS
from tests.aws.bedrock_double.requests import schema_fault

DRAFT = Draft(
    (
        Section("introduction", (Sentence("Money moved; “₹5” \\ of it.", ("F1",)),)),
        Section("what", (Sentence("One.", ("F2", "F3")), Sentence('A "second" one.', ("F4",)))),
    ),
    Advice("medium", (Sentence("It is new.", ("F1",)),)),
)
TEXT = write_draft(DRAFT)


def test_bedrock_compiles_the_schema() -> None:
    assert schema_fault(SCHEMA) == ""
    assert "'maxItems' is not supported" in schema_fault({"type": "array", "maxItems": 3})
    assert "must be explicitly false" in schema_fault({"type": "object"})


def test_an_answer_is_read_as_it_was_written() -> None:
    assert read_draft(TEXT) == DRAFT


@pytest.mark.parametrize("around", ["```json\n{}\n```", "Here it is:\n{}\nI hope it helps."])
def test_words_around_an_answer_do_no_harm(around: str) -> None:
    assert read_draft(around.replace("{}", TEXT)) == DRAFT


def test_sections_of_one_role_are_one() -> None:
    told = json.loads(TEXT)
    told["sections"] += told["sections"]
    assert [section.role for section in read_draft(json.dumps(told)).sections] == [
        "introduction", "what",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("I cannot.", "no JSON"),
        ("{}", "sections are to be a list"),
        ('{"sections": []}', "no sentence"),
        ('{"sections": [{"role": "verdict", "sentences": []}]}', "role is 'verdict'"),
        ('{"sections": [{"role": "who", "sentences": [{"text": 1, "facts": []}]}]}', "no text"),
        ('{"sections": [{"role": "who", "sentences": [{"text": "a", "facts": [1]}]}]}', "ids"),
        (TEXT.replace("medium", "certain"), "band"),
        (TEXT[:-30], "no JSON"),
    ],
)
def test_another_form_is_refused_with_what_is_wrong(wrong: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_draft(wrong)


def test_a_sentence_that_is_too_long_costs_no_other_one() -> None:
    long = Sentence("a" * (MOST_LETTERS + 1), ("F1",))
    draft = Draft((Section("what", (long, *DRAFT.sections[0].sentences)),), DRAFT.advice)
    assert read_draft(write_draft(draft)) == draft
    endless = Draft((Section("what", (replace(long, text="a" * 20_001),)),), DRAFT.advice)
    with pytest.raises(ValueError, match="more than 20,000 characters"):
        read_draft(write_draft(endless))


@given(st.integers(0, len(TEXT)))
def test_of_a_cut_answer_whole_sentences_are_read_and_no_others(end: int) -> None:
    whole = DRAFT.sentences()
    try:
        read = read_draft(TEXT[:end], is_cut=True).sentences()
    except ValueError:
        read = ()
        assert '"],' not in TEXT[:end], "a sentence was whole"
    assert read == whole[: len(read)]


@given(st.integers(0, len(TEXT)))
def test_the_prose_grows_with_the_answer_and_never_shows_its_signs(end: int) -> None:
    whole = 'Money moved; “₹5” \\ of it.\n\nOne. A "second" one.'
    assert prose(TEXT) == whole
    assert whole.startswith(prose(TEXT[:end]).rstrip())


def test_letters_in_the_form_of_escapes_are_shown_as_letters() -> None:
    assert prose('{"role":"who","sentences":[{"text":"5 \\u20b9 and \\u20') == "5 ₹ and "

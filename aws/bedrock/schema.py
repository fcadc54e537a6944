"""The one form in which a model answers, and how an answer is read as a draft."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

from engine.narrative.draft import Advice, Band, Draft, Role, Section, Sentence

#: Of :data:`SCHEMA`: answers in another form are not taken from a cache.
SCHEMA_VERSION = 1
#: Name of the schema, and of the tool that takes it.
NAME = "narrative"
ABOUT = "A narrative about an alert, and advice; every sentence names the facts that it rests on."

_SENTENCE: dict[str, Any] = {
    "type": "object", "additionalProperties": False, "required": ["text", "facts"],
    "properties": {
        "text": {"type": "string", "description": "one sentence"},
        "facts": {"type": "array", "items": {"type": "string"}, "description": "ids, e.g. F3"},
    },
}  # fmt: skip
_SENTENCES: dict[str, Any] = {"type": "array", "items": _SENTENCE}
#: A subset of JSON Schema that Bedrock compiles: closed objects, nothing optional, no recursion,
#: no bounds. It never changes with the question, so that it is compiled once a day at most.
SCHEMA: dict[str, Any] = {
    "type": "object", "additionalProperties": False, "required": ["sections", "advice"],
    "properties": {
        "sections": {
            "type": "array",
            "items": {
                "type": "object", "additionalProperties": False, "required": ["role", "sentences"],
                "properties": {
                    "role": {"type": "string", "enum": list(get_args(Role))},
                    "sentences": _SENTENCES,
                },
            },
        },
        "advice": {
            "type": "object", "additionalProperties": False, "required": ["band", "reasons"],
            "properties": {
                "band": {"type": "string", "enum": list(get_args(Band))},
                "reasons": _SENTENCES,
            },
        },
    },
}  # fmt: skip

#: Longest narrative that a filing takes. How long a sentence may be says who verifies it: one that
#: is too long is rejected by itself, and not the whole answer.
_MOST_LETTERS = 20_000
_CLOSING = {"{": "}", "[": "]"}
_STRINGS_AND_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|"|[\[\]{}]', re.DOTALL)


def read_draft(text: str, *, is_cut: bool = False) -> Draft:
    """Read what a model answered.

    Parameters
    ----------
    text
        JSON, perhaps with words or a fence around it.
    is_cut
        Whether the model was stopped: then what is complete is read, if anything is.

    Raises
    ------
    ValueError
        If it has not the form that was asked for; the message tells the model what is wrong.
    """
    draft = _draft(_parsed(text[max(text.find("{"), 0) :], is_cut))
    if sum(len(one.text) for one in draft.sentences()) > _MOST_LETTERS:
        raise ValueError(f"the narrative has more than {_MOST_LETTERS:,} characters")
    return draft


def write_draft(draft: Draft) -> str:
    """Write a draft in the form that :func:`read_draft` reads."""
    advice = draft.advice
    return json.dumps({
        "sections": [
            {"role": section.role, "sentences": _plain(section.sentences)}
            for section in draft.sections
        ],
        "advice": advice and {"band": advice.band, "reasons": _plain(advice.reasons)},
    }, ensure_ascii=False, separators=(",", ":"))  # fmt: skip


def _plain(sentences: tuple[Sentence, ...]) -> list[dict[str, Any]]:
    return [{"text": one.text, "facts": list(one.fact_ids)} for one in sentences]


def _parsed(text: str, is_cut: bool) -> Any:
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except ValueError as error:
        if is_cut:
            for whole in _closed(text):
                try:
                    return json.loads(whole, strict=False)
                except ValueError:  # this end is none of an element either
                    continue
        raise ValueError(f"it is no JSON: {error}") from error


def _closed(text: str) -> Iterator[str]:
    """Yield the text up to each closed sentence, the last first, with what is open closed."""
    open_now: list[str] = []
    ends: list[str] = []
    for found in _STRINGS_AND_BRACKETS.finditer(text):
        sign = found[0]
        if sign in _CLOSING:
            open_now.append(_CLOSING[sign])
        elif open_now and sign == open_now[-1]:
            open_now.pop()
            ends.append(text[: found.end()] + "".join(reversed(open_now)))
    yield from reversed(ends)


def _draft(content: Any) -> Draft:
    told = _object(content, "the answer")
    sentences: dict[Role, list[Sentence]] = {}
    for section in _list(told.get("sections"), "sections"):
        role = _role(_object(section, "a section").get("role"))
        sentences.setdefault(role, []).extend(_sentences(section.get("sentences")))
    sections = tuple(Section(role, tuple(own)) for role, own in sentences.items() if own)
    if not sections:
        raise ValueError("it has no sentence")
    return Draft(sections, _advice(told.get("advice")))


def _role(content: Any) -> Role:
    known: tuple[Role, ...] = get_args(Role)
    for role in known:
        if role == content:
            return role
    raise ValueError(f"role is {content!r:.40}, not one of {', '.join(known)}")


def _advice(content: Any) -> Advice | None:
    if content is None:
        return None
    told = _object(content, "advice")
    if told.get("band") not in get_args(Band):
        raise ValueError(f"advice.band is {told.get('band')!r:.40}, not low, medium, or high")
    return Advice(told["band"], _sentences(told.get("reasons")))


def _sentences(content: Any) -> tuple[Sentence, ...]:
    return tuple(_sentence(_object(one, "a sentence")) for one in _list(content, "sentences"))


def _sentence(content: dict[str, Any]) -> Sentence:
    text, facts = content.get("text"), _list(content.get("facts"), "facts of a sentence")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a sentence has no text")
    if not all(isinstance(one, str) for one in facts):
        raise ValueError("facts of a sentence are to be ids in quotes")
    return Sentence(text.strip(), tuple(dict.fromkeys(facts)))


def _object(content: Any, what: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise ValueError(f"{what} is to be an object")
    return content


def _list(content: Any, what: str) -> list[Any]:
    if not isinstance(content, list):
        raise ValueError(f"{what} are to be a list")
    return content

"""From a ledger to a model's narrative: hidden, asked for, checked, repaired, named again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from aws.bedrock.author import Author
from aws.bedrock.failures import Failure, NothingMoreError
from aws.bedrock.prompt import PROMPT_VERSION, question, repair_question
from aws.bedrock.schema import SCHEMA_VERSION, read_draft, write_draft
from aws.bedrock.settings import Model, Settings
from aws.bedrock.store import Cache, Spend
from engine.formats import Style
from engine.narrative.draft import Draft, Role
from engine.narrative.ledger import Ledger, sha256
from engine.narrative.pseudonyms import hide, restore
from engine.narrative.settle import settle
from engine.narrative.verdict import Checked, Narrative, Usage
from engine.narrative.verify import verify


@dataclass(frozen=True, slots=True)
class Unwritten:
    """No model's narrative: why, in plain words, and what the tries took all the same."""

    why: str
    usage: Usage | None


@dataclass(frozen=True, slots=True)
class Written:
    """Drafts of a model, with pseudonyms."""

    first: Draft
    repaired: Draft | None
    usage: Usage


def written(
    ledger: Ledger, style: Style, settings: Settings,
    on_text: Callable[[str], None] | None, cache: Cache | None, spend: Spend | None,
) -> Narrative | Unwritten:  # fmt: skip
    """Return a narrative with lines of the first model that wrote any, else why there are none."""
    author = Author(settings, spend)
    try:
        return _written(author, ledger, style, on_text, cache)
    finally:
        # Also where the reader has left the page meanwhile: it was paid for.
        if spend is not None and author.input_tokens:
            spend.add(author.usage())


def _written(
    author: Author, ledger: Ledger, style: Style, on_text: Callable[[str], None] | None,
    cache: Cache | None,
) -> Narrative | Unwritten:  # fmt: skip
    hidden, names = hide(ledger)
    why = ""
    for model in author.settings.models:
        key = cache_key(ledger, style, model)
        known = _remembered(cache, key, model)
        try:
            drafts = known or _asked(author, model, hidden, style, on_text)
        except Failure as failure:
            why = str(failure)
            if isinstance(failure, NothingMoreError):
                break
            continue
        repaired = drafts.repaired and restore(drafts.repaired, names)
        narrative = settle(restore(drafts.first, names), repaired, ledger, style)
        if all(line.origin == "template" for part in narrative.parts for line in part.lines):
            why = f"the facts bear out no sentence of {model.model_id}"
            break
        if cache is not None and known is None:
            cache.put(key, _dumped(drafts))
        return replace(narrative, source="model", usage=drafts.usage)
    return Unwritten(why, author.usage() if author.calls else None)


def cache_key(ledger: Ledger, style: Style, model: Model) -> str:
    """Return the key of a model's answer: the same facts, asked for in the same words."""
    asked = (
        sha256(ledger), style.numbers, style.zone, model.model_id, PROMPT_VERSION, SCHEMA_VERSION
    )  # fmt: skip
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _asked(
    author: Author, model: Model, hidden: Ledger, style: Style,
    on_text: Callable[[str], None] | None,
) -> Written:  # fmt: skip
    first = author.write(model, question(hidden, style), on_text)
    rejected = _rejected(first, verify(first, hidden, style.zone))
    repaired = None
    if rejected:
        try:
            repaired = author.write(model, repair_question(hidden, style, rejected))
        except Failure:  # the template has sentences in place of those that were rejected
            repaired = None
    return Written(first, repaired, author.usage())


def _rejected(draft: Draft, checked: tuple[Checked, ...]) -> list[tuple[Role, Checked]]:
    roles = [section.role for section in draft.sections for _ in section.sentences]
    return [(role, one) for role, one in zip(roles, checked, strict=True) if not one.is_verified]


def _dumped(drafts: Written) -> str:
    repaired = drafts.repaired and write_draft(drafts.repaired)
    way = drafts.usage.rung
    return json.dumps({"first": write_draft(drafts.first), "repaired": repaired, "way": way})


def _remembered(cache: Cache | None, key: str, model: Model) -> Written | None:
    text = cache.get(key) if cache is not None else None
    if text is None:
        return None
    try:
        told = json.loads(text)
        repaired = read_draft(told["repaired"]) if told["repaired"] else None
        usage = Usage(model.model_id, told["way"], 0, 0, 0.0, 0.0, 0)
        return Written(read_draft(told["first"]), repaired, usage)
    except (ValueError, TypeError, KeyError):  # of another version: asked for anew, and replaced
        return None

"""Limits and what was measured against them: neither is told as the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.narrative.licences import forms, is_one_of
from engine.narrative.reading import Reading

_LIMIT = re.compile(r"\.limit$|^alert\.threshold$")
_BEFORE = forms(
    "limit threshold mark expected above over exceed against least from multiple requires required "
    "needed pass calls predicts reach short below"
)
_AFTER = forms("would expected suffice required needed threshold limit counts calls reason")
_TOLD_AS_LIMIT = re.compile(
    r"\b(?:(?:limit|threshold|mark)\s(?:of|is|at|was)|against|needed|expected|requires|predicts|"
    r"alerts?\sfrom|where|above|below|over|under|than|past)\s(?:the\s|a\s)*$"
)
_EXPECTED = re.compile(
    r"\s(?:[a-z]+\s){0,2}(?:(?:is|are|was|were)\s)?(?:expected|needed|required)\b"
)


def confused(reading: Reading) -> Iterator[str]:
    """Yield limits that are said as what was measured, and what was measured as a limit."""
    if not any(_LIMIT.search(fact.key) for fact in reading.cited):
        return
    at = 0
    values = reading.valued()
    for n, (token, facts) in enumerate(values):
        end = values[n + 1][0].start if n + 1 < len(values) else len(reading.plain)
        if all(_LIMIT.search(fact.key) for fact in facts):
            before, after = reading.words_in(at, token.start), reading.words_in(token.end, end)
            is_told = any(is_one_of(one.text, _BEFORE) for one in before)
            if not is_told and not any(one.text in _AFTER for one in after):
                yield f"“{token.text}” is a limit, and the sentence does not say so"
        elif not any(_LIMIT.search(fact.key) for fact in facts) and (
            _TOLD_AS_LIMIT.search(reading.plain[at : token.start])
            or _EXPECTED.match(reading.plain, token.end)
        ):
            yield f"“{token.text}” is no limit"
        at = token.end

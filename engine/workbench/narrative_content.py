"""A narrative as it is kept: canonical JSON, the same text for the same narrative."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from engine.errors import InputError
from engine.narrative.draft import Advice, Sentence
from engine.narrative.verdict import Line, Narrative, Part, Rejected, Usage


def write(narrative: Narrative) -> str:
    """Write a narrative as JSON: sorted keys, no spaces, Unicode as it is."""
    return json.dumps(
        asdict(narrative), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )  # fmt: skip


def sha256(text: str) -> str:
    """Return the hash of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str) -> Narrative:
    """Read a narrative from its JSON.

    Raises
    ------
    InputError
        If the text is none of a narrative.
    """
    try:
        content = json.loads(text)
        content["parts"] = tuple(
            Part(one["role"], tuple(Line(**_cited(line)) for line in one["lines"]))
            for one in content["parts"]
        )
        content["rejected"] = tuple(_rejected(one) for one in content["rejected"])
        content["advice"] = _advice(content["advice"])
        usage = content["usage"]
        content["usage"] = None if usage is None else Usage(**usage)
        return Narrative(**content)
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"this is no narrative that can be read ({error})") from error


def _cited(content: Mapping[str, Any]) -> dict[str, Any]:
    return {**content, "fact_ids": tuple(content["fact_ids"])}


def _rejected(content: Mapping[str, Any]) -> Rejected:
    return Rejected(**{**content, "problems": tuple(content["problems"])})


def _advice(content: Mapping[str, Any] | None) -> Advice | None:
    if content is None:
        return None
    return Advice(content["band"], tuple(Sentence(**_cited(one)) for one in content["reasons"]))

"""The prose inside JSON that is still being written, for a page to show it as it comes."""

from __future__ import annotations

import json
import re

#: A section's beginning, or the text of a sentence, which may not have ended.
_PIECES = re.compile(r'"role"\s*:|"text"\s*:\s*"((?:[^"\\]|\\.)*)', re.DOTALL)
#: An escape that has not come wholly.
_BROKEN_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{0,3}$")


def prose(written: str) -> str:
    """Return the sentences of a narrative's JSON that may end anywhere; advice is not among them.

    Notes
    -----
    O(n) for n letters; a narrative has some thousand.
    """
    told = written.split('"advice"', 1)[0]
    parts: list[list[str]] = [[]]
    for found in _PIECES.finditer(told):
        if found[1] is None:
            parts.append([])
        elif found[1]:
            parts[-1].append(_unescaped(found[1]))
    return "\n\n".join(" ".join(part) for part in parts if part)


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{_BROKEN_ESCAPE.sub("", text)}"', strict=False))
    except ValueError:  # an escape that JSON has not: shown as it is, and never verified
        return text

"""Text from the data as Markdown that shows it as it is: nothing in it is markup or a link.

Streamlit makes links, icons and dashes out of text whose marks are escaped, after it was read as
Markdown. An invisible word joiner inside what it looks for keeps it as it is.
"""

from __future__ import annotations

import re

from engine.plain_text import one_line

#: Most characters shown of a text.
MOST = 2_000

_JOINER = "\u2060"
_MARKS = "\\`*_{}[]()<>#+-.!|~$:&="
#: Where a link, an icon or emoji (``:name:``), or a dash or arrow would begin.
_MADE_LATER = re.compile(
    r"(?<=:)(?=//|[\w+/-]+:)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@)|(?<=[-<>=~])(?=[-<>=~])",
    re.IGNORECASE,
)


def escape(text: str, most: int = MOST) -> str:
    """Make text from the data safe to show as Markdown: nothing in it is markup."""
    unmade = _MADE_LATER.sub(_JOINER, one_line(text, most))
    return "".join(f"\\{mark}" if mark in _MARKS else mark for mark in unmade)


def safe(text: str) -> str:
    """Make a message that may hold names from the data safe to show; its code stays code."""
    parts = text.split("`")
    # A mark without its partner; or more than one in a row, which Markdown pairs otherwise.
    if len(parts) % 2 == 0 or "``" in text:
        return escape(text)
    return "`".join(
        one_line(part, MOST) if index % 2 else _kept_apart(part) for index, part in enumerate(parts)
    )


def _kept_apart(part: str) -> str:
    """Escape a part of a message, with the spaces that part it from its code."""
    before = " " * part[:1].isspace()
    return f"{before}{escape(part)}{' ' * part[-1:].isspace()}" if part.strip() else part

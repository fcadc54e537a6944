"""Names from the data in one line that reads as it looks: nothing hidden, nothing endless."""

from __future__ import annotations

import unicodedata

#: Most characters of a part without a space.
MOST_UNBROKEN = 120

_JOINS_LETTERS = ("\u200c", "\u200d")  # of Indic and Arabic script, and of emoji


def one_line(text: str, most: int) -> str:
    """Return text in one line of at most so many characters: names may be 10,000 long.

    Characters that are not seen but change what is (of direction, without width, controls) are
    written by their number.
    """
    words = (cut(word, MOST_UNBROKEN) for word in text[: 8 * most].split())
    return "".join(map(visible, cut(" ".join(words), most)))


def cut(text: str, most: int) -> str:
    """Return text, cut with an ellipsis to at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def visible(character: str) -> str:
    """Return a character, by its number where it would not be seen."""
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs")
    return by_number(character) if hidden and character not in _JOINS_LETTERS else character


def by_number(character: str) -> str:
    """Write the number of a character, e.g. ``⟨U+202E⟩``."""
    return f"⟨U+{ord(character):04X}⟩"


def as_written(text: str) -> str:
    """Return text of several lines as it was written, with what is not seen written by its number.

    Line breaks and tabs stay what they are.
    """
    return "".join(mark if mark in "\n\t" else visible(mark) for mark in text)

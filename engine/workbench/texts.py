"""What people write, as both databases can keep it."""

from __future__ import annotations

from engine.errors import InputError

#: Longest note, in characters: that of a suspicious activity report's narrative.
MAX_NOTE = 20_000

#: Longest comment on an action.
MAX_COMMENT = 10_000


def storable(text: str) -> str:
    """Return a text as it can be kept: exactly, but for what is no character.

    PostgreSQL keeps no NUL, and neither database half of a surrogate pair; they become U+FFFD.
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")


def checked(what: str, text: str, longest: int = MAX_COMMENT, *, needed: bool = False) -> str:
    """Return a text as it is kept, if it is there and not too long.

    Raises
    ------
    InputError
        If it is empty and must not be, or too long.
    """
    if needed and not text.strip():
        raise InputError(f"{what} is empty; write it first")
    if len(text) > longest:
        raise InputError(
            f"{what} has {len(text):,} characters; {longest:,} fit, write the rest into "
            "another note"
        )
    return storable(text)

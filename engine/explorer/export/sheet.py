"""What a file says of itself, and names from the data as XML and HTML can hold them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape as _escape
from xml.sax.saxutils import quoteattr

from engine.plain_text import by_number, one_line, visible

#: Most characters of a line.
MOST = 300

#: What XML 1.0 has no way to write; ``one_line`` has put the other controls into words.
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff\U0001fffe\U0001ffff]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A title, and what there is to know of the picture, a line each."""

    title: str
    lines: tuple[str, ...] = ()


def text(value: object, most: int = MOST) -> str:
    """Return a text of the data as the content of an element: nothing in it is markup."""
    return _escape(seen(value, most))


def attribute(value: object, most: int = MOST) -> str:
    """Return a text of the data as an attribute's value, with its quotes."""
    return quoteattr(seen(value, most))


def whole(value: object) -> str:
    """Return a text in full: two texts that differ still do, and nothing in them is hidden."""
    shown = "".join(map(visible, str(value)))
    return _NO_XML.sub(lambda found: by_number(found[0]), shown)


def seen(value: object, most: int = MOST) -> str:
    """Return a text in one line of characters that can be seen and written."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", one_line(str(value), most))

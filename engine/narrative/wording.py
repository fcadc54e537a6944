"""What no sentence may hold, whatever it cites: foreign letters, names, and markup."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARKUP = re.compile(
    r"https?:|www\.|\]\(|!\[|</?[a-z!]|[`|<>{}\[\]@=\\]|\*\*|__|^\s*(?:[-*#]|\d+\.)\s|\n|&[a-z#0-9]+;",
    re.I,
)
#: A word with a capital letter inside a sentence, which is a name: of whom no fact speaks.
_NAME = re.compile(r"(?<=[a-z0-9,;)·%–] )[^\W\d_][\w'-]*")
_NO_NAMES = frozenset({
    "account", "accounts", "alert", "ring", "run", "utc", "gmt", "us", "rs", "id", "i", "inr",
    "usd", "eur", "gbp", "jpy", "january", "february", "march", "april", "may", "june", "july",
    "august", "september", "october", "november", "december", "jan", "feb", "mar", "apr", "jun",
    "jul", "aug", "sep", "sept", "oct", "nov", "dec",
})  # fmt: skip


def faults(text: str) -> list[str]:
    """Return what is wrong with a sentence by its letters and words; names are blanked before."""
    found = []
    foreign = next((one[0] for one in _UNUSUAL.finditer(text) if _is_foreign(one[0])), None)
    if foreign is not None:
        found.append(f"the character U+{ord(foreign):04X} may not stand in a narrative")
    for name in _NAME.findall(text):
        if name[0].isupper() and folded(name) not in _NO_NAMES:
            found.append(f"“{name}” is a name that no cited fact has")
            break
    hit = _MARKUP.search(folded(text))
    if hit:
        found.append(f"“{hit[0].strip() or 'a line break'}” is markup, a link, or a table")
    return found


_UNUSUAL = re.compile(r"[^ -~]")
#: Letters with a stroke, or of two letters, that have no simpler form.
_PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t"}


def _is_foreign(letter: str) -> bool:
    """Tell whether a character may hide or imitate another: all letters but the accented Latin."""
    category = unicodedata.category(letter)
    if category in ("Cf", "Cc", "Co", "Cn", "Cs", "Zl", "Zp"):
        return True
    return category[0] in "LMN" and not (letter.lower() in "æœßþð" or _unaccented(letter))


def _unaccented(letter: str) -> str:
    """Return the letter from a to z that an accented one is; empty for any other."""
    low = letter.lower()
    base = _PLAIN.get(low) or unicodedata.normalize("NFD", low)[0]
    return base if "a" <= base <= "z" and unicodedata.name(letter).startswith("LATIN ") else ""


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Return a text in lower case and without accents, of the same length: ``Fïve`` is ``five``."""
    if text.isascii():
        return text.lower()
    return "".join(one.lower() if one.isascii() else _unaccented(one) or one for one in text)

"""What no sentence of a narrative may hold, whatever it cites: foreign letters, markup, verdicts."""

from __future__ import annotations

import re
import unicodedata

_MARKUP = re.compile(
    r"https?:|www\.|\]\(|!\[|</?[a-z!]|[`|<>{}\\]|\*\*|__|^\s*(?:[-*#]|\d+\.)\s|\n|&[a-z#0-9]+;",
    re.I,
)
_GUILT = re.compile(
    r"\b(?:criminals?|criminally|launder\w*|guilty|fraudsters?|thie(?:f|ves)|crooks?|perpetrat\w+|"
    r"culprits?|stole|stolen|illegal\w*|illicit\w*|fraudulent\w*|defraud\w*|committed fraud)\b",
    re.I,
)
_BANNED = re.compile(
    r"\bsee (?:the )?(?:attach\w+|enclos\w+|appendix|table)|\battached\b|\bas an ai\b|"
    r"\b(?:system prompt|(?:previous|prior|above) instructions?|language model)\b|"
    r"\b(?:ignore|disregard)\b|"
    r"\b(?:close|dismiss|clear|approve)(?:d)? (?:this|the) (?:alert|case|ring)\b|"
    r"\b(?:can|may|should|must) be (?:closed|dismissed|cleared|approved|ignored)\b|"
    r"\bno further (?:action|review|work)\b|\b(?:white|allow)-?list\w*|\bpre-?approved\b|"
    r"\b(?:is|are|was|were) (?:\w+ly )?(?:legitimate|innocent|authori[sz]ed|approved|compliant)\b|"
    r"\b(?:SAR|STR|suspicious (?:activity|transaction) report)\b.*\bfiled\b",
    re.I,
)


def faults(text: str) -> list[str]:
    """Return what is wrong with a sentence by its letters and words; names are blanked before."""
    found = []
    for letter in text:
        category = unicodedata.category(letter)
        is_letter = category[0] in "LMN" and not (letter.isascii() or _is_latin(letter))
        if is_letter or category in ("Cf", "Cc", "Co", "Cn", "Zl", "Zp"):
            found.append(f"the character U+{ord(letter):04X} may not stand in a narrative")
            break
    for pattern, what in (
        (_MARKUP, "is markup, a link, or a table"),
        (_GUILT, "is a verdict of guilt"),
        (_BANNED, "is no part of a narrative"),
    ):
        hit = pattern.search(text)
        if hit:
            found.append(f"“{hit[0].strip() or 'a line break'}” {what}")
    return found


def _is_latin(letter: str) -> bool:
    plain = unicodedata.category(letter)[0] == "L" and "FULLWIDTH" not in unicodedata.name(letter)
    return plain and unicodedata.name(letter).startswith("LATIN ")

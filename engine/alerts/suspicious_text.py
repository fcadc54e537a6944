"""Texts of payments that try to steer who reads them: instructions, and what hides in text.

Only the transactions behind alerts are looked at, and each distinct text once. Nothing of a text
is handed on, only of which kind it is: a finding is a reason, and it changes no score.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.alerts import suspicious_patterns as patterns
from engine.alerts.reasons import MAX_TX_IDS, Reason
from engine.columns import MEMO, RECEIVER, SENDER, TX_ID, TYPE

Bools = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]

CODE = "suspicious_text"

#: Of each kind, the gravest first: what a text of it holds, in words.
KINDS: dict[str, str] = {
    "instructions": "instructions aimed at automated reviewers",
    "hidden": "characters that are not seen or that turn the order of reading",
    "mixed": "words that mix look-alike letters of several alphabets",
    "markup": "markup, code, or links",
    "encoded": "long encoded strings",
}
_TEXT, _NAME = "Payment text contains", "An account's name contains"
_BOTH = "Payment texts and names of accounts contain"
#: Where it stood, as a reason says it and as a narrative does.
_WHERE = {
    _TEXT: "texts of the payments",
    _NAME: "names of accounts",
    _BOTH: "texts of the payments and names of accounts",
}
#: Names of accounts are often hashes: to be long and unreadable is no sign there.
_OF_NAMES = tuple(kind for kind in KINDS if kind != "encoded")


def kinds_of(texts: pa.Array, kinds: Sequence[str] = tuple(KINDS)) -> dict[str, Bools]:
    """Tell of each text which kinds of finding it is.

    Parameters
    ----------
    texts
        string, shape (n,); null is no text.
    kinds
        Those to look for, of :data:`KINDS`.

    Returns
    -------
    dict
        Kind to bool, shape (n,).

    Notes
    -----
    Regular expressions of RE2 over Arrow arrays: linear in the length of the texts, whatever they
    hold. A text of ASCII letters and digits alone is nothing but a name and is not looked at.
    """
    found = {kind: np.zeros(len(texts), np.bool_) for kind in kinds}
    rows = np.flatnonzero(_matches(texts, patterns.NOT_PLAIN))
    given = texts.take(pa.array(rows))
    if not len(rows):
        return found
    looked: dict[str, Callable[[], Bools]] = {
        "instructions": lambda: _has_instructions(given),
        "hidden": lambda: _matches(_without_flags(given), patterns.HIDDEN) | _turns_latin(given),
        "mixed": lambda: _where(
            given, patterns.OTHER_ALPHABETS, lambda some: _matches(some, patterns.MIXED)
        ),
        "markup": lambda: _where(
            given, patterns.SIGNS, lambda some: _matches(some, patterns.MARKUP)
        ),
        "encoded": lambda: _is_encoded(given),
    }
    for kind in kinds:
        found[kind][rows] = looked[kind]()
    return found


def _has_instructions(texts: pa.Array) -> Bools:
    # Full-width and other forms of a letter are that letter, and what is not seen is left out.
    bare = pc.replace_substring_regex(texts, patterns.UNSEEN, "")
    small = pc.utf8_lower(pc.utf8_normalize(bare, form="NFKC"))
    return _matches(small, patterns.ROLES) | _where(small, patterns.HINTS, _has_orders)


def _has_orders(texts: pa.Array) -> Bools:
    words = pc.replace_substring_regex(texts, patterns.BETWEEN_WORDS, " ")
    return _matches(words, patterns.ORDERS)


def _where(texts: pa.Array, hint: str, closer: Callable[[pa.Array], Bools]) -> Bools:
    """Look closer where a quick look finds a hint: large expressions take long, even to compile."""
    found = _matches(texts, hint)
    if found.any():
        found[found] = closer(texts.filter(pa.array(found)))
    return found


def _without_flags(texts: pa.Array) -> pa.Array:
    """Leave out the flags of England, Scotland and Wales, which are made of unseen characters."""
    return pc.replace_substring_regex(texts, patterns.FLAG, "")


def _turns_latin(texts: pa.Array) -> Bools:
    """Tell where the marks of right-to-left text stand in text that has none."""
    return _matches(texts, patterns.DIRECTION_MARK) & ~_matches(texts, patterns.RIGHT_TO_LEFT)


def _is_encoded(texts: pa.Array) -> Bools:
    coded = _matches(texts, patterns.CODED) & _matches(texts, patterns.CHANGING_CASE)
    return coded | _matches(texts, patterns.ENCODED)


def _matches(texts: pa.Array, pattern: str) -> Bools:
    found = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
    matches: Bools = found.to_numpy(zero_copy_only=False)
    return matches


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found in rows: of each kind bool, shape (n_rows,), and where it stood."""

    hits: dict[str, Bools]
    in_text: Bools
    in_name: Bools


def suspicious_reasons(transactions: pa.Table, rows: Int64, alerts: Int64) -> Mapping[int, Reason]:
    """Return the reason of each alert that has a suspicious text behind it.

    Parameters
    ----------
    transactions
        Canonical transactions.
    rows
        Rows of the transactions behind alerts, int64, shape (n,).
    alerts
        The alert of each of these rows, int64, shape (n,); a row may be of several.

    Returns
    -------
    Mapping
        Alert to its reason, which names the transactions and quotes nothing; ``value`` is how many
        they are.
    """
    found = _look(transactions, rows)
    hits = np.flatnonzero(found.in_text | found.in_name)
    tx_ids = transactions[TX_ID].take(pa.array(rows[hits])).to_numpy()
    return {
        int(alert): _reason(found, own, tx_ids[alerts[hits] == alert])
        for alert in np.unique(alerts[hits])
        for own in (hits[alerts[hits] == alert],)
    }


def _look(transactions: pa.Table, rows: Int64) -> _Found:
    kinds = {kind: np.zeros(len(rows), np.bool_) for kind in KINDS}
    in_text, in_name = np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
    for column in (SENDER, RECEIVER, TYPE, MEMO):
        if column not in transactions.column_names:
            continue
        is_name = column in (SENDER, RECEIVER)
        for kind, hit in _look_at(transactions[column], rows, is_name).items():
            kinds[kind] |= hit
            seen = in_name if is_name else in_text
            seen |= hit
    return _Found(kinds, in_text, in_name)


def _look_at(column: pa.ChunkedArray, rows: Int64, is_name: bool) -> dict[str, Bools]:
    """Look at each distinct text once."""
    given = column.take(pa.array(rows))
    if not pa.types.is_dictionary(given.type):
        given = given.dictionary_encode()
    coded = given.unify_dictionaries().combine_chunks()
    if not len(coded):
        return {}
    texts = kinds_of(coded.dictionary, _OF_NAMES if is_name else tuple(KINDS))
    # A null has no text: it takes the place after the last one.
    codes = pc.fill_null(coded.indices, len(coded.dictionary)).to_numpy()
    return {kind: np.append(hit, False)[codes] for kind, hit in texts.items()}


def _reason(found: _Found, own: Int64, tx_ids: Int64) -> Reason:
    held = [words for kind, words in KINDS.items() if found.hits[kind][own].any()]
    in_text, in_name = found.in_text[own].any(), found.in_name[own].any()
    where = _BOTH if in_text and in_name else _TEXT if in_text else _NAME
    shown = tuple(sorted({int(one) for one in tx_ids}))
    return Reason(CODE, f"{where} {listed(held)}", float(len(shown)), None, shown[:MAX_TX_IDS])


def in_words(reason: str) -> str:
    """Tell again what a reason of such texts says, by the words of this module alone."""
    held = [words for words in KINDS.values() if words in reason]
    where = next(words for said, words in _WHERE.items() if reason.startswith(said))
    return f"{where} contain {listed(held)}"


def listed(words: Sequence[str]) -> str:
    """Write a list in words: ``a``, ``a; and b``, ``a; b; and c``."""
    return "; ".join([*words[:-1], f"and {words[-1]}"]) if len(words) > 1 else words[0]

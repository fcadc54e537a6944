"""Numbers that cited facts do not bear out, found in another way than the verifier finds them.

Each run of digits in a text has to be one of those that a cited fact can be written with. That is
laxer than the verifier, which knows kinds and subjects; a number from nowhere is found by both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from engine.narrative.ledger import Fact, Ledger

_RUN = re.compile(r"\d[\d,]*(?:\.\d+)?")
_SIZES = (1, 10**3, 10**5, 10**6, 10**7, 10**9)
_UNITS = (1, 60, 3600, 86_400)


def unsupported(text: str, fact_ids: Sequence[str], ledger: Ledger) -> list[str]:
    """Return the runs of digits of a text that no cited fact can be written with."""
    facts = [one for one in ledger.facts if one.fact_id in fact_ids]
    plain = unicodedata.normalize("NFKC", text)
    names = {ledger.alert_id, ledger.ring_id or "", ledger.run_id}
    names |= {name for one in facts for name in _names(one)}
    for name in sorted(names - {""}, key=len, reverse=True):
        plain = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", plain)
    can_be = {number for one in facts for number in _numbers(one)}
    return [run for run in _RUN.findall(plain) if _value(run) not in can_be]


def _value(run: str) -> Decimal:
    return Decimal(run.replace(",", "") or "0")


def _names(fact: Fact) -> tuple[str, ...]:
    path = fact.value if isinstance(fact.value, tuple) else ()
    return (
        *path,
        *fact.subjects,
        *((str(fact.value),) if fact.kind in ("account", "text") else ()),
    )


def _numbers(fact: Fact) -> set[Decimal]:
    if fact.kind in ("account", "path"):
        return set()
    if fact.kind in ("text", "date", "moment"):
        found = {_value(run) for run in _RUN.findall(str(fact.value))}
        return found | {Decimal(int(run)) for run in re.findall(r"\d+", str(fact.value))}
    value = Decimal(str(fact.value))
    if fact.kind == "duration":
        parts = {value // size for size in _UNITS}
        parts |= {value % big // size for big in _UNITS for size in _UNITS if size < big}
        return parts | _roundings(value, _UNITS)
    if fact.kind == "share":
        return _roundings(value * 100, (1, 100))
    return _roundings(value / 100 if fact.kind == "amount" else value, _SIZES)


def _roundings(value: Decimal, sizes: Sequence[int]) -> set[Decimal]:
    return {
        (abs(value) / size).quantize(Decimal(1).scaleb(-digits), rounding)
        for size in sizes
        for digits in range(5)
        for rounding in (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN)
    }

"""Whether what a sentence states is the value of a fact."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.amounts import MINOR_UNITS
from engine.narrative.ledger import Fact
from engine.narrative.tokens import Token

#: A rounded amount with a size, ``1 crore``, is at most so far from the value.
_COARSEST = Decimal("0.05")


def states(token: Token, fact: Fact, zone: str) -> bool:
    """Tell whether a token is the value of a fact, rounded to the last digit that it shows.

    There is one way to round to so many digits, that of :mod:`engine.formats`: no other last digit
    is accepted. Durations of several units are cut off, as there.
    """
    if fact.kind in ("moment", "date"):
        return _states_time(token, str(fact.value), zone)
    if fact.kind in ("account", "path", "text"):
        return False
    value = Decimal(str(fact.value))
    if fact.kind == "amount":
        units = value / MINOR_UNITS
        has_currency = token.currency is None or token.currency == fact.unit
        return token.kind in ("amount", "number") and has_currency and _rounds(token, units)
    if fact.kind == "duration":
        return token.kind == "duration" and _lasts(token, value)
    if fact.kind == "count":
        if token.kind == "duration" and token.size == 86_400 and "days" in fact.label:
            return token.number == value * 86_400
        return token.kind in ("number", "ordinal", "ratio") and _rounds(token, value)
    if token.kind == "percent":
        # As a share is written: by the same arithmetic, which decides a tie.
        percent = Decimal(f"{100 * float(value):.{token.decimals}f}")
        return fact.kind == "share" and percent == token.number
    if token.kind == "fraction":
        return fact.kind == "share" and abs(value - token.number) <= Decimal("0.005")
    return token.kind in ("number", "ratio") and token.size == 1 and _rounds(token, value)


def _shown(value: Decimal, digits: int) -> Decimal:
    return Decimal(f"{float(value):.{digits}f}")


def _rounds(token: Token, value: Decimal) -> bool:
    if _shown(value / token.size, token.decimals) != token.number:
        return False
    return token.size == 1 or abs(token.number * token.size - value) <= _COARSEST * abs(value)


def _lasts(token: Token, seconds: Decimal) -> bool:
    if token.is_compound:
        return seconds - seconds % token.size == token.number
    return _shown(seconds / token.size, token.decimals) * token.size == token.number


def _states_time(token: Token, value: str, zone: str) -> bool:
    if token.kind not in ("date", "moment", "clock", "month", "year"):
        return False
    utc = value.removesuffix("Z")
    if "T" not in value:
        return token.kind != "clock" and _is_day(token, value)
    local = _in_zone(utc, zone)
    if token.kind in ("date", "month", "year"):
        return _is_day(token, local)
    told, is_utc = token.when.removesuffix("Z"), token.when.endswith("Z")
    instant = utc if is_utc else local
    return (instant if token.kind == "moment" else instant[11:]).startswith(told)


def _is_day(token: Token, value: str) -> bool:
    if token.kind == "moment":
        return False
    return value[4:10] == token.when if token.when.startswith("-") else value.startswith(token.when)


def _in_zone(utc: str, zone: str) -> str:
    if zone == "UTC":
        return utc
    instant = datetime.fromisoformat(utc + "+00:00").astimezone(ZoneInfo(zone))
    return instant.replace(tzinfo=None).isoformat()

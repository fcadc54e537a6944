"""How amounts, counts, moments, and durations read on the screen.

Each person may choose how numbers are grouped and in which time zone moments are told. What they
chose holds for their session; files are in UTC, always.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.ui.typologies import find
from engine import formats
from engine.formats import MISSING as MISSING
from engine.formats import SYMBOLS as SYMBOLS
from engine.formats import Style as Style
from engine.formats import duration as duration
from engine.formats import file_size as file_size
from engine.formats import score as score
from engine.formats import share as share

#: A thread runs the pages of one session; asking the session for every number would be slow.
_CURRENT: ContextVar[Style | None] = ContextVar("formats", default=None)
_KEPT = "formats"


def use(style: Style) -> None:
    """Have everything in this session read like that."""
    st.session_state[_KEPT] = style
    _CURRENT.set(style)


def current() -> Style:
    """Return how this session reads; outside of a session the defaults."""
    found = _CURRENT.get()
    if found is not None:
        return found
    if get_script_run_ctx(suppress_warning=True) is None:
        return formats.PLAIN
    # A fragment runs by itself, in a thread of its own.
    kept: Style = st.session_state.get(_KEPT, formats.PLAIN)
    _CURRENT.set(kept)
    return kept


def zone() -> str:
    """Return the name of the time zone that moments are told in, for headers."""
    return current().zone


def local(moments: pd.Series) -> pd.Series:
    """Return moments of a frame as the clock shows them in the zone; those without one are UTC."""
    aware = pd.to_datetime(moments, utc=True)
    return aware.dt.tz_convert(ZoneInfo(zone())).dt.tz_localize(None)


def amount(value: float | None, currency: str | None = None, *, decimals: int = 2) -> str:
    """Write an amount as :func:`engine.formats.amount` does."""
    return formats.amount(value, currency, current(), decimals=decimals)


def compact_amount(value: float | None, currency: str | None = None) -> str:
    """Write an amount in about three digits as :func:`engine.formats.compact_amount` does."""
    return formats.compact_amount(value, currency, current())


def count(value: float | None) -> str:
    """Write a whole number with thousands grouped, e.g. ``2,946``."""
    return formats.count(value, current())


def date(value: Any) -> str:
    """Write the date of a moment in the zone, e.g. ``2026-08-03``."""
    return formats.date(value, current())


def moment(value: Any) -> str:
    """Write a moment to the minute, e.g. ``2026-08-03 14:05 UTC``, ``… 19:35 UTC+05:30``."""
    return formats.moment(value, current())


def clock(value: Any) -> str:
    """Write the time of day of a moment, e.g. ``14:05 UTC``, ``19:35 UTC+05:30``."""
    return formats.clock(value, current())


def typology(name: str) -> str:
    """Write a typology's name, e.g. ``Fan-in`` for ``fan_in``."""
    return find(name).name

"""Following money: which part of a transfer passed on by which later ones, to the minor unit."""

from engine.trace.follow import follow
from engine.trace.later import Later, beyond_the_wait
from engine.trace.result import (
    MOST_GAP_HOURS,
    Direction,
    Limits,
    Method,
    Trace,
    Transfer,
    unaccounted,
)
from engine.trace.statement import Entry, Statement, statements_of

__all__ = [
    "MOST_GAP_HOURS",
    "Direction",
    "Entry",
    "Later",
    "Limits",
    "Method",
    "Statement",
    "Trace",
    "Transfer",
    "beyond_the_wait",
    "follow",
    "statements_of",
    "unaccounted",
]

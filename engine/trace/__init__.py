"""Following money: which part of a transfer passed on by which later ones, to the minor unit."""

from engine.trace.follow import follow
from engine.trace.result import Direction, Limits, Method, Trace, Transfer, unaccounted
from engine.trace.statement import Entry, Statement, statements_of

__all__ = [
    "Direction",
    "Entry",
    "Limits",
    "Method",
    "Statement",
    "Trace",
    "Transfer",
    "follow",
    "statements_of",
    "unaccounted",
]

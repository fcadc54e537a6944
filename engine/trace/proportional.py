"""Proportional: money on an account is one mix, and each debit takes of all in it alike.

Also called pro rata or, where it is followed over many accounts, haircut. Parts are whole minor
units: each is rounded down, and what rounding leaves stays where it was, so sums hold exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.trace.statement import Statement


def whole(amount: int) -> int:
    """Return all units of a transfer of some amount."""
    return amount


def size(part: int) -> int:
    """Return how many minor units a part has."""
    return part


def joined(parts: Iterable[int]) -> int:
    """Return different parts of one transfer as one."""
    return sum(parts)


def forward(
    statement: Statement, position: int, part: int, until: datetime
) -> list[tuple[int, int]]:
    """Return which debits of an account took how much of a part of one of its credits.

    A debit of ``a`` from ``b`` on the account takes ``a / b`` of what is left of the part; one of
    ``b`` or more takes all. Parameters and result are those of :func:`engine.trace.fifo.forward`.
    """
    left, found = part, []
    for at in range(position + 1, len(statement.entries)):
        entry, there = statement.entries[at], statement.before[at]
        if entry.time > until or left == 0:
            break
        if entry.change > 0:
            continue
        taken = left if -entry.change >= there else left * -entry.change // there
        if taken:
            found.append((at, taken))
            left -= taken
    return found


def backward(
    statement: Statement, position: int, part: int, since: datetime
) -> tuple[list[tuple[int, int]], int]:
    """Return which credits of an account gave how much of a part of one of its debits.

    Debits in between take of all alike and change nothing in the mix. So, going back, a credit of
    ``a`` after which ``b`` was there gave ``a / b`` of what later ones did not give. Parameters and
    result are those of :func:`engine.trace.fifo.backward`.
    """
    debit = -statement.entries[position].change
    unseen = part * statement.unseen[position] // debit
    left, found = part - unseen, []
    for at in range(position - 1, -1, -1):
        entry, there = statement.entries[at], statement.before[at]
        if entry.time < since or left == 0:
            break
        if entry.change < 0:
            continue
        given = left * entry.change // (there + entry.change)
        if given:
            found.append((at, given))
            left -= given
    return found, unseen

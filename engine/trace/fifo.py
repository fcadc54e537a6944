"""First in, first out: money leaves an account in the order in which it came.

The rule of Clayton's case (Devaynes v Noble, 1816), applied to every minor unit: the n-th unit that
came is the n-th unit that goes. A transfer keeps the order of its units, so a part of it is a list
of spans, and following it is moving these from one row of units to the next. Nothing is rounded,
and backward is the exact inverse of forward.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.trace.statement import Statement

#: Stretches ``[low, high)`` of the minor units of a transfer, ascending and apart.
Spans = tuple[tuple[int, int], ...]


def whole(amount: int) -> Spans:
    """Return all units of a transfer of some amount."""
    return ((0, amount),)


def size(part: Spans) -> int:
    """Return how many minor units a part has."""
    return sum(high - low for low, high in part)


def joined(parts: Iterable[Spans]) -> Spans:
    """Return different parts of one transfer as one."""
    return tuple(sorted(span for part in parts for span in part))


def forward(
    statement: Statement, position: int, part: Spans, until: datetime
) -> list[tuple[int, Spans]]:
    """Return which debits of an account took a part of one of its credits, and which part of them.

    Parameters
    ----------
    statement
        The account's.
    position
        Place of the credit in the statement.
    part
        The part of the credit that is followed.
    until
        The last moment that counts.

    Returns
    -------
    list of (int, Spans)
        Places of debits, in time order, each with the part of it; the rest did not leave.
    """
    row = _moved(part, statement.starts[position])
    found = []
    for at in range(position + 1, len(statement.entries)):
        entry, start = statement.entries[at], statement.starts[at]
        if entry.time > until:
            break
        if entry.change > 0:
            continue
        if start >= row[-1][1]:
            break
        taken = _within(row, start, start - entry.change)
        if taken:
            found.append((at, _moved(taken, -start)))
    return found


def backward(
    statement: Statement, position: int, part: Spans, since: datetime
) -> tuple[list[tuple[int, Spans]], int]:
    """Return which credits of an account gave a part of one of its debits, and what none gave.

    Parameters are those of :func:`forward`, seen from a debit; ``since`` is the first moment that
    counts.

    Returns
    -------
    list of (int, Spans)
        Places of credits, the latest first, each with the part of it. The rest was there before.
    int
        Minor units whose coming the data do not show.
    """
    row = _moved(part, statement.starts[position])
    end = statement.starts[position] - statement.entries[position].change
    unseen = size(_within(row, end - statement.unseen[position], end))
    found = []
    for at in range(position - 1, -1, -1):
        entry, start = statement.entries[at], statement.starts[at]
        if entry.time < since:
            break
        if entry.change < 0:
            continue
        if start + entry.change <= row[0][0]:
            break
        given = _within(row, start, start + entry.change)
        if given:
            found.append((at, _moved(given, -start)))
    return found, unseen


def _moved(spans: Spans, by: int) -> Spans:
    return tuple((low + by, high + by) for low, high in spans)


def _within(spans: Spans, low: int, high: int) -> Spans:
    return tuple((max(a, low), min(b, high)) for a, b in spans if a < high and b > low)

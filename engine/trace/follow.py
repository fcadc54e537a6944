"""Follow a transfer's money from account to account, forward or backward in time.

Transfers are taken in the order in which they happened (backward: the other way round), so when
one is reached all its money that can be followed has arrived. A transfer passes on only what came
before it; of the same moment, the one that stands first in the input came first, as in all features
of the engine. So money never runs in a circle, though it may return to an account later on.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from math import ceil
from typing import Any, Protocol

import pandas as pd

from engine.errors import InputError
from engine.trace import fifo, proportional
from engine.trace.result import Direction, End, Limits, Method, Trace, Transfer
from engine.trace.statement import Statement

#: ``(accounts, start, end)`` to their statements, with at least the entries from start to end.
Statements = Callable[[Sequence[str], datetime, datetime], Mapping[str, Statement]]


class _Rule(Protocol):
    """A way to say which money leaves an account; a part is what the rule makes of it."""

    def whole(self, amount: int, /) -> Any: ...
    def size(self, part: Any, /) -> int: ...
    def joined(self, parts: list[Any], /) -> Any: ...
    def forward(
        self, statement: Statement, position: int, part: Any, until: datetime, /
    ) -> list[tuple[int, Any]]: ...
    def backward(
        self, statement: Statement, position: int, part: Any, since: datetime, /
    ) -> tuple[list[tuple[int, Any]], int]: ...


_RULES: dict[Method, Any] = {"fifo": fifo, "proportional": proportional}
#: How a transfer that some money reached is found: in the order of time, then by steps.
_Key = tuple[float, int, int]


@dataclass(slots=True)
class _Arrival:
    """A transfer that carries some of the money: its data, and the parts that reached it."""

    transfer: Transfer
    hop: int
    parts: list[Any] = field(default_factory=list)


def follow(
    start: Transfer,
    statements: Statements,
    *,
    direction: Direction = "forward",
    method: Method = "fifo",
    limits: Limits | None = None,
) -> Trace:
    """Follow the money of a transfer.

    Parameters
    ----------
    start
        The transfer; forward, the money of its receiver is followed, backward, that of its sender.
    statements
        Gives the statements of accounts; asked for many accounts at once, as seldom as possible.
    direction
        ``forward``: where the money went; ``backward``: where it came from.
    method
        ``fifo`` (:mod:`engine.trace.fifo`) or ``proportional`` (:mod:`engine.trace.proportional`).
    limits
        How far.

    Returns
    -------
    Trace
        :func:`engine.trace.unaccounted` of it is 0.

    Raises
    ------
    InputError
        If the transfer moves nothing, or from an account to itself.

    Notes
    -----
    With smallest part ``p`` and ``h`` hops at most ``h / p`` transfers are followed, each in the
    time of the entries that its account has within the longest wait.
    """
    if start.amount <= 0 or start.sender == start.receiver:
        raise InputError(
            f"transaction {start.tx_id} moves no money from one account to another, so there is "
            "nothing to follow; choose another one"
        )
    return _Walk(start, statements, direction, method, limits or Limits()).run()


class _Walk:
    """One trace in the making."""

    def __init__(
        self,
        start: Transfer,
        statements: Statements,
        direction: Direction,
        method: Method,
        limits: Limits,
    ) -> None:
        self._start, self._direction, self._method = start, direction, method
        self._statements, self._limits = statements, limits
        self._rule: _Rule = _RULES[method]
        self._is_forward = direction == "forward"
        self._smallest = max(ceil(limits.min_part * start.amount), 1)
        #: Statements with the moment up to which (backward: from which) they are known.
        self._book: dict[str, tuple[Statement, datetime]] = {}
        self._waiting: dict[_Key, _Arrival] = {}
        self._order: list[_Key] = []
        self._flows: list[tuple[Any, ...]] = []
        self._ends: Counter[tuple[int, str, End]] = Counter()
        self._left_out: Counter[tuple[int, str, End]] = Counter()

    def run(self) -> Trace:
        """Take one transfer after the other until no money is under way."""
        self._reached(self._start, 0, self._rule.whole(self._start.amount))
        while self._order:
            arrival = self._waiting.pop(heapq.heappop(self._order))
            part = self._rule.joined(arrival.parts)
            self._note(arrival, self._rule.size(part))
            if arrival.hop == self._limits.max_hops:
                self._end(arrival, "hops", self._rule.size(part))
            else:
                self._pass_on(arrival, part)
        return self._trace()

    def _pass_on(self, arrival: _Arrival, part: Any) -> None:
        """Let the money that came with a transfer go on, as far as the limits allow."""
        statement = self._statement(arrival.transfer)
        moves, unseen = self._split(statement, arrival.transfer, part)
        sizes = [self._rule.size(one) for _, one in moves]
        total, passed = self._rule.size(part), sum(sizes)
        if arrival.hop and passed < self._limits.min_pass_through * total:
            self._end(arrival, "pass_through", total - unseen, len(moves))
        else:
            self._end(arrival, "rest", total - unseen - passed)
            self._branch(arrival, statement, moves, sizes)
        self._end(arrival, "unseen", unseen)

    def _split(
        self, statement: Statement, transfer: Transfer, part: Any
    ) -> tuple[list[tuple[int, Any]], int]:
        position = statement.positions[transfer.tx_id]
        edge = self._reach(transfer.time)
        if self._is_forward:
            return self._rule.forward(statement, position, part, edge), 0
        return self._rule.backward(statement, position, part, edge)

    def _branch(
        self,
        arrival: _Arrival,
        statement: Statement,
        moves: list[tuple[int, Any]],
        sizes: list[int],
    ) -> None:
        """Follow the largest parts; of equal ones those that come first."""
        large = [at for at, size in enumerate(sizes) if size >= self._smallest]
        # The sort is stable, and the moves are in the order in which they are taken.
        kept = sorted(large, key=lambda at: -sizes[at])[: self._limits.max_branches]
        for at in sorted(kept):
            position, part = moves[at]
            transfer = self._transfer(statement, position, self._account(arrival.transfer))
            self._reached(transfer, arrival.hop + 1, part)
        for at in set(range(len(sizes))) - set(kept):
            kind: End = "branches" if sizes[at] >= self._smallest else "small"
            self._end(arrival, kind, sizes[at], 1)

    def _reached(self, transfer: Transfer, hop: int, part: Any) -> None:
        moment = (transfer.time - self._start.time).total_seconds()
        sign = 1 if self._is_forward else -1
        key = (sign * moment, sign * transfer.tx_id, hop)
        if key not in self._waiting:
            self._waiting[key] = _Arrival(transfer, hop)
            heapq.heappush(self._order, key)
        self._waiting[key].parts.append(part)

    def _statement(self, transfer: Transfer) -> Statement:
        """Return the statement of the account that a transfer leads to.

        Those of all accounts that money is under way to are asked for with it, as of now: what
        reaches them later than it does now cannot reach them earlier.
        """
        account, edge = self._account(transfer), self._reach(transfer.time)
        if not self._covers(account, edge):
            under_way = [one for one in self._waiting.values() if one.hop < self._limits.max_hops]
            edges = {account: edge}
            for one in under_way:
                name, its_edge = self._account(one.transfer), self._reach(one.transfer.time)
                if not self._covers(name, its_edge):
                    edges[name] = self._farther(edges.get(name, its_edge), its_edge)
            last = reduce(self._farther, edges.values())
            first, second = sorted((transfer.time, last))
            for name, found in self._statements(list(edges), first, second).items():
                self._book[name] = (found, last)
        return self._book[account][0]

    def _covers(self, account: str, edge: datetime) -> bool:
        known = self._book.get(account)
        return known is not None and self._farther(known[1], edge) == known[1]

    def _farther(self, one: datetime, other: datetime) -> datetime:
        return max(one, other) if self._is_forward else min(one, other)

    def _reach(self, moment: datetime) -> datetime:
        """Return the last moment (backward: the first) at which money of a moment may go on."""
        try:
            gap = self._limits.max_gap
            return moment + gap if self._is_forward else moment - gap
        except OverflowError:
            return datetime.max if self._is_forward else datetime.min

    def _account(self, transfer: Transfer) -> str:
        return transfer.receiver if self._is_forward else transfer.sender

    def _transfer(self, statement: Statement, position: int, account: str) -> Transfer:
        entry = statement.entries[position]
        pair = (account, entry.counterparty) if entry.change < 0 else (entry.counterparty, account)
        return Transfer(entry.tx_id, entry.time, *pair, amount=abs(entry.change))

    def _note(self, arrival: _Arrival, size: int) -> None:
        one = arrival.transfer
        row = (arrival.hop, one.tx_id, one.time, one.sender, one.receiver, one.amount, size)
        self._flows.append(row)

    def _end(self, arrival: _Arrival, kind: End, part: int, left_out: int = 0) -> None:
        if part:
            key = (arrival.hop, self._account(arrival.transfer), kind)
            self._ends[key] += part
            self._left_out[key] += left_out

    def _trace(self) -> Trace:
        flows = pd.DataFrame(
            self._flows,
            columns=["hop", "tx_id", "time", "sender", "receiver", "amount", "part"],
        ).astype({"time": "datetime64[us]"})
        ends = pd.DataFrame(
            [(*key, part, self._left_out[key]) for key, part in self._ends.items()],
            columns=["hop", "account", "kind", "part", "transfers"],
        )
        return Trace(
            start=self._start,
            direction=self._direction,
            method=self._method,
            limits=self._limits,
            flows=flows.sort_values(["hop", "time", "tx_id"], ignore_index=True),
            ends=ends.sort_values(["hop", "part"], ascending=[True, False], ignore_index=True),
        )

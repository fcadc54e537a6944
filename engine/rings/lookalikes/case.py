"""What the look-alike tests read of one ring: its fans, its hub's ledger, its members' dealings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from engine.rings.candidates import Candidate, Int32, Int64, Transfers, members
from engine.rings.lookalikes.check import LookalikeConfig
from engine.rings.lookalikes.ledgers import Ledger, Ledgers, Stretch

Side = Literal["in", "out"]

#: A fan's least counterparties: with two, every habit of a pair would look like one of the hub.
_LEAST_FAN = 3
DAY = 86_400

#: Sides on which the hub of a typology fans.
_HUB_SIDES: dict[str, tuple[Side, ...]] = {
    "fan_in": ("in",),
    "fan_out": ("out",),
    "gather_scatter": ("in", "out"),
}


@dataclass(frozen=True, slots=True)
class Fan:
    """One account of the ring and its counterparties on one side.

    Attributes
    ----------
    rows
        The ring's rows of this fan.
    partners
        Distinct counterparties, ascending.
    other
        The account's rows on this side outside of the ring's period, the nearest ones (bounded).
    """

    side: Side
    hub: int
    rows: Int64
    partners: Int32
    other: Stretch


@dataclass
class Case:
    """One ring with the transactions around it. Rows outside its period are "other" rows."""

    transfers: Transfers
    ledgers: Ledgers
    candidate: Candidate
    config: LookalikeConfig

    @cached_property
    def rows(self) -> Int64:
        return self.candidate.rows

    @cached_property
    def start(self) -> int:
        return int(self.transfers.seconds[self.rows[0]])

    @cached_property
    def end(self) -> int:
        return int(self.transfers.seconds[self.rows[-1]])

    @cached_property
    def members(self) -> Int32:
        return members(self.transfers, self.rows)

    @cached_property
    def fans(self) -> list[Fan]:
        """The fans that make the ring what it is; none where it is no fan."""
        return list(self._find_fans())

    def fan(self, side: Side) -> Fan | None:
        """Return the ring's fan on a side, the widest where there are several."""
        found = [fan for fan in self.fans if fan.side == side]
        return max(found, key=lambda fan: len(fan.partners), default=None)

    def read(self, account: int, side: Side, most: int) -> Stretch:
        """Return the account's rows on a side outside of the ring's period, the nearest ones."""
        return self._outside(self._ledger(side).read(account, int(self.rows[0]), most))

    def spread(self, account: int, side: Side) -> Stretch:
        """Return the account's rows outside of the ring's period, spread over the whole run."""
        return self._outside(self._ledger(side).spread(account, self.config.max_rows))

    def partners(self, side: Side, rows: Int64) -> Int32:
        """Return the other side of some rows."""
        of_side = self.transfers.sender if side == "in" else self.transfers.receiver
        found: Int32 = of_side[rows]
        return found

    def days(self, rows: Int64) -> Int64:
        """Return the day of some rows, counted from the first day of the run."""
        seconds = self.transfers.seconds
        found: Int64 = seconds[rows] // DAY - seconds[0] // DAY
        return found

    def parts(self, rows: Int64) -> Int64:
        """Return in which of the equal parts of the run some rows lie."""
        seconds = self.transfers.seconds
        length = max(int(seconds[-1] - seconds[0]) + 1, 1)
        found: Int64 = (seconds[rows] - seconds[0]) * self.config.parts // length
        return found

    @cached_property
    def dealings(self) -> Int64:
        """Other rows between two members of the ring (bounded), ascending."""
        most = self.config.max_member_rows
        sent = [self.read(int(account), "out", most).rows for account in self.members]
        rows = np.concatenate(sent)
        inside = np.isin(self.transfers.receiver[rows], self.members)
        apart = self.transfers.sender[rows] != self.transfers.receiver[rows]
        return np.sort(rows[inside & apart])

    def _find_fans(self) -> Iterator[Fan]:
        typology = self.candidate.typology
        for side in _HUB_SIDES.get(typology, ()):
            yield from self._fans_of_side(side, self.candidate.hub)
        if typology == "scatter_gather":
            yield from self._fans_of_side("out", -1)
            yield from self._fans_of_side("in", -1)

    def _fans_of_side(self, side: Side, hub: int) -> Iterator[Fan]:
        """Yield the fan of ``hub`` on a side, of its widest account where it is -1."""
        own = self.transfers.receiver if side == "in" else self.transfers.sender
        if hub < 0:
            accounts, counts = np.unique(own[self.rows], return_counts=True)
            hub = int(accounts[counts.argmax()])
        rows = self.rows[own[self.rows] == hub]
        partners = np.unique(self.partners(side, rows))
        if len(partners) >= _LEAST_FAN:
            yield Fan(side, hub, rows, partners, self.read(hub, side, self.config.max_rows))

    def _ledger(self, side: Side) -> Ledger:
        return self.ledgers.received if side == "in" else self.ledgers.sent

    def _outside(self, found: Stretch) -> Stretch:
        seconds = self.transfers.seconds[found.rows]
        outside = found.rows[(seconds < self.start) | (seconds > self.end)]
        return Stretch(outside, found.read, found.total)

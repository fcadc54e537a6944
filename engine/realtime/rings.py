"""The rings of a run that alert, as evidence against transactions that come later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["both", "sender", "receiver"]

#: What a ring counts for when one end of a transaction is in it, and the other is not: half.
ONE_END = 0.5


@dataclass(frozen=True, slots=True)
class Membership:
    """An account's place in an alerting ring."""

    ring_id: str
    typology: str
    role: str
    score: float


@dataclass(frozen=True, slots=True)
class Context:
    """What the run's graph says of an account in a ring."""

    risk: float
    role: str
    community: int
    pagerank: float


@dataclass(frozen=True, slots=True)
class RingLink:
    """A ring that a transaction touches.

    Attributes
    ----------
    role
        Of the end that is in it; of the sender where both are.
    side
        Which end is in it.
    """

    ring_id: str
    typology: str
    role: str
    score: float
    side: Side

    @property
    def evidence(self) -> float:
        """Return what it counts for: the ring's score, or half of it for a single end."""
        return self.score if self.side == "both" else self.score * ONE_END


def ring_links(
    sender: tuple[Membership, ...], receiver: tuple[Membership, ...]
) -> tuple[RingLink, ...]:
    """Return the rings that a transaction touches, the strongest evidence first."""
    theirs = {one.ring_id for one in receiver}
    ours = {one.ring_id for one in sender}
    links = [_link(one, "both" if one.ring_id in theirs else "sender") for one in sender]
    links += [_link(one, "receiver") for one in receiver if one.ring_id not in ours]
    return tuple(sorted(links, key=lambda link: (-link.evidence, link.ring_id)))


def ring_evidence(links: tuple[RingLink, ...]) -> float:
    """Return the strongest evidence, zero where no ring is touched."""
    return max((link.evidence for link in links), default=0.0)


def _link(one: Membership, side: Side) -> RingLink:
    return RingLink(one.ring_id, one.typology, one.role, one.score, side)

"""What the explorer draws of a run for a view: frames of accounts, links, and transfers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

MAX_NODES = 300
MAX_EDGES = 800


@dataclass(frozen=True, slots=True)
class Moments:
    """Three frames of a replay.

    Attributes
    ----------
    before
        Just before the first transfer.
    peak
        When the accounts that pass money on hold the most of it.
    exit
        The last time that one of them paid.
    """

    before: datetime
    peak: datetime
    exit: datetime


@dataclass(frozen=True, slots=True)
class Scene:
    """A view as drawn.

    Attributes
    ----------
    nodes
        ``account, role, risk, in_count, in_amount, out_count, out_amount, counterparties,
        shown_counterparties, is_hub, in_ring, x, y``, one row an account. Counts and amounts
        (currency units) are over the whole run, ``role`` is that in the ring, else that in the
        run (``source``, ``intermediary``, ``sink``); ``x`` and ``y`` are in pixels.
    rollups
        ``id, account, counterparties, transactions, amount, x, y``: what is left undrawn round an
        account that was expanded.
    edges
        ``sender, receiver, transactions, amount, first_time, last_time, risk, proving``, one row
        a pair: parallel transfers are folded; ``proving`` counts those that prove the ring.
    events
        ``tx_id, time, sender, receiver, amount, type``: the transfers behind the edges, in time
        order; where there are too many for a replay, the largest.
    moments
        Frames of a replay; ``None`` where nothing happened.
    notes
        What is not drawn, and why, in sentences.
    """

    nodes: pd.DataFrame
    rollups: pd.DataFrame
    edges: pd.DataFrame
    events: pd.DataFrame
    moments: Moments | None = None
    notes: tuple[str, ...] = ()

    @property
    def unplayed(self) -> int:
        """How many of the transfers behind the edges are not among the events."""
        return int(self.edges["transactions"].sum()) - len(self.events)

    @property
    def is_cut(self) -> bool:
        """Whether the events are not all transfers: their sums are too small then."""
        return self.unplayed > 0

"""The transactions that a feature of a transaction was made of."""

from __future__ import annotations

import re
from datetime import timedelta

import pandas as pd

from engine.alerts.reasons import MAX_TX_IDS
from engine.lake import RunPaths
from engine.query import ledger

#: ``sender_out_n_24h``: whose, which way, and how far back.
_HISTORY = re.compile(r"(sender|receiver)_(out|in)_(?:n|sum)_(?:(\d+)h|all)")
#: Features of all earlier payments that the sender made, or the receiver got.
_OWN_SIDE = re.compile(
    r"(sender|receiver)_(gap_hours|counterparties)|amount_to_(sender|receiver)_mean"
)
_DIRECTION = {"sender": "out", "receiver": "in"}


class Evidence:
    """Finds the earlier transactions behind the features of one transaction.

    Parameters
    ----------
    paths
        Files of the run.
    tx
        The transaction: ``tx_id, time``, and ``sender, receiver`` where the data have accounts.
    """

    def __init__(self, paths: RunPaths, tx: pd.Series) -> None:
        self._tx_id, self._time = int(tx["tx_id"]), pd.Timestamp(tx["time"])
        self._ends = {end: tx.get(end) for end in _DIRECTION}
        self._earlier = self._read(paths)

    def of(self, feature: str) -> tuple[int, ...]:
        """Return the transactions that a feature rests on, in time order.

        The latest ``MAX_TX_IDS`` earlier ones where it tells of what happened before; the
        transaction itself where it tells of that alone, or where nothing happened before.
        """
        found = self._behind(feature)
        if found is None or found.empty:
            return (self._tx_id,)
        return tuple(found["tx_id"].tail(MAX_TX_IDS).astype(int).tolist())

    def _behind(self, feature: str) -> pd.DataFrame | None:
        if self._earlier is None:
            return None
        history = _HISTORY.fullmatch(feature)
        if history is not None:
            end, direction, hours = history.groups()
            return self._did(end, direction, int(hours) if hours else None)
        own = _OWN_SIDE.fullmatch(feature)
        if own is not None:
            end = own[1] or own[3]
            did = self._did(end, _DIRECTION[end], None)
            return did.tail(1) if own[2] == "gap_hours" else did
        if feature == "pair_n":
            did = self._did("sender", "out", None)
            return did[did["counterparty"] == self._ends["receiver"]]
        return None

    def _did(self, end: str, direction: str, hours: int | None) -> pd.DataFrame:
        assert self._earlier is not None
        rows = self._earlier
        chosen = (rows["account"] == self._ends[end]) & (rows["direction"] == direction)
        if hours is not None:
            chosen &= rows["time"] >= self._time.floor("s") - timedelta(hours=hours)
        return rows[chosen]

    def _read(self, paths: RunPaths) -> pd.DataFrame | None:
        """Return what both ends did before; rows of equal time stand in the order of the input."""
        accounts = [one for one in self._ends.values() if isinstance(one, str)]
        if len(accounts) < len(self._ends):
            return None
        upto = self._time.to_pydatetime() + timedelta(microseconds=1)
        rows = ledger.entries(paths, sorted(set(accounts)), end=upto)
        return rows[(rows["time"] < self._time) | (rows["tx_id"] < self._tx_id)]

"""What the transactions of a ring show beside its shape: money kept, and how fast it moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.rings.candidates import Candidate, Transfers

#: Accounts that are listed one by one.
_MOST = 30


def pass_through(
    transfers: Transfers, rings: Sequence[Candidate], names: pa.Array
) -> list[dict[str, Any]]:
    """Describe, for each ring, the accounts that pass money on.

    Returns
    -------
    list of dict
        For each ring ``retention`` (median of the amount out over the amount in), ``hours``
        (median time between the mean moments, weighted by amount, of money in and out), and
        ``passed_on``, a list of ``account, in_amount, out_amount, retention, hours`` in the order
        in which the money reached them. Empty where no account passes money on.

    Notes
    -----
    The account where a cycle begins sends before it receives, so it passes nothing on. O(n log n)
    over the transactions of the rings.
    """
    found: list[dict[str, Any]] = [{} for _ in rings]
    if not rings:
        return found
    rows = np.concatenate([ring.rows for ring in rings])
    ring = np.repeat(np.arange(len(rings)), [len(r.rows) for r in rings])
    cents = transfers.minor_units[rows].astype(np.float64)
    seconds = transfers.seconds[rows].astype(np.float64)
    sides = [
        _by_account((ring << 32) + code[rows], cents, seconds)
        for code in (transfers.receiver, transfers.sender)
    ]
    keys, inward, outward = np.intersect1d(sides[0][0], sides[1][0], return_indices=True)
    came, left = sides[0][1][inward], sides[1][1][outward]
    reached, went = sides[0][2][inward], sides[1][2][outward]
    order = np.lexsort((reached, keys >> 32))
    order = order[(went >= reached)[order] & (came > 0)[order]]
    accounts = names.take(pa.array(keys[order] & 0xFFFFFFFF)).to_pylist()
    lists: dict[int, list[dict[str, Any]]] = {}
    for name, i in zip(accounts, order.tolist(), strict=True):
        lists.setdefault(int(keys[i] >> 32), []).append(
            {
                "account": name,
                "in_amount": came[i] / 100,
                "out_amount": left[i] / 100,
                "retention": round(left[i] / came[i], 4),
                "hours": round((went[i] - reached[i]) / 3600, 2),
            }
        )
    for number, passed in lists.items():
        found[number] = {
            "retention": float(np.median([one["retention"] for one in passed])),
            "hours": float(np.median([one["hours"] for one in passed])),
            "passed_on": passed[:_MOST],
        }
    return found


def _by_account(key: Any, cents: Any, seconds: Any) -> tuple[Any, Any, Any]:
    """Return the distinct keys, the sum of each, and its mean moment weighted by amount."""
    known, place = np.unique(key, return_inverse=True)
    total = np.bincount(place, cents)
    moment = np.bincount(place, cents * (seconds - seconds[0])) / np.maximum(total, 1.0)
    return known, total, moment


def score_of_rows(
    tx_id: npt.NDArray[np.int64], rings: pa.Table, ring_transactions: pa.Table
) -> npt.NDArray[np.float32]:
    """Return for each transaction the best score of the rings it proves, 0 outside rings.

    Parameters
    ----------
    tx_id
        int64, shape (n,): id of each transaction.
    rings, ring_transactions
        The contract's tables.
    """
    score = np.zeros(len(tx_id), np.float32)
    if ring_transactions.num_rows == 0:
        return score
    order = np.argsort(tx_id, kind="stable")
    proof = ring_transactions["tx_id"].to_numpy()
    row = order[np.searchsorted(tx_id, proof, sorter=order)]
    of_ring = dict(zip(rings["ring_id"].to_pylist(), rings["score"].to_pylist(), strict=True))
    names = ring_transactions["ring_id"].to_pylist()
    np.maximum.at(score, row, np.array([of_ring[name] for name in names], np.float32))
    return score

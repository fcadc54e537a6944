"""Structuring: a sum cut into amounts that stay just below a reporting threshold.

Two payments of 9,900 are not structuring in themselves (FFIEC BSA/AML manual, appendix G): the
amounts must be rare for this account and this input, and at least two further signs must hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
from scipy.special import betaln, gammaln

from engine.config import RingConfig
from engine.rings.candidates import Candidate, Float64, Int32, Int64, Transfers
from engine.rings.surprise import MAX_SURPRISE

Bools = npt.NDArray[np.bool_]

_PER_ACCOUNTS = 10_000
_DAY = 86_400
#: Signs beside the amounts that must hold.
_SIGNS = 2
#: A sum is split by person where so many counterparties take part.
_PERSONS = 3
#: An account breaks with its history where at most this share of its other amounts is in the band.
_USUAL = 0.1
#: Amounts avoid the threshold where at least this share of those near it stay below. Smooth
#: amounts lie on both sides alike (the bunching estimator of Saez, 2010).
_AVOIDS = 0.8
#: Money has moved on where at least this share of it leaves within the window.
_MOVED = 0.8


@dataclass(frozen=True, slots=True)
class _Side:
    """Transfers of one side, sorted by account and time."""

    order: Int64
    keys: Int64
    bits: int
    origin: int

    @classmethod
    def of(cls, account: Int32, seconds: Int64, rows: Int64) -> _Side:
        origin = int(seconds[0]) if len(seconds) else 0
        bits = int(seconds[-1] - origin + 1).bit_length() + 1 if len(seconds) else 1
        keys = (account[rows].astype(np.int64) << bits) + seconds[rows] - origin
        order = np.argsort(keys, kind="stable")
        return cls(rows[order], keys[order], bits, origin)

    def between(self, account: Int64, begin: Int64, end: Int64) -> tuple[Int64, Int64]:
        """Return where the transfers of each account between two times stand in ``order``."""
        base = account.astype(np.int64) << self.bits
        last = (1 << self.bits) - 1
        low = base + np.clip(begin - self.origin, 0, last)
        high = base + np.clip(end - self.origin, -1, last)
        return np.searchsorted(self.keys, low), np.searchsorted(self.keys, high, side="right")

    def of_account(self, account: int, begin: int, end: int) -> Int64:
        """Return the rows of one account between two times, both included."""
        one = (np.array([value]) for value in (account, begin, end))
        first, past = self.between(*one)
        return self.order[first[0] : past[0]]


def find_structuring(transfers: Transfers, config: RingConfig) -> list[Candidate]:
    """Find accounts that send or receive several amounts just below the reporting threshold.

    The share of amounts in the band ``[threshold * (1 - structuring_band), threshold)`` spreads
    over accounts like a beta distribution, which an account's other amounts sharpen; the surprise
    is ``-log10`` of the beta-binomial tail of a window, times the windows that begin in 10,000
    accounts. So neither an input whose amounts lie in the band anyway nor a shop whose price does
    is structuring.

    Returns
    -------
    list of Candidate
        With ``surprise`` on the scale of all detectors and ``score`` 0. One account has no two
        overlapping ones on a side. O(n log n).
    """
    other = np.flatnonzero(transfers.sender != transfers.receiver)
    high = round(100 * config.reporting_threshold)
    low = round(high * (1 - config.structuring_band))
    in_band = (transfers.minor_units >= low) & (transfers.minor_units < high)
    if np.count_nonzero(in_band) < config.min_structured:
        return []
    found: list[Candidate] = []
    ends = (transfers.sender, transfers.receiver)
    sent, got = (_Side.of(end, transfers.seconds, other) for end in ends)
    found += _of_side(transfers, *ends, sent, in_band, sent, config)
    found += _of_side(transfers, *ends[::-1], got, in_band, sent, config)
    return found


def _of_side(
    transfers: Transfers, own: Int32, partner: Int32, every: _Side, in_band: Bools, sent: _Side,
    config: RingConfig,
) -> list[Candidate]:  # fmt: skip
    near = every.order[in_band[every.order]]
    few = _Side.of(own, transfers.seconds, near)
    begin = transfers.seconds[few.order]
    end = begin + round(config.structuring_hours * 3600)
    account = own[few.order].astype(np.int64)
    first, past = few.between(account, begin, end)
    total, banded = (
        np.bincount(own[rows], minlength=int(own.max()) + 1) for rows in (every.order, near)
    )
    trials = np.subtract(*every.between(account, begin, end)[::-1])
    spread = _Spread.fit(banded, total)
    surprise = _surprise(banded[account], total[account], past - first, trials, spread)
    found: list[Candidate] = []
    free_from = np.zeros(len(total), np.int64)
    worth = (past - first >= config.min_structured) & (surprise >= config.min_surprise)
    for start in np.flatnonzero(worth).tolist():
        hub = int(account[start])
        rows = np.sort(few.order[first[start] : past[start]])
        window = _Window(
            transfers, own, partner, rows, hub, int(total[hub]), int(banded[hub]), every, sent
        )
        if first[start] >= free_from[hub] and window.is_structuring(config):
            free_from[hub] = past[start]
            found.append(Candidate("structuring", rows, hub, float(surprise[start]), 0.0, 0.0))
    return found


def _surprise(banded: Int64, total: Int64, n: Int64, trials: Int64, spread: _Spread) -> Float64:
    """Return the surprise of windows with ``n`` of ``trials`` transfers in the band.

    ``banded`` of ``total`` transfers of the account lie in it in all.
    """
    inside = spread.inside + banded - n
    outside = spread.outside + (total - trials) - (banded - n)
    log_chance = (
        gammaln(trials + 1) - gammaln(n + 1) - gammaln(trials - n + 1)
        + betaln(inside + n, outside + trials - n) - betaln(inside, outside)
    )  # fmt: skip
    tail = _tail(np.exp(log_chance), n, trials, inside, outside)
    return np.asarray(np.clip(-np.log10(tail * spread.windows), -MAX_SURPRISE, MAX_SURPRISE))


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _tail(chance: Float64, n: Int64, trials: Int64, inside: Float64, outside: Float64) -> Float64:
    """Sum the beta-binomial chances from ``n`` on, each from the one before."""
    total = np.empty(len(n))
    for i in range(len(n)):
        term, total[i] = chance[i], chance[i]
        for k in range(n[i], trials[i]):
            term *= (trials[i] - k) / (k + 1) * (inside[i] + k) / (outside[i] + trials[i] - k - 1)
            total[i] += term
            if term < 1e-9 * total[i]:
                break
        total[i] = min(max(total[i], 1e-300), 1.0)
    return total


@dataclass(frozen=True, slots=True)
class _Spread:
    """How the share of amounts in the band spreads over accounts: a beta distribution.

    Attributes
    ----------
    inside, outside
        Its parameters: transfers in and out of the band that an account counts for beforehand.
    windows
        Windows that begin in 10,000 accounts.
    """

    inside: float
    outside: float
    windows: float

    @classmethod
    def fit(cls, banded: Int64, total: Int64) -> _Spread:
        """Fit by moments to accounts with two transfers or more (Kleinman, 1973)."""
        windows = total.sum() / np.count_nonzero(total) * _PER_ACCOUNTS
        mean = banded.sum() / total.sum()
        known = total > 1
        weight = total[known] / max(total[known].sum(), 1)
        around = banded[known] / total[known] - mean
        seen = float((weight * around**2).sum())
        by_chance = float((weight * mean * (1 - mean) / total[known]).sum())
        most = mean * (1 - mean)
        between = min(max(seen - by_chance, 1e-6 * most), 0.99 * most) / max(most, 1e-12)
        strength = 1 / between - 1
        return cls(mean * strength, (1 - mean) * strength, windows)


@dataclass(frozen=True, slots=True)
class _Window:
    """Amounts in the band of one account; ``total`` and ``banded`` count all it has."""

    transfers: Transfers
    own: Int32
    partner: Int32
    rows: Int64
    hub: int
    total: int
    banded: int
    every: _Side
    sent: _Side

    def is_structuring(self, config: RingConfig) -> bool:
        """Tell whether the sum passes the threshold and enough further signs hold."""
        cents = int(self.transfers.minor_units[self.rows].sum())
        persons = len(np.unique(self.partner[self.rows]))
        signs = (
            self._within_a_day(config), persons >= _PERSONS, self._breaks_with_history(),
            self._moved_on(config, cents),
        )  # fmt: skip
        return (
            self._avoids(config)
            and cents >= 100 * config.reporting_threshold
            and persons + 1 >= config.min_accounts
            and sum(signs) >= _SIGNS
        )

    def _avoids(self, config: RingConfig) -> bool:
        """Tell whether hardly any amount lies as far above the threshold as these lie below."""
        transfers, threshold = self.transfers, 100 * config.reporting_threshold
        begin, end = transfers.seconds[self.rows[[0, -1]]]
        amounts = transfers.minor_units[self.every.of_account(self.hub, begin, end)]
        above = (amounts >= threshold) & (amounts < threshold * (1 + config.structuring_band))
        return len(self.rows) >= _AVOIDS * (len(self.rows) + int(above.sum()))

    def _within_a_day(self, config: RingConfig) -> bool:
        seconds, reach = self.transfers.seconds[self.rows], config.min_structured - 1
        return bool((seconds[reach:] - seconds[: len(seconds) - reach] <= _DAY).any())

    def _breaks_with_history(self) -> bool:
        other = self.total - len(self.rows)
        return other > 0 and self.banded - len(self.rows) <= _USUAL * other

    def _moved_on(self, config: RingConfig, cents: int) -> bool:
        transfers = self.transfers
        if self.own is not transfers.receiver:
            return False
        begin, end = transfers.seconds[self.rows[[0, -1]]]
        until = end + round(config.structuring_hours * 3600)
        sent = transfers.minor_units[self.sent.of_account(self.hub, begin, until)]
        return int(sent.sum()) >= _MOVED * cents

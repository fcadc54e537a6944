"""Fans: many new counterparties of one account within a short time.

A fan alone is ordinary; what is rare is many *new* counterparties at once, against the account's
own rate and against what bursts are like in this input. Only rare pairs count (a pair that keeps
paying is rent, salary or supply), and the account's rare transactions are cut into bursts no longer
than the window. A burst is measured by what the account did outside of it:

* accounts have rates of their own, spread over the input like a gamma distribution; what an account
  did outside the burst sharpens its rate, so the burst follows a negative binomial distribution
  (empirical Bayes: Robbins 1956; Gelman et al., "Bayesian data analysis", 2013, section 2.6). An
  account without a past is judged by what accounts of this input are like;
* time is counted in transactions of the whole input, so that a busy season is no burst;
* the number of bursts looked at is taken off (Bonferroni), so that a larger input does not raise
  more fans by chance.
"""

from __future__ import annotations

import numba
import numpy as np
from scipy.stats import nbinom

from engine.config import RingConfig
from engine.rings.candidates import Candidate, Float32, Float64, Int32, Int64, Transfers

#: Surprise at which its part of the score is one half: one in a thousand such inputs.
_HALF_SURPRISE = 3.0
#: Beyond this the tail underflows; more says nothing more.
_MAX_SURPRISE = 300.0
#: The busiest accounts are left out when the spread of rates is fitted: they are merchants.
_USUAL = 0.995
#: Variance over the mean below which rates are taken as equal.
_LEAST_EXCESS = 1e-3


def find_fans(transfers: Transfers, config: RingConfig) -> list[Candidate]:
    """Find fan-in and fan-out bursts.

    Returns
    -------
    list of Candidate
        With at least ``min_counterparties`` distinct counterparties within ``window_hours`` and a
        surprise of at least ``min_score``. O(n log n).
    """
    rare = np.flatnonzero(
        (transfers.pair_total <= config.max_pair_transactions)
        & (transfers.sender != transfers.receiver)
    )
    return [
        *_one_side(transfers, rare, "fan_in", transfers.receiver, transfers.sender, config),
        *_one_side(transfers, rare, "fan_out", transfers.sender, transfers.receiver, config),
    ]


def fan_score(surprise: float, risk: Float32) -> float:
    """Score a fan: four parts surprise, one part the mean risk of its transactions."""
    return 0.8 * surprise / (surprise + _HALF_SURPRISE) + 0.2 * float(risk.mean())


def spread_of_rates(totals: Int64) -> tuple[float, float]:
    """Fit a gamma distribution to the accounts' rates, by the method of moments.

    Parameters
    ----------
    totals
        int64: rare transactions of each account in the whole period, at least 1.

    Returns
    -------
    shape, rate
        A rate has the mean ``shape / rate`` transactions a period.
    """
    usual = np.sort(totals)[: max(int(len(totals) * _USUAL), 1)]
    mean, variance = float(usual.mean()), float(usual.var())
    excess = max((variance - mean) / mean**2, _LEAST_EXCESS)
    return 1 / excess, 1 / (excess * mean)


def tail(distinct: Int64, expected: Float64, size: Float64) -> Float64:
    """Return ``-log10`` of the chance that a negative binomial reaches ``distinct``.

    Parameters
    ----------
    expected
        Its mean.
    size
        Its size: the larger, the closer to a Poisson distribution.
    """
    with np.errstate(divide="ignore"):
        logs = -nbinom.logsf(distinct - 1, size, size / (size + expected)) / np.log(10)
    return np.asarray(np.minimum(logs, _MAX_SURPRISE))


def _one_side(
    transfers: Transfers,
    rare: Int64,
    typology: str,
    hub: Int32,
    other: Int32,
    config: RingConfig,
) -> list[Candidate]:
    order = rare[np.argsort(hub[rare], kind="stable")]
    if len(order) == 0:
        return []
    first, last, distinct, outside = _bursts(
        hub[order], other[order], transfers.seconds[order], config.window_hours * 3600,
        config.min_counterparties,
    )  # fmt: skip
    shape, rate = spread_of_rates(np.unique(hub[order], return_counts=True)[1])
    begin = np.searchsorted(transfers.seconds, transfers.seconds[order[first]], side="left")
    end = np.searchsorted(transfers.seconds, transfers.seconds[order[last - 1]], side="right")
    share = (end - begin) / len(transfers.seconds)
    expected = (shape + outside) * share / (rate + 1 - share)
    surprise = tail(distinct, expected, shape + outside) - np.log10(len(order))
    found = []
    for i in np.flatnonzero(surprise >= config.min_score):
        rows = np.sort(order[first[i] : last[i]])
        found.append(
            Candidate(
                typology,
                rows,
                int(hub[rows[0]]),
                float(surprise[i]),
                float(expected[i]),
                fan_score(float(surprise[i]), transfers.risk[rows]),
            )
        )
    return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _bursts(
    hub: Int32, other: Int32, seconds: Int64, window: int, least: int
) -> tuple[Int64, Int64, Int64, Int64]:
    """Cut each hub's transactions, in time order, into bursts.

    Transactions closer than a third of the window belong to one burst unless it would last longer
    than the window. Returns first and past-the-last position, distinct counterparties, and
    the hub's transactions outside the burst, for each burst with ``least`` counterparties.
    """
    n = len(hub)
    out = np.empty((4, n // least + 1), np.int64)
    count = 0
    start = 0
    while start < n:
        end = start
        while end < n and hub[end] == hub[start]:
            end += 1
        first = start
        for i in range(start + 1, end + 1):
            ends = (
                i == end
                or seconds[i] - seconds[i - 1] > window // 3
                or seconds[i] - seconds[first] > window
            )
            if ends:
                if i - first >= least:
                    distinct = len(np.unique(other[first:i]))
                    if distinct >= least:
                        out[0, count] = first
                        out[1, count] = i
                        out[2, count] = distinct
                        out[3, count] = (end - start) - (i - first)
                        count += 1
                first = i
        start = end
    return out[0, :count], out[1, :count], out[2, :count], out[3, :count]

"""How many of some alerts are true, with an interval, where only a part of them is known.

Alerts are put into strata (kind and band of the score), since the higher a score the more often it
is right. In a stratum with ``n`` known alerts, ``k`` of them true, the share is ``k / n`` and its
uncertainty that of Jeffreys' interval, Beta(k + 1/2, n - k + 1/2): L. D. Brown, T. T. Cai,
A. DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16 (2001) 101-133.
How many of the ``N`` alerts of a like period are true is binomial on top of it. The sum over strata
is drawn :data:`DRAWS` times with a seed of its own, so the same figures give the same interval. As
there, no interval leaves out the share that was seen itself: 0 of n, or n of n.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

DRAWS = 10_000
LEVEL = 0.95
_SEED = 7

#: Edges of the bands of score that make strata.
EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Expected:
    """True alerts to expect.

    Attributes
    ----------
    true, low, high
        Expected number among the alerts whose strata are known, and its 95 % interval; ``None``
        where nothing is known.
    alerts
        All alerts.
    unknown
        Alerts in strata of which nothing is known: they are in none of the three figures.
    judged
        Known alerts that the figures rest on.
    """

    true: float | None
    low: float | None
    high: float | None
    alerts: int
    unknown: int
    judged: int


def strata(kind: pd.Series, score: pd.Series) -> pd.Series:
    """Return the stratum of each alert, e.g. ``ring 5``: its kind and its band of 0.1."""
    band = np.clip(np.searchsorted(EDGES, score.to_numpy(), side="right") - 1, 0, len(EDGES) - 2)
    return kind.astype("str") + " " + pd.Series(band, index=kind.index).astype("str")


def expected_true(alerts: pd.Series, known: pd.DataFrame) -> Expected:
    """Return how many alerts are true, by what is known of their strata.

    Parameters
    ----------
    alerts
        Stratum of each alert, shape (n_alerts,).
    known
        ``stratum, label`` of all that is known, alert or not: label 1 is true, 0 false.
    """
    size = alerts.value_counts().sort_index()
    told = known.groupby("stratum")["label"].agg(["sum", "size"])
    told = told.reindex(size.index).fillna(0)
    has = told["size"].to_numpy() > 0
    n_unknown = int(size.to_numpy()[~has].sum())
    if not has.any():
        return Expected(None, None, None, len(alerts), n_unknown, 0)
    n, k, whole = (
        values[has].astype(np.int64)
        for values in (told["size"].to_numpy(), told["sum"].to_numpy(), size.to_numpy())
    )
    draws = _draws(k, n, whole).sum(axis=1)
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    true = float((whole * k / n).sum())
    return Expected(
        true, min(float(low), true), max(float(high), true), len(alerts), n_unknown, int(n.sum())
    )


def expected_amount(items: pd.DataFrame, known: pd.DataFrame) -> Expected:
    """Return how much money is in the true ones of some items, by a sample of them.

    A stratum's true items have the mean amount of those known to be true, or, where none is, of
    all that are known; the interval takes that mean as certain. Where all items are known, it has
    no width.

    Parameters
    ----------
    items
        ``stratum, amount`` (currency units) of every item.
    known
        ``stratum, label, amount`` of those of the items that are known.

    Returns
    -------
    Expected
        ``true``, ``low`` and ``high`` in currency units.
    """
    size = items["stratum"].value_counts().sort_index()
    told = known.assign(true_amount=known["amount"].where(known["label"] == 1))
    figures = (
        told.groupby("stratum")
        .agg(k=("label", "sum"), n=("label", "size"), mean=("amount", "mean"),
             true_mean=("true_amount", "mean"))
        .reindex(size.index)
    )  # fmt: skip
    has = figures["n"].notna().to_numpy()
    n_unknown = int(size.to_numpy()[~has].sum())
    if not has.any():
        return Expected(None, None, None, len(items), n_unknown, 0)
    figures, whole = figures[has], size.to_numpy()[has].astype(np.int64)
    k, n = figures["k"].to_numpy().astype(np.int64), figures["n"].to_numpy().astype(np.int64)
    mean = figures["true_mean"].fillna(figures["mean"]).to_numpy()
    # The known ones are what they are: chance is in the others alone.
    drawn = ((k + _draws(k, n, np.maximum(whole - n, 0))) * mean).sum(axis=1)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    amount = float((whole * k / n * mean).sum())
    return Expected(
        amount, min(float(low), amount), max(float(high), amount), len(items), n_unknown,
        int(n.sum()),
    )  # fmt: skip


def _draws(
    true: npt.NDArray[np.int64], known: npt.NDArray[np.int64], size: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Draw the number of true ones of each stratum, shape (DRAWS, n_strata)."""
    rng = np.random.default_rng(_SEED)
    share = rng.beta(true + 0.5, known - true + 0.5, (DRAWS, len(true)))
    drawn: npt.NDArray[np.int64] = rng.binomial(size, share)
    return drawn

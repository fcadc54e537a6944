"""One scale for all typologies: how often chance makes a match as surprising as this.

The surprise of a cycle found by trying thousands of paths and that of a fan found by one cut are
not comparable. So every detector also searches a null graph (``rare.shuffled``), and a surprise
becomes ``-log10`` of the number of null matches at or above it, per 10,000 accounts. Beyond the
best null matches their tail is taken as exponential, its slope estimated from the ``_TOP`` best
(Hill, Annals of Statistics, 1975, for the logarithm).
"""

from __future__ import annotations

import numpy as np

from engine.rings.candidates import Float64

_TOP = 30
_PER_ACCOUNTS = 10_000
#: With fewer null matches than this there is no tail to fit: the surprise stands as it is.
_LEAST = 3


def calibrate(surprise: Float64, null: Float64, n_accounts: int) -> Float64:
    """Return ``-log10`` of the expected chance matches per 10,000 accounts.

    Parameters
    ----------
    surprise
        float64: surprises of one typology's matches.
    null
        float64: surprises of its matches in the null graph, doubles left out.
    n_accounts
        Accounts with rare transfers.
    """
    scale = np.log10(max(n_accounts, 1) / _PER_ACCOUNTS)
    if len(null) < _LEAST:
        return np.asarray(surprise + scale)
    best = np.sort(null)[::-1]
    top = min(_TOP, len(best) - 1)
    mean_excess = max(float(np.mean(best[:top] - best[top])), 1e-9)
    at_least = np.searchsorted(-best, -surprise, side="right")
    chance = np.where(
        surprise > best[top],
        np.log10(top) - (surprise - best[top]) / mean_excess / np.log(10),
        np.log10(np.maximum(at_least, 1)),
    )
    return np.asarray(scale - chance)

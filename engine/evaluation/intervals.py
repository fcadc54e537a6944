"""Bootstrap intervals of ring recall, precision and F1.

Efron and Tibshirani, "An introduction to the bootstrap", 1993: chapter 13 (percentile interval) and
section 8.3 (several samples are drawn from independently). True rings and predicted rings are two
samples: each is drawn anew with replacement, recall is taken from the first and precision from the
second, and F1 from both. What is drawn are the outcomes, found or not and correct or not, so a
draw of n outcomes with k ones is a binomial count with chance k / n: it is drawn directly.

The interval tells how far a figure moves with other rings of the same kind. It does not hold what
another simulator or another bank would change, and it has no width where all outcomes agree.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Interval = list[float]

DRAWS = 1000
LEVEL = 0.95
_SEED = 7


def ring_intervals(
    found: Bools, correct: Bools, draws: int = DRAWS, seed: int = _SEED
) -> dict[str, Interval | None]:
    """Return the 95 % interval of each ring figure.

    Parameters
    ----------
    found
        bool, shape (n_true,): whether each true ring was found.
    correct
        bool, shape (n_predicted,): whether each predicted ring is correct.

    Returns
    -------
    dict
        ``ring_recall``, ``ring_precision`` and ``ring_f1`` to [low, high], or to None where the
        figure itself is not defined.
    """
    rng = np.random.default_rng(seed)
    recall, precision = _shares(rng, found, draws), _shares(rng, correct, draws)
    f1 = None
    if recall is not None and precision is not None:
        total = recall + precision
        f1 = np.divide(2 * recall * precision, total, out=np.zeros(draws), where=total > 0)
    return {
        "ring_recall": _interval(recall),
        "ring_precision": _interval(precision),
        "ring_f1": _interval(f1),
    }


def _shares(rng: np.random.Generator, outcomes: Bools, draws: int) -> Floats | None:
    if len(outcomes) == 0:
        return None
    return np.asarray(rng.binomial(len(outcomes), outcomes.mean(), draws) / len(outcomes))


def _interval(values: Floats | None) -> Interval | None:
    if values is None:
        return None
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return [round(float(low), 4), round(float(high), 4)]

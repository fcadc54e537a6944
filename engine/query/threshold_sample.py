"""A random sample from below the line: what thresholds keep from people, for people to look at.

Sampling what lies below a threshold and having analysts judge it ("below-the-line testing") is how
banks show that their thresholds miss little; that a seed draws the same sample again lets somebody
else check it. The same number is drawn of each stratum, so that the few high scores do not drown
among the many low ones; estimates weight a stratum by its size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.errors import InputError
from engine.evaluation.expected import strata
from engine.lake import RunPaths
from engine.query.threshold_alerts import Thresholds, below_the_line

MOST = 500


@dataclass(frozen=True, slots=True)
class Sample:
    """Items drawn from below the line.

    ``items`` has ``stratum, ring_id, tx_id, score, amount`` in random order; ``sizes`` holds how
    many there are in each stratum.
    """

    items: pd.DataFrame
    sizes: dict[str, int]


def draw(paths: RunPaths, thresholds: Thresholds, size: int, seed: int) -> Sample:
    """Draw a sample of rings and unusual transactions that are no alerts.

    Parameters
    ----------
    paths
        The finished run.
    thresholds
        Where the line is.
    size
        About how many; the same of each stratum, as far as it has so many.
    seed
        Same seed, same sample.

    Raises
    ------
    InputError
        If size or seed is out of its range, or nothing lies below the line.
    """
    if not 1 <= size <= MOST:
        raise InputError(f"a sample has 1 to {MOST} items, not {size}")
    if seed < 0:
        raise InputError(f"seed {seed}: use 0 or a positive whole number")
    below = below_the_line(paths, thresholds)
    if below.empty:
        raise InputError("nothing lies below the line: every ring that was found is an alert")
    below["stratum"] = strata(below["kind"], below["score"].astype("float64"))
    sizes = {str(name): int(n) for name, n in below["stratum"].value_counts().items()}
    rng = np.random.default_rng(seed)
    # In a fixed order first: what a seed draws does not hang on that of the files.
    below = below.sort_values(["stratum", "ring_id", "tx_id"], ignore_index=True)
    below = below.iloc[rng.permutation(len(below))]
    chosen = below.groupby("stratum", sort=True).head(max(1, -(-size // len(sizes))))
    chosen = chosen.head(size).reset_index(drop=True)
    return Sample(chosen[["stratum", "ring_id", "tx_id", "score", "amount"]], sizes)

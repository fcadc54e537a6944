"""Small gradient boosting models, cross-fitted over blocks of time.

Every edge of the past is scored by a model that did not see its block, so that what is learned
from these scores, and the rings reported in the past, are not of the training's own making. One
model trained on all of the past scores the future. Nothing is purged at the borders of blocks:
windows of three weeks would eat up a set of half a year, and a ring cut in two by a border shares
no label between the halves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from engine.backend import threads
from engine.rings.candidates import Float32, Int64

Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]

#: Blocks that the past is cut into.
BLOCKS = 4


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is grown; ``max_negatives`` of the rows with target 0 train, weighted up."""

    trees: int
    depth: int
    rate: float
    colsample: float = 0.5
    subsample: float = 1.0
    ridge: float = 10.0
    max_negatives: int = 40_000


def time_blocks(at: Int64, past_end: int) -> Int64:
    """Return the block of each item by its row; ``BLOCKS`` is the future."""
    borders = np.linspace(0, past_end, BLOCKS + 1).astype(np.int64)[1:]
    return np.searchsorted(borders, at, side="right")


def cross_fit(
    values: Float32, target: Floats, block: Int64, last: Int64, recipe: Recipe, seed: int
) -> Float32:
    """Score every item by a model that saw nothing of its block.

    Parameters
    ----------
    target
        In [0, 1], shape (n,); read in the past only.
    block, last
        Blocks of the item's first and last transaction: an item trains where both lie in the past
        and outside the block that is being scored.

    Returns
    -------
    float32, shape (n,)
        0 where nothing could be learned.
    """
    score = np.zeros(len(values), np.float32)
    for held_out in range(BLOCKS + 1):
        here = np.flatnonzero(block == held_out)
        train = np.flatnonzero((last < BLOCKS) & (block != held_out) & (last != held_out))
        chosen, weight = _sample(train, target, recipe.max_negatives, seed)
        if len(here) == 0 or len(np.unique(target[chosen])) < 2:
            continue
        score[here] = _grow(values, target, chosen, weight, recipe, seed).inplace_predict(
            values[here]
        )
    return score


def _sample(train: Int64, target: Floats, most: int, seed: int) -> tuple[Int64, Float32]:
    """Keep all items with a target above 0 and a sample of the others."""
    positive, negative = train[target[train] > 0], train[target[train] == 0]
    take = min(len(negative), most)
    drawn = np.random.default_rng(seed).choice(negative, take, replace=False)
    chosen = np.sort(np.concatenate([positive, drawn]))
    weight = np.where(target[chosen] > 0, 1.0, len(negative) / max(take, 1))
    return chosen, weight.astype(np.float32)


def _grow(
    values: Float32, target: Floats, chosen: Int64, weight: Float32, recipe: Recipe, seed: int
) -> xgb.Booster:
    data = xgb.QuantileDMatrix(
        values[chosen], label=target[chosen], weight=weight, nthread=threads()
    )
    return xgb.train(
        {
            # The logistic loss takes targets between 0 and 1, too (a Jaccard overlap).
            "objective": "reg:logistic", "tree_method": "hist", "device": "cpu",
            "max_depth": recipe.depth, "eta": recipe.rate, "nthread": threads(), "seed": seed,
            "max_delta_step": 1.0, "colsample_bynode": recipe.colsample,
            "subsample": recipe.subsample, "lambda": recipe.ridge,
        },
        data,
        num_boost_round=recipe.trees,
    )  # fmt: skip

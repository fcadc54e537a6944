"""Where a score is good and where it is not: by type, by amount, over time, on the test rows."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from engine.columns import AMOUNT, TIME, TYPE
from engine.evaluation.wilson import wilson_intervals
from engine.lake import RunPaths
from engine.query.database import require
from engine.query.model_rows import Score, judged
from engine.query.model_steps import steps_of

SliceBy = Literal["type", "amount", "time"]
Codes = npt.NDArray[np.int64]

#: Bars of a period, at most.
_MOST_TIMES = 24
#: Types beside these, the most frequent, stand together.
_MOST_TYPES = 15
_UNITS = (("h", 3600), ("D", 86_400), ("W", 7 * 86_400))


def slices(paths: RunPaths, score: Score, threshold: float, by: SliceBy) -> pd.DataFrame:
    """Judge a score within each type, each band of amounts, or each part of the test period.

    Parameters
    ----------
    threshold
        From which a row counts as flagged.

    Returns
    -------
    pandas.DataFrame
        ``slice`` (a type, or where a band of amounts or a part of the period begins), ``rows,
        positives, flagged, hits, precision, recall``, the 95 % interval of the latter by Wilson
        (``recall_low, recall_high``), ``roc_auc`` and ``average_precision``; what cannot be said
        without a positive, or without a flagged row, is missing.

    Raises
    ------
    InputError
        If nothing can be measured, or the run has no such score.
    """
    column = {"type": TYPE, "amount": AMOUNT, "time": TIME}[by]
    if column not in pq.read_schema(require(paths.augmented)).names:
        return pd.DataFrame()
    rows = judged(paths, score, column)
    names, codes = _parted(rows, by)
    flagged = rows["score"] >= np.float32(threshold)
    found = pd.DataFrame({"slice": names} | _counted(rows["label"], flagged, codes, len(names)))
    return found.join(_curves(rows["label"], rows["score"], codes, len(names)))


def amount_bands(amount: npt.NDArray[np.float64]) -> tuple[list[float], Codes]:
    """Part amounts by powers of ten; return where each band begins, and each row's band.

    The band from 0 holds all below 10; any other one ends at ten times its beginning.

    Examples
    --------
    >>> amount_bands(np.array([5.0, 20.0, 99.0]))[0]
    [0.0, 10.0]
    """
    power = np.floor(np.log10(np.maximum(amount, 1.0))).astype(np.int64)
    low = int(power.min(initial=int(power.max(initial=0))))
    powers = range(low, int(power.max(initial=low)) + 1)
    return [0.0 if one == 0 else 10.0**one for one in powers], power - low


def _parted(rows: dict[str, npt.NDArray[Any]], by: SliceBy) -> tuple[list[Any], Codes]:
    if by == "amount":
        return amount_bands(rows[AMOUNT])
    if by == "time":
        return _periods(rows[TIME])
    codes, values = rows[TYPE].astype(np.int64), list(rows[f"{TYPE}_values"])
    frequent = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(values)), kind="stable")
    place = np.full(len(values) + 1, min(len(values), _MOST_TYPES), np.int64)
    place[frequent[:_MOST_TYPES]] = np.arange(len(frequent[:_MOST_TYPES]))
    names = [values[i] for i in frequent[:_MOST_TYPES]]
    found = place[codes]
    return ([*names, "others"], found) if (found == len(names)).any() else (names, found)


def _periods(time: npt.NDArray[np.datetime64]) -> tuple[list[Any], Codes]:
    """Part a period into hours, days, or weeks: the shortest that give few enough parts."""
    seconds = time.astype("datetime64[s]").astype(np.int64)
    span = int(seconds[-1] - seconds[0]) if len(seconds) else 0
    steps = [size * times for _, size in _UNITS for times in (1, 2, 3, 6)]
    step = next((one for one in sorted(steps) if span // one < _MOST_TIMES), 28 * 86_400)
    first = seconds[0] // step if len(seconds) else 0
    codes = seconds // step - first
    starts = (np.arange(int(codes.max(initial=-1)) + 1) + first) * step
    return list(pd.to_datetime(starts, unit="s")), codes


def _counted(
    label: npt.NDArray[np.bool_], flagged: npt.NDArray[np.bool_], codes: Codes, parts: int
) -> dict[str, Any]:
    def count(chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        return np.bincount(codes[chosen], minlength=parts)

    positives, taken, hits = count(label), count(flagged), count(label & flagged)
    low, high = wilson_intervals(hits, positives)
    return {
        "rows": np.bincount(codes, minlength=parts), "positives": positives, "flagged": taken,
        "hits": hits, "precision": _share(hits, taken), "recall": _share(hits, positives),
        "recall_low": np.where(positives > 0, low, np.nan),
        "recall_high": np.where(positives > 0, high, np.nan),
    }  # fmt: skip


def _curves(
    label: npt.NDArray[np.bool_], score: npt.NDArray[np.float32], codes: Codes, parts: int
) -> pd.DataFrame:
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(parts + 1))
    table = np.full((parts, 2), np.nan)
    for part in range(parts):
        rows = order[bounds[part] : bounds[part + 1]]
        steps = steps_of(label[rows], score[rows])
        table[part] = steps.roc_auc, steps.average_precision
    return pd.DataFrame(table, columns=["roc_auc", "average_precision"])


def _share(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    shares: npt.NDArray[np.float64] = np.divide(
        part, whole, out=np.full(len(part), np.nan), where=whole > 0
    )
    return shares

"""How the risk of transactions differs between two runs: distribution, stability, bands.

DuckDB reads one column of each run's transactions; nothing larger than a histogram comes back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from engine.errors import InputError
from engine.lake import Lake, RunPaths
from engine.query.database import fetch, require
from engine.risk_bands import FLOORS, Band

#: Bins counted, and bins shown.
_FINE, _SHOWN = 1000, 20
#: Bins of about equal size that the stability index compares.
_PSI_BINS = 10
#: Bounds of the index by Siddiqi (Credit Risk Scorecards, Wiley 2006): below the first no
#: significant change, from the second on a significant one.
PSI_BOUNDS = (0.10, 0.25)

_COUNTS = f"""
SELECT least(CAST(floor(CAST(final_risk AS DOUBLE) * {_FINE} + 1e-4) AS INTEGER), {_FINE - 1})
           AS bin, count(*) AS n
FROM read_parquet($transactions) WHERE final_risk IS NOT NULL GROUP BY 1
"""

_BAND = (
    "CASE "
    + " ".join(f"WHEN final_risk >= {floor} THEN {i}" for i, (_, floor) in enumerate(FLOORS))
    + " END"
)
_BANDS_OF = f"(SELECT tx_id, CAST({_BAND} AS TINYINT) AS band FROM read_parquet($%s))"

#: Runs of the same bytes list their transactions in the same order, as a rule.
_MOVES_IN_ORDER = f"""
SELECT one.band AS band, other.band AS other, count(*) AS n,
       bool_and(one.tx_id = other.tx_id) AS aligned
FROM {_BANDS_OF % "one"} AS one POSITIONAL JOIN {_BANDS_OF % "other"} AS other GROUP BY 1, 2
"""
_MOVES_BY_ID = f"""
SELECT one.band AS band, other.band AS other, count(*) AS n
FROM {_BANDS_OF % "one"} AS one JOIN {_BANDS_OF % "other"} AS other USING (tx_id) GROUP BY 1, 2
"""

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ScoreShift:
    """The final risk of all transactions in two runs.

    Attributes
    ----------
    bins
        ``low, high, share, other_share``: twenty bins of risk, and the share of each run's
        transactions in them.
    psi
        Population stability index of the run against the other one, 0 where they are alike.
    """

    bins: pd.DataFrame
    psi: float


def score_shift(lake: Lake, run_id: str, against: str) -> ScoreShift:
    """Compare the distributions of the final risk in two runs.

    Raises
    ------
    RunError
        If a run's files are missing.
    """
    mine, other = _counts(lake.run(run_id)), _counts(lake.run(against))
    low = np.arange(_SHOWN) / _SHOWN
    bins = pd.DataFrame(
        {
            "low": low, "high": low + 1 / _SHOWN, "share": _shares(mine, _SHOWN),
            "other_share": _shares(other, _SHOWN),
        }
    )  # fmt: skip
    return ScoreShift(bins, stability_index(mine, other))


def stability_index(counts: Counts, baseline: Counts) -> float:
    """Return the population stability index of fine histograms over the same bins.

    Parameters
    ----------
    counts, baseline
        int64, shape (k,): how many values lie in each fine bin.

    Notes
    -----
    Fine bins are joined to at most ten of about equal size in the baseline; with the shares p and q
    of a joined bin the index is the sum of ``(p - q) ln(p / q)``, the divergence of Kullback and
    Leibler taken both ways. An empty bin counts as half a value.

    References
    ----------
    N. Siddiqi, Credit Risk Scorecards, Wiley 2006 (the index and its bounds).

    Examples
    --------
    >>> round(stability_index(np.array([3, 1]), np.array([1, 3])), 4)  # 0.5 ln 3 + 0.5 ln 3
    1.0986
    """
    if not (counts.sum() and baseline.sum()):
        return 0.0
    filled = np.cumsum(baseline)
    cuts = np.searchsorted(filled, filled[-1] * np.arange(1, _PSI_BINS) / _PSI_BINS) + 1
    starts = np.unique(np.concatenate([[0], cuts[cuts < len(baseline)]]))
    return index_of_bins(np.add.reduceat(counts, starts), np.add.reduceat(baseline, starts))


def index_of_bins(counts: Counts, baseline: Counts) -> float:
    """Return the population stability index of counts in the same bins, taken as they are.

    Parameters
    ----------
    counts, baseline
        int64, shape (k,), neither all 0.
    """
    p = np.maximum(counts, 0.5) / counts.sum()
    q = np.maximum(baseline, 0.5) / baseline.sum()
    return float(((p - q) * np.log(p / q)).sum())


def band_moves(lake: Lake, run_id: str, against: str) -> pd.DataFrame:
    """Count the transactions by their band of risk in two runs of the same input.

    Returns
    -------
    pandas.DataFrame
        Rows are the bands of the other run, columns those of this run, the worst first.

    Raises
    ------
    InputError
        If the runs read other bytes: then transactions have no ids in common.
    """
    hashes = {lake.read_manifest(name)["input"]["sha256"] for name in (run_id, against)}
    if len(hashes) > 1:
        raise InputError(f"{run_id} and {against} read other files; their rows cannot be compared")
    one, other = lake.run(run_id).augmented, lake.run(against).augmented
    files = {"one": require(one), "other": require(other)}
    is_aligned = pq.read_metadata(one).num_rows == pq.read_metadata(other).num_rows
    if is_aligned:
        moves = fetch(_MOVES_IN_ORDER, files)
        is_aligned = bool(moves["aligned"].all())
    if not is_aligned:
        moves = fetch(_MOVES_BY_ID, files)
    names: list[Band] = [name for name, _ in FLOORS]
    table = np.zeros((len(names), len(names)), np.int64)
    table[moves["other"].to_numpy(), moves["band"].to_numpy()] = moves["n"].to_numpy()
    return pd.DataFrame(table, index=names, columns=names)


def _counts(paths: RunPaths) -> Counts:
    found = fetch(_COUNTS, {"transactions": require(paths.augmented)})
    counts = np.zeros(_FINE, np.int64)
    counts[found["bin"].to_numpy()] = found["n"].to_numpy()
    return counts


def _shares(counts: Counts, bins: int) -> npt.NDArray[np.float64]:
    joined: Counts = counts.reshape(bins, -1).sum(axis=1)
    return joined / max(int(counts.sum()), 1)

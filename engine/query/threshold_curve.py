"""How many alerts each ring threshold raises, and how many the team has time for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.errors import InputError
from engine.lake import RunPaths, read_json
from engine.query.database import fetch, require
from engine.query.threshold_alerts import Thresholds, alerts_under, most_lone, wanted_by_model
from engine.query.threshold_judged import NOTHING, Verdicts, read_labels, with_verdicts

_PERIOD = "SELECT min(time) AS first, max(time) AS last FROM read_parquet($augmented)"

_BEST = """
SELECT tx_id, max(score) AS score FROM read_parquet($ring_transactions)
JOIN read_parquet($rings) USING (ring_id) GROUP BY tx_id
"""
_WANTED = """
SELECT best.score AS score, count(*) AS n
FROM (SELECT tx_id FROM read_parquet($augmented) WHERE {wanted})
LEFT JOIN ({best}) AS best USING (tx_id) GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Team:
    """The time that people have for alerts."""

    analysts: int = 3
    hours: float = 6.0
    minutes: float = 30.0

    @property
    def a_day(self) -> float:
        """Alerts that the team can work in a day.

        Raises
        ------
        InputError
            If nobody works, or an alert takes no time.
        """
        if self.analysts < 1 or not 0 < self.hours <= 24 or self.minutes <= 0:
            raise InputError(
                f"{self.analysts} analysts, {self.hours} hours a day, {self.minutes} minutes an "
                "alert: give one analyst or more, up to 24 hours, and more than no minute"
            )
        return self.analysts * self.hours * 60 / self.minutes


def ring_scores(paths: RunPaths, decided: Verdicts = NOTHING) -> pd.DataFrame:
    """Return rings by score in bands of 0.05: ``low, high, true, false, unknown`` (counts)."""
    whole = alerts_under(paths, Thresholds(ring_alert_threshold=0.0, min_lone=0, max_lone=0))
    known = with_verdicts(whole, read_labels(paths), decided)
    band = np.minimum((known["score"].to_numpy(np.float64) * 20).astype(int), 19)
    what = np.select([known["label"] == 1, known["label"] == 0], ["true", "false"], "unknown")
    counts = pd.crosstab(band, what).reindex(index=range(20), fill_value=0)
    counts = counts.reindex(columns=["true", "false", "unknown"], fill_value=0)
    return counts.assign(low=counts.index / 20, high=(counts.index + 1) / 20).reset_index(drop=True)


def by_threshold(paths: RunPaths, thresholds: Thresholds) -> pd.DataFrame:
    """Return how many alerts each ring threshold raises, the other thresholds being as given.

    Returns
    -------
    pandas.DataFrame
        ``threshold`` (0 to 1 in steps of 0.01), ``rings``, ``lone``, ``alerts``, ``a_day``.
    """
    steps = np.arange(101) / 100
    scores, wanted = np.empty(0), _best_rings(paths)
    if paths.rings.exists():
        given = {"rings": require(paths.rings)}
        scores = fetch("SELECT score FROM read_parquet($rings)", given)["score"].to_numpy()
    rings = len(scores) - np.searchsorted(np.sort(scores), steps, side="left")
    free = np.array([wanted.loc[~(wanted["score"] >= step), "n"].sum() for step in steps])
    lone = np.minimum(free, most_lone(paths, thresholds)).astype(np.int64)
    alerts = rings + lone
    return pd.DataFrame({"threshold": steps, "rings": rings, "lone": lone, "alerts": alerts,
                         "a_day": alerts / days_of(paths)})  # fmt: skip


def suggest(paths: RunPaths, thresholds: Thresholds, team: Team) -> float | None:
    """Return the lowest ring threshold, in steps of 0.01, whose alerts the team has time for.

    ``None`` where even the highest leaves too many.
    """
    counts = by_threshold(paths, thresholds)
    fits = counts[counts["a_day"] <= team.a_day]
    return None if fits.empty else float(fits["threshold"].iloc[0])


def _best_rings(paths: RunPaths) -> pd.DataFrame:
    """Count what may be a lone alert by the score of the best ring it proves: ``score, n``."""
    condition, given = wanted_by_model(paths, read_json(paths.manifest))
    files = {"augmented": require(paths.augmented)}
    best = "SELECT CAST(NULL AS BIGINT) AS tx_id, CAST(NULL AS DOUBLE) AS score WHERE false"
    if paths.ring_transactions.exists():
        best = _BEST
        files |= {"rings": require(paths.rings),
                  "ring_transactions": require(paths.ring_transactions)}  # fmt: skip
    sql = _WANTED.format(best=best, wanted=condition or "is_anomaly")
    return fetch(sql, files | given)


def days_of(paths: RunPaths) -> float:
    """Return the length of a run's data in days, at least one."""
    row = fetch(_PERIOD, {"augmented": require(paths.augmented)}).iloc[0]
    if pd.isna(row["first"]):
        return 1.0
    return max(float((row["last"] - row["first"]).total_seconds()) / 86_400, 1.0)

"""What thresholds make of a run: alerts a day against the team's time, true ones, missed money."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from engine.evaluation.expected import Expected, expected_amount, expected_true, strata
from engine.evaluation.run_results import judged_from
from engine.lake import RunPaths, read_json
from engine.query.database import fetch, require
from engine.query.threshold_alerts import (
    Thresholds,
    alerts_under,
    below_the_line,
)
from engine.query.threshold_curve import Team, days_of
from engine.query.threshold_judged import (
    NOTHING,
    Labels,
    Verdicts,
    complete,
    may_judge,
    read_labels,
    with_verdicts,
)

_KEYS = ["ring_id", "tx_id"]

_LABELLED = """
SELECT tx_id, amount, {in_alert} AS is_alerted
FROM read_parquet($augmented, file_row_number => true)
WHERE label = 1 AND file_row_number >= $first
"""
_IN_ALERT = """
tx_id IN (SELECT tx_id FROM read_parquet($ring_transactions) SEMI JOIN
          (SELECT ring_id FROM read_parquet($rings) WHERE score >= $threshold) USING (ring_id))
"""


@dataclass(frozen=True, slots=True)
class Missed:
    """Money in what is true and raises no alert, in currency units.

    ``basis`` tells where it is from: ``labels`` of the input, exactly, ``total`` being all that
    is labelled; or a ``sample`` from below the line, with an interval. Without either nothing is
    known. ``is_part`` tells that by labels it is that of the rows a model was not taught.
    """

    amount: float | None
    low: float | None
    high: float | None
    total: float | None
    basis: Literal["labels", "sample"] | None
    below: int
    unknown: int
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What a set of thresholds makes of a run.

    Attributes
    ----------
    alerts, rings, lone
        Alerts in all, of rings, of lone transactions.
    days
        Length of the data in days, at least one.
    true
        How many of the alerts are true.
    worked
        The same of those that the team has time for, the best first.
    missed
        Money in what is true and is no alert.
    """

    alerts: int
    rings: int
    lone: int
    days: float
    true: Expected
    worked: Expected
    missed: Missed

    @property
    def a_day(self) -> float:
        """Alerts that a day of the data brings."""
        return self.alerts / self.days


@dataclass(frozen=True, slots=True)
class Effect:
    """Two sets of thresholds on one run.

    ``gained`` and ``lost`` are alerts as :func:`engine.query.threshold_alerts.alerts_under` gives
    them, with ``label`` (1, 0, NaN unknown), at most :data:`MOST_LISTED` of each, the best first;
    ``n_gained`` and ``n_lost`` count all of them.
    """

    before: Line
    after: Line
    n_gained: int
    n_lost: int
    gained: pd.DataFrame
    lost: pd.DataFrame


MOST_LISTED = 500


def effect(
    paths: RunPaths,
    before: Thresholds,
    after: Thresholds,
    team: Team,
    decided: Verdicts = NOTHING,
) -> Effect:
    """Return what changing thresholds makes of a finished run.

    Parameters
    ----------
    paths
        The run.
    before, after
        The thresholds compared.
    team
        Who works the alerts.
    decided
        What people said of the run's rings and transactions.

    Raises
    ------
    InputError
        If thresholds or team are out of their ranges.
    RunError
        If a file of the run is missing.
    """
    labels = read_labels(paths)
    line_before, alerts_before = _line(paths, before, team, labels, decided)
    line_after, alerts_after = line_before, alerts_before
    if after != before:
        line_after, alerts_after = _line(paths, after, team, labels, decided)
    gained = _only_in(alerts_after, alerts_before)
    lost = _only_in(alerts_before, alerts_after)
    return Effect(line_before, line_after, len(gained), len(lost),
                  gained.head(MOST_LISTED), lost.head(MOST_LISTED))  # fmt: skip


def _line(
    paths: RunPaths, thresholds: Thresholds, team: Team, labels: Labels, decided: Verdicts
) -> tuple[Line, pd.DataFrame]:
    alerts = with_verdicts(alerts_under(paths, thresholds), labels, decided)
    alerts = alerts.sort_values("score", ascending=False, kind="stable", ignore_index=True)
    below = with_verdicts(below_the_line(paths, thresholds, alerts), labels, decided)
    for frame in (alerts, below):
        frame["stratum"] = strata(frame["kind"], frame["score"].astype("float64"))
    known = pd.concat([alerts, below])
    known = known[known["label"].notna() & known["is_judged"]]
    days = days_of(paths)
    room = min(len(alerts), int(team.a_day * days))
    line = Line(
        len(alerts), int((alerts["kind"] == "ring").sum()),
        int((alerts["kind"] == "transaction").sum()), days,
        expected_true(alerts["stratum"], known),
        expected_true(alerts["stratum"].head(room), known),
        _missed(paths, thresholds, alerts, below, known),
    )  # fmt: skip
    return line, alerts


def _missed(
    paths: RunPaths,
    thresholds: Thresholds,
    alerts: pd.DataFrame,
    below: pd.DataFrame,
    known: pd.DataFrame,
) -> Missed:
    if may_judge(paths):
        first = judged_from(paths, complete(read_json(paths.manifest)))
        total, missed = _labelled_money(paths, thresholds, alerts, first or 0)
        if total:
            is_part = first is not None
            return Missed(missed, missed, missed, total, "labels", len(below), 0, is_part)
    found = expected_amount(below, known)
    basis: Literal["sample"] | None = None if found.true is None else "sample"
    return Missed(found.true, found.low, found.high, None, basis, len(below), found.unknown)


def _labelled_money(
    paths: RunPaths, thresholds: Thresholds, alerts: pd.DataFrame, first: int
) -> tuple[float, float]:
    """Return the labelled amount of the rows from ``first`` on, and what of it no alert holds."""
    given: dict[str, Any] = {"augmented": require(paths.augmented), "first": first}
    in_alert = "false"
    if paths.ring_transactions.exists():
        in_alert = _IN_ALERT
        given |= {"ring_transactions": require(paths.ring_transactions),
                  "rings": require(paths.rings),
                  "threshold": thresholds.ring_alert_threshold}  # fmt: skip
    found = fetch(_LABELLED.format(in_alert=in_alert), given)
    is_alerted = found["is_alerted"] | found["tx_id"].isin(alerts["tx_id"].dropna())
    return math.fsum(found["amount"]), math.fsum(found.loc[~is_alerted, "amount"])


def _only_in(alerts: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    there = set(zip(*(others[key].fillna("" if key == "ring_id" else -1) for key in _KEYS),
                    strict=True))  # fmt: skip
    keys = zip(*(alerts[key].fillna("" if key == "ring_id" else -1) for key in _KEYS), strict=True)
    return alerts[[key not in there for key in keys]].reset_index(drop=True)

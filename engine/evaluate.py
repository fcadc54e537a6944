"""``python -m engine evaluate``: a finished run against labels and against true rings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from engine.accounts import encode_accounts
from engine.columns import LABEL
from engine.config import Config
from engine.errors import InputError
from engine.evaluation import run_results
from engine.evaluation.feature_sets import compare_feature_sets
from engine.evaluation.judge import Window, judge_accounts, judge_rings, judge_transactions
from engine.evaluation.ring_metrics import Bools, f1_of
from engine.evaluation.run_results import PredictedRings
from engine.evaluation.truth import Truth, as_text, read_truth, time_rule
from engine.label_record import read_record
from engine.lake import Lake, RunPaths


def evaluate_run(
    lake: Lake, run_id: str, truth: str | None = None, feature_sets: bool = False
) -> dict[str, Any]:
    """Judge a finished run.

    Parameters
    ----------
    truth
        Parquet file with ``ring_id, typology, members`` (list of account ids); with ``start``
        and ``end``, a run that learned from labels is judged on rings of its test period.
    feature_sets
        Also train on the run's labels without balances, with balances before, and with all.

    Raises
    ------
    InputError
        If the run is not done, or the truth or labels asked for are not there.
    """
    manifest = lake.read_manifest(run_id)
    if manifest["status"] != "done":
        raise InputError(f"run {run_id} is {manifest['status']}; only a finished run can be judged")
    lake.fetch(run_id)
    paths = lake.run(run_id)
    report: dict[str, Any] = {
        "run_id": run_id,
        "labels": read_record(manifest)["mode"],
        "transactions": _with_f1(manifest["metrics"]),
    }
    if truth is not None:
        report |= _against_truth(paths, manifest, Path(truth))
    if feature_sets:
        transactions = pq.read_table(paths.prepped)
        if LABEL not in transactions.column_names:
            raise InputError(f"run {run_id} has no labels; --feature-sets needs them")
        config = Config().override(
            {key: value for key, value in manifest["config"].items() if isinstance(value, dict)}
        )
        report["feature_sets"] = compare_feature_sets(
            transactions, encode_accounts(transactions), config
        )
    return report


def to_markdown(report: dict[str, Any]) -> str:
    """Write the transaction figures of a report as a table."""
    keys = ("roc_auc", "average_precision", "precision", "recall", "threshold")
    rows = {"this run": report["transactions"], **report.get("feature_sets", {})}
    lines = [
        f"Run {report['run_id']}, last 20 % of the rows",
        "",
        "| features | " + " | ".join(keys) + " |",
        "| --- |" + " ---: |" * len(keys),
    ]
    for name, figures in rows.items():
        cells = [f"{figures[k]:.4f}" if figures.get(k) is not None else "–" for k in keys]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _with_f1(metrics: dict[str, Any]) -> dict[str, Any]:
    """Add F1 to transaction figures that have a precision and a recall."""
    if not {"precision", "recall"} <= set(metrics):
        return metrics
    return {**metrics, "f1": f1_of(metrics["precision"], metrics["recall"])}


def _against_truth(paths: RunPaths, manifest: dict[str, Any], path: Path) -> dict[str, Any]:
    truth = read_truth(path, time_rule(manifest["mapping"]))
    if not manifest["has_accounts"]:
        raise InputError(f"run {paths.run_id} has no accounts, so no rings to judge")
    predicted = run_results.read_predicted(paths)
    threshold = manifest["config"]["ring_alert_threshold"]
    alerts = predicted.score >= threshold
    time = run_results.times(paths)
    whole = Window(0, int(time[0]), int(time[-1]))
    judge = _Judge(paths, truth, predicted, alerts)
    about = {"ring_alert_threshold": threshold}
    first = run_results.judged_from(paths, manifest)
    if first is None:
        return {"judged_on": "all rings", **about, **judge.figures(whole)}
    if truth.start is None:
        note = "the truth has no column start: rings the run learned from are judged too"
        return {"judged_on": "all rings", "note": note, **about, **judge.figures(whole)}
    future = Window(first, int(time[first]), int(time[-1]))
    share = 1 - first / len(time)
    return {
        "judged_on": f"rings that start in the last {share:.0%}".replace("%", " %"),
        "judged_from": as_text(future.since),
        **about,
        **judge.figures(future),
        "whole_set": judge.figures(whole),
    }


@dataclass(frozen=True, slots=True)
class _Judge:
    """A run and its truth; ``alerts`` tells the rings at or above the alert threshold."""

    paths: RunPaths
    truth: Truth
    predicted: PredictedRings
    alerts: Bools

    def figures(self, window: Window) -> dict[str, Any]:
        """Return the figures of rings, accounts and transactions of a window."""
        true = window.true(self.truth)
        judged = window.predicted(self.predicted.start)
        report = judge_rings(self.truth.rings(true), self.predicted.rings(self.alerts, judged))
        report["accounts"] = judge_accounts(
            run_results.account_names(self.paths),
            self.truth, true, self.predicted, self.alerts, judged,
        )  # fmt: skip
        report["transactions_in_rings"] = None
        if run_results.has_labels(self.paths):
            report["transactions_in_rings"] = judge_transactions(
                self.paths, window, self.truth, self.predicted, self.alerts
            )
        return report

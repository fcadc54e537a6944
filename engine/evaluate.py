"""``python -m engine evaluate``: a finished run against labels and against true rings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.metrics import average_precision_score

from engine.accounts import encode_accounts
from engine.columns import FINAL_RISK, LABEL, TX_ID
from engine.config import Config
from engine.errors import InputError
from engine.evaluation.feature_sets import compare_feature_sets
from engine.evaluation.ring_metrics import (
    RingSet,
    figures_at_budgets,
    figures_by_typology,
    ring_figures,
    set_figures,
)
from engine.lake import Lake, RunPaths

_LIMITS = (0.5, 0.3)


def evaluate_run(
    lake: Lake, run_id: str, truth: str | None = None, feature_sets: bool = False
) -> dict[str, Any]:
    """Judge a finished run.

    Parameters
    ----------
    truth
        Parquet file with ``ring_id, typology, members`` (list of account ids).
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
    paths = lake.run(run_id)
    report: dict[str, Any] = {
        "run_id": run_id,
        "labels": manifest["labels"],
        "transactions": manifest["metrics"],
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


def _against_truth(paths: RunPaths, manifest: dict[str, Any], truth: Path) -> dict[str, Any]:
    true = _read_truth(truth)
    if not manifest["has_accounts"]:
        raise InputError(f"run {paths.run_id} has no accounts, so no rings to judge")
    threshold = manifest["config"]["ring_alert_threshold"]
    predicted, proof = _read_predicted(paths, threshold)
    by_limit = {str(limit): ring_figures(true, predicted, limit) for limit in _LIMITS}
    main = by_limit["0.5"]
    return {
        "ring_recall": main["ring_recall"],
        "ring_precision": main["ring_precision"],
        "ring_f1": main["ring_f1"],
        "ring_alert_threshold": threshold,
        "rings": by_limit,
        "by_typology": {str(x): figures_by_typology(true, predicted, x) for x in _LIMITS},
        "at_budget": {str(x): figures_at_budgets(true, predicted, x) for x in _LIMITS},
        "accounts": set_figures(
            {a for ring in true.members for a in ring},
            {a for ring in predicted.members for a in ring},
        ),
        "transactions_in_rings": _transaction_figures(paths, proof),
    }


def _read_truth(path: Path) -> RingSet:
    if not path.exists():
        raise InputError(f"--truth {path}: no such file")
    try:
        table = pq.read_table(path)
    except pa.ArrowInvalid as error:
        raise InputError(f"--truth {path}: not a Parquet file") from error
    missing = {"ring_id", "typology", "members"} - set(table.column_names)
    if missing:
        raise InputError(f"--truth {path}: missing column(s) {', '.join(sorted(missing))}")
    members = tuple(frozenset(map(str, ring)) for ring in table["members"].to_pylist())
    return RingSet(members, tuple(table["typology"].to_pylist()))


def _read_predicted(paths: RunPaths, threshold: float) -> tuple[RingSet, set[int]]:
    rings = pq.read_table(paths.rings).to_pandas()
    rings = rings[rings["score"] >= threshold].sort_values("score", ascending=False, kind="stable")
    members: dict[str, set[str]] = {ring_id: set() for ring_id in rings["ring_id"]}
    accounts = pq.read_table(paths.ring_accounts)
    for ring_id, account in zip(
        accounts["ring_id"].to_pylist(), accounts["account"].to_pylist(), strict=True
    ):
        if ring_id in members:
            members[ring_id].add(str(account))
    proof = pq.read_table(paths.ring_transactions).to_pandas()
    tx_ids = set(proof.loc[proof["ring_id"].isin(rings["ring_id"]), "tx_id"].tolist())
    typologies = tuple(rings["typology"].tolist())
    return RingSet(tuple(frozenset(ring) for ring in members.values()), typologies), tx_ids


def _transaction_figures(paths: RunPaths, proof: set[int]) -> dict[str, Any] | None:
    """Judge the transactions of predicted rings by the labels, where the input had them."""
    if LABEL not in pq.read_schema(paths.augmented).names:
        return None
    table = pq.read_table(paths.augmented, columns=[TX_ID, LABEL, FINAL_RISK])
    label = table[LABEL].to_numpy()
    figures = set_figures(set(table[TX_ID].to_numpy()[label == 1].tolist()), proof)
    if 0 < label.sum() < len(label):
        risk = np.asarray(table[FINAL_RISK].to_numpy())
        figures["average_precision"] = float(average_precision_score(label, risk))
    return figures

"""What a run computed -> the scorer of single transactions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xgboost as xgb

from engine.config import Config
from engine.features import FeatureMatrix, causal_names
from engine.realtime.boosting import Boosting, boxes_of
from engine.realtime.rings import Context, Membership
from engine.realtime.row import FeatureSpec
from engine.realtime.scorer import Calibrated, Scorer
from engine.rings import RingTables
from engine.scoring.model import Model
from engine.scoring.score import Scores


def make_scorer(
    run_id: str,
    matrix: FeatureMatrix,
    scores: Scores,
    model: Model | None,
    rings: RingTables,
    accounts: Path,
    last_time: int,
    config: Config,
) -> Scorer | None:
    """Make the scorer of a run.

    Parameters
    ----------
    model
        The causal model; None where there were no labels.
    rings
        The contract's tables.
    accounts
        File of the contract's table of accounts; only members of rings are read.
    last_time
        Seconds of the last transaction.

    Returns
    -------
    Scorer or None
        None where the run was begun by a version that did not keep its isolation forest.
    """
    if scores.detector is None:
        return None
    members = ring_members(rings, config.rings.ring_alert_threshold)
    spec = FeatureSpec(causal_names(matrix), matrix.types, config.features.windows_hours)
    return Scorer(
        run_id, last_time, spec, scores.detector, None if model is None else calibrated(model),
        config.rules, config.risk, scores.amount_limit, scores.anomaly_limit, members,
        contexts_of(members, accounts),
    )  # fmt: skip


def calibrated(model: Model) -> Calibrated:
    """Return a model with its trees as boxes."""
    return Calibrated(
        boxes(model.booster, len(model.names)), model.names, model.slope, model.offset,
        model.threshold, model.trained_on,
    )  # fmt: skip


def boxes(booster: xgb.Booster, columns: int) -> Boosting:
    """Return the trees of a booster as boxes."""
    told = json.loads(booster.save_raw("json"))
    trees = told["learner"]["gradient_booster"]["model"]["trees"]
    without_base = boxes_of(trees, 0.0)
    # How XGBoost writes its base score has changed more than once; what it adds is plain to see.
    row = np.zeros((1, columns), np.float32)
    margin = float(booster.predict(xgb.DMatrix(row), output_margin=True)[0])
    return replace(without_base, base=margin - without_base.margin(row[0]))


def ring_members(rings: RingTables, threshold: float) -> dict[str, tuple[Membership, ...]]:
    """Return the members of the rings scored at or above a threshold, by account."""
    alerting = {
        ring["ring_id"]: ring
        for ring in rings.rings.select(["ring_id", "typology", "score"]).to_pylist()
        if ring["score"] >= threshold
    }
    found: dict[str, list[Membership]] = {}
    for row in rings.ring_accounts.to_pylist():
        ring = alerting.get(row["ring_id"])
        if ring is not None:
            one = Membership(ring["ring_id"], ring["typology"], row["role"], ring["score"])
            found.setdefault(row["account"], []).append(one)
    return {account: tuple(memberships) for account, memberships in found.items()}


def contexts_of(members: dict[str, tuple[Membership, ...]], accounts: Path) -> dict[str, Context]:
    """Return what the graph says of the members."""
    if not members:
        return {}
    known = pc.field("account").isin(pa.array(list(members), pa.string()))
    columns = ["account", "risk", "role", "community", "pagerank"]
    rows = pq.read_table(accounts, columns=columns, filters=known).to_pylist()
    return {
        row["account"]: Context(
            float(row["risk"]), str(row["role"]), int(row["community"]), float(row["pagerank"])
        )
        for row in rows
    }

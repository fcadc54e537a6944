"""IBM Snap ML's graph features and gradient boosting, then components in time.

Blanuša et al., "Graph Feature Preprocessor: real-time subgraph-based feature extraction for
financial crime detection", ICAIF 2024. The library is proprietary (International License Agreement
for Non-Warranted Programs): a yardstick that is installed apart, never part of the product::

    pip install -r requirements-peers.txt

Parameters follow the library's defaults, whose windows of 12 to 480 hours are for minute data;
the sets here count days, so the windows are 7 days for fans and degrees, 14 for scatter-gather, and
21 for vertex statistics and temporal cycles. Transactions come in batches of 2048, as in the paper.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import numpy as np

from engine.backend import threads
from engine.evaluation.peers.components import learned_components
from engine.evaluation.peers.data import PeerInput, PeerResult
from engine.evaluation.peers.grouping import SECONDS_PER_DAY
from engine.features import FeatureMatrix
from engine.features.build import KNOWN_TYPES

NOT_INSTALLED = "not installed: pip install -r requirements-peers.txt"
BATCH = 2048
#: Bin edges of the counts that the library reports.
_BINS = [2, 3, 4, 5, 6, 8, 10, 15, 20]
_AMOUNT_COLUMN = 4
_CYCLE_DAYS = 21
#: Transfers an account in ``_CYCLE_DAYS`` beyond which temporal cycles are left out. Walks in time
#: branch that often a step: at 1.3 (AMLGentex) the cycles take seconds, at 1.8 (AMLSim, whose
#: accounts repeat the same transfers week by week) they did not finish in five minutes.
_MOST_BRANCHING = 1.5
#: Length-limited cycles that need not be in time order.
_LC_CYCLE_DAYS, _LC_CYCLE_LENGTH = 7, 6
#: The columns of the transaction itself that stand beside the graph features.
_OWN = ("amount", "log_amount", "is_round", "weekday", "type_code")


def snap_ml(given: PeerInput) -> dict[str, PeerResult]:
    """Score transactions by Snap ML graph features and boosting; join the flagged ones in time.

    Needs labels; without them it has nothing to say.
    """
    name = "Snap ML graph features + XGBoost, temporal components"
    if given.label is None:
        return {}
    if importlib.util.find_spec("snapml") is None:
        return {name: PeerResult([], note=NOT_INSTALLED)}
    branching = transfers_per_account(given, _CYCLE_DAYS)
    temporal = branching <= _MOST_BRANCHING
    note = "" if temporal else (
        f"temporal cycles left out: {branching:.1f} transfers an account in {_CYCLE_DAYS} days, "
        "listing them does not finish in useful time"
    )  # fmt: skip
    return {name: learned_components(given, graph_features(given, temporal), note)}


def transfers_per_account(given: PeerInput, days: int) -> float:
    """Return how many transfers an account makes in so many days, on average."""
    duration = max(int(given.seconds[-1] - given.seconds[0]), days * SECONDS_PER_DAY)
    per_account = given.transactions.num_rows / given.accounts.count
    return float(per_account * days * SECONDS_PER_DAY / duration)


def graph_features(given: PeerInput, temporal_cycles: bool) -> FeatureMatrix:
    """Return Snap ML's graph features beside the transaction's own columns, float32."""
    snapml: Any = importlib.import_module("snapml")
    preprocessor = snapml.GraphFeaturePreprocessor()
    preprocessor.set_params({**preprocessor.get_params(), **parameters(temporal_cycles)})
    rows = given.transactions.num_rows
    edges = np.column_stack(
        [
            np.arange(rows), given.accounts.sender, given.accounts.receiver, given.seconds,
            given.transactions["amount"].to_numpy(),
        ]
    ).astype(np.float64)  # fmt: skip
    own = [name for name in _OWN if name in given.features.names]
    values = np.empty((0, 0), np.float32)
    for start in range(0, rows, BATCH):
        part = slice(start, min(start + BATCH, rows))
        # The library returns the five columns it was given, then the features.
        made = preprocessor.transform(np.ascontiguousarray(edges[part]))[:, edges.shape[1] :]
        if start == 0:
            values = np.empty((rows, made.shape[1] + len(own)), np.float32, order="F")
        values[part, : made.shape[1]] = made
    for offset, name in enumerate(own):
        values[:, values.shape[1] - len(own) + offset] = given.features.column(name)
    graph = [f"graph_{i}" for i in range(values.shape[1] - len(own))]
    return FeatureMatrix.of((*graph, *own), values, KNOWN_TYPES)


def parameters(temporal_cycles: bool) -> dict[str, Any]:
    """Return the settings of the preprocessor; times are in seconds."""
    day = SECONDS_PER_DAY
    return {
        "num_threads": threads(),
        "time_window": 21 * day,
        "vertex_stats": True, "vertex_stats_tw": 21 * day, "vertex_stats_cols": [_AMOUNT_COLUMN],
        "fan": True, "fan_tw": 7 * day, "fan_bins": _BINS,
        "degree": True, "degree_tw": 7 * day, "degree_bins": _BINS,
        "scatter-gather": True, "scatter-gather_tw": 14 * day, "scatter-gather_bins": _BINS,
        "temp-cycle": temporal_cycles, "temp-cycle_tw": _CYCLE_DAYS * day,
        "temp-cycle_bins": _BINS,
        "lc-cycle": True, "lc-cycle_tw": _LC_CYCLE_DAYS * day,
        "lc-cycle_len": _LC_CYCLE_LENGTH, "lc-cycle_bins": _BINS,
    }  # fmt: skip

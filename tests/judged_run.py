"""A finished run of fifty labelled transactions, small enough to count every figure by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.lake import RunPaths, read_json, write_json
from tests.small_run import moments, write_small_run

ROWS = 50
MODEL = {"train": 0.7, "choose": 0.1, "use": ""}


def judged_run(root: Path, *, config: dict[str, Any] | None = None, **columns: Any) -> RunPaths:
    """Write a run of fifty rows, an hour apart, of which the last ten are the test.

    They lie in three row groups. Test rows: four frauds scoring 0.9, 0.8, 0.6, 0.2, and six clean
    ones scoring 0.7 and 0.1 (five).
    """
    paths = write_small_run(root, has_accounts=False)
    score = np.full(ROWS, 0.5)
    score[40:] = [0.9, 0.7, 0.8, 0.1, 0.6, 0.1, 0.2, 0.1, 0.1, 0.1]
    label = np.zeros(ROWS, np.int8)
    label[:40:4] = 1
    label[[40, 42, 44, 46]] = 1
    table = pd.DataFrame(
        {
            "tx_id": np.arange(ROWS),
            "time": moments(*[f"2026-01-{1 + i // 24:02d} {i % 24:02d}:00" for i in range(ROWS)]),
            "amount": np.where(np.arange(ROWS) % 2 == 0, 40.0, 5.0),
            "type": pd.Categorical(np.where(np.arange(ROWS) < 44, "WIRE", "CASH")),
            "label": label,
            "log_amount": np.log1p(np.where(np.arange(ROWS) % 2 == 0, 40.0, 5.0)).astype("f4"),
            "rule_score": np.zeros(ROWS, "f4"),
            "anomaly_score": np.linspace(0, 1, ROWS).astype("f4"),
            "is_anomaly": np.arange(ROWS) == ROWS - 1,
            "fraud_probability": score.astype("f4"),
            "final_risk": score.astype("f4"),
            **columns,
        }
    )
    table.to_parquet(paths.augmented, index=False, row_group_size=17)
    told = read_json(paths.manifest)
    told["config"]["model"] = {**MODEL, **(config or {})}
    told |= {"labels": "auto", "metrics": {"threshold": 0.6, "family": "causal"}}
    write_json(paths.manifest, told)
    return paths

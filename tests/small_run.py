"""A finished run of six transactions, small enough to compute every answer by hand.

Ring R00001 (fan in): A and B pay the hub H 100, 200, and 50; H passes 300 on to X.
Ring R00002 (cycle, under the threshold): P pays Q 999. A also pays Z 10, outside of any ring.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from engine.lake import Lake, RunPaths, write_json

RUN_ID = "small"


def moments(*texts: str) -> pd.Series:
    """Return times as the lake stores them."""
    return pd.Series(pd.to_datetime(list(texts), format="ISO8601")).astype("datetime64[us]")


def write_small_run(
    root: Path,
    *,
    has_accounts: bool = True,
    found_nothing: bool = False,
    run_id: str = RUN_ID,
) -> RunPaths:
    """Write the run into the lake at ``root``.

    Without accounts it has no graph files; where it ``found_nothing``, its rings and alerts have
    no rows.
    """
    paths = Lake.open(root).run(run_id)
    tables = {"augmented": _transactions(has_accounts), "alerts": _alerts(has_accounts)}
    if has_accounts:
        tables |= _graph()
    outputs = paths.outputs()
    for name, frame in tables.items():
        outputs[name].parent.mkdir(parents=True, exist_ok=True)
        if found_nothing and name not in ("augmented", "accounts"):
            frame = frame.head(0)
        frame.to_parquet(outputs[name], index=False)
    written = {name: str(outputs[name].relative_to(paths.root)) for name in tables}
    told = {"run_id": run_id, "outputs": written}
    write_json(paths.manifest, _manifest(has_accounts) | told)
    return paths


def _transactions(has_accounts: bool) -> pd.DataFrame:
    rows = [
        (1, "2026-01-01 00:00", "A", "H", 100.0, 0.9),
        (2, "2026-01-01 01:00", "B", "H", 200.0, 0.8),
        (3, "2026-01-01 02:00", "A", "H", 50.0, 0.7),
        (4, "2026-01-02 00:00", "H", "X", 300.0, 0.95),
        (5, "2026-01-03 00:00", "P", "Q", 999.0, 0.8),
        (6, "2026-01-04 00:00", "A", "Z", 10.0, 0.6),
    ]
    frame = pd.DataFrame(
        rows, columns=["tx_id", "time", "sender", "receiver", "amount", "final_risk"]
    )
    frame["time"] = moments(*frame["time"])
    frame["type"] = pd.Categorical(["TRANSFER"] * len(frame))
    frame["rule_score"] = 0.3
    frame["anomaly_score"] = 0.5
    frame["is_anomaly"] = False
    frame["fraud_probability"] = pd.Series([None] * len(frame), dtype="float64")
    if not has_accounts:
        frame = frame.drop(columns=["sender", "receiver", "type"])
    return frame


def _alerts(has_accounts: bool) -> pd.DataFrame:
    ring_reasons = [
        _reason("new_counterparties", "2 new counterparties in a day", 2.0, 1.0, [1, 2]),
        _reason("passed_on", "Most of it is passed on", 0.86, 0.5, [4]),
    ]
    lone = [_reason("final_risk", "Among the riskiest transactions", 0.8, 0.5, [5])]
    frame = pd.DataFrame(
        {
            "alert_id": ["A000001", "A000002", "A000003"],
            "ring_id": ["R00001", None, None],
            "tx_id": pd.array([None, 5, 6], dtype="Int64"),
            "title": ["Fan in to H", "Payment of 999.00", "Payment of 10.00"],
            "typology": ["fan_in", "transaction", "transaction"],
            "score": [0.9, 0.8, 0.6],
            "amount": [650.0, 999.0, 10.0],
            "n_accounts": [4, 2, 2],
            "opened": moments("2026-01-02", "2026-01-03", "2026-01-04"),
            "reasons": [json.dumps(ring_reasons), json.dumps(lone), "[]"],
        }
    )
    if has_accounts:
        return frame
    return frame[frame["ring_id"].isna()].assign(n_accounts=0)


def _reason(
    code: str, text: str, value: float, threshold: float, tx_ids: list[int]
) -> dict[str, Any]:
    return {
        "code": code, "text": text, "value": value, "threshold": threshold, "tx_ids": tx_ids,
    }  # fmt: skip


def _graph() -> dict[str, pd.DataFrame]:
    members = [
        ("R00001", "A", "source"), ("R00001", "B", "source"), ("R00001", "H", "collector"),
        ("R00001", "X", "exit"), ("R00002", "P", "source"), ("R00002", "Q", "exit"),
    ]  # fmt: skip
    evidence = [("R00001", tx_id) for tx_id in (1, 2, 3, 4)] + [("R00002", 5)]
    return {
        "rings": pd.DataFrame(
            {
                "ring_id": ["R00001", "R00002"],
                "typology": ["fan_in", "cycle"],
                "score": [0.9, 0.4],
                "n_accounts": [4, 2],
                "n_transactions": [4, 1],
                "amount": [650.0, 999.0],
                "start": moments("2026-01-01 00:00", "2026-01-03"),
                "end": moments("2026-01-02", "2026-01-03"),
                "fingerprint": ["f" * 32, "e" * 32],
            }
        ),
        "ring_accounts": pd.DataFrame(members, columns=["ring_id", "account", "role"]),
        "ring_transactions": pd.DataFrame(evidence, columns=["ring_id", "tx_id"]),
        "accounts": pd.DataFrame(
            {
                "account": ["A", "B", "H", "X", "P", "Q", "Z"],
                "in_count": [0, 0, 3, 1, 0, 1, 1],
                "out_count": [3, 1, 1, 0, 1, 0, 0],
                "in_amount": [0.0, 0.0, 350.0, 300.0, 0.0, 999.0, 10.0],
                "out_amount": [160.0, 200.0, 300.0, 0.0, 999.0, 0.0, 0.0],
                "first_time": moments(*["2026-01-01"] * 7),
                "last_time": moments(*["2026-01-04"] * 7),
                "community": [0, 0, 0, 0, 1, 1, 0],
                "pagerank": [0.1, 0.1, 0.3, 0.2, 0.1, 0.1, 0.1],
                "role": ["source", "source", "collector", "exit", "source", "exit", "member"],
                "risk": [0.6, 0.5, 0.95, 0.7, 0.4, 0.3, 0.1],
            }
        ),
    }


def _manifest(has_accounts: bool) -> dict[str, Any]:
    return {
        "run_id": RUN_ID,
        "status": "done",
        "input": {
            "uri": "raw/small.csv", "name": "small.csv", "sha256": "0" * 64, "rows": 6,
            "rejected": 0,
        },
        "schema": "canonical",
        "engine": {"kind": "cpu", "device": "cpu", "versions": {}, "reason": ""},
        "config": {"ring_alert_threshold": 0.5},
        "labels": "ignore",
        "stages": [],
        "seconds": 1.0,
        "metrics": {},
        "counts": {
            "transactions": 6, "accounts": 7 * has_accounts, "rings": 2 * has_accounts,
            "alerts": 3 if has_accounts else 2,
        },
        "has_accounts": has_accounts,
        "cost": None,
        "error": None,
        "started": "2026-01-05T00:00:00+00:00",
        "finished": "2026-01-05T00:00:01+00:00",
    }  # fmt: skip

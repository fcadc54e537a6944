"""What is known of a run's rings and transactions: labels of the input, decisions of people.

A ring is true where at least half of the transactions that prove it are labelled; a transaction
by its own label. Of a run that learned from labels only what begins in the part that it was not
taught counts: of the rest a model knows the answers. Where a run was told to leave labels aside,
they are left aside here too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.evaluation.run_results import has_labels, judged_from
from engine.label_record import ignores_labels
from engine.lake import RunPaths, read_json
from engine.query.database import fetch, require
from engine.query.threshold_alerts import wanted_by_model

#: Share of a ring's transactions from which labels make it a true one.
MOSTLY = 0.5

_RINGS = """
WITH proof AS (
    SELECT ring_id, avg(CAST(label = 1 AS INTEGER)) AS share, min(row) AS first
    FROM read_parquet($ring_transactions)
    JOIN (SELECT tx_id, label, file_row_number AS row
          FROM read_parquet($augmented, file_row_number => true)) USING (tx_id)
    GROUP BY ring_id
)
SELECT ring_id, CAST(share >= $mostly AS INTEGER) AS label, first >= $first AS is_judged
FROM proof
"""

#: What may be a lone alert, or lie below the line; that is far less than all.
_TRANSACTIONS = """
SELECT tx_id, CAST(label = 1 AS INTEGER) AS label, file_row_number >= $first AS is_judged
FROM read_parquet($augmented, file_row_number => true)
WHERE label IS NOT NULL AND (is_anomaly OR {wanted})
"""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Verdicts from outside of the run: 1 true, 0 false; the later source stands over labels.

    ``rings`` by ring id, ``transactions`` by transaction id.
    """

    rings: Mapping[str, int]
    transactions: Mapping[int, int]

    def __len__(self) -> int:
        return len(self.rings) + len(self.transactions)


NOTHING = Verdicts({}, {})


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of a run's rings (``ring_id, label, is_judged``) and of its transactions (by
    ``tx_id``) that are risky or unusual; ``None`` where the input has none, or they are left aside.
    """

    rings: pd.DataFrame | None
    transactions: pd.DataFrame | None


def may_judge(paths: RunPaths) -> bool:
    """Tell whether the input has labels and the run was not told to leave them aside."""
    return has_labels(paths) and not ignores_labels(read_json(paths.manifest))


def read_labels(paths: RunPaths) -> Labels:
    """Return what the labels of the input say of what may be an alert, where they may judge it."""
    if not may_judge(paths):
        return Labels(None, None)
    manifest = read_json(paths.manifest)
    first = judged_from(paths, complete(manifest)) or 0
    given: dict[str, Any] = {"augmented": require(paths.augmented), "first": first}
    rings = None
    if paths.ring_transactions.exists():
        more = {"ring_transactions": require(paths.ring_transactions), "mostly": MOSTLY}
        rings = fetch(_RINGS, given | more)
    wanted, limit = wanted_by_model(paths, manifest)
    lone = fetch(_TRANSACTIONS.format(wanted=wanted or "false"), given | limit)
    return Labels(rings, lone)


def with_verdicts(alerts: pd.DataFrame, labels: Labels, decided: Verdicts) -> pd.DataFrame:
    """Return alerts with what is known of each.

    Parameters
    ----------
    alerts
        With ``ring_id`` and ``tx_id``, of which one names the alert.
    labels
        Those of the run.
    decided
        Decisions of people, and labels they gave to a sample.

    Returns
    -------
    pandas.DataFrame
        ``alerts`` with ``label`` (float64: 1 true, 0 false, NaN unknown) and ``is_judged``
        (whether it may count: false where the model was taught with it).
    """
    known = alerts.assign(label=np.nan, is_judged=True)
    both = (
        ("ring_id", labels.rings, decided.rings),
        ("tx_id", labels.transactions, decided.transactions),
    )
    for column, labelled, said in both:
        if labelled is not None:
            by_key = labelled.set_index(column)
            own = known[column].map(by_key["label"]).astype("float64")
            judged = known[column].map(by_key["is_judged"]).astype("boolean").fillna(True)
            known["label"] = known["label"].where(known["label"].notna(), own)
            known["is_judged"] &= judged.astype("bool")
        told = known[column].map(dict(said)).astype("float64")
        known["label"] = told.where(told.notna(), known["label"])
        known["is_judged"] |= told.notna()
    return known


def complete(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest with the sections that early versions did not write."""
    model = {"use": "", "train": 0.7, "choose": 0.1}
    config = manifest.get("config") or {}
    return {**manifest, "config": {**config, "model": {**model, **(config.get("model") or {})}},
            "metrics": manifest.get("metrics") or {}}  # fmt: skip

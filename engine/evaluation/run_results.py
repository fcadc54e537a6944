"""What a finished run said, read from the lake in the shape that judging needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.columns import FINAL_RISK, LABEL, RECEIVER, SENDER, TIME, TX_ID
from engine.config import ModelConfig
from engine.evaluation.ring_metrics import Bools, RingSet
from engine.label_record import ignores_labels
from engine.lake import RunPaths
from engine.scoring.split import split_in_time

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PredictedRings:
    """All rings of a run, the best first.

    Attributes
    ----------
    members, typologies, score
        Account ids, typology, and score in [0, 1] of each ring.
    start
        int64 microseconds since 1970 of the first proving transaction.
    tx_ids
        Ids of the proving transactions.
    """

    members: tuple[frozenset[str], ...]
    typologies: tuple[str, ...]
    score: npt.NDArray[np.float64]
    start: Int64
    tx_ids: tuple[frozenset[int], ...]

    def rings(self, alerts: Bools, judged: Bools) -> RingSet:
        """Return the rings of ``alerts`` to compare, of which those of ``judged`` count."""
        kept = np.flatnonzero(alerts).tolist()
        return RingSet(
            tuple(self.members[i] for i in kept),
            tuple(self.typologies[i] for i in kept),
            tuple(judged[kept].tolist()),
        )


def read_predicted(paths: RunPaths) -> PredictedRings:
    """Read the rings of a run, in the order of their scores."""
    rings = pq.read_table(paths.rings, columns=["ring_id", "typology", "score", "start"])
    order = np.argsort(-rings["score"].to_numpy(), kind="stable")
    rings = rings.take(pa.array(order))
    members = _lists(pq.read_table(paths.ring_accounts), "account")
    proof = _lists(pq.read_table(paths.ring_transactions), "tx_id")
    ids = rings["ring_id"].to_pylist()
    return PredictedRings(
        tuple(frozenset(map(str, members.get(ring, ()))) for ring in ids),
        tuple(rings["typology"].to_pylist()),
        rings["score"].to_numpy(),
        rings["start"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy(),
        tuple(frozenset(proof.get(ring, ())) for ring in ids),
    )


def judged_from(paths: RunPaths, manifest: dict[str, Any]) -> int | None:
    """Return the first row, in time order, of the test part of a run that learned from labels.

    ``None`` where the run learned nothing from these rows: no labels, labels ignored, too few of
    them, or a model of another run.
    """
    used = manifest["config"]["model"]
    if ignores_labels(manifest) or used["use"] or not has_labels(paths):
        return None
    if not manifest["metrics"] and not paths.model.exists():
        return None
    config = ModelConfig(train=used["train"], choose=used["choose"])
    rows = pq.read_metadata(paths.prepped).num_rows
    first = split_in_time(rows, config).choose_end
    return first if first < rows else None


def has_labels(paths: RunPaths) -> bool:
    """Tell whether the input had labels, used or not."""
    return LABEL in pq.read_schema(paths.augmented).names


def times(paths: RunPaths) -> Int64:
    """Return the time of each transaction, microseconds since 1970, ascending."""
    column = pq.read_table(paths.augmented, columns=[TIME])[TIME]
    return np.asarray(column.cast(pa.int64()).to_numpy())


def account_names(paths: RunPaths) -> list[str]:
    """Return all accounts of a run."""
    names: list[str] = pq.read_table(paths.accounts, columns=["account"])["account"].to_pylist()
    return names


def labelled_transactions(paths: RunPaths, first: int) -> pa.Table:
    """Return ``tx_id, label, final_risk`` of the rows from ``first`` on."""
    return pq.read_table(paths.augmented, columns=[TX_ID, LABEL, FINAL_RISK]).slice(first)


def positives(paths: RunPaths, first: int) -> pa.Table:
    """Return ``tx_id, time, sender, receiver`` of the labelled rows from ``first`` on."""
    names = [TX_ID, TIME, SENDER, RECEIVER, LABEL]
    table = pq.read_table(paths.augmented, columns=names).slice(first)
    return table.filter(pc.equal(table[LABEL], 1))


def _lists(table: pa.Table, name: str) -> dict[str, list[Any]]:
    """Return the values of each ring."""
    lists: dict[str, list[Any]] = {}
    for ring, value in zip(table["ring_id"].to_pylist(), table[name].to_pylist(), strict=True):
        lists.setdefault(ring, []).append(value)
    return lists

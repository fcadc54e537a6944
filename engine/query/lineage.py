"""What became of the rings of an earlier run: read two runs of a lake and compare them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from engine.lake import Lake, RunPaths
from engine.query.database import fetch, require
from engine.rings.lineage import Lineage, Ring, trace_rings

#: Columns of :func:`lineage` with their dtypes; ids and accounts are lists of texts.
LINEAGE_COLUMNS = {
    "ring_id": "string",
    "state": "string",
    "previous": "object",
    "jaccard": "float64",
    "gained": "object",
    "lost": "object",
    "score": "Float64",
    "previous_score": "Float64",
}

_RINGS = """
SELECT ring.ring_id, ring.fingerprint, ring.score, member.accounts
FROM read_parquet($rings) AS ring
JOIN (SELECT ring_id, list(account ORDER BY account) AS accounts
      FROM read_parquet($ring_accounts) GROUP BY ring_id) AS member USING (ring_id)
ORDER BY ring.ring_id
"""

_TRANSACTIONS = """
SELECT ring_id, list(tx_id ORDER BY tx_id) AS tx_ids
FROM read_parquet($ring_transactions) GROUP BY ring_id
"""


def lineage(lake: Lake, run_id: str, previous_run_id: str) -> pd.DataFrame:
    """Compare the rings of a run with those of an earlier one.

    Returns
    -------
    pandas.DataFrame
        Columns and dtypes as :data:`LINEAGE_COLUMNS`, meanings as
        :class:`engine.rings.lineage.Lineage`: a row for each ring of the run, by ring id, then
        one for each ring of the earlier run that is dormant (``ring_id`` missing). ``previous``,
        ``gained`` and ``lost`` hold lists.

    Raises
    ------
    InputError
        If there is no such run.
    RunError
        If a run has no rings, e.g. because it has not finished.
    """
    rows = trace_runs(lake, run_id, previous_run_id)
    columns = {name: [_plain(getattr(row, name)) for row in rows] for name in LINEAGE_COLUMNS}
    return pd.DataFrame(columns, columns=list(LINEAGE_COLUMNS)).astype(LINEAGE_COLUMNS)


def trace_runs(lake: Lake, run_id: str, previous_run_id: str) -> list[Lineage]:
    """Return :func:`lineage` as a list of rows.

    Transactions are compared only where both runs read the same bytes: then ids mean the same.
    """
    now, before = lake.read_manifest(run_id), lake.read_manifest(previous_run_id)
    same_input = now["input"]["sha256"] == before["input"]["sha256"]
    return trace_rings(
        read_rings(lake.run(previous_run_id), with_transactions=same_input),
        read_rings(lake.run(run_id), with_transactions=same_input),
    )


def read_rings(paths: RunPaths, *, with_transactions: bool) -> list[Ring]:
    """Read the rings of a run with their accounts, and with their transactions where wanted."""
    parameters = {"rings": require(paths.rings), "ring_accounts": require(paths.ring_accounts)}
    found = fetch(_RINGS, parameters)
    tx_ids: dict[str, frozenset[int]] = {}
    if with_transactions:
        proof = fetch(_TRANSACTIONS, {"ring_transactions": require(paths.ring_transactions)})
        tx_ids = {
            ring_id: frozenset(ids.tolist())
            for ring_id, ids in zip(proof["ring_id"], proof["tx_ids"], strict=True)
        }
    columns = (found[name] for name in ("ring_id", "fingerprint", "score", "accounts"))
    return [
        Ring(ring_id, fingerprint, frozenset(accounts), tx_ids.get(ring_id), float(score))
        for ring_id, fingerprint, score, accounts in zip(*columns, strict=True)
    ]


def previous_run(lake: Lake, run_id: str) -> str | None:
    """Return the latest of :func:`earlier_runs`, ``None`` where there is none."""
    return next(iter(earlier_runs(lake, run_id)), None)


def earlier_runs(lake: Lake, run_id: str) -> list[str]:
    """Return the finished runs of the same input name that started before this one.

    Returns
    -------
    list of str
        Their ids, the latest first. Runs without rings are left out.

    Raises
    ------
    InputError
        If there is no run ``run_id``.
    """
    this = lake.read_manifest(run_id)
    earlier = [
        manifest
        for manifest in lake.manifests()
        if manifest["status"] == "done"
        and manifest["run_id"] != run_id
        and manifest["input"]["name"] == this["input"]["name"]
        and _order(manifest) < _order(this)
        and "rings" in (manifest.get("outputs") or ())
    ]
    return [str(manifest["run_id"]) for manifest in sorted(earlier, key=_order, reverse=True)]


def _order(manifest: dict[str, Any]) -> tuple[str, str]:
    """Order runs by their start; those of the same second by id."""
    return str(manifest["started"]), str(manifest["run_id"])


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value

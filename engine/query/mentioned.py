"""Which accounts the texts of a run's alerts can name."""

from __future__ import annotations

from collections.abc import Iterable

from engine.lake import RunPaths
from engine.query.database import fetch, require

_MEMBERS = """
SELECT DISTINCT account FROM read_parquet($ring_accounts)
WHERE ring_id IN (SELECT unnest($ring_ids::VARCHAR[]))
"""

_ENDS = """
WITH lone AS (
    SELECT sender, receiver FROM read_parquet($augmented)
    WHERE tx_id IN (SELECT unnest($tx_ids::BIGINT[]))
)
SELECT sender AS account FROM lone UNION SELECT receiver FROM lone
"""


def mentioned_accounts(
    paths: RunPaths, ring_ids: Iterable[str], tx_ids: Iterable[int]
) -> frozenset[str]:
    """Return the accounts of some rings, and both ends of some transactions.

    Titles and reasons of an alert name no others. Empty for an input without accounts.
    """
    if not paths.accounts.exists():
        return frozenset()
    rings, lone = sorted(set(ring_ids)), sorted(set(tx_ids))
    found: set[str] = set()
    if rings:
        files = {"ring_accounts": require(paths.ring_accounts)}
        found.update(fetch(_MEMBERS, {**files, "ring_ids": rings})["account"])
    if lone:
        files = {"augmented": require(paths.augmented)}
        found.update(fetch(_ENDS, {**files, "tx_ids": lone})["account"].dropna())
    return frozenset(found)

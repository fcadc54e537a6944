"""The rings that an account is in, and the alerts that rest on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from engine.lake import RunPaths
from engine.query.database import fetch, require
from engine.query.ledger_entries import Filters, find
from engine.query.ledger_file import open_ledger

_RINGS = """
SELECT ring_id, typology, member.role, score, n_accounts, amount, "start", "end",
       (SELECT min(alert_id) FROM read_parquet($alerts) AS raised
        WHERE raised.ring_id = ring.ring_id) AS alert_id
FROM read_parquet($ring_accounts) AS member
JOIN read_parquet($rings) AS ring USING (ring_id)
WHERE member.account = $account ORDER BY score DESC, ring_id
"""

_LONE = """
SELECT alert_id, ring_id, tx_id, title, typology, score, amount, opened
FROM read_parquet($alerts) WHERE ring_id IS NULL AND tx_id IN (SELECT unnest($tx_ids::BIGINT[]))
ORDER BY score DESC, alert_id
"""


@dataclass(frozen=True, slots=True)
class Findings:
    """What the run found of an account.

    Attributes
    ----------
    rings
        ``ring_id, typology, role`` (of the account in it), ``score, n_accounts, amount, start,
        end, alert_id`` (null where the ring is below the threshold), the riskiest first.
    alerts
        Alerts of single transactions of the account: ``alert_id, ring_id`` (null), ``tx_id, title,
        typology, score, amount, opened``.
    """

    rings: pd.DataFrame
    alerts: pd.DataFrame

    @property
    def is_alerted(self) -> bool:
        """Whether any alert rests on the account."""
        return bool(len(self.alerts)) or bool(self.rings["alert_id"].notna().any())


def account_findings(paths: RunPaths, account: str) -> Findings:
    """Return the rings and alerts of an account; none of an account that the run does not have.

    Raises
    ------
    RunError
        If the run's files are missing.
    """
    given = {
        "alerts": require(paths.alerts), "rings": require(paths.rings),
        "ring_accounts": require(paths.ring_accounts), "account": account,
    }  # fmt: skip
    lone = {"alerts": given["alerts"], "tx_ids": _alerted_alone(paths, account)}
    return Findings(rings=fetch(_RINGS, given), alerts=fetch(_LONE, lone))


def _alerted_alone(paths: RunPaths, account: str) -> list[int]:
    """Return the account's transactions that raised an alert each; there are few alerts."""
    ledger = open_ledger(paths)
    rows = find(ledger, ledger.codes_of([account]), Filters()).rows
    alerted = pq.read_table(paths.alerts, columns=["tx_id"])["tx_id"].drop_null().to_numpy()
    return [int(one) for one in np.intersect1d(ledger.entries["tx_id"][rows], alerted)]

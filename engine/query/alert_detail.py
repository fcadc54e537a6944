"""One alert of a run: its reasons, its accounts, and the transactions that prove it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from engine.columns import AMOUNT, MEMO, RECEIVER, SCORES, SENDER, TIME, TX_ID, TYPE
from engine.errors import InputError, RunError
from engine.lake import RunPaths
from engine.query.database import fetch, require


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of an alert: the measured value, its threshold, and the transactions behind it."""

    code: str
    text: str
    value: float | None
    threshold: float | None
    tx_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """One alert with its parsed reasons; ``start`` to ``end`` is the period of its evidence."""

    alert_id: str
    ring_id: str | None
    tx_id: int | None
    title: str
    typology: str
    score: float
    amount: float
    n_accounts: int
    start: datetime
    end: datetime
    accounts: tuple[str, ...]
    reasons: tuple[Reason, ...]


_EVIDENCE_COLUMNS = "|".join((TX_ID, TIME, SENDER, RECEIVER, AMOUNT, TYPE, MEMO, *SCORES))

#: An input without accounts has no sender, receiver, or type: what is there is returned.
_EVIDENCE = """
WITH evidence AS (
    SELECT unnest($tx_ids::BIGINT[]) AS tx_id {ring}
)
SELECT COLUMNS('^({columns})$')
FROM read_parquet($augmented)
WHERE tx_id IN (SELECT tx_id FROM evidence)
ORDER BY time, tx_id LIMIT $limit
"""

_RING_EVIDENCE = """
    UNION SELECT tx_id FROM read_parquet($ring_transactions) WHERE ring_id = $ring_id"""


def get_alert(paths: RunPaths, alert_id: str) -> AlertDetail:
    """Read one alert with its reasons, its accounts, and the period of its evidence.

    Raises
    ------
    InputError
        If the run has no alert of that id.
    RunError
        If the alert's reasons are not the JSON list they should be.
    """
    found = fetch(
        "SELECT * FROM read_parquet($alerts) WHERE alert_id = $alert_id",
        {"alerts": require(paths.alerts), "alert_id": alert_id},
    )
    if found.empty:
        raise InputError(f"run {paths.run_id} has no alert {alert_id!r}; choose one from the list")
    row = found.iloc[0]
    ring_id = None if pd.isna(row["ring_id"]) else str(row["ring_id"])
    tx_id = None if pd.isna(row["tx_id"]) else int(row["tx_id"])
    opened = row["opened"].to_pydatetime()
    return AlertDetail(
        alert_id=str(row["alert_id"]),
        ring_id=ring_id,
        tx_id=tx_id,
        title=str(row["title"]),
        typology=str(row["typology"]),
        score=float(row["score"]),
        amount=float(row["amount"]),
        n_accounts=int(row["n_accounts"]),
        start=_ring_start(paths, ring_id) or opened,
        end=opened,
        accounts=_accounts(paths, ring_id, tx_id),
        reasons=parse_reasons(str(row["reasons"]), alert_id),
    )


def alert_of_ring(paths: RunPaths, ring_id: str) -> str | None:
    """Return the id of the alert that a ring raised, or ``None``."""
    found = fetch(
        "SELECT alert_id FROM read_parquet($alerts) WHERE ring_id = $ring_id "
        "ORDER BY alert_id LIMIT 1",
        {"alerts": require(paths.alerts), "ring_id": ring_id},
    )
    return str(found["alert_id"].iloc[0]) if len(found) else None


def parse_reasons(text: str, alert_id: str) -> tuple[Reason, ...]:
    """Parse the JSON list of an alert's reasons.

    Raises
    ------
    RunError
        If the text is not a JSON list of reasons.
    """
    try:
        return tuple(
            Reason(
                code=str(entry["code"]),
                text=str(entry["text"]),
                value=_number(entry.get("value")),
                threshold=_number(entry.get("threshold")),
                tx_ids=tuple(int(tx_id) for tx_id in entry.get("tx_ids") or ()),
            )
            for entry in json.loads(text)
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RunError(
            f"the reasons of alert {alert_id} cannot be read ({error}); run the input again"
        ) from error


def alert_transactions(
    paths: RunPaths,
    alert: AlertDetail,
    limit: int | None = 500,
    *,
    tx_ids: tuple[int, ...] | None = None,
) -> pd.DataFrame:
    """Return the transactions that prove an alert, in time order, with their scores.

    Parameters
    ----------
    paths
        Files of the run.
    alert
        The alert, from :func:`get_alert`.
    limit
        Most rows returned, the earliest; ``None`` returns all.
    tx_ids
        Only these transactions (those of one reason); by default all of the alert.

    Returns
    -------
    pandas.DataFrame
        ``tx_id, time, sender, receiver, amount, type, memo`` and the scores; without ``sender``,
        ``receiver``, ``type``, and ``memo`` where the input has none.
    """
    parameters: dict[str, Any] = {"augmented": require(paths.augmented), "limit": limit}
    if tx_ids is not None:
        ring, parameters["tx_ids"] = "", list(tx_ids)
    else:
        own = {tx_id for reason in alert.reasons for tx_id in reason.tx_ids}
        parameters["tx_ids"] = sorted(own | ({alert.tx_id} if alert.tx_id is not None else set()))
        ring = _RING_EVIDENCE if alert.ring_id is not None else ""
    if ring:
        parameters |= {
            "ring_transactions": require(paths.ring_transactions),
            "ring_id": alert.ring_id,
        }
    return fetch(_EVIDENCE.format(ring=ring, columns=_EVIDENCE_COLUMNS), parameters)


def _ring_start(paths: RunPaths, ring_id: str | None) -> datetime | None:
    if ring_id is None:
        return None
    found = fetch(
        'SELECT "start" FROM read_parquet($rings) WHERE ring_id = $ring_id',
        {"rings": require(paths.rings), "ring_id": ring_id},
    )
    return found["start"].iloc[0].to_pydatetime() if len(found) else None


def _accounts(paths: RunPaths, ring_id: str | None, tx_id: int | None) -> tuple[str, ...]:
    if ring_id is not None:
        found = fetch(
            "SELECT account FROM read_parquet($ring_accounts) WHERE ring_id = $ring_id ORDER BY 1",
            {"ring_accounts": require(paths.ring_accounts), "ring_id": ring_id},
        )
        return tuple(found["account"])
    if tx_id is None or not paths.accounts.exists():
        return ()
    found = fetch(
        "SELECT sender, receiver FROM read_parquet($augmented) WHERE tx_id = $tx_id",
        {"augmented": require(paths.augmented), "tx_id": tx_id},
    )
    ends = found.to_numpy().ravel()
    return tuple(dict.fromkeys(str(account) for account in ends if not pd.isna(account)))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)

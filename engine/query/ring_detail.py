"""One ring in full: why it scored, what speaks for innocence, and what passed through."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.errors import InputError
from engine.lake import RunPaths
from engine.query.database import fetch, require
from engine.rings.lookalikes import Check, innocence_factor


@dataclass(frozen=True, slots=True)
class PassedOn:
    """An account that passed money on inside the ring.

    Attributes
    ----------
    in_amount, out_amount
        In currency units.
    retention
        Amount out over amount in.
    hours
        From the mean moment of the money in to that of the money out, weighted by amount.
    """

    account: str
    in_amount: float
    out_amount: float
    retention: float
    hours: float


@dataclass(frozen=True, slots=True)
class RingDetail:
    """One ring: its verdict, its size, its period, its evidence, and the hash that names it.

    Attributes
    ----------
    surprise
        ``-log10`` of the matches that chance makes in 10,000 accounts; 0 where not defined.
    expected
        Counterparties expected at the hub's own rate.
    learned
        Whether labels of the past gave the score.
    unexplained_score
        The score it would have if no innocent explanation fitted, by the factors of today; that
        of the ring where none fits, ``None`` where an explanation is no longer tested.
    """

    ring_id: str
    typology: str
    score: float
    n_accounts: int
    n_transactions: int
    amount: float
    start: datetime
    end: datetime
    fingerprint: str
    surprise: float = 0.0
    expected: float = 0.0
    mean_risk: float = 0.0
    learned: bool = False
    checks: tuple[Check, ...] = ()
    passed_on: tuple[PassedOn, ...] = ()
    unexplained_score: float | None = None


def get_ring(paths: RunPaths, ring_id: str) -> RingDetail:
    """Read one ring. Evidence that an older run did not write is left out.

    Raises
    ------
    InputError
        If the run has no ring of that id.
    """
    found = fetch(
        "SELECT * FROM read_parquet($rings) WHERE ring_id = $ring_id",
        {"rings": require(paths.rings), "ring_id": ring_id},
    )
    if found.empty:
        raise InputError(f"run {paths.run_id} has no ring {ring_id!r}; choose one from the list")
    row: dict[Any, Any] = found.iloc[0].to_dict()
    evidence = json.loads(row.get("evidence") or "{}")
    checks = [Check(**check) for check in json.loads(row.get("checks") or "[]")]
    return RingDetail(
        ring_id=str(row["ring_id"]),
        typology=str(row["typology"]),
        score=float(row["score"]),
        n_accounts=int(row["n_accounts"]),
        n_transactions=int(row["n_transactions"]),
        amount=float(row["amount"]),
        start=row["start"].to_pydatetime(),
        end=row["end"].to_pydatetime(),
        fingerprint=str(row["fingerprint"]),
        surprise=float(row.get("surprise", 0.0)),
        expected=float(row.get("expected", 0.0)),
        mean_risk=float(row.get("mean_risk", 0.0)),
        learned=bool(row.get("learned", False)),
        checks=tuple(checks),
        passed_on=tuple(PassedOn(**one) for one in evidence.get("passed_on", ())),
        unexplained_score=_unexplained(float(row["score"]), checks),
    )


def _unexplained(score: float, checks: list[Check]) -> float | None:
    try:
        return min(score / innocence_factor(checks), 1.0)
    except KeyError:
        return None

"""Alerts for the tests, put straight into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine.workbench.models import Alert, AlertAccount, Evidence

#: The moment at which the tests' clock begins.
START = datetime(2026, 8, 3, 12, 0, tzinfo=UTC)

DATA_SET = "march.csv"


def add_alert(
    session: Session, /, accounts: Sequence[str] = ("A1", "A2", "A3"), **columns: Any
) -> int:
    """Add an open alert with its first evidence; ``columns`` override what is made up."""
    number = columns.pop("number", 1)
    alert = Alert(
        **{
            "data_set": DATA_SET,
            "kind": "ring",
            "fingerprint": f"f{number}",
            "typology": "cycle",
            "title": f"Cycle through {len(accounts)} accounts",
            "score": 0.5,
            "amount": 1000.0,
            "currency": "INR",
            "n_accounts": len(accounts),
            "first_activity": START - timedelta(days=9),
            "last_activity": START - timedelta(days=2),
            "lineage": "born",
            "run_id": "run-1",
            "run_alert_id": f"A{number:06}",
            "ring_id": f"R{number:06}",
            "priority": 3,
            "opened_at": START,
            "due_at": START + timedelta(hours=168),
        }
        | columns
    )
    session.add(alert)
    session.flush()
    session.add_all(
        AlertAccount(alert_id=alert.id, account=account, role="member") for account in accounts
    )
    add_evidence(session, alert, gained=list(accounts))
    return alert.id


def add_evidence(session: Session, alert: Alert, /, **columns: Any) -> int:
    """Add what one more run knows of an alert, by default what the alert itself says."""
    evidence = Evidence(
        **{
            "alert_id": alert.id,
            "run_id": alert.run_id,
            "run_alert_id": alert.run_alert_id,
            "ring_id": alert.ring_id,
            "state": alert.lineage,
            "typology": alert.typology,
            "score": alert.score,
            "amount": alert.amount,
            "n_accounts": alert.n_accounts,
            "added_at": alert.opened_at,
        }
        | columns
    )
    session.add(evidence)
    session.flush()
    return evidence.id

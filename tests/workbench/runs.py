"""Runs for the tests: rings and lone transactions, written into a lake as the engine does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from engine.lake import Lake, write_json
from engine.rings.find import fingerprint
from engine.workbench.run_alerts import Found, RunAlerts

DATA_SET = "march.csv"
START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class RingOf:
    """A ring on accounts; each of them pays the next one."""

    accounts: str
    amount: float = 1000.0
    typology: str = "cycle"
    score: float = 0.8


@dataclass(frozen=True)
class Payment:
    """A lone transaction."""

    sender: str
    receiver: str
    amount: float = 500.0
    score: float = 0.6


@dataclass
class RunOf:
    """What a run finds; it starts ``day`` days after the first one."""

    run_id: str
    day: int = 0
    rings: Sequence[RingOf] = ()
    payments: Sequence[Payment] = ()
    data_set: str = DATA_SET
    found: list[Found] = field(default_factory=list)

    @property
    def started(self) -> str:
        """When it started, as a manifest writes it."""
        return (datetime(2026, 4, 1, tzinfo=UTC) + timedelta(days=self.day)).isoformat()

    def alerts(self) -> RunAlerts:
        """Return what would be read of it, without a lake."""
        found = [_ring(number, one) for number, one in enumerate(self.rings, start=1)]
        first = len(found) + 1
        found += [_payment(number, one) for number, one in enumerate(self.payments, start=first)]
        return RunAlerts(self.run_id, self.started, self.data_set, "INR", tuple(found))

    def write(self, lake: Lake) -> str:
        """Write its files and return its id."""
        paths = lake.run(self.run_id)
        outputs = paths.outputs()
        tables = self._tables()
        for name, frame in tables.items():
            outputs[name].parent.mkdir(parents=True, exist_ok=True)
            frame.to_parquet(outputs[name], index=False)
        manifest = {
            "run_id": self.run_id, "status": "done", "started": self.started,
            "input": {"name": self.data_set, "sha256": "0" * 64}, "counts": {},
            "outputs": {name: str(outputs[name].relative_to(paths.root)) for name in tables},
        }  # fmt: skip
        write_json(paths.manifest, manifest)
        return self.run_id

    def _tables(self) -> dict[str, pd.DataFrame]:
        transactions: list[dict[str, Any]] = []
        alerts: list[dict[str, Any]] = []
        rings: list[dict[str, Any]] = []
        members: list[dict[str, Any]] = []
        proof: list[dict[str, Any]] = []
        for found, ring in zip(self.alerts().found, self.rings, strict=False):
            hops = list(zip(ring.accounts, ring.accounts[1:] + ring.accounts[0], strict=True))
            for sender, receiver in hops:
                proof.append({"ring_id": found.ring_id, "tx_id": len(transactions)})
                transactions.append(
                    _row(sender, receiver, ring.amount / len(hops), len(transactions))
                )
            members += [
                {"ring_id": found.ring_id, "account": account, "role": role}
                for account, role in found.roles.items()
            ]
            rings.append(
                {
                    "ring_id": found.ring_id, "typology": ring.typology, "score": ring.score,
                    "n_accounts": found.n_accounts, "amount": ring.amount,
                    "start": _naive(found.first_activity), "end": _naive(found.last_activity),
                    "fingerprint": found.fingerprint,
                }
            )  # fmt: skip
            alerts.append(_alert(found))
        for found, payment in zip(self.alerts().found[len(self.rings) :], self.payments,
                                  strict=True):  # fmt: skip
            alerts.append(_alert(found) | {"tx_id": len(transactions)})
            transactions.append(
                _row(payment.sender, payment.receiver, payment.amount, len(transactions))
                | {"time": _naive(found.first_activity)}
            )
        tables = {
            "augmented": pd.DataFrame(transactions),
            "alerts": pd.DataFrame(alerts, columns=_ALERT).astype({"tx_id": "Int64"}),
            "rings": pd.DataFrame(rings, columns=_RING),
            "ring_accounts": pd.DataFrame(members, columns=["ring_id", "account", "role"]),
            "ring_transactions": pd.DataFrame(proof, columns=["ring_id", "tx_id"]),
        }
        for frame, name in [
            (tables["augmented"], "time"), (tables["alerts"], "opened"),
            (tables["rings"], "start"), (tables["rings"], "end"),
        ]:  # fmt: skip
            if len(frame):
                frame[name] = frame[name].astype("datetime64[us]")
        return tables


_ALERT = ["alert_id", "ring_id", "tx_id", "title", "typology", "score", "amount", "n_accounts",
          "opened", "reasons"]  # fmt: skip
_RING = ["ring_id", "typology", "score", "n_accounts", "amount", "start", "end", "fingerprint"]


def _ring(number: int, ring: RingOf) -> Found:
    return Found(
        f"A{number:06d}", "ring", fingerprint(list(ring.accounts)), f"R{number:05d}", None,
        f"Ring of {len(ring.accounts)}", ring.typology, ring.score, ring.amount,
        len(ring.accounts), START, START + timedelta(days=9),
        {account: "source" if i == 0 else "mule" for i, account in enumerate(ring.accounts)},
    )  # fmt: skip


def _payment(number: int, payment: Payment) -> Found:
    content = json.dumps([payment.sender, payment.receiver, payment.amount])
    moment = START + timedelta(days=3)
    return Found(
        f"A{number:06d}", "transaction", hashlib.sha256(content.encode()).hexdigest(), None,
        number, f"Payment of {payment.amount:,.2f}", "transaction", payment.score, payment.amount,
        2, moment, moment, {payment.receiver: "receiver", payment.sender: "sender"},
    )  # fmt: skip


def _alert(found: Found) -> dict[str, Any]:
    return {
        "alert_id": found.run_alert_id, "ring_id": found.ring_id, "tx_id": None,
        "title": found.title, "typology": found.typology, "score": found.score,
        "amount": found.amount, "n_accounts": found.n_accounts,
        "opened": _naive(found.last_activity), "reasons": "[]",
    }  # fmt: skip


def _row(sender: str, receiver: str, amount: float, tx_id: int) -> dict[str, Any]:
    time = _naive(START + timedelta(hours=tx_id))
    return {
        "tx_id": tx_id, "time": time, "sender": sender, "receiver": receiver, "amount": amount,
        "type": "TRANSFER",
    }  # fmt: skip


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)

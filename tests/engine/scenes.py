"""A small scene of the explorer for tests, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from engine.explorer.scene import Moments, Scene
from engine.explorer.view import Filters, Start, Step, View

MANIFEST: dict[str, Any] = {
    "run_id": "march",
    "started": "2026-03-31T08:00:00+00:00",
    "input": {"name": "march.csv", "sha256": "ab" * 32},
    "engine": {"kind": "cpu", "versions": {"python": "3.11.7", "numpy": "2.4.6"}},
    "config": {"rings": {"min_accounts": 3}, "alerts": {"lone_share": 0.02}},
    "model_sha256": None,
}

VIEW = View(
    start=Start(ring_id="R000001"),
    steps=(
        Step("expand", "B", budget=5, order="amount", filters=Filters(min_amount=10.0)),
        Step("collapse", "B"),
        Step("arrange"),
    ),
    filters=Filters(
        min_amount=2.5, start=datetime(2026, 3, 1), end=datetime(2026, 3, 31, 23, 59, 59, 999999),
        types=("TRANSFER",), min_risk=0.25,
    ),
    layout="flow",
    as_of=datetime(2026, 3, 9, 12),
    selected="B",
)  # fmt: skip


def scene(
    accounts: Sequence[str] = ("A", "B", "C"),
    pairs: Sequence[tuple[str, str, float]] = (("A", "B", 100.25), ("B", "C", 99.0)),
    *,
    hub: str = "B",
) -> Scene:
    """Return a scene of accounts in a row; each pair is one transfer a day, the first of March on.

    Parameters
    ----------
    accounts
        Their names.
    pairs
        Sender, receiver, and amount.
    hub
        The account that a roll-up hangs on, of 7 counterparties.
    """
    days = pd.date_range("2026-03-01 10:30", periods=len(pairs), freq="D", unit="us")
    senders, receivers, amounts = ([pair[part] for pair in pairs] for part in range(3))
    edges = pd.DataFrame(
        {
            "sender": pd.Series(senders, dtype="str"),
            "receiver": pd.Series(receivers, dtype="str"),
            "transactions": 1,
            "amount": pd.Series(amounts, dtype="float64"),
            "first_time": days,
            "last_time": days,
            "risk": 0.5,
            "proving": 1,
        }
    )
    events = pd.DataFrame(
        {
            "tx_id": range(len(pairs)),
            "time": days,
            "sender": edges["sender"],
            "receiver": edges["receiver"],
            "amount": edges["amount"],
            "type": "TRANSFER",
        }
    )
    rollups = pd.DataFrame(
        {
            "id": [f"+{hub}"], "account": [hub], "counterparties": [7], "transactions": [9],
            "amount": [1234.5], "x": [95.0], "y": [80.0],
        }
    )  # fmt: skip
    start = datetime(2026, 3, 1)
    return Scene(
        nodes=nodes(accounts),
        rollups=rollups,
        edges=edges,
        events=events,
        moments=Moments(start, datetime(2026, 3, 2), datetime(2026, 3, 3)),
        notes=("7 counterparties of B are not drawn.",),
    )


def nodes(accounts: Sequence[str]) -> pd.DataFrame:
    """Return accounts as a scene has them: the first a source, the last an exit."""
    n = len(accounts)
    roles = ["source", *["mule"] * (n - 2), "exit"][:n]
    return pd.DataFrame(
        {
            "account": pd.Series(list(accounts), dtype="str"),
            "role": pd.Series(roles, dtype="str"),
            "risk": [None, *[0.75] * (n - 1)][:n],
            "in_count": 3,
            "in_amount": 1000.5,
            "out_count": 2,
            "out_amount": 900.0,
            "counterparties": 4,
            "shown_counterparties": 2,
            "is_hub": False,
            "in_ring": True,
            "x": [95.0 * position for position in range(n)],
            "y": 0.0,
        }
    )

"""What happened when: the transactions of an alert over time, and the ones that weigh most."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

#: A period up to this long is shown by the hour, a longer one by the day.
_BY_THE_HOUR = pd.Timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Money over time: ``time, received, paid`` (currency units), a row a ``bucket``."""

    points: pd.DataFrame
    bucket: str


def busiest(transactions: pd.DataFrame) -> list[str]:
    """Return the accounts of some transactions, the one that moved most (in and out) first."""
    if "sender" not in transactions or "receiver" not in transactions:
        return []
    both = pd.concat(
        [
            transactions[[side, "amount"]].set_axis(["account", "amount"], axis=1)
            for side in ("sender", "receiver")
        ]
    ).dropna(subset="account")
    moved = both.groupby("account")["amount"].sum()
    # By name first: among equal sums the order of the names stays.
    return list(moved.sort_index().sort_values(ascending=False, kind="stable").index)


def timeline(transactions: pd.DataFrame, account: str | None) -> Timeline:
    """Sum up what an account received and paid, by the day or, in a short period, by the hour.

    Parameters
    ----------
    transactions
        From :func:`engine.query.alert_detail.alert_transactions`.
    account
        One of their accounts; ``None`` sums up all of them as ``paid``.
    """
    if transactions.empty:
        return Timeline(pd.DataFrame(columns=["time", "received", "paid"]), "day")
    times = transactions["time"]
    bucket = "hour" if times.max() - times.min() <= _BY_THE_HOUR else "day"
    start = times.dt.floor("h" if bucket == "hour" else "D")
    nothing = transactions["amount"] * 0.0
    amount = transactions["amount"]
    is_paid = None if account is None else transactions["sender"] == account
    is_received = None if account is None else transactions["receiver"] == account
    points = pd.DataFrame(
        {
            "time": start,
            "received": nothing if is_received is None else amount.where(is_received, 0.0),
            "paid": amount if is_paid is None else amount.where(is_paid, 0.0),
        }
    )
    return Timeline(points.groupby("time", as_index=False).sum(), bucket)


def key_transactions(
    transactions: pd.DataFrame, account: str | None, limit: int = 15
) -> pd.DataFrame:
    """Return the largest transactions (of an account, if one is given) in the order of time."""
    found = transactions
    if account is not None:
        found = found[(found["sender"] == account) | (found["receiver"] == account)]
    largest = found.sort_values(["amount", "tx_id"], ascending=[False, True]).head(limit)
    return largest.sort_values(["time", "tx_id"])

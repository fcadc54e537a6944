"""A bill that one paid for all, and the others pay back in equal shares."""

from __future__ import annotations

import numpy as np

from engine.rings.candidates import Int64
from engine.rings.lookalikes.case import DAY, Case
from engine.rings.lookalikes.check import Check

#: Fewest payers of a bill: among two, any repayment would be one.
_PAYERS = 3


def shared_bill(case: Case) -> Check:
    """Test whether the collecting accounts had paid the sum of equal shares themselves before.

    Whoever launders waits for the money before passing it on; a friend who paid the restaurant
    advances it. A bill is shared by the payers alone, or by the collector as well.
    """
    receivers = case.transfers.receiver[case.rows]
    shared = [
        len(rows)
        for account in np.unique(receivers).tolist()
        if _advanced(case, account, rows := case.rows[receivers == account])
    ]
    value = sum(shared) / len(case.rows)
    return Check(
        "shared_bill",
        "Shared bill",
        value >= case.config.most,
        f"{sum(shared)} of {len(case.rows)} payments are equal shares of a sum that the receiver "
        f"had paid within {case.config.bill_days} days before ({len(shared)} such sums)",
        value,
        case.config.most,
    )


def _advanced(case: Case, account: int, rows: Int64) -> bool:
    """Tell whether some payments to an account are equal shares of what it had paid before."""
    transfers, limits = case.transfers, case.config
    payers = len(np.unique(transfers.sender[rows]))
    amounts = transfers.minor_units[rows]
    share = int(np.median(amounts))
    if payers < _PAYERS or np.mean(amounts == share) < limits.equal_shares:
        return False
    paid = case.ledgers.sent.read(account, int(rows[0]), limits.max_member_rows).rows
    age = transfers.seconds[rows[0]] - transfers.seconds[paid]
    recent = transfers.minor_units[paid[(age >= 0) & (age <= limits.bill_days * DAY)]]
    bills = np.array([payers, payers + 1]) * share
    return bool((np.abs(recent[:, None] - bills) <= limits.like_bill * bills).any())

"""Habits: payments that come back by the calendar explain a burst of them."""

from __future__ import annotations

import numpy as np

from engine.rings.candidates import Int64
from engine.rings.lookalikes.case import Case, Fan
from engine.rings.lookalikes.check import Check

#: Fewest payments of a pair that can show a rhythm.
_LEAST_PAYMENTS = 3


def payroll(case: Case) -> Check | None:
    """Test whether most payees of a fan-out get like amounts from its hub on other dates."""
    fan = case.fan("out")
    if fan is None:
        return None
    limits, transfers = case.config, case.transfers
    rows = fan.other.rows[np.isin(transfers.receiver[fan.other.rows], fan.partners)]
    usual = _amount_in_ring(case, fan)[np.searchsorted(fan.partners, transfers.receiver[rows])]
    rows = rows[np.abs(transfers.minor_units[rows] - usual) <= limits.like_amount * usual]
    # A payee and a date in one number, so that paying twice on a date counts once.
    dates = np.unique(transfers.receiver[rows].astype(np.int64) << 32 | case.days(rows))
    _, times = np.unique(dates >> 32, return_counts=True)
    steady = int((times >= limits.least_repeats).sum())
    days, paid = np.unique(dates & 0xFFFFFFFF, return_counts=True)
    pay_days = days[paid >= max(2, limits.most * steady)]
    share = steady / len(fan.partners)
    innocent = share >= limits.most and len(pay_days) >= limits.least_repeats
    text = (
        f"{steady} of {len(fan.partners)} payees get like amounts from the same account at other "
        f"times as well"
    )
    if innocent:
        text += f", together on {len(pay_days)} other dates{_rhythm(pay_days)}"
    return Check("payroll", "Payroll", innocent, text + _bound(fan), share, limits.most)


def standing_orders(case: Case) -> Check:
    """Test whether most payments of the ring are one of a regular series of the same pair."""
    limits, transfers = case.config, case.transfers
    repeated = case.rows[transfers.pair_total[case.rows] >= _LEAST_PAYMENTS]
    regular = sum(_is_standing(case, int(row)) for row in repeated)
    share = regular / len(case.rows)
    return Check(
        "standing_orders",
        "Rent or standing orders",
        share >= limits.most,
        f"{regular} of {len(case.rows)} payments belong to a series: the same payer, payee and "
        f"about the same amount at regular intervals",
        share,
        limits.most,
    )


def fixed_dates(case: Case) -> Check | None:
    """Test whether the hub pays, or is paid by, many on regular dates, the ring's among them."""
    fan = max(case.fans, key=lambda each: len(each.partners), default=None)
    if fan is None:
        return None
    limits = case.config
    in_ring, counts = np.unique(case.days(fan.rows), return_counts=True)
    day, together = int(in_ring[counts.argmax()]), int(counts.max())
    days, others = np.unique(case.days(fan.other.rows), return_counts=True)
    batches = np.sort(np.append(days[others >= max(3, limits.most * together)], day))
    is_one_date = together >= limits.most * len(fan.rows) and together >= 3
    dates = len(batches) if is_one_date and _is_regular(batches, limits.regular) else 0
    action = "is paid by" if fan.side == "in" else "pays"
    text = f"the account {action} several others on regular dates: {dates} such dates"
    if not dates:
        text = f"there are no regular dates on which the account {action} several others"
    else:
        text += f"{_rhythm(batches)}, the ring's among them"
    limit = limits.least_repeats + 2
    return Check(
        "fixed_dates", "Periodic payments", dates >= limit, text + _bound(fan), dates, limit
    )


def _is_standing(case: Case, row: int) -> bool:
    """Tell whether a row is one of a series of its pair."""
    transfers, limits = case.transfers, case.config
    sender, receiver = int(transfers.sender[row]), int(transfers.receiver[row])
    sent = case.ledgers.sent.read(sender, row, limits.max_member_rows).rows
    series = sent[transfers.receiver[sent] == receiver]
    usual = float(np.median(transfers.minor_units[series]))
    alike = abs(int(transfers.minor_units[row]) - usual) <= limits.like_amount * usual
    days = np.unique(case.days(series))
    return alike and len(days) >= _LEAST_PAYMENTS and _is_regular(days, limits.regular)


def _is_regular(days: Int64, share: float) -> bool:
    """Tell whether most gaps between dates are one and the same (a tenth or a day apart)."""
    gaps = np.diff(days)
    if len(gaps) < 2:
        return False
    usual = float(np.median(gaps))
    return bool((np.abs(gaps - usual) <= max(1.0, usual / 10)).mean() >= share) and usual > 1


def _amount_in_ring(case: Case, fan: Fan) -> np.ndarray:
    """Return the mean amount of each partner's rows of the ring, in minor units."""
    place = np.searchsorted(fan.partners, case.partners(fan.side, fan.rows))
    total = np.bincount(place, case.transfers.minor_units[fan.rows])
    return np.asarray(total / np.bincount(place))


def _rhythm(days: Int64) -> str:
    if len(days) < 2:
        return ""
    gap = float(np.median(np.diff(days)))
    return f", about every {gap:.0f} days" if gap > 1 else ""


def _bound(fan: Fan) -> str:
    if not fan.other.is_bounded:
        return ""
    return f" (read: the nearest {fan.other.read:,} of the account's {fan.other.total:,} payments)"

"""Trade: an account that takes from many, or splits what it takes, all along is a business."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.rings.candidates import Float64, Int64
from engine.rings.lookalikes.case import DAY, Case, Fan, Side
from engine.rings.lookalikes.check import Check
from engine.rings.lookalikes.ledgers import Stretch

#: Least counterparties in a part of the run that make the account busy in it.
_SEVERAL = 3


@dataclass(frozen=True, slots=True)
class _Trade:
    """Counterparties of an account outside of the ring that come as rarely as those of the ring.

    Attributes
    ----------
    customers
        Their number.
    busy
        Share of the parts of the run with several of them.
    share
        Their payments among all other payments.
    usual
        Payments of theirs to expect while the ring lasts.
    """

    customers: int
    busy: float
    share: float
    usual: float


def merchant(case: Case) -> Check | None:
    """Test whether a hub takes from the public all along, so that many payers are ordinary."""
    fan = case.fan("in")
    if fan is None or case.candidate.typology == "gather_scatter":
        return None
    other = case.spread(fan.hub, "in")
    trade = _trade(case, fan.rows, other, "in")
    limit = _many(case, len(fan.partners))
    innocent = _is_business(case, trade, limit) and (
        trade.share >= case.config.public or len(fan.partners) <= trade.usual
    )
    text = _customers(trade, "the collecting account has")
    if innocent:
        text += (
            f". It would take from {trade.usual:.1f} in as long as the ring lasts, which has "
            f"{len(fan.partners)}; it pays {_passed_on(case, fan):.0%} of the money on within as "
            f"long again"
        )
    return Check("merchant", "Merchant", innocent, text + _bound(other), trade.customers, limit)


def marketplace(case: Case) -> Check | None:
    """Test whether a hub takes from the public and pays a stable share of it out all along."""
    fan = case.fans[0] if case.fans else None
    if fan is None or case.candidate.typology == "scatter_gather":
        return None
    limits = case.config
    taken, paid = case.spread(fan.hub, "in"), case.spread(fan.hub, "out")
    trade = _trade(case, case.rows, taken, "in")
    busy_out = _busy(case, "out", paid.rows)
    share, spread = _paid_out(case, taken, paid)
    limit = _many(case, len(fan.partners))
    innocent = (
        _is_business(case, trade, limit)
        and trade.share >= limits.public
        and busy_out >= limits.all_along
        and 0 < share <= 1
        and spread <= limits.fee_spread
    )
    text = _customers(trade, "the account has")
    if share > 0:
        text += (
            f"; it pays several others in {busy_out:.0%} of the run, {share:.0%} of what it takes, "
            f"give or take {share * spread:.0%}"
        )
    return Check(
        "marketplace",
        "Marketplace or escrow",
        innocent,
        text + _bound(taken),
        trade.customers,
        limit,
    )


def refunds(case: Case) -> Check | None:
    """Test whether most payees of a fan-out paid its hub as much or more before.

    Money that is gathered and then scattered is a refund where it goes back to those it came from.
    """
    fan = case.fan("out")
    if fan is None:
        return None
    transfers = case.transfers
    taken = case.ledgers.received.read(fan.hub, int(fan.rows[0]), case.config.max_rows).rows
    taken = taken[np.isin(transfers.sender[taken], fan.partners)]
    payer = np.searchsorted(fan.partners, transfers.sender[taken])
    payee = np.searchsorted(fan.partners, transfers.receiver[fan.rows])
    # By time and not by row: the order of rows of the same time means nothing.
    last = np.full(len(fan.partners), transfers.seconds[0])
    np.maximum.at(last, payee, transfers.seconds[fan.rows])
    before = transfers.seconds[taken] <= last[payer]
    most_paid = np.full(len(fan.partners), -1, np.int64)
    np.maximum.at(most_paid, payer[before], transfers.minor_units[taken[before]])
    returned = int((transfers.minor_units[fan.rows] <= most_paid[payee]).sum())
    share = returned / len(fan.rows)
    return Check(
        "refunds",
        "Refunds",
        share >= case.config.most,
        f"{returned} of {len(fan.rows)} payments go to accounts that paid as much or more to the "
        f"payer before",
        share,
        case.config.most,
    )


def _trade(case: Case, in_ring: Int64, other: Stretch, side: Side) -> _Trade:
    """Measure the customers among some other rows of an account."""
    pair_total = case.transfers.pair_total
    alike = other.rows[pair_total[other.rows] <= pair_total[in_ring].max()]
    length = max(case.end - case.start, DAY)
    seconds = case.transfers.seconds
    elsewhere = max(int(seconds[-1] - seconds[0]) - length, length)
    return _Trade(
        customers=len(np.unique(case.partners(side, alike))),
        busy=_busy(case, side, alike),
        share=len(alike) / max(len(other.rows), 1),
        usual=len(alike) * other.scale * length / elsewhere,
    )


def _is_business(case: Case, trade: _Trade, limit: float) -> bool:
    return trade.customers >= limit and trade.busy >= case.config.all_along


def _busy(case: Case, side: Side, rows: Int64) -> float:
    """Return in which share of the parts of the run some rows have several counterparties."""
    partners = case.partners(side, rows).astype(np.int64)
    of_part = np.unique((case.parts(rows) << 32) | partners) >> 32
    busy = np.bincount(of_part, minlength=case.config.parts) >= _SEVERAL
    return float(busy.mean())


def _many(case: Case, partners: int) -> float:
    limits = case.config
    return max(limits.many_counterparties, limits.counterparties_per_ring * partners)


def _customers(trade: _Trade, who: str) -> str:
    return (
        f"outside of the ring's period {who} {trade.customers:,} other customers who come as "
        f"rarely, {trade.share:.0%} of its takings by number, several of them in "
        f"{trade.busy:.0%} of the run"
    )


def _passed_on(case: Case, fan: Fan) -> float:
    """Return which share of the ring's money leaves the hub within twice the ring's duration."""
    transfers = case.transfers
    sent = case.ledgers.sent.read(fan.hub, int(fan.rows[-1]), case.config.max_rows).rows
    until = 2 * case.end - case.start
    seconds = transfers.seconds[sent]
    left = transfers.minor_units[sent[(seconds >= case.start) & (seconds <= until)]].sum()
    return float(left / max(int(transfers.minor_units[fan.rows].sum()), 1))


def _paid_out(case: Case, taken: Stretch, paid: Stretch) -> tuple[float, float]:
    """Return the median share of its takings that leaves in a part of the run, and its spread.

    The spread is the interquartile range over the median; both are 0 where money never leaves.
    """
    came, left = _by_part(case, taken), _by_part(case, paid)
    shares = left[came > 0] / came[came > 0]
    if len(shares) == 0 or not np.median(shares):
        return 0.0, 0.0
    low, middle, high = np.quantile(shares, (0.25, 0.5, 0.75))
    return float(middle), float((high - low) / middle)


def _by_part(case: Case, found: Stretch) -> Float64:
    """Sum amounts by part of the run, what was not read made up for in proportion."""
    amounts = case.transfers.minor_units[found.rows]
    sums = np.bincount(case.parts(found.rows), amounts, minlength=case.config.parts)
    return np.asarray(sums * found.scale)


def _bound(found: Stretch) -> str:
    if not found.is_bounded:
        return ""
    return f" (read: {found.read:,} of the account's {found.total:,} payments, spread over the run)"

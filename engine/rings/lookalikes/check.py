"""The result of one test of an innocent explanation, and the settings of all tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """Whether an innocent explanation fits a ring, with its evidence.

    Attributes
    ----------
    code
        Name of the explanation, e.g. ``payroll``.
    title
        The same for people, e.g. ``Payroll``.
    innocent
        Whether it fits: then the ring's score is lowered.
    text
        The evidence in a sentence.
    value, limit
        What was measured, and from where on the explanation fits. A second condition may stand
        against it in spite of that; the text says so.
    """

    code: str
    title: str
    innocent: bool
    text: str
    value: float
    limit: float


@dataclass(frozen=True, slots=True)
class LookalikeConfig:
    """Settings of the look-alike tests.

    None of them is fitted to a data set: each says in numbers what an analyst calls "most",
    "all along" or "about the same".

    Attributes
    ----------
    most
        Share of a ring's accounts or payments that an explanation must cover.
    parts
        The run is cut into so many equal parts to see what an account does all along.
    all_along
        Share of the parts in which it must have done so.
    many_counterparties
        A business has at least so many customers outside of the ring's period,
    counterparties_per_ring
        and at least so many for each of the ring's: the burst is not most of its trade.
        Customers are counterparties that come no more often than those of the ring.
    public
        Share of a business's other payments that are such customers': it deals with the public,
        and not with a few standing partners.
    settling
        Share of a ring's accounts that have paid and been paid by the same other one, where the
        ring is a circle of friends.
    like_amount
        Largest difference of like amounts, as a share.
    least_repeats
        Other dates that make a habit.
    regular
        Share of the gaps between dates that must be alike (within a tenth, at least a day).
    fee_spread
        Largest spread (interquartile range over median) of the share of its takings that a
        platform pays out in each part of the run.
    ordinary_band
        Share of the account's other amounts in the ring's range that makes it an ordinary range.
    equal_shares, like_bill, bill_days
        A bill is shared where this share of the payments is the same to the cent, and their sum
        is one that the receiver paid at most so many days before, give or take ``like_bill``.
    max_rows
        Transactions read of a hub on each side: those nearest to the ring where dates count,
        and evenly spread ones where it is the kind of account that counts.
    max_member_rows
        The same for each other account of a ring.
    """

    most: float = 0.5
    parts: int = 10
    all_along: float = 0.5
    many_counterparties: int = 20
    counterparties_per_ring: float = 1.0
    public: float = 0.7
    settling: float = 0.2
    like_amount: float = 0.3
    least_repeats: int = 2
    regular: float = 0.7
    fee_spread: float = 0.3
    ordinary_band: float = 0.4
    equal_shares: float = 0.75
    like_bill: float = 0.02
    bill_days: int = 30
    max_rows: int = 20_000
    max_member_rows: int = 2_000

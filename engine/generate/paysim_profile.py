"""What a PaySim run looks like, as numbers.

All figures were measured on a run of the PaySim simulator (6,482,043 rows, 743 steps; the quarter
with whole histories of its receivers, 1,620,777 rows), except where another source is named.
PaySim: Lopez-Rojas, Elmir and Axelsson, EMSS 2016.
"""

from __future__ import annotations

from dataclasses import dataclass

STEPS = 743
HOURS = 24

#: Rows per day of the run, in thousands for the measured quarter. Most lie in the first 17 days.
DAY_VOLUME = (
    *(141.6, 116.1, 0.7, 7.2, 3.1, 125.0, 112.0, 114.9, 104.7, 95.0, 104.1, 81.6, 113.8, 94.9),
    *(101.3, 84.1, 111.6, 9.4, 4.3, 12.4, 12.5, 24.4, 11.5, 4.2, 7.5, 4.0, 2.1, 3.6, 8.8, 2.3),
    0.0,
)
#: Days with fewer rows than this (in thousands) are quiet: their rows fall in a few hours.
QUIET_DAY = 30.0
QUIET_HOURS_SHARE = 0.3

#: Mean rows per hour of a busy day in the measured quarter.
HOUR_VOLUME = (
    *(470, 170, 6, 6, 9, 25, 130, 430, 2490, 7270, 8090, 8900),
    *(8520, 7790, 6620, 7600, 8030, 10240, 13060, 9270, 1710, 1610, 1770, 1030),
)
#: Spread of single steps round this profile (standard deviation of the logarithm).
HOUR_SPREAD = 0.25

#: Kaggle's file: 8,213 frauds in 6,362,620 rows; the run: 2,135 in 1,620,777.
FRAUD_SHARE = 0.0013
#: No fraud moves more than this in one transaction.
FRAUD_CAP = 10_000_000.0
#: Share of fraudulent cash-outs recorded with an empty account (6 of 1,113).
EMPTY_MULE_SHARE = 0.0054

#: Rows to one customer who may receive. With ``ACTIVITY_SHAPE``, the shape of the gamma
#: distribution of their activity, receivers have 8.6 rows on average, and the busiest 1 % over 40.
ROWS_PER_CUSTOMER = 7.2
ACTIVITY_SHAPE = 0.8

#: Levels of all quantile tables below.
LEVELS = (0.0, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0)

#: Balance of a receiver at the first transaction of the run: none, or from these quantiles.
OPENING_ZERO_SHARE = 0.68
OPENING_BALANCE = (
    *(1.0, 1.0, 6.0, 28.0, 55.0, 14_500.0, 125_000.0, 300_000.0),
    *(1.2e6, 5.6e6, 15.5e6, 29.8e6, 54.0e6),
)

#: Balance of a defrauded account.
FRAUD_BALANCE = (
    *(6.0, 17.0, 4980.0, 42_400.0, 80_000.0, 202_000.0, 665_000.0, 2.02e6),
    *(4.74e6, 8.29e6, 12.8e6, 31.6e6, 33.7e6),
)
#: Balances below this are whole numbers.
WHOLE_BELOW = 1000.0


@dataclass(frozen=True, slots=True)
class TypeProfile:
    """Ordinary transactions of one type.

    Attributes
    ----------
    share
        Share of all ordinary rows.
    amount
        Quantiles of the amount at ``LEVELS``.
    zero_share
        Share of rows whose sender has nothing before.
    balance
        Quantiles at ``LEVELS`` of the sender's balance before, where there is any.
    cents_share
        Share of the balances above ``WHOLE_BELOW`` that are not whole numbers.
    to_sender, to_receiver
        Sign with which the amount changes the balance of either side.
    """

    name: str
    share: float
    amount: tuple[float, ...]
    zero_share: float
    balance: tuple[float, ...]
    cents_share: float
    to_sender: int
    to_receiver: int


CASH_IN = TypeProfile(
    name="CASH_IN",
    share=0.2238,
    amount=(
        *(0.31, 678, 6080, 26_900, 48_200, 95_600, 162_000, 234_000),
        *(301_000, 342_000, 420_000, 512_000, 886_000),
    ),
    zero_share=0.015,
    balance=(
        *(1, 1, 5, 22, 44, 11_100, 1.9e6, 6.35e6),
        *(13.3e6, 19.0e6, 29.0e6, 46.2e6, 55.9e6),
    ),
    cents_share=0.93,
    to_sender=1,
    to_receiver=-1,
)
CASH_OUT = TypeProfile(
    name="CASH_OUT",
    share=0.3563,
    amount=(
        *(0.63, 610, 6080, 26_900, 48_000, 96_700, 163_000, 236_000),
        *(305_000, 346_000, 427_000, 518_000, 754_000),
    ),
    zero_share=0.418,
    balance=(
        *(1, 1, 2, 8, 16, 39, 77, 21_000),
        *(148_000, 283_000, 672_000, 1.19e6, 7.96e6),
    ),
    cents_share=0.17,
    to_sender=-1,
    to_receiver=1,
)
DEBIT = TypeProfile(
    name="DEBIT",
    share=0.0058,
    amount=(0.13, 6.15, 82.9, 384, 699, 1550, 3200, 5790, 8690, 11_200, 18_500, 38_100, 61_400),
    zero_share=0.274,
    balance=(
        *(1, 1, 2, 9, 17, 42, 85, 47_400),
        *(201_000, 331_000, 706_000, 1.23e6, 4.06e6),
    ),
    cents_share=0.35,
    to_sender=-1,
    to_receiver=1,
)
PAYMENT = TypeProfile(
    name="PAYMENT",
    share=0.3303,
    amount=(
        *(0.02, 36.6, 371, 1690, 3150, 6780, 12_100, 18_200),
        *(24_300, 28_300, 36_600, 50_500, 148_000),
    ),
    zero_share=0.367,
    balance=(
        *(1, 1, 2, 10, 19, 46, 91, 67_200),
        *(236_000, 370_000, 786_000, 1.68e6, 14.7e6),
    ),
    cents_share=0.55,
    to_sender=-1,
    to_receiver=0,
)
TRANSFER = TypeProfile(
    name="TRANSFER",
    share=0.0838,
    amount=(
        *(3.2, 1520, 17_000, 76_900, 144_000, 332_000, 681_000, 1.24e6),
        *(1.96e6, 2.57e6, 5.55e6, 10.0e6, 17.7e6),
    ),
    zero_share=0.462,
    balance=(
        *(1, 1, 2, 8, 16, 40, 79, 25_000),
        *(164_000, 298_000, 699_000, 1.3e6, 6.98e6),
    ),
    cents_share=0.23,
    to_sender=-1,
    to_receiver=1,
)
TYPES = (CASH_IN, CASH_OUT, DEBIT, PAYMENT, TRANSFER)

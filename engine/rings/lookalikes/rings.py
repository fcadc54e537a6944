"""Run the look-alike tests that apply to each ring, and lower its score where one fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.rings.candidates import Candidate, Transfers
from engine.rings.lookalikes.bills import shared_bill
from engine.rings.lookalikes.case import Case
from engine.rings.lookalikes.check import Check, LookalikeConfig
from engine.rings.lookalikes.habits import fixed_dates, payroll, standing_orders
from engine.rings.lookalikes.ledgers import Ledgers
from engine.rings.lookalikes.relations import known_circle, ordinary_amounts, own_accounts
from engine.rings.lookalikes.trade import marketplace, merchant, refunds

Test = Callable[[Case], Check | None]

#: Tests of any ring.
_GENERAL: tuple[Test, ...] = (standing_orders, own_accounts, known_circle, shared_bill)
#: Tests of a fan's hub; each says itself on which side it looks.
_FANS: tuple[Test, ...] = (payroll, merchant, marketplace, refunds, fixed_dates)

_TESTS: dict[str, tuple[Test, ...]] = {
    "fan_in": (*_FANS, *_GENERAL),
    "fan_out": (*_FANS, *_GENERAL),
    "gather_scatter": (*_FANS, *_GENERAL),
    "scatter_gather": (*_FANS, *_GENERAL),
    "structuring": (ordinary_amounts, *_GENERAL),
}

#: What an explanation leaves of a score. One that names the ring's own payments (the same pairs,
#: the same dates) leaves less than one that only says what kind of account the hub is.
_FACTORS: dict[str, float] = {
    "payroll": 0.3,
    "standing_orders": 0.3,
    "own_accounts": 0.3,
    "refunds": 0.3,
    "fixed_dates": 0.4,
    "merchant": 0.4,
    "marketplace": 0.4,
    "known_circle": 0.4,
    "shared_bill": 0.3,
    "ordinary_amounts": 0.45,
}
#: What each further explanation leaves: they overlap (payroll is paid on fixed dates), so they
#: are no independent witnesses.
_FURTHER = 0.8


def check_rings(
    transfers: Transfers,
    candidates: Sequence[Candidate],
    config: LookalikeConfig | None = None,
) -> list[list[Check]]:
    """Test the innocent explanations of each ring.

    Parameters
    ----------
    transfers
        All transactions of the run, in time order.
    candidates
        Rings, each with at least one row.
    config
        Settings; ``None`` takes the defaults.

    Returns
    -------
    list of list of Check
        For each ring, in order, the tests that apply to its typology, those that fit first.

    Notes
    -----
    O(n log n) once, to sort the transactions by account; then bounded work for a ring: at most
    ``max_rows`` of the hub and ``max_member_rows`` of each other account are read on a side.
    """
    if not candidates:
        return []
    limits, ledgers = config or LookalikeConfig(), Ledgers.of(transfers)
    return [_check(Case(transfers, ledgers, candidate, limits)) for candidate in candidates]


def innocence_factor(checks: Sequence[Check]) -> float:
    """Return what the explanations that fit leave of a ring's score, in (0, 1].

    A score above one half is an alert, so an explanation leaves less than half of it: on the
    simulated sets one or more fit 2 to 3 % of the true rings and 97 % of the planted look-alikes,
    which speaks about 40 to 1 for innocence. A further one takes another fifth. The ring stays
    in the list with its explanation: an account may launder behind a shop.

    Examples
    --------
    >>> innocence_factor([])
    1.0
    """
    factors = sorted(_FACTORS[check.code] for check in checks if check.innocent)
    if not factors:
        return 1.0
    return factors[0] * _FURTHER ** (len(factors) - 1)


def _check(case: Case) -> list[Check]:
    found = [test(case) for test in _TESTS.get(case.candidate.typology, _GENERAL)]
    return sorted((check for check in found if check is not None), key=lambda c: not c.innocent)

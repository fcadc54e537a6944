"""A transaction that is to be scored, and the numbers its account ids become."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.amounts import MINOR_UNITS


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction.

    Attributes
    ----------
    seconds
        When, in whole seconds since 1970 (UTC).
    amount
        In currency units.
    sender_balance, receiver_balance
        Before the transaction; None where they are not known.
    extras
        Further features ``x_*`` of the input by name; what is not given is not known.
    """

    sender: str
    receiver: str
    amount: float
    seconds: int
    type: str | None = None
    sender_balance: float | None = None
    receiver_balance: float | None = None
    extras: Mapping[str, float] = field(default_factory=dict)

    @property
    def cents(self) -> int:
        """Return the amount in minor units."""
        return round(self.amount * MINOR_UNITS)


def account_number(account: str) -> int:
    """Return 64 bits that stand for an account among another's counterparties."""
    return int.from_bytes(hashlib.blake2b(account.encode(), digest_size=8).digest(), "little")

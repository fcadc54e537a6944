"""The features of one transaction, equal to the last bit to those of a run's feature stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.amounts import MINOR_UNITS, ROUND_MULTIPLE
from engine.realtime.profile import Profile, Side, pair_count
from engine.realtime.transaction import Transaction

Float32 = npt.NDArray[np.float32]

#: Stands for "no earlier transaction" and "not known", as in a run.
UNKNOWN = -1.0


@dataclass(frozen=True)
class FeatureSpec:
    """Which features are made.

    Attributes
    ----------
    names
        Columns of the row, in order. A column that cannot be known before the transaction is done
        (balances after it) is ``UNKNOWN``.
    types
        Vocabulary of ``type_code``.
    windows_hours
        Look-back windows.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    windows_hours: tuple[int, ...]

    @property
    def keep_seconds(self) -> int:
        """Return how long profiles have to remember single moments."""
        return max(self.windows_hours) * 3600

    @cached_property
    def _type_codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.types)}

    def code_of(self, kind: str | None) -> float:
        """Return the code of a type of transactions, ``UNKNOWN`` where it has none."""
        return UNKNOWN if kind is None else self._type_codes.get(kind, UNKNOWN)


def feature_row(
    spec: FeatureSpec, sender: Profile, receiver: Profile, transaction: Transaction
) -> Float32:
    """Return the features of a transaction, float32, shape (n_features,).

    Parameters
    ----------
    sender, receiver
        What is known of both ends from earlier transactions.
    """
    made = _own(spec, transaction) | _balances(transaction)
    made["pair_n"] = pair_count(sender, receiver, transaction)
    made |= _past(spec, "sender_out", sender.out, transaction)
    made |= _past(spec, "receiver_in", receiver.into, transaction)
    made |= _past(spec, "sender_in", sender.into, transaction)
    made |= _past(spec, "receiver_out", receiver.out, transaction)
    for name, side in (("sender", sender.out), ("receiver", receiver.into)):
        gap = max(transaction.seconds - side.last, 0) / 3600
        made[f"{name}_gap_hours"] = gap if side.n else UNKNOWN
        made[f"{name}_counterparties"] = side.distinct
        made[f"amount_to_{name}_mean"] = _to_mean(transaction.cents, side)
    return _in_order(spec.names, made)


def _own(spec: FeatureSpec, transaction: Transaction) -> dict[str, float]:
    seconds = transaction.seconds
    own: dict[str, float] = {
        "amount": transaction.amount,
        # As an array: the logarithm of a single number may come from another library.
        "log_amount": float(np.log1p(np.array([transaction.amount]))[0]),
        "is_round": transaction.cents % (ROUND_MULTIPLE * MINOR_UNITS) == 0,
        "hour": seconds // 3600 % 24,
        "weekday": (seconds // 86400 + 3) % 7,  # 1970-01-01 was a Thursday; Monday is 0
        "type_code": spec.code_of(transaction.type),
    }
    return own | dict(transaction.extras)


def _balances(transaction: Transaction) -> dict[str, float]:
    made: dict[str, float] = {}
    amount, before = transaction.amount, transaction.sender_balance
    if before is not None:
        # Differences are taken in minor units: emptying an account leaves exactly nothing.
        left = round(before * MINOR_UNITS) - round(amount * MINOR_UNITS)
        made["sender_balance_before"] = before
        made["sender_balance_left"] = left / MINOR_UNITS
        made["empties_sender"] = left == 0 and amount > 0
        made["amount_to_sender_balance"] = amount / before if before > 0 else UNKNOWN
    else:
        made["empties_sender"] = False
    if transaction.receiver_balance is not None:
        made["receiver_balance_before"] = transaction.receiver_balance
    return made


def _past(spec: FeatureSpec, prefix: str, side: Side, transaction: Transaction) -> dict[str, float]:
    made: dict[str, float] = {f"{prefix}_n_all": side.n, f"{prefix}_sum_all": _units(side.cents)}
    for hours in spec.windows_hours:
        n, cents = side.within(transaction.seconds, hours * 3600)
        made[f"{prefix}_n_{hours}h"] = n
        made[f"{prefix}_sum_{hours}h"] = _units(cents)
    return made


def _units(cents: int) -> float:
    return float(cents) / MINOR_UNITS


def _to_mean(cents: int, side: Side) -> float:
    """Return the amount over the mean so far, from the float32 columns that a run divides."""
    mean = np.float32(_units(side.cents)) / np.maximum(np.float32(side.n), np.float32(1))
    return _units(cents) / float(max(mean, np.float32(0.01))) if mean > 0 else UNKNOWN


def _in_order(names: Sequence[str], made: dict[str, float]) -> Float32:
    return np.array([made.get(name, UNKNOWN) for name in names], np.float64).astype(np.float32)

"""Transactions with the schema, the shape, and the fraud of the PaySim simulator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.generate import paysim_profile as profile
from engine.generate.output import checked_path, write_table
from engine.generate.paysim_balances import running_balances
from engine.generate.sampling import (
    Flags,
    Floats,
    Ints,
    distinct_numbers,
    draw_from_quantiles,
    random_source,
    to_cents,
    to_units,
)

_TYPE_NAMES = tuple(kind.name for kind in profile.TYPES)
_PAYMENT = _TYPE_NAMES.index("PAYMENT")
_CASH_OUT = _TYPE_NAMES.index("CASH_OUT")
_TRANSFER = _TYPE_NAMES.index("TRANSFER")
#: Account names are a letter and a number below this, as in the original file.
_NAME_NUMBERS = (10_000_000, 2**31)


@dataclass(frozen=True, slots=True)
class _Draft:
    """Transactions without names; amounts and balances in cents, arrays of shape ``(n,)``."""

    step: Ints
    kind: Ints
    amount: Ints
    balance: Ints
    is_fraud: Flags


@dataclass(frozen=True, slots=True)
class _Receivers:
    """Customer who receives each row (-1 for a merchant), and every customer's opening balance."""

    code: Ints
    opening: Ints


def generate_paysim(rows: int, seed: int) -> pa.Table:
    """Generate transactions as the PaySim simulator writes them.

    Parameters
    ----------
    rows
        Exact number of rows, at least 1.
    seed
        Same seed, same table.

    Returns
    -------
    pyarrow.Table
        ``step`` (int32, hours 1 to 743, rising), ``type`` (string), ``amount`` (float64, currency
        units), ``nameOrig`` (string), ``oldbalanceOrg``, ``newbalanceOrig`` (float64), ``nameDest``
        (string), ``oldbalanceDest``, ``newbalanceDest`` (float64), ``isFraud``, ``isFlaggedFraud``
        (int8). Merchants (``M...``) have no balances. Frauds are pairs in one step: a TRANSFER,
        and below it the CASH_OUT of the same amount under other names.

    Raises
    ------
    InputError
        If ``rows`` is below 1 or ``seed`` is negative.

    Notes
    -----
    O(n log n) in time.
    """
    rng = random_source(rows, seed)
    pairs = round(rows * profile.FRAUD_SHARE / 2)
    draft = _in_time_order(rng, _frauds(rng, pairs), _ordinary(rng, rows - 2 * pairs))
    return _table(rng, draft, _receivers(rng, draft))


def write_paysim(rows: int, seed: int, out: str | Path) -> list[Path]:
    """Generate PaySim transactions and write them as ``.csv``, ``.csv.gz`` or ``.parquet``.

    Returns
    -------
    list of Path
        The one path written.

    Raises
    ------
    InputError
        If an argument is wrong; nothing is written then.
    """
    path = checked_path(out)
    return [write_table(generate_paysim(rows, seed), path)]


def _ordinary(rng: np.random.Generator, rows: int) -> _Draft:
    share = np.array([kind.share for kind in profile.TYPES])
    kind = rng.choice(len(share), size=rows, p=share / share.sum()).astype(np.int64)
    amount, balance = np.empty(rows), np.empty(rows)
    for code, ordinary in enumerate(profile.TYPES):
        of_type = np.flatnonzero(kind == code)
        amount[of_type] = _quantile_draw(rng, ordinary.amount, len(of_type))
        balance[of_type] = _sender_balances(rng, ordinary, len(of_type))
    return _Draft(
        step=_steps(rng, rows),
        kind=kind,
        amount=np.maximum(to_cents(amount), 1),
        balance=to_cents(balance),
        is_fraud=np.zeros(rows, dtype=np.bool_),
    )


def _frauds(rng: np.random.Generator, pairs: int) -> _Draft:
    """Make the fraud pairs: row 2i transfers, and row 2i + 1 cashes the same amount out."""
    # The simulator commits frauds at a constant rate, whatever the volume of the step.
    step = 1 + (rng.permutation(pairs) + rng.random(pairs)) * profile.STEPS // max(pairs, 1)
    stolen = _with_small_wholes(_quantile_draw(rng, profile.FRAUD_BALANCE, pairs))
    amount = np.minimum(stolen, profile.FRAUD_CAP)
    mule = np.where(rng.random(pairs) < profile.EMPTY_MULE_SHARE, 0.0, amount)
    return _Draft(
        step=np.repeat(step.astype(np.int64), 2),
        kind=np.tile([_TRANSFER, _CASH_OUT], pairs),
        amount=np.repeat(to_cents(amount), 2),
        balance=to_cents(np.column_stack([stolen, mule]).ravel()),
        is_fraud=np.ones(2 * pairs, dtype=np.bool_),
    )


def _steps(rng: np.random.Generator, rows: int) -> Ints:
    """Draw steps from the cycle of hours and the volume of days, with noise."""
    day, hour = np.divmod(np.arange(profile.STEPS), profile.HOURS)
    volume = np.array(profile.DAY_VOLUME)[day]
    weight = np.array(profile.HOUR_VOLUME)[hour] * np.exp(
        rng.normal(0.0, profile.HOUR_SPREAD, profile.STEPS)
    )
    active = rng.random(profile.STEPS) < profile.QUIET_HOURS_SHARE
    weight *= (volume >= profile.QUIET_DAY) | active
    of_day = np.bincount(day, weights=weight)[day]
    expected = np.divide(weight * volume, of_day, out=np.zeros(profile.STEPS), where=of_day > 0)
    return 1 + rng.choice(profile.STEPS, size=rows, p=expected / expected.sum()).astype(np.int64)


def _sender_balances(rng: np.random.Generator, ordinary: profile.TypeProfile, size: int) -> Floats:
    balance = _with_small_wholes(_quantile_draw(rng, ordinary.balance, size))
    whole = rng.random(size) >= ordinary.cents_share
    balance[whole] = np.rint(balance[whole])
    balance[rng.random(size) < ordinary.zero_share] = 0.0
    return balance


def _quantile_draw(rng: np.random.Generator, quantiles: Sequence[float], size: int) -> Floats:
    return draw_from_quantiles(rng, profile.LEVELS, quantiles, size)


def _with_small_wholes(balance: Floats) -> Floats:
    return np.where(balance < profile.WHOLE_BELOW, np.rint(balance), balance)


def _in_time_order(rng: np.random.Generator, frauds: _Draft, ordinary: _Draft) -> _Draft:
    """Sort by step, at random within a step, and keep the two rows of a fraud together."""
    pairs = len(frauds.step) // 2
    within = np.concatenate([np.repeat(rng.random(pairs), 2), rng.random(len(ordinary.step))])
    order = np.argsort(np.concatenate([frauds.step, ordinary.step]) + within, kind="stable")
    return _Draft(
        step=np.concatenate([frauds.step, ordinary.step])[order],
        kind=np.concatenate([frauds.kind, ordinary.kind])[order],
        amount=np.concatenate([frauds.amount, ordinary.amount])[order],
        balance=np.concatenate([frauds.balance, ordinary.balance])[order],
        is_fraud=np.concatenate([frauds.is_fraud, ordinary.is_fraud])[order],
    )


def _receivers(rng: np.random.Generator, draft: _Draft) -> _Receivers:
    """Choose receiving customers: few get much, and mules are new and empty."""
    is_mule = draft.is_fraud & (draft.kind == _TRANSFER)
    takes = np.flatnonzero((draft.kind != _PAYMENT) & ~is_mule)
    customers = 1 + round(len(takes) / profile.ROWS_PER_CUSTOMER)
    activity = np.cumsum(rng.gamma(profile.ACTIVITY_SHAPE, size=customers))
    code = np.full(len(draft.step), -1, dtype=np.int64)
    code[takes] = np.searchsorted(activity, rng.random(len(takes)) * activity[-1], side="right")
    # The customer after the last has no other row, so there is always one to choose as a mule.
    opening = np.append(_opening_balances(rng, customers), 0)
    first_step = np.full(customers + 1, profile.STEPS + 1, dtype=np.int64)
    np.minimum.at(first_step, code[takes], draft.step[takes])
    code[is_mule] = _mules(rng, draft.step[is_mule], np.where(opening == 0, first_step, 0))
    return _Receivers(code, opening)


def _opening_balances(rng: np.random.Generator, customers: int) -> Ints:
    opening = _with_small_wholes(_quantile_draw(rng, profile.OPENING_BALANCE, customers))
    opening[rng.random(customers) < profile.OPENING_ZERO_SHARE] = 0.0
    return to_cents(opening)


def _mules(rng: np.random.Generator, step: Ints, free_until: Ints) -> Ints:
    """Choose for each fraud a customer whose first ordinary row lies after the fraud's step."""
    by_time = np.argsort(free_until, kind="stable")
    start = np.searchsorted(free_until[by_time], step, side="right")
    chosen: Ints = by_time[start + rng.integers(0, len(by_time) - start)]
    return chosen


def _table(rng: np.random.Generator, draft: _Draft, receivers: _Receivers) -> pa.Table:
    rows = len(draft.step)
    sign = np.array([kind.to_sender for kind in profile.TYPES])[draft.kind]
    sender_after = np.maximum(draft.balance + sign * draft.amount, 0)
    receiver_before, receiver_after = _receiver_balances(draft, receivers)
    return pa.table(
        {
            "step": draft.step.astype(np.int32),
            "type": pa.array(_TYPE_NAMES).take(pa.array(draft.kind)),
            "amount": to_units(draft.amount),
            "nameOrig": _names("C", rng.integers(*_NAME_NUMBERS, rows)),
            "oldbalanceOrg": to_units(draft.balance),
            "newbalanceOrig": to_units(sender_after),
            "nameDest": _receiver_names(rng, receivers),
            "oldbalanceDest": to_units(receiver_before),
            "newbalanceDest": to_units(receiver_after),
            "isFraud": draft.is_fraud.astype(np.int8),
            "isFlaggedFraud": np.zeros(rows, dtype=np.int8),
        }
    )


def _receiver_balances(draft: _Draft, receivers: _Receivers) -> tuple[Ints, Ints]:
    """Return balances before and after in cents; merchants have none."""
    before, after = np.zeros_like(draft.amount), np.zeros_like(draft.amount)
    takes = np.flatnonzero(receivers.code >= 0)
    if len(takes) == 0:
        return before, after
    sign = np.array([kind.to_receiver for kind in profile.TYPES])[draft.kind[takes]]
    # A mule's account passes a stolen transfer on at once: it never shows in the balance.
    sign[draft.is_fraud[takes] & (draft.kind[takes] == _TRANSFER)] = 0
    before[takes], after[takes] = running_balances(
        receivers.code[takes], draft.step[takes], sign * draft.amount[takes], receivers.opening
    )
    return before, after


def _receiver_names(rng: np.random.Generator, receivers: _Receivers) -> pa.Array:
    """Name customers for good; every payment goes to a merchant of its own."""
    is_merchant = receivers.code < 0
    numbers = rng.integers(*_NAME_NUMBERS, len(receivers.code))
    customers = distinct_numbers(rng, len(receivers.opening), *_NAME_NUMBERS)
    numbers[~is_merchant] = customers[receivers.code[~is_merchant]]
    return _names(pc.if_else(pa.array(is_merchant), "M", "C"), numbers)


def _names(letter: str | pa.Array, numbers: Ints) -> pa.Array:
    return pc.binary_join_element_wise(letter, pc.cast(pa.array(numbers), pa.string()), "")

"""Balances of the receivers of PaySim transactions, followed through the whole run."""

from __future__ import annotations

import numpy as np

from engine.generate.sampling import Flags, Ints


def running_balances(receiver: Ints, step: Ints, change: Ints, opening: Ints) -> tuple[Ints, Ints]:
    """Follow each receiver's balance, which never falls below zero.

    As in the simulator, the balance *before* counts every earlier row, and the balance *after* is
    that at the end of the step, so it holds the receiver's other transactions of this step too.

    Parameters
    ----------
    receiver
        Code of the receiver, shape ``(n_rows,)``; rows in time order.
    step
        Step of each row, shape ``(n_rows,)``.
    change
        What the row adds to the receiver's balance, in cents, shape ``(n_rows,)``.
    opening
        Balance of each receiver at the start, in cents, shape ``(n_receivers,)``.

    Returns
    -------
    before, after : ndarray of int64
        Balances in cents, shape ``(n_rows,)``.

    Notes
    -----
    O(n log n) for one stable sort by receiver. With S the sum without a floor, the balance with
    a floor at zero is S - min(0, lowest S so far).
    """
    order = np.argsort(receiver, kind="stable")
    who, when, delta = receiver[order], step[order], change[order]
    first = _starts(who)
    total = _sum_within(delta, first) + opening[who]
    balance = total - np.minimum(_lowest_within(total, first), 0)
    before = np.where(first, opening[who], np.roll(balance, 1))
    run = _starts(when) | first
    run_end = np.append(np.flatnonzero(run)[1:], len(run)) - 1
    after = balance[run_end][np.cumsum(run) - 1]
    return _restore(before, order), _restore(after, order)


def _starts(keys: Ints) -> Flags:
    """Mark each row whose key differs from the row above."""
    changed = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=changed[1:])
    return changed


def _sum_within(values: Ints, first: Flags) -> Ints:
    """Cumulative sum that starts anew at each marked row."""
    total = np.cumsum(values)
    base = (total - values)[first]
    within: Ints = total - base[np.cumsum(first) - 1]
    return within


def _lowest_within(values: Ints, first: Flags) -> Ints:
    """Cumulative minimum that starts anew at each marked row."""
    # No value of a moved group lies above the groups before it, so one cumulative minimum does.
    spread = int(values.max() - values.min())
    shift = (np.cumsum(first) - 1) * spread
    lowest: Ints = np.minimum.accumulate(values - shift)
    return lowest + shift


def _restore(values: Ints, order: Ints) -> Ints:
    restored = np.empty_like(values)
    restored[order] = values
    return restored

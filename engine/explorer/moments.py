"""The frames of a replay that tell a story: before, at the peak, and at the exit."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from engine.explorer.scene import Moments


def moments_of(events: pd.DataFrame) -> Moments | None:
    """Find the three frames of some transfers.

    Parameters
    ----------
    events
        ``time, sender, receiver, amount``, in time order.

    Returns
    -------
    Moments or None
        ``None`` of no transfers. Where nobody passes money on, the peak is the largest transfer
        and the exit the last one.
    """
    if events.empty:
        return None
    first, last = events["time"].iloc[0], events["time"].iloc[-1]
    passers = set(events["sender"]) & set(events["receiver"])
    leaving = events["sender"].isin(passers)
    peak = _fullest(events, passers) if passers else events["time"].iloc[_largest(events)]
    exit_ = events.loc[leaving, "time"].iloc[-1] if passers else last
    before = (first - timedelta(seconds=1)).to_pydatetime()
    return Moments(before, peak.to_pydatetime(), exit_.to_pydatetime())


def _largest(events: pd.DataFrame) -> int:
    return int(events["amount"].to_numpy().argmax())


def _fullest(events: pd.DataFrame, passers: set[str]) -> pd.Timestamp:
    """Return when those who pass money on hold the most; none can hold less than nothing."""
    held = dict.fromkeys(passers, 0.0)
    total, most = 0.0, 0.0
    when: pd.Timestamp = events["time"].iloc[0]
    columns = (events[name] for name in ("time", "sender", "receiver", "amount"))
    for time, sender, receiver, amount in zip(*columns, strict=True):
        if sender in held:
            paid = min(amount, held[sender])
            held[sender] -= paid
            total -= paid
        if receiver in held:
            held[receiver] += amount
            total += amount
        if total > most:
            most, when = total, time
    return when

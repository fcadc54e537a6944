"""What went in and out of an account over time, and its balance where the data know it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from engine.columns import MINOR_UNITS
from engine.errors import InputError
from engine.lake import RunPaths
from engine.query.ledger_entries import Filters, Ints, balance_of, find, in_minor_units
from engine.query.ledger_file import Ledger, open_ledger

#: A period up to so many hours is told by the hour, up to so many days by the day, else by weeks.
_HOURS, _DAYS = 72, 400
_LENGTH = {"hour": "h", "day": "D", "week": "W"}


@dataclass(frozen=True, slots=True)
class Activity:
    """An account over time.

    Attributes
    ----------
    points
        ``time`` (begin of the ``bucket``), ``received, paid`` (currency units), ``n_in, n_out``,
        ``balance`` (the last known one, null where none is); buckets without a transfer are left
        out.
    bucket
        ``hour``, ``day`` or ``week``.
    start, end
        First and last transfer.
    """

    points: pd.DataFrame
    bucket: str
    start: datetime
    end: datetime


def account_activity(paths: RunPaths, account: str) -> Activity:
    """Sum up what an account received and paid, a row a bucket of time.

    Raises
    ------
    InputError
        If the run has no such account.
    """
    ledger = open_ledger(paths)
    rows = find(ledger, ledger.codes_of([account]), Filters()).rows
    if not len(rows):
        raise InputError(f"run {paths.run_id} has no account {account!r}; search for another one")
    times = ledger.entries["time"][rows]
    hours = (times[-1] - times[0]) / np.timedelta64(1, "h")
    bucket = "hour" if hours <= _HOURS else "day" if hours <= 24 * _DAYS else "week"
    return Activity(
        points=_points(ledger, rows, _LENGTH[bucket]),
        bucket=bucket,
        start=pd.Timestamp(times[0]).to_pydatetime(),
        end=pd.Timestamp(times[-1]).to_pydatetime(),
    )


def _points(ledger: Ledger, rows: Ints, length: str) -> pd.DataFrame:
    is_in = np.asarray(ledger.entries["is_in"][rows])
    minor = in_minor_units(ledger.entries["amount"][rows])
    # Weeks begin on Mondays, while NumPy's begin with the day of the epoch, a Thursday.
    shift = np.timedelta64(3 if length == "W" else 0, "D")
    starts = (ledger.entries["time"][rows] + shift).astype(f"datetime64[{length}]")
    moved = pd.DataFrame(
        {
            "time": starts.astype("datetime64[us]") - shift,
            "received": minor * is_in,
            "paid": minor * ~is_in,
            "n_in": is_in.astype(np.int64),
            "n_out": (~is_in).astype(np.int64),
        }
    )
    points = moved.groupby("time", as_index=False).sum()
    points[["received", "paid"]] /= MINOR_UNITS
    balance = pd.Series(balance_of(ledger, "balance_after", rows))
    # Entries stand in time order: the last of a bucket is its balance.
    points["balance"] = balance.groupby(moved["time"]).last().to_numpy()
    return points

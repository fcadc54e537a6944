"""The one file that may go with a report: its transfers as CSV, no larger than is allowed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pandas as pd

from engine.filing.jurisdiction import Jurisdiction
from engine.spreadsheet import csv_bytes

#: What an authority is given of a transfer, of the columns that there are.
COLUMNS = ("tx_id", "time", "sender", "receiver", "amount", "currency", "type")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A CSV file; ``left_out`` transfers, the smallest, did not fit into it."""

    name: str
    content: bytes
    rows: int
    left_out: int
    sha256: str


def attachment(transfers: pd.DataFrame, rules: Jurisdiction, name: str) -> Attachment:
    """Write transfers as the file of a report, in the order of time.

    Parameters
    ----------
    transfers
        With some of ``COLUMNS``, one row a transfer.
    rules
        Of the jurisdiction: how large the file may be.
    name
        Of the alert, e.g. ``AL-12``.
    """
    wanted = transfers[[one for one in COLUMNS if one in transfers]]
    by_time = [one for one in ("time", "tx_id") if one in wanted]
    rows = len(wanted)
    content = csv_bytes(wanted.sort_values(by_time))
    while len(content) > rules.most_bytes and rows:
        rows = min(rows - 1, int(rows * rules.most_bytes / len(content)))
        kept = wanted.sort_values("amount", ascending=False, kind="stable").head(rows)
        content = csv_bytes(kept.sort_values(by_time))
    digest = hashlib.sha256(content).hexdigest()
    return Attachment(f"{name}-transfers.csv", content, rows, len(wanted) - rows, digest)

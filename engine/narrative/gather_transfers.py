"""Facts about transfers: which there were, how large, on which days, and each by itself."""

from __future__ import annotations

from typing import Any

import pandas as pd

from engine.narrative.gather_book import Book, minor, seconds, total
from engine.narrative.words import TYPES

#: Most transfers that stand in a ledger one by one: the earliest, the latest, and the largest.
MOST_TRANSFERS = 40
#: So many of them are told by every complete narrative.
KEY_TRANSFERS = 6
#: As many are told one by one; of more, only the key ones.
MOST_TOLD = 12


def add_transfers(book: Book, transfers: pd.DataFrame, query: str) -> None:
    """Add what the transfers of a ring (in time order) are in sum.

    Parameters
    ----------
    transfers
        From :func:`engine.query.rings.ring_transactions`.
    """
    ids, amounts = transfers["tx_id"].tolist(), transfers["amount"]
    told: dict[str, Any] = {"tx_ids": ids, "query": query}
    book.add("ring.transfers", "count", len(ids), "transfers inside the ring", "what",
             is_key=True, **told)  # fmt: skip
    whole = total(amounts)
    book.add("ring.amount", "amount", whole, "money moved inside the ring in all",
             "what", is_key=True, **told)  # fmt: skip
    if len(ids) > 1:
        for key, value, label in (
            ("ring.smallest", amounts.min(), "smallest transfer"),
            ("ring.largest", amounts.max(), "largest transfer"),
            ("ring.median", amounts.median(), "median transfer"),
        ):
            book.add(key, "amount", minor(value), label, "what", **told)
    _add_types(book, transfers, query)
    _add_times(book, transfers, query)


def _add_types(book: Book, transfers: pd.DataFrame, query: str) -> None:
    """Count transfers by type; a type that the program does not know is data, and not named."""
    known = transfers["type"].astype(str).map(TYPES).fillna("other")
    for name, rows in transfers.groupby(known, sort=True):
        book.add(f"type.{name}", "count", len(rows), f"transfers of the type {name}", "where",
                 tx_ids=rows["tx_id"], query=query)  # fmt: skip


def _add_times(book: Book, transfers: pd.DataFrame, query: str) -> None:
    times = transfers["time"]
    first, last = times.iloc[0], times.iloc[-1]
    for key, time, label in (
        ("ring.start", first, "time of the earliest transfer"),
        ("ring.end", last, "time of the latest transfer"),
    ):
        rows = transfers.loc[times == time, "tx_id"]
        book.add_time(key, time, label, "when", is_key=True, tx_ids=rows, query=query)
    book.add("ring.duration", "duration", seconds(last - first),
             "time from the earliest to the latest transfer", "when", is_key=first != last,
             tx_ids=transfers["tx_id"], query=query)  # fmt: skip
    days = times.dt.normalize()
    if days.iloc[0] != days.iloc[-1]:
        _add_days(book, transfers, days, query)


def _add_days(book: Book, transfers: pd.DataFrame, days: pd.Series, query: str) -> None:
    every, found = transfers["tx_id"], list(transfers.groupby(days, sort=True))
    book.add("ring.days", "count", len(found), "days (UTC) with transfers", "when",
             tx_ids=every, query=query)  # fmt: skip
    mean = round(total(transfers["amount"]) / len(found))
    book.add("ring.per_day", "amount", mean, "money moved on a day with transfers, on average",
             "when", tx_ids=every, query=query)  # fmt: skip
    day, rows = max(found, key=lambda one: (total(one[1]["amount"]), -one[0].value))
    told: dict[str, Any] = {"tx_ids": rows["tx_id"], "query": query}
    book.add("busiest.date", "date", day.date().isoformat(), "day (UTC) on which most money moved",
             "when", **told)  # fmt: skip
    book.add(
        "busiest.transfers", "count", len(rows), "transfers on the busiest day", "when", **told
    )
    book.add("busiest.amount", "amount", total(rows["amount"]), "money moved on the busiest day",
             "when", **told)  # fmt: skip


def add_single_transfers(book: Book, transfers: pd.DataFrame, query: str) -> None:
    """Add transfers one by one, in time order: their time and their amount."""
    largest = transfers.sort_values(["amount", "tx_id"], ascending=[False, True], kind="stable")
    ends = pd.concat([transfers.head(1), transfers.tail(1)])["tx_id"]
    ranked = pd.concat([ends, largest["tx_id"]]).drop_duplicates()
    listed, key = set(ranked.head(MOST_TRANSFERS)), set(ranked.head(KEY_TRANSFERS))
    for row in transfers[transfers["tx_id"].isin(listed)].to_dict("records"):
        told: dict[str, Any] = {
            "subjects": (str(row["sender"]), str(row["receiver"])), "tx_ids": (row["tx_id"],),
            "query": query, "is_key": row["tx_id"] in key,
        }  # fmt: skip
        book.add_time("transfer.time", row["time"], "time of a transfer", "when", **told)
        book.add("transfer.amount", "amount", minor(row["amount"]),
                 "amount of a transfer, from the first account to the other", "what",
                 **told)  # fmt: skip
    if len(transfers) > MOST_TOLD:
        others = transfers[~transfers["tx_id"].isin(key)]
        told = {"tx_ids": others["tx_id"], "query": query}
        book.add("others.transfers", "count", len(others),
                 "transfers besides those told one by one", "what", **told)  # fmt: skip
        book.add("others.amount", "amount", total(others["amount"]),
                 "money moved by the other transfers", "what", **told)  # fmt: skip

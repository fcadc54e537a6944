"""Facts about a transaction that alerted by itself."""

from __future__ import annotations

from typing import Any

import pandas as pd

from engine.lake import RunPaths
from engine.narrative.gather_book import Book, minor
from engine.narrative.gather_ring import add_trace
from engine.narrative.words import TYPES
from engine.query import ledger
from engine.query.account_findings import account_findings
from engine.query.alert_detail import AlertDetail

_SIDES = {"sender": "sent the money", "receiver": "received the money"}


def add_lone(book: Book, paths: RunPaths, alert: AlertDetail, transaction: pd.Series) -> None:
    """Add who, what, when, where, and how of a transaction.

    Parameters
    ----------
    transaction
        A row of :func:`engine.query.run_model.rows_of`; without ``sender`` and ``receiver`` where
        the data have no accounts.
    """
    query, ends = f"run_model.rows_of([{alert.tx_id}])", alert.accounts
    told: dict[str, Any] = {"tx_ids": (int(transaction["tx_id"]),),
                            "query": query, "is_key": True}  # fmt: skip
    for side, verb in _SIDES.items():
        if side in transaction.index and pd.notna(transaction[side]):
            book.add(f"lone.{side}", "account", str(transaction[side]), f"account that {verb}",
                     "who", **told)  # fmt: skip
    book.add("lone.amount", "amount", minor(transaction["amount"]), "amount of the transaction",
             "what", **told)  # fmt: skip
    book.add_time("lone.time", transaction["time"], "time of the transaction", "when", **told)
    kind = TYPES.get(str(transaction.get("type")))
    if kind is not None:
        book.add("lone.type", "text", kind, "type of the transaction", "where", **told)
    _add_balances(book, transaction, query)
    if len(ends) == 2:
        _add_histories(book, paths, alert, transaction)
        add_trace(book, paths, int(transaction["tx_id"]), "amount of the transaction, followed")


def _add_balances(book: Book, transaction: pd.Series, query: str) -> None:
    for side in _SIDES:
        for when in ("before", "after"):
            value = transaction.get(f"{side}_balance_{when}")
            if value is not None and pd.notna(value):
                book.add(f"balance.{side}_{when}", "amount", minor(value),
                         f"balance of the {side} {when} the transaction", "what",
                         subjects=(str(transaction[side]),),
                         tx_ids=(int(transaction["tx_id"]),), query=query)  # fmt: skip


def _add_histories(book: Book, paths: RunPaths, alert: AlertDetail, transaction: pd.Series) -> None:
    known = ledger.account_facts(paths, alert.accounts).set_index("account")
    for side, account in zip(_SIDES, alert.accounts, strict=True):
        if account in known.index:
            _add_history(book, side, account, known.loc[account].to_dict())
    sender, receiver = alert.accounts
    upto = ledger.entries(paths, [sender], end=transaction["time"].to_pydatetime())
    pair = upto[(upto["direction"] == "out") & (upto["counterparty"] == receiver)]
    book.add("pair.earlier", "count", len(pair), "earlier transfers from sender to receiver",
             "counter", is_key=True, tx_ids=pair["tx_id"],
             query="ledger.entries")  # fmt: skip
    rings = pd.concat([account_findings(paths, one).rings["ring_id"] for one in alert.accounts])
    book.add("pair.rings", "count", rings.nunique(), "rings of the run with either account",
             "counter", is_key=True, query="account_findings")  # fmt: skip


def _add_history(book: Book, side: str, account: str, known: dict[Any, Any]) -> None:
    told: dict[str, Any] = {"subjects": (account,), "query": "ledger.account_facts"}
    for way, verb in (("in", "received"), ("out", "sent")):
        book.add(f"{side}.{way}_count", "count", int(known[f"{way}_count"]),
                 f"transactions that the {side} {verb} in all", "why", **told)  # fmt: skip
        book.add(f"{side}.{way}_amount", "amount", minor(known[f"{way}_amount"]),
                 f"money that the {side} {verb} in the whole data", "why", **told)  # fmt: skip

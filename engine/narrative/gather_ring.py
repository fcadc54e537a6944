"""Facts about a ring: who is in it, what each of them did, and where the money went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pandas as pd

from engine.errors import InputError
from engine.lake import RunPaths
from engine.narrative.gather_book import Book, decimal, minor, seconds, total
from engine.narrative.words import ROLES
from engine.query import ledger
from engine.query.money_trace import trace_money
from engine.query.ring_detail import PassedOn
from engine.trace import Limits, Trace

#: Most accounts of a role that are named; the others are counted.
MOST_NAMED = 5
#: Most accounts whose own figures are told.
_PRINCIPALS = 3
_CENTRAL = ("hub", "collector", "source", "exit")
#: Most accounts named where traced money ended.
_MOST_ENDS = 3


def add_members(book: Book, members: pd.DataFrame, query: str) -> None:
    """Add how many accounts have which role, and the names of some, those that moved most first.

    Parameters
    ----------
    members
        ``account, role, moved``, the largest first.
    """
    book.add("ring.accounts", "count", len(members), "accounts in the ring", "who",
             is_key=True, query=query)  # fmt: skip
    for role in [*ROLES, *sorted(set(members["role"]) - set(ROLES))]:
        accounts = [str(one) for one in members.loc[members["role"] == role, "account"]]
        if not accounts:
            continue
        named = accounts[:MOST_NAMED]
        book.add(f"role.{role}", "count", len(accounts), f"accounts in the role {role}", "who",
                 is_key=True, subjects=named, query=query)  # fmt: skip
        for account in named:
            book.add(f"member.{role}", "account", account, f"account in the role {role}", "who",
                     query=query)  # fmt: skip
        if len(accounts) > len(named):
            book.add(f"role.{role}.more", "count", len(accounts) - len(named),
                     f"more accounts in the role {role}", "who", query=query)  # fmt: skip


def principals(members: pd.DataFrame) -> list[str]:
    """Return the accounts that matter most: those alone in a central role, else the largest."""
    counts = members["role"].value_counts()
    alone = [role for role in _CENTRAL if counts.get(role, 0) == 1]
    central = [str(members.loc[members["role"] == role, "account"].iloc[0]) for role in alone]
    return central[:_PRINCIPALS] or [str(one) for one in members["account"].head(2)]


def add_principals(
    book: Book, paths: RunPaths, accounts: Sequence[str], transfers: pd.DataFrame
) -> None:
    """Add what some accounts did inside the ring, and what they did in the whole run."""
    known = ledger.account_facts(paths, accounts).set_index("account")
    for place, account in enumerate(accounts):
        came, went = (transfers[transfers[side] == account] for side in ("receiver", "sender"))
        for way, rows, verb, others in (
            ("in", came, "received", "sender"), ("out", went, "sent", "receiver")
        ):  # fmt: skip
            if len(rows):
                told: dict[str, Any] = {"subjects": (account,), "tx_ids": rows["tx_id"],
                        "query": "rings.ring_transactions"}  # fmt: skip
                book.add(f"account.{way}_amount", "amount", total(rows["amount"]),
                         f"money that the account {verb} inside the ring", "what",
                         is_key=place < 2, **told)  # fmt: skip
                book.add(f"account.{way}_parties", "count", rows[others].nunique(),
                         f"accounts of the ring on the other side of what it {verb}", "how",
                         is_key=place < 1, **told)  # fmt: skip
        _add_passed(book, account, came, went)
        if account in known.index:
            _add_history(book, account, known.loc[account].to_dict(), came, went)


def _add_passed(book: Book, account: str, came: pd.DataFrame, went: pd.DataFrame) -> None:
    received, sent = total(came["amount"]), total(went["amount"])
    if not received or not sent:
        return
    told: dict[str, Any] = {"subjects": (account,), "tx_ids": [*came["tx_id"], *went["tx_id"]],
            "query": "rings.ring_transactions"}  # fmt: skip
    book.add("account.passed_share", "share", decimal(sent / received),
             "money sent as a share of the money received, inside the ring", "how",
             **told)  # fmt: skip
    book.add("account.difference", "amount", abs(received - sent),
             "difference of money received and sent in the ring", "how", **told)  # fmt: skip


def _add_history(
    book: Book, account: str, known: dict[Any, Any], came: pd.DataFrame, went: pd.DataFrame
) -> None:
    told: dict[str, Any] = {"subjects": (account,), "query": "ledger.account_facts"}
    book.add("history.counterparties", "count", int(known["counterparties"]),
             "accounts that it dealt with in the whole data", "why", **told)  # fmt: skip
    for way, rows, verb in (("in", came, "received"), ("out", went, "sent")):
        whole = minor(known[f"{way}_amount"])
        if whole:
            book.add(f"history.{way}_amount", "amount", whole,
                     f"money that it {verb} in the whole data", "why", **told)  # fmt: skip
            if len(rows):
                book.add(f"history.{way}_share", "share", decimal(total(rows["amount"]) / whole),
                         f"part of all the money that it {verb} which the ring makes up", "why",
                         **told)  # fmt: skip
    if not book.is_daily or known["first_time"] == known["first_time"].normalize():
        book.add_time("history.first", known["first_time"], "time of its earliest transaction",
                      "why", **told)  # fmt: skip


def add_path(book: Book, typology: str, transfers: pd.DataFrame, query: str) -> None:
    """Add the way of the money where each transfer leaves the account that the last one reached."""
    if typology not in ("cycle", "chain"):
        return
    path = [str(transfers["sender"].iloc[0])]
    for row in transfers.to_dict("records"):
        if str(row["sender"]) != path[-1]:
            return
        path.append(str(row["receiver"]))
    told: dict[str, Any] = {"tx_ids": transfers["tx_id"], "query": query}
    book.add("ring.path", "path", tuple(path), "way of the money, in order", "how", is_key=True,
             **told)  # fmt: skip
    first, last = (transfers["amount"].iloc[at] for at in (0, -1))
    # Data may hold transfers of nothing: nothing has no share.
    if first > 0:
        book.add("path.share", "share", decimal(last / first),
                 "latest transfer as a share of the earliest", "how", **told)  # fmt: skip


def add_passed_on(book: Book, passed: Sequence[PassedOn], query: str) -> None:
    """Add how much of it was passed on, and how soon."""
    if not passed:
        return
    amounts = pd.DataFrame([(one.retention, one.hours) for one in passed]).median()
    told: dict[str, Any] = {"subjects": (), "query": query}
    book.add("passed.accounts", "count", len(passed), "accounts that passed money on", "how",
             **told)  # fmt: skip
    book.add("passed.share", "share", decimal(amounts[0]),
             "median share of what they got that they passed on", "how", is_key=True,
             **told)  # fmt: skip
    wait = round(amounts[1] * 3600)
    book.add("passed.duration", "duration", wait, "median time between money in and money out",
             "how", is_key=wait > 0, **told)  # fmt: skip


def add_outside(
    book: Book, paths: RunPaths, members: Sequence[str], transfers: pd.DataFrame
) -> None:
    """Add what came from, and went to, accounts outside of the ring while it lasted."""
    first, last = transfers["time"].iloc[0], transfers["time"].iloc[-1]
    rows = ledger.entries(paths, members, start=first, end=last + timedelta(microseconds=1))
    outside = rows[~rows["counterparty"].isin(members)]
    for way, verb in (("in", "came from"), ("out", "went to")):
        found = outside[outside["direction"] == way]
        told: dict[str, Any] = {"tx_ids": found["tx_id"], "query": "ledger.entries"}
        book.add(f"outside.{way}_amount", "amount", total(found["amount"]),
                 f"money that {verb} accounts outside of the ring in its period", "where",
                 **told)  # fmt: skip
        book.add(f"outside.{way}_accounts", "count", found["counterparty"].nunique(),
                 f"accounts outside of the ring that money {verb} in its period", "where",
                 **told)  # fmt: skip


def add_trace(book: Book, paths: RunPaths, tx_id: int, label: str) -> None:
    """Add where the money of a transfer went, first in, first out."""
    try:
        trace = trace_money(paths, tx_id, "forward", "fifo", Limits())
    except InputError:  # It moves nothing, or to the account itself: there is nothing to follow.
        return
    start = trace.start
    ends = trace.ends
    rest = int(ends.loc[(ends["hop"] == 0) & (ends["kind"] == "rest"), "part"].sum())
    told: dict[str, Any] = {
        "subjects": (start.sender, start.receiver), "tx_ids": trace.flows["tx_id"],
        "query": f"money_trace.trace_money({tx_id}, 'forward', 'fifo')",
    }  # fmt: skip
    book.add("trace.amount", "amount", start.amount, label, "how", **told)
    book.add("trace.passed", "amount", start.amount - rest,
             "of it, money that the receiver passed on", "how", **told)  # fmt: skip
    book.add("trace.rest", "amount", rest, "of it, money that stayed with the receiver", "how",
             **told)  # fmt: skip
    book.add("trace.wait", "duration", round(3600 * trace.limits.max_gap_hours),
             "longest wait on an account that is followed", "method", **told)  # fmt: skip
    _add_steps(book, trace, told)


def _add_steps(book: Book, trace: Trace, told: dict[str, Any]) -> None:
    told = {**told, "subjects": ()}
    flows = trace.flows[trace.flows["hop"] > 0]
    if flows.empty:
        return
    book.add("trace.within", "duration", seconds((flows["time"] - trace.start.time).max()),
             "time until the latest transfer that carried it", "how", **told)  # fmt: skip
    book.add("trace.steps", "count", int(flows["hop"].max()), "most transfers in a row after it",
             "how", **told)  # fmt: skip
    far = trace.ends[trace.ends["hop"] > 0].groupby("account")["part"].sum()
    largest = far.sort_index().sort_values(ascending=False, kind="stable")
    for account, part in largest.head(_MOST_ENDS).items():
        book.add("trace.end", "amount", int(part), "of it, money that was followed to the account",
                 "how", **{**told, "subjects": (str(account),)})  # fmt: skip

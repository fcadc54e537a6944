"""What happened: the members of a ring, its transactions over time, its money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from engine import formats as fmt
from engine.explorer.scene import MAX_NODES
from engine.network import role_style
from engine.query.alert_timeline import key_transactions
from engine.query.alert_timeline import timeline as money_over_time
from engine.report import figure_parts, words
from engine.report.alert_picture import numbers_of
from engine.report.alert_trace import traced
from engine.report.blocks import Block, column, heading, quiet, table
from engine.report.blocks import figure as drawn
from engine.report.content import Content
from engine.report.coverage import name, printable

#: All that a picture can draw.
_MOST_MEMBERS = MAX_NODES
#: Accounts whose names are so short stand in one line.
_SHORT = 16
MOST_TRANSACTIONS = 40


def members(content: Content) -> Iterator[Block]:
    """List the accounts with what they received and paid inside the evidence."""
    found = content.evidence.members
    if found.empty:
        return
    yield heading("Members" if content.evidence.ring else "Accounts")
    earlier = _earlier(content)
    # The column that is as wide as the rest of the page is the one with long words.
    is_short = found["account"].map(lambda one: len(str(one))).max() <= _SHORT
    columns = [
        column("#", right=True), column("Account", None if is_short else 1),
        column("Role", 1 if is_short else None),
        column("In", right=True), column("Out", right=True), column("Passed\non", right=True),
        column("First seen"), column("Last seen"), column("Risk", right=True),
    ]  # fmt: skip
    columns += [column("Earlier\nalerts", right=True)] if earlier is not None else []
    rows = []
    for i, row in enumerate(found.head(_MOST_MEMBERS).to_dict("records"), start=1):
        cells = [str(i), *_member(row, content)]
        rows.append(cells + ([str(earlier.get(row["account"], 0))] if earlier is not None else []))
    rest = len(found) - _MOST_MEMBERS
    note = "In and out are sums inside the evidence; risk is that of the whole run."
    note += (
        f" {fmt.count(rest)} more accounts are in transactions.csv of the evidence pack."
        if rest > 0
        else ""
    )
    yield table(columns, rows, note, size=7.5)


def _member(row: Mapping[Any, Any], content: Content) -> list[str]:
    both = row["in_amount"] > 0 and row["out_amount"] > 0
    return [
        name(row["account"]),
        role_style(str(row["role"])).name,
        _money(row["in_amount"], content),
        _money(row["out_amount"], content),
        fmt.share(row["out_amount"] / row["in_amount"], decimals=0) if both else fmt.MISSING,
        _short(row["first_time"], content),
        _short(row["last_time"], content),
        fmt.score(row["risk"], decimals=2),
    ]


def _short(moment: Any, content: Content) -> str:
    return fmt.moment(moment, content.style).rsplit(" ", 1)[0]


def _money(amount: float, content: Content) -> str:
    if not amount:
        return fmt.MISSING
    return fmt.amount(amount, content.ledger.currency, content.style)


def _earlier(content: Content) -> dict[str, int] | None:
    found = None if content.case is None else content.case.earlier
    if found is None:
        return None
    return {str(a): int(n) for a, n in zip(found["account"], found["alerts"], strict=True)}


def timeline(content: Content) -> Iterator[Block]:
    """Draw money over time, and list the largest transactions in the order of time."""
    transfers = content.evidence.transfers
    if transfers.empty:
        return
    yield heading("Timeline")
    # Hours and days are those of the tables.
    over_time = money_over_time(transfers.assign(time=_local(transfers["time"], content)), None)
    points = _gapless(over_time.points, "h" if over_time.bucket == "hour" else "D")
    if len(points) > 1:
        ends = [points["time"].iloc[at] for at in (0, len(points) // 2, -1)]
        shown = "%Y-%m-%d" if over_time.bucket == "day" else "%Y-%m-%d %H:%M"
        most = fmt.compact_amount(
            float(points["paid"].max()), content.ledger.currency, content.style
        )
        said = f"Money moved by the {over_time.bucket}; the highest bar is {most}."
        yield drawn(
            figure_parts.bars(points, "paid", [f"{one:{shown}}" for one in ends]), said, said
        )
    yield from _transactions(content)


def _local(times: pd.Series, content: Content) -> pd.Series:
    local: pd.Series = (
        times.dt.tz_localize("UTC").dt.tz_convert(content.style.zone).dt.tz_localize(None)
    )
    return local


def _gapless(points: pd.DataFrame, unit: str) -> pd.DataFrame:
    if points.empty:
        return points
    every = pd.date_range(points["time"].iloc[0], points["time"].iloc[-1], freq=unit)
    # So many bars that each can be seen.
    if len(every) > 250:
        return points
    filled = points.set_index("time").reindex(every, fill_value=0.0)
    return filled.rename_axis("time").reset_index()


def _transactions(content: Content) -> Iterator[Block]:
    transfers = content.evidence.transfers
    shown = key_transactions(transfers, None, MOST_TRANSACTIONS)
    numbers = numbers_of(content)
    has_accounts = "sender" in shown.columns
    columns = [column("Row", right=True), column("Time")]
    columns += [column("From", 2), column("To", 2)] if has_accounts else []
    columns += [column("Amount", right=True), column("Type"), column("Risk", right=True)]
    rows = []
    for row in shown.to_dict("records"):
        ends = [_end(row[side], numbers) for side in ("sender", "receiver")] if has_accounts else []
        kind = row.get("type")
        rows.append([
            str(row["tx_id"]), _short(row["time"], content), *ends,
            fmt.amount(row["amount"], content.ledger.currency, content.style),
            fmt.MISSING if kind is None or pd.isna(kind) else printable(kind, 24),
            fmt.score(row["final_risk"], decimals=2),
        ])  # fmt: skip
    note = ""
    if len(shown) < len(transfers):
        note = (
            f"The {len(shown)} largest of {fmt.count(len(transfers))} transactions, in the order "
            "of time; all of them are in transactions.csv of the evidence pack."
        )
    zone = f"Times are in {content.style.zone}. "
    yield heading("Key transactions", 2)
    yield table(columns, rows, zone + note, size=7.5)


def _end(account: Any, numbers: Mapping[str, int]) -> str:
    if account is None or pd.isna(account):
        return fmt.MISSING
    number = numbers.get(str(account))
    return f"{name(account)} (#{number})" if number else name(account)


def money(content: Content) -> Iterator[Block]:
    """Tell where the money of the first large transfer went."""
    if content.evidence.traces:
        yield heading("Where the money went")
        yield from traced(content)


def lookalikes(content: Content) -> Iterator[Block]:
    """List the innocent explanations that were tested, with what was measured."""
    ring = content.evidence.ring
    if ring is None:
        return
    yield heading("Innocent explanations tested")
    if not ring.checks:
        yield quiet("None was tested for this typology.")
        return
    rows = [
        [
            printable(check.title), "fits" if check.innocent else "does not fit",
            name(check.text, 400), words.number(_finite(check.value)),
            words.number(_finite(check.limit)),
        ]
        for check in ring.checks
    ]  # fmt: skip
    columns = [
        column("Explanation", 2), column("Result"), column("What was found", 5),
        column("Value", right=True), column("Fits from", right=True),
    ]  # fmt: skip
    fitting = sum(check.innocent for check in ring.checks)
    note = f"{fitting} of {len(ring.checks)} fit. An explanation that fits lowers the score" + (
        f": without it the score would be {fmt.score(ring.unexplained_score)}."
        if fitting and ring.unexplained_score is not None
        else "."
    )
    yield table(columns, rows, note)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

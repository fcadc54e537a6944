"""What happened: the picture of a ring, its members, its transactions over time, its money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from engine import formats as fmt
from engine.explorer.scene import Scene
from engine.network import role_style
from engine.query.alert_timeline import key_transactions
from engine.query.alert_timeline import timeline as money_over_time
from engine.report import figure, words
from engine.report.alert_trace import traced
from engine.report.blocks import Block, column, frames, heading, quiet, table
from engine.report.blocks import figure as drawn
from engine.report.content import Content
from engine.report.coverage import LEFT, name, printable

_MOST_MEMBERS = 250
MOST_TRANSACTIONS = 40


def numbers_of(content: Content) -> dict[str, int]:
    """Return each account's number in the table of members."""
    return {str(one): i for i, one in enumerate(content.evidence.members["account"], start=1)}


def picture(content: Content) -> Iterator[Block]:
    """Draw who paid whom, and the frames of a replay."""
    scene = content.evidence.scene
    if scene is None:
        return
    currency, style = content.ledger.currency, content.style
    yield heading("Who paid whom")
    sums = {
        (str(sender), str(receiver)): fmt.compact_amount(amount, currency, style)
        for sender, receiver, amount in zip(
            *(scene.edges[one] for one in ("sender", "receiver", "amount")), strict=True
        )
    }
    roles = figure.legend(scene)
    counted = ", ".join(f"{one.count} {one.name.lower()}" for one in roles)
    alt = (
        f"{len(scene.nodes)} accounts ({counted}) and {len(scene.edges)} links between them; the "
        "tables of members and transactions say the same in words."
    )
    caption = (
        "Numbers are those of the table of members. The larger a mark, the riskier the account; "
        f"{_lines(scene)} " + " ".join(scene.notes)
    )
    legend = [
        {"svg": one.svg, "name": one.name, "told": f"{one.name} {one.count}"} for one in roles
    ]
    yield drawn(figure.ring_picture(scene, numbers_of(content), sums), alt, caption.strip(), legend)
    yield from _replay(content)


def _lines(scene: Scene) -> str:
    if len(scene.nodes) > figure.MOST_NAMED:
        return "lines are darker where the money arrives."
    return "the thicker a line, the larger the sum."


def _replay(content: Content) -> Iterator[Block]:
    scene, style = content.evidence.scene, content.style
    if scene is None or scene.moments is None or len(scene.events) < 2:
        return
    told = []
    moments = scene.moments.before, scene.moments.peak, scene.moments.exit
    for word, moment in zip(("Before", "Peak", "Exit"), moments, strict=True):
        at = pd.Timestamp(moment)
        paid = scene.events.loc[scene.events["time"] <= at, "amount"]
        sum_ = fmt.compact_amount(float(paid.sum()), content.ledger.currency, style)
        so_far = f"{fmt.count(len(paid))} paid, {sum_}" if len(paid) else "nothing paid yet"
        caption = f"{word}: {fmt.moment(moment, style)}; {so_far}"
        told.append((figure.frame_picture(scene, at), caption))
    yield frames(
        told, "The same picture at three moments.",
        "Replay: before the first transfer; when those who pass money on held the most; when the "
        "last of them paid.",
    )  # fmt: skip


def members(content: Content) -> Iterator[Block]:
    """List the accounts with what they received and paid inside the evidence."""
    found = content.evidence.members
    if found.empty:
        return
    yield heading("Members" if content.evidence.ring else "Accounts")
    earlier = _earlier(content)
    columns = [
        column("#", right=True), column("Account", 3), column("Role"),
        column("In", right=True), column("Out", right=True), column("Passed on", right=True),
        column("First seen"), column("Last seen"), column("Risk", right=True),
    ]  # fmt: skip
    columns += [column("Earlier alerts", right=True)] if earlier is not None else []
    rows = []
    for i, row in enumerate(found.head(_MOST_MEMBERS).to_dict("records"), start=1):
        cells = [str(i), *_member(row, content)]
        rows.append(cells + ([str(earlier.get(row["account"], 0))] if earlier is not None else []))
    rest = len(found) - _MOST_MEMBERS
    note = "In and out are sums inside the evidence; risk is that of the whole run."
    note += (
        f" {fmt.count(rest)} more accounts are in the table of transactions." if rest > 0 else ""
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
    over_time = money_over_time(transfers, None)
    points = _gapless(over_time.points, "h" if over_time.bucket == "hour" else "D")
    if len(points) > 1:
        ends = [points["time"].iloc[at] for at in (0, len(points) // 2, -1)]
        shown = fmt.date if over_time.bucket == "day" else fmt.moment
        most = fmt.compact_amount(
            float(points["paid"].max()), content.ledger.currency, content.style
        )
        said = f"Money moved by the {over_time.bucket}; the highest bar is {most}."
        yield drawn(figure.bars(points, "paid", [shown(one) for one in ends]), said, said)
    yield from _transactions(content)


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
    return f"{name(account)}{LEFT} (#{number})" if number else name(account)


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

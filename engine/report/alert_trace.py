"""Where the money of a transfer went, in a sentence and a table for each method."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from engine import formats as fmt
from engine.report.blocks import Block, column, heading, paragraph, quiet, table
from engine.report.content import Content
from engine.report.coverage import name
from engine.trace import Trace

_MOST_FLOWS, _MOST_ENDS, _MOST_NAMED = 20, 12, 4
_METHODS = {"fifo": "First in, first out", "proportional": "Proportional"}
_ENDS = {
    "rest": "stayed there", "unseen": "not in the data", "pass_through": "passed on little",
    "hops": "after the last step followed", "small": "in small parts", "branches": "in more parts",
}  # fmt: skip


def traced(content: Content) -> Iterator[Block]:
    """Tell a trace, and the other method's where it differs."""
    first, *others = content.evidence.traces
    differing = [one for one in others if not _same(one, first)]
    same = "Both methods say the same." if others and not differing else ""
    yield from _told(content, first, is_alone=not differing, same=same)
    for one in differing:
        yield from _told(content, one, is_alone=False, same="")


def _told(content: Content, trace: Trace, *, is_alone: bool, same: str) -> Iterator[Block]:
    if not is_alone:
        yield heading(_METHODS[trace.method], 2)
    yield paragraph(_sentence(content, trace))
    flows, style = trace.flows, content.style
    rows = [
        [
            str(flow["hop"]), str(flow["tx_id"]),
            fmt.moment(flow["time"], style).rsplit(" ", 1)[0], name(flow["sender"]),
            name(flow["receiver"]), _units(content, flow["amount"]), _units(content, flow["part"]),
        ]
        for flow in flows.head(_MOST_FLOWS).to_dict("records")
    ]  # fmt: skip
    columns = [
        column("Step", right=True), column("Row", right=True), column("Time"), column("From", 2),
        column("To", 2), column("Amount", right=True), column("Of it", right=True),
    ]  # fmt: skip
    rest = len(flows) - _MOST_FLOWS
    more = f"{fmt.count(rest)} more transfers carried some of it." if rest > 0 else ""
    yield table(columns, rows, " ".join(filter(None, (more, same))), size=7.5)
    yield from _ends(content, trace)


def _ends(content: Content, trace: Trace) -> Iterator[Block]:
    by_end: pd.DataFrame = trace.ends.groupby(["account", "kind"])["part"].sum().reset_index()
    order = by_end.sort_values(["part", "account"], ascending=[False, True])
    rows = [
        [name(one["account"]), _ENDS[one["kind"]], _units(content, one["part"])]
        for one in order.head(_MOST_ENDS).to_dict("records")
    ]
    columns = [column("Ended at", 3), column("How", 2), column("Part", right=True)]
    rest = order["part"].iloc[_MOST_ENDS:]
    note = f"{_units(content, int(rest.sum()))} more at {len(rest)} ends. " if len(rest) else ""
    yield table(columns, rows, size=7.5)
    yield quiet(f"{note}All parts add up to the amount of the first transfer.")


def _sentence(content: Content, trace: Trace) -> str:
    start = trace.start
    next_ = trace.flows[trace.flows["hop"] == 1]
    left = int(next_["part"].sum())
    to = _listed(next_.groupby("receiver")["part"].sum().sort_values(ascending=False).index)
    apart = (next_["time"].max() - start.time).total_seconds()
    ends = trace.ends
    stayed = int(ends.loc[(ends["hop"] == 0) & (ends["kind"] == "rest"), "part"].sum())
    return (
        f"Of {_units(content, start.amount)} from {name(start.sender)} (row {start.tx_id}), "
        f"{_units(content, left)} left {name(start.receiver)} to {to} within "
        f"{fmt.duration(apart)}; "
        f"{_units(content, stayed) + ' remained' if stayed else 'nothing remained'} there. Money "
        f"was followed for {fmt.duration(trace.limits.max_gap_hours * 3600)} on each account and "
        f"for {trace.limits.max_hops} steps."
    )


def _listed(accounts: Iterable[str]) -> str:
    names = [name(one) for one in accounts]
    named = ", ".join(names[:_MOST_NAMED])
    rest = len(names) - _MOST_NAMED
    return f"{named} and {rest} more" if rest > 0 else named


def _units(content: Content, units: int) -> str:
    return fmt.minor_amount(int(units), content.ledger.currency, content.style)


def _same(one: Trace, other: Trace) -> bool:
    return one.flows.equals(other.flows) and one.ends.equals(other.ends)

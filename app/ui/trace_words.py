"""A trace in words: what became of the money of a transfer, in a sentence or two."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from app.ui import format as fmt
from app.ui.evidence import escape
from engine.amounts import MINOR_UNITS
from engine.trace import Later, Limits, Method, Trace

METHODS: dict[Method, str] = {"fifo": "First in, first out", "proportional": "Proportional"}
#: Most accounts that a sentence names.
_MOST_NAMED = 3

#: Why money is followed no further, forward and backward.
_ENDS = {
    "rest": ("Stayed there", "Was there before"),
    "unseen": ("Not in the data", "Not in the data"),
    "pass_through": ("Passed on little", "Little came in"),
    "hops": ("After the last step", "Before the last step"),
    "small": ("In small parts", "In small parts"),
    "branches": ("In more branches", "In more branches"),
}


def money(units: int, currency: str | None) -> str:
    """Write an amount of minor units, without a point where it is whole."""
    return fmt.amount(units / MINOR_UNITS, currency, decimals=0 if units % MINOR_UNITS == 0 else 2)


def end_name(kind: str, *, forward: bool) -> str:
    """Return the short name of a reason to follow money no further."""
    return _ENDS[kind][0 if forward else 1]


def end_meaning(kind: str, limits: Limits, *, forward: bool) -> str:
    """Say what a reason to follow money no further means, with the limit that it comes from."""
    gap = fmt.duration(limits.max_gap_hours * 3600)
    share = fmt.share(limits.min_pass_through, decimals=0)
    meanings = {
        "rest": f"Still there {gap} later or when the data end"
        if forward
        else f"There for more than {gap} or since the data begin",
        "unseen": "The account paid more than the data show on it",
        "pass_through": f"The account passed on less than {share} of it within {gap}"
        if forward
        else f"Less than {share} of it came in within {gap} before",
        "hops": f"{fmt.count(limits.max_hops)} transfers from the chosen one",
        "small": f"Parts below {fmt.share(limits.min_part)} of the chosen transfer",
        "branches": f"Beyond the {limits.max_branches} largest parts of one transfer",
    }
    return meanings[kind]


def tell(trace: Trace, currency: str | None, later: Later | None = None) -> str:
    """Say as Markdown what became of the money, or where it came from.

    ``later`` is what went on, or had come, only beyond the longest wait.
    """
    if trace.direction == "forward":
        return _forward(trace, currency, later)
    return _backward(trace, currency, later)


def _forward(trace: Trace, currency: str | None, later: Later | None) -> str:
    start, rest = trace.start, _ended(trace, "rest")
    left = start.amount - rest
    whole = f"Of {_bold(start.amount, currency)} from **{escape(start.sender)}**"
    if not left:
        nothing = f"{whole}, nothing left **{escape(start.receiver)}** within {_gap(trace)}"
        if later is None:
            return f"{nothing}: all of it remains."
        return f"{nothing}. {_paid_on(trace, later, currency)}"
    remains = f"{_bold(rest, currency)} remains" if rest else "nothing remains"
    if later is not None:
        remains = (
            f"{_bold(rest, currency)} lay there for more than {_gap(trace)}. "
            f"{_paid_on(trace, later, currency)[:-1]}"
        )
    return (
        f"{whole}, {_bold(left, currency)} left **{escape(start.receiver)}** to "
        f"{_parties(trace, 'receiver')}{_within(trace)}; {remains}.{_far(trace, currency)}"
    )


def _paid_on(trace: Trace, later: Later, currency: str | None) -> str:
    """Say what went on, or had come, beyond the longest wait, and when."""
    part, when = _bold(later.part, currency), fmt.duration(later.first_hours * 3600)
    if later.last_hours > later.first_hours:
        when = f"{when} to {fmt.duration(later.last_hours * 3600)}"
    if trace.direction == "forward":
        return f"**{escape(trace.start.receiver)}** paid {part} of it on after {when}."
    return f"**{escape(trace.start.sender)}** had received {part} of it {when} before."


def _gap(trace: Trace) -> str:
    return fmt.duration(trace.limits.max_gap_hours * 3600)


def _backward(trace: Trace, currency: str | None, later: Later | None) -> str:
    start = trace.start
    rest, unseen = _ended(trace, "rest"), _ended(trace, "unseen")
    came = start.amount - rest - unseen
    whole = f"Of {_bold(start.amount, currency)} from **{escape(start.sender)}**"
    others = [f"{_bold(rest, currency)} was there before"] if rest else []
    others += [f"{_bold(unseen, currency)} came by no transfer in the data"] if unseen else []
    more = "" if later is None else f" {_paid_on(trace, later, currency)}"
    if not came:
        told = " and ".join(others)
        return f"{whole}, nothing came in within {_gap(trace)} before: {told}.{more}"
    return (
        f"{whole}, {_bold(came, currency)} had come from {_parties(trace, 'sender')}"
        f"{_within(trace)}{'; ' if others else ''}{' and '.join(others)}.{more}"
        f"{_far(trace, currency)}"
    )


def _bold(units: int, currency: str | None) -> str:
    return f"**{escape(money(units, currency))}**"


def _ended(trace: Trace, kind: str) -> int:
    """Return what ended at the account of the chosen transfer, in minor units."""
    ends = trace.ends
    return int(ends.loc[(ends["hop"] == 0) & (ends["kind"] == kind), "part"].sum())


def _parties(trace: Trace, side: str) -> str:
    """Name the accounts of the first step, those with the largest parts first."""
    first = trace.flows[trace.flows["hop"] == 1]
    by_account = first.groupby(side)["part"].sum().sort_values(ascending=False, kind="stable")
    named = [f"**{escape(str(one))}**" for one in by_account.index]
    return _listed(named) or "accounts that the limits leave out"


def _listed(names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} other accounts"


def _within(trace: Trace) -> str:
    first = trace.flows.loc[trace.flows["hop"] == 1, "time"]
    if first.empty:
        return ""
    apart = (first - trace.start.time).abs().max()
    return f" within {fmt.duration(apart.total_seconds())}" if apart else " at the same moment"


def _far(trace: Trace, currency: str | None) -> str:
    """Say where most of it ended after more than one step."""
    far = trace.ends[trace.ends["hop"] > 0]
    if far.empty or int(trace.flows["hop"].max()) < 2:
        return ""
    at = far.groupby("account")["part"].sum().sort_values(ascending=False, kind="stable")
    verb = "ended" if trace.direction == "forward" else "began"
    steps = f"In up to {int(trace.flows['hop'].max())} steps"
    most = f"{_bold(int(at.iloc[0]), currency)} at **{escape(str(at.index[0]))}**"
    if len(at) == 1:
        return f" {steps} it {verb} with {most}."
    return f" {steps} it {verb} at {fmt.count(len(at))} accounts, the most with {most}."


def agree(traces: Sequence[Trace]) -> bool:
    """Tell whether traces by different methods say the same."""
    first, *others = traces
    return all(
        _same(first.flows, other.flows) and _same(first.ends, other.ends) for other in others
    )


def _same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    return one.equals(other)

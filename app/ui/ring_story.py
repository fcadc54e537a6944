"""What happened in a ring, in a sentence or two: who moved how much to whom, and how fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.ui import format as fmt
from app.ui.evidence import escape
from engine.alerts.reasons import within
from engine.query.ring_detail import RingDetail
from engine.query.ring_flow import Flow


@dataclass(frozen=True, slots=True)
class _Case:
    """A ring with its flow, and how its parts read in Markdown."""

    ring: RingDetail
    flow: Flow
    currency: str | None

    def money(self, value: float) -> str:
        return f"**{escape(fmt.amount(value, self.currency))}**"

    @property
    def total(self) -> str:
        return self.money(self.ring.amount)

    @property
    def when(self) -> str:
        return within((self.ring.end - self.ring.start).total_seconds() / 3600)

    @property
    def payments(self) -> str:
        return _counted(self.ring.n_transactions, "payment")


def tell(ring: RingDetail, flow: Flow, currency: str | None) -> str:
    """Say what happened in a ring, as Markdown.

    Only what the transactions show is said: of a ring that merely resembles its typology (learned
    from labels, with a transaction missing) the counts tell the difference.
    """
    case = _Case(ring, flow, currency)
    return _STORIES.get(ring.typology, _any)(case)


def _fan_in(case: _Case) -> str:
    hub = case.flow.into
    return (
        f"**{escape(hub.account)}** received {case.money(hub.amount)} from "
        f"{_counted(hub.counterparties, 'account')} {case.when}.{_expected(case.ring)}"
    )


def _fan_out(case: _Case) -> str:
    hub = case.flow.out_of
    return (
        f"**{escape(hub.account)}** paid {case.money(hub.amount)} to "
        f"{_counted(hub.counterparties, 'account')} {case.when}.{_expected(case.ring)}"
    )


def _gather_scatter(case: _Case) -> str:
    gathered, scattered = case.flow.into, case.flow.out_of
    if gathered.account != scattered.account:
        return _any(case)
    return (
        f"**{escape(gathered.account)}** received {case.money(gathered.amount)} from "
        f"{_counted(gathered.counterparties, 'account')} and paid {case.money(scattered.amount)} "
        f"to {_counted(scattered.counterparties, 'account')} {case.when}: "
        f"{_share(scattered.amount, gathered.amount)} of it went out again."
    )


def _scatter_gather(case: _Case) -> str:
    flow = case.flow
    return (
        f"**{escape(flow.out_of.account)}** paid {case.money(flow.out_of.amount)} to "
        f"{_counted(flow.out_of.counterparties, 'account')}, and {case.money(flow.into.amount)} "
        f"reached **{escape(flow.into.account)}** from "
        f"{_counted(flow.into.counterparties, 'account')} {case.when}."
    )


def _cycle(case: _Case) -> str:
    origin = case.flow.origin
    accounts = _counted(case.ring.n_accounts, "account")
    if origin is None:
        return f"{case.payments} lead round {accounts} {case.when}."
    return (
        f"{case.payments} lead from **{escape(origin)}** round {accounts} and back {case.when}: "
        f"{case.money(case.flow.returned)} came back."
    )


def _chain(case: _Case) -> str:
    flow = case.flow
    return (
        f"{case.money(flow.sent)} went in and {case.money(flow.received)} came out at the other "
        f"end, through {_counted(flow.passers, 'account')} in between, {case.when}."
    )


def _inferred_chain(case: _Case) -> str:
    each = case.ring.amount / max(case.ring.n_transactions, 1)
    return (
        f"{case.money(each)} was moved {case.ring.n_transactions} times {case.when}, each time "
        "between other accounts. That it is the same money is inferred from equal amounts and "
        "times; no record names the link."
    )


def _bipartite(case: _Case) -> str:
    flow = case.flow
    possible = flow.senders * flow.receivers
    return (
        f"{_counted(flow.senders, 'account')} paid {case.total} to the same "
        f"{_counted(flow.receivers, 'account')} {case.when}: {flow.pairs} of {possible} possible "
        "pairs of a sender and a receiver did."
    )


def _stack(case: _Case) -> str:
    flow = case.flow
    return (
        f"{_counted(flow.senders, 'account')} paid {case.money(flow.sent)} to "
        f"{_counted(flow.passers, 'account')} in the middle, and {case.money(flow.received)} "
        f"reached {_counted(flow.receivers, 'account')} behind them {case.when}."
    )


def _structuring(case: _Case) -> str:
    flow = case.flow
    hub = max(flow.into, flow.out_of, key=lambda party: party.amount)
    return (
        f"{case.payments} of **{escape(hub.account)}**, {case.total} in all, stay just below the "
        f"reporting threshold one by one {case.when}."
    )


def _any(case: _Case) -> str:
    return (
        f"{_counted(case.ring.n_accounts, 'account')} are tied together by {case.payments} of "
        f"{case.total} in all {case.when}."
    )


_STORIES: dict[str, Callable[[_Case], str]] = {
    "fan_in": _fan_in,
    "fan_out": _fan_out,
    "gather_scatter": _gather_scatter,
    "scatter_gather": _scatter_gather,
    "cycle": _cycle,
    "chain": _chain,
    "inferred_chain": _inferred_chain,
    "bipartite": _bipartite,
    "stack": _stack,
    "structuring": _structuring,
}


def _expected(ring: RingDetail) -> str:
    if ring.expected <= 0:
        return ""
    rate = "fewer than 0.1" if ring.expected < 0.1 else f"{ring.expected:.1f}"
    return f" At its usual rate, {rate} new counterparties were to be expected in that time."


def _share(part: float, whole: float) -> str:
    return fmt.share(part / whole, decimals=0) if whole > 0 else fmt.MISSING


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")

"""How the explorer's steps, starts, and filters read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from app.ui import format as fmt
from app.ui.evidence import escape
from engine.explorer.view import Filters, Layout, Order, Start, Step

ORDERS: dict[Order, str] = {
    "risk": "Riskiest first",
    "amount": "Largest sums first",
    "time": "Earliest first",
}
BEST: dict[Order, str] = {"risk": "riskiest", "amount": "largest", "time": "earliest"}
LAYOUTS: dict[Layout, str] = {
    "force": ":material/hub: Forces",
    "flow": ":material/arrow_right_alt: Flow",
    "circle": ":material/radio_button_unchecked: Circle",
}


def start_words(start: Start) -> str:
    """Say where an exploration began, as Markdown."""
    named = [f"ring {escape(start.ring_id)}"] if start.ring_id else []
    noun = "account" if len(start.accounts) == 1 else "accounts"
    if start.accounts:
        named.append(f"{noun} {', '.join(map(escape, start.accounts))}")
    return " and ".join(named)


def step_words(step: Step) -> str:
    """Say what a step did, as Markdown."""
    if step.action == "arrange":
        return "Arranged anew"
    if step.action == "collapse":
        return f"Collapsed {escape(step.account)}"
    within = " within the filters" if step.filters != Filters() else ""
    return f"{step.budget} {BEST[step.order]} of {escape(step.account)}{within}"


def filter_words(filters: Filters, currency: str | None) -> list[str]:
    """Name the filters in force, as Markdown."""
    words = filter_text(
        filters,
        lambda amount: fmt.amount(amount, currency, decimals=0),
        lambda start: f"from {fmt.date(start)}",
        lambda end: f"until {fmt.date(end - timedelta(microseconds=1))}",
    )
    return [escape(word) for word in words]


def filter_text(
    filters: Filters,
    amount: Callable[[float], str],
    start: Callable[[datetime], str],
    end: Callable[[datetime], str],
) -> list[str]:
    """Name the filters in force as plain text, with amounts and bounds of time as given."""
    words = []
    if filters.min_amount:
        words.append(f"of at least {amount(filters.min_amount)}")
    if filters.start:
        words.append(start(filters.start))
    if filters.end:
        words.append(end(filters.end))
    if filters.types:
        words.append("of type " + " or ".join(filters.types))
    if filters.min_risk:
        words.append(f"with a risk of at least {fmt.score(filters.min_risk, decimals=2)}")
    return words


def counted(number: int, noun: str) -> str:
    """Write a number with its noun, e.g. ``1 link``, ``2,500 links``."""
    return f"{fmt.count(number)} {noun}" + ("" if number == 1 else "s")

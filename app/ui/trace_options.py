"""How money is followed: which way, by which method, and how far."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app.ui import format as fmt
from app.ui.trace_words import METHODS
from engine.trace import Direction, Limits, Method

_DIRECTIONS: dict[str, Direction] = {"Where it went": "forward", "Where it came from": "backward"}
_BOTH = "Both methods"
_METHODS: dict[str, tuple[Method, ...]] = {
    _BOTH: ("fifo", "proportional"),
    METHODS["fifo"]: ("fifo",),
    METHODS["proportional"]: ("proportional",),
}
_USUAL = Limits()
_HELP = (
    "**First in, first out**: money leaves an account in the order in which it came.  \n"
    "**Proportional**: money on an account is one mix, of which each payment takes a share."
)


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of a trace."""

    direction: Direction
    methods: tuple[Method, ...]
    limits: Limits


def options() -> Options:
    """Draw the choices, bound to the address, and return them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = st.segmented_control(
            "Direction", list(_DIRECTIONS), default="Where it went", key="trace_way",
            bind="query-params", required=True,
        )  # fmt: skip
        method = st.segmented_control(
            "Method", list(_METHODS), default=_BOTH, key="trace_method", bind="query-params",
            required=True, help=_HELP,
        )  # fmt: skip
        with st.popover("Limits", icon=":material/tune:"):
            limits = _limits()
    return Options(_DIRECTIONS[way], _METHODS[method], limits)


def in_words(limits: Limits) -> str:
    """Say in a line how far money is followed."""
    parts = [
        f"at most {fmt.duration(limits.max_gap_hours * 3600)} on an account",
        f"{limits.max_hops} steps",
        f"the {limits.max_branches} largest parts of each transfer",
        f"parts from {fmt.share(limits.min_part)} of it",
    ]
    if limits.min_pass_through:
        share = fmt.share(limits.min_pass_through, decimals=0)
        parts.append(f"through accounts that pass on {share} or more")
    return ", ".join(parts)


def _limits() -> Limits:
    gap = st.number_input(
        "Longest wait on an account (hours)", 0.5, 720.0, _USUAL.max_gap_hours, 12.0,
        key="trace_gap", bind="query-params",
        help="Money that lies longer has come to rest",
    )  # fmt: skip
    share = st.number_input(
        "Least that an account passes on (%)", 0, 100, round(100 * _USUAL.min_pass_through), 10,
        key="trace_share", bind="query-params",
        help="Of what came with a transfer, within that wait; an account that passes on less is "
        "an end. 0 follows all. The first account is always passed.",
    )  # fmt: skip
    hops = st.number_input(
        "Most steps", 1, 12, _USUAL.max_hops, key="trace_steps", bind="query-params",
        help="Transfers in a row from the chosen one",
    )  # fmt: skip
    branches = st.number_input(
        "Most branches", 1, 20, _USUAL.max_branches, key="trace_branches", bind="query-params",
        help="The largest parts of each transfer that are followed",
    )  # fmt: skip
    part = st.number_input(
        "Smallest part (%)", 0.5, 100.0, 100 * _USUAL.min_part, 0.5, key="trace_part",
        bind="query-params", help="Of the chosen transfer; smaller parts are summed up",
    )  # fmt: skip
    return Limits(
        max_gap_hours=float(gap),
        min_pass_through=share / 100,
        max_hops=int(hops),
        max_branches=int(branches),
        min_part=part / 100,
    )

"""How money is followed: which way, by which method, and how far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import format as fmt
from app.ui.trace_words import METHODS
from engine.trace import MOST_GAP_HOURS, Direction, Limits, Method

_DIRECTIONS: dict[str, Direction] = {"Where it went": "forward", "Where it came from": "backward"}
_BOTH = "Both methods"
_METHODS: dict[str, tuple[Method, ...]] = {
    _BOTH: ("fifo", "proportional"),
    METHODS["fifo"]: ("fifo",),
    METHODS["proportional"]: ("proportional",),
}
_USUAL = Limits()
_GAP = "trace_gap"
#: A wait to set at the next drawing, and the transaction that the wait was set for.
_NEXT_GAP, _GAP_OF = "trace_next_gap", "trace_gap_of"
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


def usual_gap(rings: pd.DataFrame) -> float:
    """Return the longest wait in hours that is usual for a transfer of some rings.

    No wait within a ring is longer than the ring lasts, in whole days.
    """
    days = ceil(rings["hours"].max() / 24) if len(rings) else 0
    return min(max(_USUAL.max_gap_hours, 24.0 * days), MOST_GAP_HOURS)


def wider(hours: float) -> Callable[[], None]:
    """Return what sets the longest wait to some hours, in whole ones."""

    def widen() -> None:
        st.session_state[_NEXT_GAP] = min(float(ceil(hours)), MOST_GAP_HOURS)

    return widen


def options(tx_id: int, gap: float) -> Options:
    """Draw the choices, bound to the address, and return them; ``gap`` is the usual wait."""
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
            limits = _limits(tx_id, gap)
    return Options(_DIRECTIONS[way], _METHODS[method], limits)


def in_words(limits: Limits, rings: pd.DataFrame) -> str:
    """Say in a line how far money is followed; a wait that comes from a ring names it."""
    wait = f"at most {fmt.duration(limits.max_gap_hours * 3600)} on an account"
    if limits.max_gap_hours == usual_gap(rings) > _USUAL.max_gap_hours:
        ring = rings["ring_id"].iloc[int(rings["hours"].argmax())]
        wait += f" (as long as ring {ring} lasts)"
    parts = [
        wait,
        f"{limits.max_hops} steps",
        f"the {limits.max_branches} largest parts of each transfer",
        f"parts from {fmt.share(limits.min_part)} of it",
    ]
    if limits.min_pass_through:
        share = fmt.share(limits.min_pass_through, decimals=0)
        parts.append(f"through accounts that pass on {share} or more")
    return ", ".join(parts)


def _limits(tx_id: int, usual: float) -> Limits:
    gap = st.number_input(
        "Longest wait on an account (hours)", 0.5, MOST_GAP_HOURS, _first_gap(tx_id, usual), 12.0,
        key=_GAP, bind="query-params",
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


def _first_gap(tx_id: int, usual: float) -> Any:
    """Return the default of the wait, after setting it where it is asked for.

    The box keeps what it had for another transfer, so that one's wait gives way to the usual one
    unless the address names it.
    """
    wanted = st.session_state.pop(_NEXT_GAP, None)
    before = st.session_state.get(_GAP_OF)
    st.session_state[_GAP_OF] = tx_id
    if wanted is None and before not in (None, tx_id) and _GAP not in st.query_params:
        wanted = usual
    if wanted is None:
        return usual
    st.session_state[_GAP] = wanted
    # A box whose value is set must not have a default too.
    return "min"

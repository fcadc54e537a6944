"""What was paid on, or had come, beyond the longest wait on the account of the chosen transfer."""

from __future__ import annotations

from dataclasses import dataclass

from engine.trace.follow import Statements, follow
from engine.trace.result import MOST_GAP_HOURS, Limits, Trace

_SECONDS = 3600
#: More branches than any transfer has.
_ALL = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Later:
    """Money that a trace lets rest only because of its longest wait.

    Attributes
    ----------
    part
        Minor units that went on (backward: that came) beyond the wait.
    first_hours, last_hours
        Time from the chosen transfer to the nearest and to the farthest such transfer.
    """

    part: int
    first_hours: float
    last_hours: float


def beyond_the_wait(trace: Trace, statements: Statements) -> Later | None:
    """Look beyond the longest wait, up to ``MOST_GAP_HOURS``, on the chosen transfer's account.

    Parameters
    ----------
    trace
        A trace whose limits may have cut it off.
    statements
        As for :func:`engine.trace.follow`.

    Returns
    -------
    Later or None
        ``None`` if nothing rests there, or if what rests does so in all of the data.
    """
    rests = (trace.ends["hop"] == 0) & (trace.ends["kind"] == "rest")
    if not rests.any():
        return None
    far = follow(
        trace.start,
        statements,
        direction=trace.direction,
        method=trace.method,
        limits=Limits(max_gap_hours=MOST_GAP_HOURS, max_hops=1, max_branches=_ALL, min_part=0.0),
    )
    steps = far.flows[far.flows["hop"] == 1]
    apart = (steps["time"] - trace.start.time).abs()
    beyond = apart > trace.limits.max_gap
    if not beyond.any():
        return None
    hours = apart[beyond].dt.total_seconds() / _SECONDS
    part = int(steps.loc[beyond, "part"].sum())
    return Later(part, float(hours.min()), float(hours.max()))

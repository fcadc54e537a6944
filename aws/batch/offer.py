"""AWS Batch as one of the places where a run could be computed."""

from __future__ import annotations

from aws import names
from aws.costs import estimate
from aws.prices import machine
from engine.router import Option
from engine.router.throughput import throughput


def offer(rows: int, schema: str, kind: names.Kind) -> Option:
    """Return what a run on Batch would take; the spot price is asked for.

    Parameters
    ----------
    rows, schema
        Size and schema of the input.
    """
    told = estimate(rows, schema, kind, machine(kind, ask=True))
    known = throughput("cpu", schema, ())
    memory = None if known is None else known.memory_mb(rows)
    return Option("batch", True, "", (), told.seconds, memory, round(told.usd, 4), told.basis)

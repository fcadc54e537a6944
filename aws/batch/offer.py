"""AWS Batch as one of the places where a run could be computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws import names
from aws.costs import estimate
from aws.prices import machine
from engine.router import Option
from engine.router.throughput import throughput


def offer(
    rows: int, schema: str, kind: names.Kind, manifests: Sequence[dict[str, Any]] = ()
) -> Option:
    """Return what a run on Batch would take; the spot price is asked for.

    Parameters
    ----------
    rows, schema
        Size and schema of the input.
    manifests
        Runs of the lake; those that Batch computed make the estimate.
    """
    told = estimate(rows, schema, kind, machine(kind, ask=True), manifests)
    known = throughput("cpu", schema, ())
    memory = None if known is None else known.memory_mb(rows)
    return Option("batch", True, "", (), told.seconds, memory, round(told.usd, 4), told.basis)

"""A scene as it was at a moment: what had been paid by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.explorer.scene import Scene


def until(scene: Scene, moment: datetime | None) -> Scene:
    """Return a scene with the links and transfers up to a moment, that included.

    Accounts and their places stay; of a link, count, sum, and period are those up to then, while
    its risk and the transfers that prove the ring are those of the whole period.
    """
    if moment is None:
        return scene
    events = scene.events[scene.events["time"] <= moment].reset_index(drop=True)
    sums = events.groupby(["sender", "receiver"], as_index=False).agg(
        transactions=("tx_id", "size"), amount=("amount", "sum"),
        first_time=("time", "min"), last_time=("time", "max"),
    )  # fmt: skip
    kept = scene.edges[["sender", "receiver", "risk", "proving"]]
    edges = kept.merge(sums, on=["sender", "receiver"])[list(scene.edges.columns)]
    return replace(scene, edges=edges, events=events)

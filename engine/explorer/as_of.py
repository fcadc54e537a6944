"""A scene as it was at a moment: what had been paid by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd

from engine.explorer.growth import drawn_for
from engine.explorer.scene import Scene
from engine.explorer.view import View
from engine.lake import RunPaths
from engine.query import ledger

_SUMS = ["transactions", "amount", "first_time", "last_time"]


def sums_by(paths: RunPaths, view: View) -> pd.DataFrame:
    """Return what had been paid between the accounts of a view by its moment, that included.

    Returns
    -------
    pandas.DataFrame
        ``sender, receiver, transactions, amount`` (currency units), ``first_time, last_time``, of
        all transfers that pass the view's filters, also of those that a replay does not play.
    """
    filters = view.filters
    ends = [filters.end, view.as_of and view.as_of + timedelta(microseconds=1)]
    edges = ledger.edges_among(
        paths, drawn_for(paths, view).accounts, start=filters.start,
        end=min((one for one in ends if one is not None), default=None),
        min_amount=filters.min_amount, types=filters.types, min_risk=filters.min_risk,
    )  # fmt: skip
    return edges[["sender", "receiver", *_SUMS]]


def until(scene: Scene, moment: datetime | None, sums: pd.DataFrame | None = None) -> Scene:
    """Return a scene with the links and transfers up to a moment, that included.

    Accounts and their places stay; of a link, count, sum, and period are those up to then, while
    its risk and the transfers that prove the ring are those of the whole period.

    Parameters
    ----------
    scene
        All of the period.
    moment
        ``None`` for the whole period.
    sums
        What :func:`sums_by` returns for that moment. Without it the transfers that the scene holds
        are summed; where these are not all, a note says so.
    """
    if moment is None:
        return scene
    events = scene.events[scene.events["time"] <= moment].reset_index(drop=True)
    notes = scene.notes
    if sums is None:
        if scene.is_cut:
            notes = (*notes, "As of this moment, links and sums are of those transfers alone.")
        sums = events.groupby(["sender", "receiver"], as_index=False).agg(
            transactions=("tx_id", "size"), amount=("amount", "sum"),
            first_time=("time", "min"), last_time=("time", "max"),
        )  # fmt: skip
    kept = scene.edges[["sender", "receiver", "risk", "proving"]]
    edges = kept.merge(sums, on=["sender", "receiver"])[list(scene.edges.columns)]
    return replace(scene, edges=edges, events=events, notes=notes)

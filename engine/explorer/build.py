"""A view of a run as it is drawn: accounts, roll-ups, links, and the transfers behind them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.explorer.among import rests, transfers_among
from engine.explorer.growth import Drawn, drawn_for
from engine.explorer.moments import moments_of
from engine.explorer.scene import MAX_EDGES, Scene
from engine.explorer.view import Filters, View
from engine.lake import RunPaths
from engine.query import ledger
from engine.query.database import fetch, require

#: Most transfers that a replay plays.
MOST_EVENTS = 10_000
#: An account with more counterparties is a hub: it is opened only when asked for by name.
HUB = 100

_PROOF = "SELECT tx_id FROM read_parquet($ring_transactions) WHERE ring_id = $ring_id"


def scene(paths: RunPaths, view: View) -> Scene:
    """Return what a view shows of a run.

    Parameters
    ----------
    paths
        Files of the run; its ledger is made if it is not there yet.
    view
        What to show. ``as_of`` and ``selected`` have no say in it: a browser shows the state of
        any moment by itself, and :mod:`engine.explorer.as_of` tells it as a scene.

    Returns
    -------
    Scene
        At most 300 marks and 800 links; its notes tell what is left out.

    Raises
    ------
    InputError
        If the run has neither the ring nor one of the accounts that the view starts from.
    """
    drawn = drawn_for(paths, view)
    accounts = list(drawn.accounts)
    filters = view.filters
    transfers = transfers_among(paths, accounts, filters)
    transfers["is_proof"] = transfers["tx_id"].isin(_proof(paths, view.start.ring_id))
    edges = ledger.edges_among(
        paths, accounts, start=filters.start, end=filters.end, min_amount=filters.min_amount,
        types=filters.types, min_risk=filters.min_risk,
    )  # fmt: skip
    edges = _edges(edges, transfers)
    drawn_edges = edges.head(MAX_EDGES)
    events = _behind(transfers, drawn_edges)
    notes = [*drawn.notes, *_left_out(edges, drawn_edges, len(events))]
    events = _played(events)
    told = events[events["is_proof"]] if events["is_proof"].any() else events
    return Scene(
        nodes=_nodes(paths, drawn, drawn_edges),
        rollups=_rollups(paths, drawn, view.filters),
        edges=drawn_edges.reset_index(drop=True),
        events=events.drop(columns="is_proof").reset_index(drop=True),
        moments=moments_of(told),
        notes=tuple(notes),
    )


def _proof(paths: RunPaths, ring_id: str | None) -> list[int]:
    if ring_id is None:
        return []
    given = {"ring_transactions": require(paths.ring_transactions), "ring_id": ring_id}
    return [int(tx_id) for tx_id in fetch(_PROOF, given)["tx_id"]]


def _edges(edges: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Count the transfers of each pair that prove the ring; pairs with one come first."""
    proving = events[events["is_proof"]].groupby(["sender", "receiver"]).size().rename("proving")
    counted = edges.merge(proving.reset_index(), on=["sender", "receiver"], how="left")
    counted["proving"] = counted["proving"].fillna(0).astype("int64")
    first = counted["proving"].to_numpy() > 0
    return counted.iloc[np.argsort(~first, kind="stable")].reset_index(drop=True)


def _behind(events: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Keep the transfers of the pairs that are drawn."""
    return events.merge(edges[["sender", "receiver"]], on=["sender", "receiver"])


def _played(events: pd.DataFrame) -> pd.DataFrame:
    """Of too many transfers keep the largest, but those that prove the ring always."""
    if len(events) <= MOST_EVENTS:
        return events
    order = np.lexsort((-events["amount"].to_numpy(), ~events["is_proof"].to_numpy()))
    return events.iloc[np.sort(order[:MOST_EVENTS])]


def _left_out(edges: pd.DataFrame, drawn: pd.DataFrame, n_events: int) -> list[str]:
    notes = []
    if len(drawn) < len(edges):
        notes.append(
            f"The {MAX_EDGES} largest of {len(edges):,} links are drawn, the most there can be: "
            "raise the least amount, or narrow the period."
        )
    if n_events > MOST_EVENTS:
        notes.append(
            f"The replay plays the {MOST_EVENTS:,} largest of {n_events:,} transfers, and the sums "
            "that it shows are of those alone."
        )
    return notes


def _nodes(paths: RunPaths, drawn: Drawn, edges: pd.DataFrame) -> pd.DataFrame:
    accounts = list(drawn.accounts)
    facts = ledger.account_facts(paths, accounts).set_index("account").reindex(accounts)
    shown = _neighbours(edges).reindex(accounts).fillna(0).astype("int64")
    return pd.DataFrame(
        {
            "account": accounts,
            "role": [
                drawn.roles.get(account, role)
                for account, role in zip(accounts, facts["role"], strict=True)
            ],
            **{
                name: facts[name].to_numpy()
                for name in (
                    "risk", "in_count", "in_amount", "out_count", "out_amount", "counterparties",
                )
            },
            "shown_counterparties": shown.to_numpy(),
            "is_hub": (facts["counterparties"] > HUB).to_numpy(),
            "in_ring": [account in drawn.roles for account in accounts],
            "x": drawn.points[:, 0].round(1),
            "y": drawn.points[:, 1].round(1),
        }
    )  # fmt: skip


def _neighbours(edges: pd.DataFrame) -> pd.Series:
    """Count the different counterparties of each account that are drawn."""
    between = edges[edges["sender"] != edges["receiver"]]
    both = pd.concat(
        [
            between[["sender", "receiver"]].set_axis(["account", "other"], axis=1),
            between[["receiver", "sender"]].set_axis(["account", "other"], axis=1),
        ]
    )
    return both.drop_duplicates().groupby("account").size()


def _rollups(paths: RunPaths, drawn: Drawn, filters: Filters) -> pd.DataFrame:
    """Sum up who is not drawn round each account that was expanded."""
    rest = rests(paths, list(drawn.rests), list(drawn.accounts), filters)
    at = np.array([drawn.rests[account] for account in rest["account"]]).reshape(-1, 2).round(1)
    rest.insert(0, "id", "+" + rest["account"].astype("str"))
    return rest.assign(x=at[:, 0], y=at[:, 1])

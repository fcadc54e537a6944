"""What a report shows of an alert, read from the files of its run."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from engine.explorer.moments import moments_of
from engine.explorer.scene import MAX_EDGES, MAX_NODES, Scene
from engine.explorer.snapshot import origin_of
from engine.lake import RunPaths
from engine.query.alert_detail import alert_transactions, get_alert
from engine.query.database import fetch, require
from engine.query.ledger import account_facts
from engine.query.money_trace import trace_money
from engine.query.overview import currency
from engine.query.ring_detail import RingDetail, get_ring
from engine.query.rings import ring_transactions
from engine.query.run_model import manifest_of
from engine.query.run_settings import changed_settings
from engine.report.content import Evidence
from engine.ring_layout import graph_of, positions
from engine.trace import MOST_GAP_HOURS, Limits, Trace

#: Most transactions that are read of a lone alert's past.
_MOST_EARLIER = 200

_SUMS = ("in_count", "in_amount", "out_count", "out_amount")
_ROLES = "SELECT account, role FROM read_parquet($ring_accounts) WHERE ring_id = $ring_id"
_PERIOD = "SELECT min(time) AS first, max(time) AS last FROM read_parquet($augmented)"


def collect(paths: RunPaths, alert_id: str) -> Evidence:
    """Read what a run knows of an alert.

    Raises
    ------
    InputError
        If the run has no alert of that id.
    """
    alert = get_alert(paths, alert_id)
    ring = None if alert.ring_id is None else get_ring(paths, alert.ring_id)
    if ring is not None:
        transfers = ring_transactions(paths, ring.ring_id, limit=None)
    else:
        transfers = alert_transactions(paths, alert, limit=_MOST_EARLIER)
    has_accounts = {"sender", "receiver"} <= set(transfers.columns)
    members = _members(paths, ring, transfers) if has_accounts else _nobody()
    start = _first_transfer(ring, alert.tx_id, transfers) if has_accounts else None
    manifest = manifest_of(paths)
    return Evidence(
        alert=alert,
        ring=ring,
        members=members,
        transfers=transfers,
        scene=_scene(members, transfers, alert.typology) if len(members) else None,
        traces=() if start is None else _traces(paths, start, ring),
        origin=origin_of(manifest, currency(paths)),
        rows=int(manifest["input"]["rows"]),
        rejected=int(manifest["input"]["rejected"]),
        period=_period(paths),
        settings=changed_settings(manifest),
        metrics={
            name: float(value)
            for name, value in (manifest.get("metrics") or {}).items()
            if isinstance(value, (int, float)) and math.isfinite(value)
        },
        notes=tuple(str(note) for note in manifest.get("notes") or ()),
    )


def _nobody() -> pd.DataFrame:
    return pd.DataFrame(columns=["account", "role", "risk", *_SUMS, "first_time", "last_time"])


def _members(paths: RunPaths, ring: RingDetail | None, transfers: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts in the order of the money: payers, those who pass on, payees."""
    found = _sums(transfers)
    if ring is not None:
        asked = {"ring_accounts": require(paths.ring_accounts), "ring_id": ring.ring_id}
        found = fetch(_ROLES, asked).merge(found, on="account", how="left")
        found = found.fillna(dict.fromkeys(_SUMS, 0))
    # The ledger knows where an account stands; a search through all accounts took half a second.
    known = account_facts(paths, [str(one) for one in found["account"]])
    columns = ["account", "risk"] if ring is not None else ["account", "risk", "role"]
    found = found.merge(known[columns].astype({"account": object}), on="account", how="left")
    found = found.assign(role=found["role"].astype(object).fillna("member"))
    found = found[["account", "role", "risk", *_SUMS]]
    seen = _either_side(transfers).groupby("account")["time"].agg(["min", "max"])
    found = found.join(seen.set_axis(["first_time", "last_time"], axis=1), on="account")
    pays, gets = found["out_count"] > 0, found["in_count"] > 0
    place = np.select([pays & ~gets, pays & gets], [0, 1], 2)
    most = -found[["in_amount", "out_amount"]].max(axis=1)
    order = found.assign(place=place, most=most).sort_values(["place", "most", "account"]).index
    return found.loc[order].reset_index(drop=True)


def _either_side(transfers: pd.DataFrame) -> pd.DataFrame:
    columns = ["time", "amount"]
    sides = [
        transfers[[side, *columns]].set_axis(["account", *columns], axis=1).assign(way=way)
        for side, way in (("sender", "out"), ("receiver", "in"))
    ]
    return pd.concat(sides, ignore_index=True).dropna(subset="account")


def _sums(transfers: pd.DataFrame) -> pd.DataFrame:
    """Sum up what each account paid and received in some transfers."""
    both = _either_side(transfers)
    sums = both.pivot_table(
        index="account", columns="way", values="amount", aggfunc=["size", "sum"], fill_value=0
    )
    sums.columns = pd.Index(
        [
            f"{way}_{'count' if kind == 'size' else 'amount'}"
            for kind, way in zip(*map(sums.columns.get_level_values, (0, 1)), strict=True)
        ]
    )
    return sums.reset_index().reindex(columns=["account", *_SUMS], fill_value=0)


def _scene(members: pd.DataFrame, transfers: pd.DataFrame, typology: str) -> Scene:
    """Draw the transfers that prove an alert: its riskiest accounts, the largest links."""
    drawn = members
    if len(members) > MAX_NODES:
        riskiest = members.sort_values(["risk", "account"], ascending=[False, True])
        drawn = members.loc[sorted(riskiest.index[:MAX_NODES])]
    accounts = [str(account) for account in drawn["account"]]
    columns = ["tx_id", "time", "sender", "receiver", "amount"]
    events = transfers.reindex(columns=[*columns, "type"]).dropna(subset=["sender", "receiver"])
    inside = events["sender"].isin(accounts) & events["receiver"].isin(accounts)
    links = _links(transfers.loc[events.index[inside]])
    edges = links.head(MAX_EDGES).reset_index(drop=True)
    points = np.asarray(positions(graph_of(accounts, edges), typology)).reshape(-1, 2)
    points = _off_the_line(points, accounts, edges)
    nodes = drawn.drop(columns=["first_time", "last_time"]).reset_index(drop=True)
    nodes = nodes.assign(
        counterparties=0, shown_counterparties=0, is_hub=False, in_ring=True,
        x=points[:, 0], y=points[:, 1],
    )  # fmt: skip
    notes = []
    if len(drawn) < len(members):
        notes.append(f"The {len(drawn)} riskiest of {len(members):,} accounts are drawn.")
    if len(edges) < len(links):
        notes.append(f"The {len(edges)} largest of {len(links):,} links are drawn.")
    events = events[inside].reset_index(drop=True)
    none = pd.DataFrame(columns=["id", "account", "counterparties", "transactions", "amount"])
    return Scene(nodes, none, edges, events, moments_of(events), tuple(notes))


def _off_the_line(points: np.ndarray, accounts: list[str], edges: pd.DataFrame) -> np.ndarray:
    """Set a row of accounts in a circle if a link would run through one between its ends."""
    if len(points) < 3 or np.ptp(points[:, 1]) > 1e-6:
        return points
    place = pd.Series(np.argsort(np.argsort(points[:, 0], kind="stable")), index=accounts)
    if (edges["sender"].map(place) - edges["receiver"].map(place)).abs().max() <= 1:
        return points
    turn = 2 * np.pi * place.to_numpy() / len(points)
    return np.round(np.column_stack([np.sin(turn), -np.cos(turn)]), 6)


def _links(transfers: pd.DataFrame) -> pd.DataFrame:
    found = transfers.groupby(["sender", "receiver"], as_index=False).agg(
        transactions=("tx_id", "size"), amount=("amount", "sum"), first_time=("time", "min"),
        last_time=("time", "max"), risk=("final_risk", "max"), proving=("tx_id", "size"),
    )  # fmt: skip
    return found.sort_values(["amount", "sender", "receiver"], ascending=[False, True, True])


def _first_transfer(
    ring: RingDetail | None, tx_id: int | None, transfers: pd.DataFrame
) -> int | None:
    """Return the transfer to follow: the lone one, or the largest that began the ring."""
    moving = transfers[(transfers["sender"] != transfers["receiver"]) & (transfers["amount"] > 0)]
    if ring is None:
        moving = moving[moving["tx_id"] == tx_id]
    elif len(moving):
        first = moving.groupby("receiver")["time"].min()
        # Whoever had not been paid before has the money from elsewhere.
        begins = moving["time"] <= moving["sender"].map(first).fillna(pd.Timestamp.max)
        moving = moving[begins] if begins.any() else moving
    if moving.empty:
        return None
    best = moving.sort_values(["amount", "tx_id"], ascending=[False, True])
    return int(best["tx_id"].iloc[0])


def _traces(paths: RunPaths, tx_id: int, ring: RingDetail | None) -> tuple[Trace, ...]:
    hours = 0.0 if ring is None else (ring.end - ring.start).total_seconds() / 3600
    usual = Limits()
    # No wait within a ring is longer than the ring lasts.
    gap = min(max(usual.max_gap_hours, 24.0 * math.ceil(hours / 24)), MOST_GAP_HOURS)
    limits = Limits(max_gap_hours=gap)
    found = [trace_money(paths, tx_id, "forward", way, limits) for way in ("fifo", "proportional")]
    return tuple(one for one in found if len(one.flows) > 1)


def _period(paths: RunPaths) -> tuple[datetime, datetime]:
    row: Any = fetch(_PERIOD, {"augmented": require(paths.augmented)}).iloc[0]
    return row["first"].to_pydatetime(), row["last"].to_pydatetime()

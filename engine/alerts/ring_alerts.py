"""Alerts of rings: the title and the reasons."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pandas as pd

from engine.alerts.reasons import MAX_TX_IDS, Reason, within
from engine.alerts.scored import Row, Scored
from engine.config import Config
from engine.rings import RingTables

_TYPOLOGY_WORDS = {
    "fan_in": "Fan-in: {others} accounts paid {hub} {within}",
    "fan_out": "Fan-out: {hub} paid {others} accounts {within}",
    "gather_scatter": "Gather-scatter: {hub} collected and paid out again with {others} accounts "
    "{within}",
    "scatter_gather": "Scatter-gather: {mules} mules between one source and one collector {within}",
    "cycle": "Cycle: money went round {members} accounts {within}",
    "chain": "Chain: money passed on through {members} accounts {within}",
    "bipartite": "Bipartite: several of {members} accounts all paid the same others {within}",
    "stack": "Stack: {members} accounts in layers that pay on to the next {within}",
    "structuring": "Structuring: {hub} has {n} amounts just below the reporting threshold {within}",
    "inferred_chain": "Inferred chain: the same amount moved {n} times under other names {within}",
    "community": "Community: {members} accounts tied by risky transactions {within}",
}

#: What a surprise is about, in the middle of "Chance alone shows such ... ".
_SHAPE_WORDS = {
    "fan_in": "a burst",
    "fan_out": "a burst",
    "gather_scatter": "a gathering and scattering",
    "scatter_gather": "a set of paths between two accounts",
    "cycle": "a closed path",
    "chain": "a path of matching amounts",
    "bipartite": "a set of common payees",
    "stack": "a pair of layers",
    "structuring": "a series of amounts below the threshold",
    "inferred_chain": "a repetition of this amount",
}
#: What the ring does, as a reason of its own where no account in the middle tells it.
_SHAPE_REASONS = {
    "gather_scatter": "{hub} was paid by several new counterparties and then paid several others, "
    "{n} transactions in all {within}",
    "scatter_gather": "One account paid {mules} others, and each of them paid on to the same "
    "collector {within}",
    "cycle": "{n} transactions in order of time lead back to the account where they began {within}",
    "chain": "{n} transactions follow each other, each leaving the account the last one reached, "
    "with amounts that match {within}",
    "bipartite": "{sources} senders and {collectors} receivers are joined by {n} transactions "
    "{within}",
    "structuring": "{n} amounts of {hub} lie just below the reporting threshold and add up to more "
    "than it {within}, which is rare for this account and this input",
    "inferred_chain": "Inferred, for no account appears twice: {n} transactions of the same amount "
    "to the cent {within}, and hardly any other transaction has such an amount",
    "stack": "{sources} senders, {mules} accounts in the middle and {collectors} receivers: each "
    "layer pays the next {within}",
}

#: Transactions with this mean risk are a reason by themselves: where "Medium" begins.
_RISKY = 0.5

#: The role of the account in the middle.
_HUB_ROLES = {
    "fan_in": "collector",
    "fan_out": "source",
    "gather_scatter": "hub",
    "structuring": "hub",
}


def ring_alerts(scored: Scored, tables: RingTables, config: Config) -> list[Row]:
    """Return an alert for each ring at or over ``ring_alert_threshold``, with its reasons."""
    rings = tables.rings.to_pandas()
    rings = rings[rings["score"] >= config.rings.ring_alert_threshold].copy()
    hubs, roles = _hubs(tables), _role_counts(tables)
    proof = tables.ring_transactions.to_pandas()
    proof = proof[proof["ring_id"].isin(rings["ring_id"])]
    position = scored.rows_of(proof["tx_id"].to_numpy(np.int64))
    proof = proof.assign(risk=scored.final_risk[position])
    rings["hub"] = [hubs.get(ring_id, "") for ring_id in rings["ring_id"]]
    for role in ("source", "mule", "collector"):
        rings[role] = [roles[ring_id, role] for ring_id in rings["ring_id"]]
    by_ring = dict(iter(proof.groupby("ring_id", sort=False)))
    return [
        {
            "ring_id": ring["ring_id"],
            "tx_id": None,
            "title": _ring_title(ring),
            "typology": ring["typology"],
            "score": ring["score"],
            "amount": ring["amount"],
            "n_accounts": ring["n_accounts"],
            "opened": ring["end"],
            "reasons": _ring_reasons(ring, by_ring[ring["ring_id"]]),
        }
        for ring in rings.to_dict("records")
    ]


def _inputs(surprise: float) -> str:
    if surprise >= 9:
        return "once in more than a billion inputs of 10,000 accounts"
    if surprise > 0:
        return f"once in {10**surprise:,.0f} inputs of 10,000 accounts"
    return f"{10**-surprise:,.0f} times in every input of 10,000 accounts"


def _hours(ring: Row) -> float:
    return float((ring["end"] - ring["start"]).total_seconds()) / 3600


def _words(template: str, ring: Row) -> str:
    members = int(ring["n_accounts"])
    return template.format(
        hub=ring["hub"], others=members - 1, members=members, n=int(ring["n_transactions"]),
        mules=ring["mule"], sources=ring["source"], collectors=ring["collector"],
        within=within(_hours(ring)),
    )  # fmt: skip


def _ring_title(ring: Row) -> str:
    return _words(_TYPOLOGY_WORDS[str(ring["typology"])], ring)


def _role_counts(tables: RingTables) -> Counter[tuple[str, str]]:
    return Counter(
        zip(
            tables.ring_accounts["ring_id"].to_pylist(),
            tables.ring_accounts["role"].to_pylist(),
            strict=True,
        )
    )


def _hubs(tables: RingTables) -> dict[str, str]:
    """Return the account in the middle of each fan and gather-scatter."""
    typology = dict(
        zip(tables.rings["ring_id"].to_pylist(), tables.rings["typology"].to_pylist(), strict=True)
    )
    return {
        ring["ring_id"]: ring["account"]
        for ring in tables.ring_accounts.to_pylist()
        if ring["role"] == _HUB_ROLES.get(typology[ring["ring_id"]])
    }


def _ring_reasons(ring: Row, proof: pd.DataFrame) -> list[Reason]:
    riskiest = proof.sort_values("risk", ascending=False, kind="stable")["tx_id"].tolist()
    tx_ids = tuple(proof["tx_id"].tolist()[:MAX_TX_IDS])
    typology = str(ring["typology"])
    reasons = [_shape_reason(ring, tx_ids)]
    if ring["learned"]:
        reasons.append(_learned_reason(ring, tx_ids))
    if typology in _SHAPE_WORDS and ring["surprise"] > 0:
        reasons.append(
            Reason(
                "surprise",
                f"Chance alone shows {_SHAPE_WORDS[typology]} like this "
                f"{_inputs(ring['surprise'])}",
                float(ring["surprise"]),
                1.0,
                tx_ids,
            )
        )
    reasons += _passed_on(ring, tx_ids)
    if ring["mean_risk"] >= _RISKY:
        text = f"Even without the ring its transactions have a mean risk of {ring['mean_risk']:.2f}"
        reasons.append(
            Reason("mean_risk", text, float(ring["mean_risk"]), _RISKY, tuple(riskiest[:10]))
        )
    return reasons


def _learned_reason(ring: Row, tx_ids: tuple[int, ...]) -> Reason:
    return Reason(
        "learned",
        "It is like the labelled rings of the past: its transactions, how they hang together, and "
        f"its shape give a score of {ring['score']:.2f}, where 0.50 served the past best",
        float(ring["score"]),
        0.5,
        tx_ids,
    )


def _passed_on(ring: Row, tx_ids: tuple[int, ...]) -> list[Reason]:
    """Say how much of the money moved on, and how soon, where any did."""
    evidence = json.loads(ring["evidence"])
    if not evidence:
        return []
    n, kept = len(evidence["passed_on"]), float(evidence["retention"])
    whose = "One account" if n == 1 else f"{n} accounts"
    got = (
        f"passed on {kept:.0%} of what it got"
        if n == 1
        else (f"passed on what they got, at the median {kept:.0%} of it,")
    )
    text = f"{whose} {got} {within(float(evidence['hours']))}"
    return [Reason("passed_on", text, kept, None, tx_ids)]


def _shape_reason(ring: Row, tx_ids: tuple[int, ...]) -> Reason:
    typology = str(ring["typology"])
    if typology in ("fan_in", "fan_out"):
        others = int(ring["n_accounts"]) - 1
        verb = "was paid by" if typology == "fan_in" else "paid"
        text = f"{ring['hub']} {verb} {others} new counterparties {within(_hours(ring))}"
        expected = float(ring["expected"]) if ring["surprise"] > 0 else None
        if expected is not None:
            text += f"; its own rate predicts {expected:.1f}"
        return Reason(f"{typology}_burst", text, float(others), expected, tx_ids)
    if typology in _SHAPE_REASONS:
        words = _words(_SHAPE_REASONS[typology], ring)
        return Reason(typology, words, float(ring["n_transactions"]), None, tx_ids)
    return Reason(
        "risky_community",
        f"{ring['n_accounts']} accounts are tied together by {ring['n_transactions']} of "
        f"the riskiest transactions",
        float(ring["n_transactions"]),
        None,
        tx_ids,
    )

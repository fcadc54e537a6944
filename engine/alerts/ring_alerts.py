"""Alerts of rings: the title and the reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.alerts.reasons import MAX_TX_IDS, Reason, to_json, within
from engine.alerts.scored import Int64, Row, Scored
from engine.columns import TX_ID
from engine.config import Config
from engine.rings import RingTables

_TYPOLOGY_WORDS = {
    "fan_in": "Fan-in: {others} accounts paid {hub} {within}",
    "fan_out": "Fan-out: {hub} paid {others} accounts {within}",
    "community": "Community: {members} accounts tied by risky transactions {within}",
}


#: The role of the account in the middle of a fan.
_HUB_ROLES = {"fan_in": "collector", "fan_out": "source"}


def ring_alerts(scored: Scored, tables: RingTables, config: Config) -> list[Row]:
    """Return an alert for each ring at or over ``ring_alert_threshold``."""
    rings = tables.rings.to_pandas()
    rings = rings[rings["score"] >= config.rings.ring_alert_threshold].copy()
    hubs = _hubs(tables)
    proof = tables.ring_transactions.to_pandas()
    proof = proof[proof["ring_id"].isin(rings["ring_id"])]
    position = _rows_of(scored, proof["tx_id"].to_numpy(np.int64))
    proof = proof.assign(risk=scored.final_risk[position])
    rings["hub"] = [hubs.get(ring_id, "") for ring_id in rings["ring_id"]]
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
            "reasons": to_json(_ring_reasons(ring, by_ring[ring["ring_id"]], config)),
        }
        for ring in rings.to_dict("records")
    ]


def _inputs(surprise: float) -> str:
    return f"{10**surprise:,.0f} inputs" if surprise < 9 else "more than a billion inputs"


def _hours(ring: Row) -> float:
    return float((ring["end"] - ring["start"]).total_seconds()) / 3600


def _ring_title(ring: Row) -> str:
    words = _TYPOLOGY_WORDS[str(ring["typology"])]
    members = int(ring["n_accounts"])
    return words.format(
        hub=ring["hub"], others=members - 1, members=members, within=within(_hours(ring))
    )


def _hubs(tables: RingTables) -> dict[str, str]:
    """Return the account in the middle of each fan."""
    typology = dict(
        zip(tables.rings["ring_id"].to_pylist(), tables.rings["typology"].to_pylist(), strict=True)
    )
    return {
        ring["ring_id"]: ring["account"]
        for ring in tables.ring_accounts.to_pylist()
        if ring["role"] == _HUB_ROLES.get(typology[ring["ring_id"]])
    }


def _ring_reasons(ring: Row, proof: pd.DataFrame, config: Config) -> list[Reason]:
    riskiest = proof.sort_values("risk", ascending=False, kind="stable")["tx_id"].tolist()
    tx_ids = tuple(proof["tx_id"].tolist()[:MAX_TX_IDS])
    reasons = []
    if ring["typology"] in ("fan_in", "fan_out"):
        others = int(ring["n_accounts"]) - 1
        verb = "was paid by" if ring["typology"] == "fan_in" else "paid"
        reasons.append(
            Reason(
                f"{ring['typology']}_burst",
                f"{ring['hub']} {verb} {others} new counterparties {within(_hours(ring))}; "
                f"its own rate predicts {ring['expected']:.1f}",
                float(others),
                float(ring["expected"]),
                tx_ids,
            )
        )
        reasons.append(
            Reason(
                "surprise",
                f"Chance alone shows such a burst once in {_inputs(ring['surprise'])} like this",
                float(ring["surprise"]),
                config.rings.min_score,
                tx_ids,
            )
        )
    else:
        reasons.append(
            Reason(
                "risky_community",
                f"{ring['n_accounts']} accounts are tied together by {ring['n_transactions']} of "
                f"the riskiest transactions",
                float(ring["n_transactions"]),
                None,
                tx_ids,
            )
        )
    reasons.append(
        Reason(
            "mean_risk",
            f"Its transactions have a mean risk of {ring['mean_risk']:.2f}",
            float(ring["mean_risk"]),
            0.5,
            tuple(riskiest[:10]),
        )
    )
    return reasons


def _rows_of(scored: Scored, tx_ids: Int64) -> Int64:
    """Return the row of each transaction id."""
    known = scored.transactions[TX_ID].to_numpy()
    order = np.argsort(known, kind="stable")
    return np.asarray(order[np.searchsorted(known, tx_ids, sorter=order)])

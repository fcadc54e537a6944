"""Alerts of lone transactions: those that are risky and prove no alerted ring."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from engine.alerts.reasons import Reason, amount_in_words, describe_feature
from engine.alerts.scored import Float32, Int64, Row, Scored
from engine.amounts import ROUND_MULTIPLE
from engine.columns import AMOUNT, RECEIVER, SENDER, TIME, TX_ID, TYPE
from engine.config import Config

#: Earlier transactions of the sender.
_EARLIER = "sender_out_n_all"


def lone_rows(scored: Scored, taken: Int64, config: Config) -> Int64:
    """Return the rows that alert on their own, the riskiest first.

    With a model: those at or over the threshold. Without: the riskiest anomalies,
    ``lone_share`` of all rows, and none where ``why_no_lone_alerts`` says so. Transactions of
    alerted rings (``taken``, tx ids) are left out.
    """
    if why_no_lone_alerts(scored, config) is not None:
        return np.empty(0, np.int64)
    risk = scored.final_risk
    if scored.scores.probability is not None and scored.scores.threshold is not None:
        wanted = scored.scores.probability >= scored.scores.threshold
        most = config.alerts.max_lone
    else:
        wanted = scored.scores.is_anomaly
        most = max(config.alerts.min_lone, int(len(risk) * config.alerts.lone_share))
    rows = np.flatnonzero(wanted)
    if len(taken):
        rows = rows[~np.isin(scored.transactions[TX_ID].to_numpy()[rows], taken)]
    return rows[np.argsort(-risk[rows], kind="stable")][: min(most, config.alerts.max_lone)]


def why_no_lone_alerts(scored: Scored, config: Config) -> str | None:
    """Return a sentence on why no lone transaction raises an alert; None where some may."""
    if scored.scores.probability is not None or _EARLIER not in scored.features.names:
        return None
    returning = float((scored.features.column(_EARLIER) > 0).mean())
    if returning < config.alerts.returning_senders:
        return None
    return (
        f"no alerts of lone transactions: without labels, and with {returning:.0%} of the "
        "transactions from accounts that sent before, only rings raise alerts; the most unusual "
        "transactions are those of the highest risk"
    )


def lone_alerts(scored: Scored, taken: Int64, config: Config) -> list[Row]:
    """Return an alert for each row of ``lone_rows``, with its reasons."""
    rows = lone_rows(scored, taken, config)
    explained = rows[: config.alerts.max_explained]
    shap = None
    if scored.model is not None and len(explained):
        shap = scored.model.contributions(scored.features, explained)
    part = scored.transactions.take(pa.array(rows)).to_pandas()
    alerts = []
    for i, (row, tx) in enumerate(zip(rows.tolist(), part.to_dict("records"), strict=True)):
        own = shap[i] if shap is not None and i < len(explained) else None
        alerts.append(
            {
                "ring_id": None,
                "tx_id": tx[TX_ID],
                "title": _lone_title(tx),
                "typology": "transaction",
                "score": round(float(scored.final_risk[row]), 6),
                "amount": tx[AMOUNT],
                "n_accounts": 2 if SENDER in tx else 0,
                "opened": tx[TIME],
                "reasons": _lone_reasons(scored, row, tx, own, config),
            }
        )
    return alerts


def _lone_title(tx: Row) -> str:
    what = str(tx.get(TYPE) or "Transaction")
    title = f"{what} of {amount_in_words(float(tx[AMOUNT]))}"
    return f"{title} from {tx[SENDER]} to {tx[RECEIVER]}" if SENDER in tx else title


def _lone_reasons(
    scored: Scored, row: int, tx: Row, shap: Float32 | None, config: Config
) -> list[Reason]:
    scores, features = scored.scores, scored.features
    ids = (int(tx[TX_ID]),)
    reasons = []
    if scores.probability is not None and scores.threshold is not None:
        p, limit = float(scores.probability[row]), scores.threshold
        what = "probability to be part of a ring" if scores.sees_rings else "fraud probability"
        reasons.append(Reason("model", f"The model gives it a {what} of {p:.1%}", p, limit, ids))
    if shap is not None and scored.model is not None:
        for index in np.argsort(-shap, kind="stable")[:3]:
            if shap[index] <= 0:
                break
            name = scored.model.names[index]
            value = float(features.column(name)[row])
            said = "What stands out when it is made" if scores.sees_rings else "What raised it"
            text = f"{said}: {describe_feature(name, value)}"
            reasons.append(Reason(f"model_{name}", text, value, None, ids))
    if "empties_sender" in features.names and features.column("empties_sender")[row]:
        text = "It empties the sender's account to the last unit"
        reasons.append(Reason("empties_sender", text, float(tx[AMOUNT]), None, ids))
    if features.column("amount")[row] > scores.amount_limit:
        share = config.rules.high_amount_quantile
        text = f"The amount is above {share:.0%} of all amounts"
        reasons.append(Reason("high_amount", text, float(tx[AMOUNT]), scores.amount_limit, ids))
    if features.column("is_round")[row] and float(tx[AMOUNT]) > 0:
        multiple = ROUND_MULTIPLE
        text = f"The amount is a multiple of {multiple:,}"
        reasons.append(Reason("round_amount", text, float(tx[AMOUNT]), float(multiple), ids))
    if scores.anomaly[row] > scores.anomaly_limit:
        rank = 1 - float(scores.anomaly[row])
        text = f"It is among the {max(rank, 1 / len(scores.anomaly)):.2%} most unusual transactions"
        reasons.append(
            Reason("anomaly", text, float(scores.anomaly[row]), scores.anomaly_limit, ids)
        )
    return reasons

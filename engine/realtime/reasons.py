"""Why a single transaction scored as it did, in an analyst's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.alerts.reasons import amount_in_words, describe_feature
from engine.amounts import ROUND_MULTIPLE
from engine.realtime.rings import RingLink
from engine.realtime.scorer import Scored, Scorer
from engine.realtime.transaction import Transaction

#: Features that are named, those that add most to the risk.
_MOST_FEATURES = 3


@dataclass(frozen=True, slots=True)
class LiveReason:
    """One line of evidence.

    Attributes
    ----------
    code
        Stable name of the reason.
    value, threshold
        What was measured and what it was compared with.
    contribution
        What a feature adds to the model's calibrated log-odds (TreeSHAP).
    """

    code: str
    text: str
    value: float | None = None
    threshold: float | None = None
    contribution: float | None = None


def reasons_of(scorer: Scorer, scored: Scored, transaction: Transaction) -> list[LiveReason]:
    """Return the reasons: rings first, then the model's, the rules' and the anomaly."""
    return [
        *map(_ring, scored.links),
        *_model(scorer, scored),
        *_rules(scorer, scored, transaction),
        *_anomaly(scorer, scored),
    ]


def _ring(link: RingLink) -> LiveReason:
    kind = link.typology.replace("_", " ")
    if link.side == "both":
        text = f"Both accounts are in the {kind} ring {link.ring_id}, the sender as {link.role}"
    else:
        text = f"The {link.side} is in the {kind} ring {link.ring_id}, as {link.role}"
    return LiveReason(f"ring_{link.side}", text, link.score)


def _model(scorer: Scorer, scored: Scored) -> Iterator[LiveReason]:
    if scorer.model is None or scored.probability is None:
        return
    limit = scorer.model.threshold
    if scored.probability >= limit:
        text = f"The model gives it a fraud probability of {scored.probability:.1%}"
        yield LiveReason("model", text, scored.probability, limit)
    found = sorted(scorer.contributions(scored).items(), key=lambda item: -item[1])
    for name, share in found[:_MOST_FEATURES]:
        if share > 0:
            value = scorer.value(scored, name)
            text = f"What raised it: {describe_feature(name, value)}"
            yield LiveReason(f"model_{name}", text, value, None, share)


def _rules(scorer: Scorer, scored: Scored, transaction: Transaction) -> Iterator[LiveReason]:
    amount, balance = transaction.amount, transaction.sender_balance
    if "high_amount" in scored.hits:
        share = scorer.rules.high_amount_quantile
        text = f"The amount is above {share:.0%} of all amounts"
        yield LiveReason("high_amount", text, amount, scorer.amount_limit)
    if "round_amount" in scored.hits:
        text = f"The amount is a multiple of {ROUND_MULTIPLE:,}"
        yield LiveReason("round_amount", text, amount, float(ROUND_MULTIPLE))
    if "over_balance" in scored.hits and balance is not None:
        text = f"The amount is more than the sender's balance of {amount_in_words(balance)}"
        yield LiveReason("over_balance", text, amount, balance)


def _anomaly(scorer: Scorer, scored: Scored) -> Iterator[LiveReason]:
    if scored.anomaly > scorer.anomaly_limit:
        rank = max(1 - scored.anomaly, 0.0001)
        text = f"It is among the {rank:.2%} most unusual transactions"
        yield LiveReason("anomaly", text, scored.anomaly, scorer.anomaly_limit)

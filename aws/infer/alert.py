"""A message to the topic of alerts for a transaction at high risk, once an hour for a sender."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Literal

from aws.infer.models import InferAnswer
from engine.errors import EngineError
from engine.realtime.store import ProfileStore
from engine.realtime.transaction import Transaction

Alert = Literal["below", "sent", "duplicate", "failed", "off"]

#: A sender is told of once in so many seconds.
_HOUR = 3600
_log = logging.getLogger("ringleader.infer")


@dataclass(frozen=True, slots=True)
class Alerts:
    """Tells of transactions at or over a risk; whatever goes wrong, scoring goes on.

    Attributes
    ----------
    store
        Remembers whom it told of.
    topic
        ARN; empty: nothing is told.
    risk
        From where a transaction is told of.
    """

    store: ProfileStore
    topic: str
    risk: float

    def tell(self, answer: InferAnswer, transaction: Transaction, now: int) -> Alert:
        """Send a message if the risk is high and the sender was not told of within an hour."""
        if not self.topic:
            return "off"
        if answer.risk < self.risk:
            return "below"
        try:
            if not self.store.claim(transaction.sender, now + _HOUR, now):
                return "duplicate"
            return self._send(answer, transaction)
        except EngineError as error:
            _log.warning("no alert was sent: %s", error)
            return "failed"

    def _send(self, answer: InferAnswer, transaction: Transaction) -> Alert:
        from aws.infer.quick_clients import quick_client

        try:
            quick_client("sns").publish(TopicArn=self.topic, **message(answer, transaction))
        except Exception as error:  # the answer must go out whatever boto3 raises
            _log.warning("no alert was sent: %s", type(error).__name__)
            self.store.release(transaction.sender)
            return "failed"
        return "sent"


def message(answer: InferAnswer, transaction: Transaction) -> dict[str, object]:
    """Return the message as arguments of ``Publish``; its attributes can be filtered by."""
    body = {
        "transaction_id": answer.transaction_id, "sender": transaction.sender,
        "receiver": transaction.receiver, "amount": transaction.amount,
        "seconds": transaction.seconds, "risk": answer.risk, "band": answer.band,
        "reasons": [reason.text for reason in answer.reasons],
        "rings": [ring.ring_id for ring in answer.rings],
        "run_id": answer.run_id, "model_version": answer.model_version,
    }  # fmt: skip
    attributes = {
        "kind": ("String", "transaction"), "band": ("String", answer.band),
        "risk": ("Number", f"{answer.risk:.4f}"), "amount": ("Number", f"{transaction.amount:.2f}"),
        "run_id": ("String", answer.run_id),
    }  # fmt: skip
    return {
        "Subject": f"Transaction at {answer.band.lower()} risk",
        "Message": json.dumps(body, ensure_ascii=False),
        "MessageAttributes": {
            name: {"DataType": kind, "StringValue": value}
            for name, (kind, value) in attributes.items()
        },
    }

"""What is asked and answered, as pydantic models: they check requests and make the OpenAPI text."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from engine.amounts import MAX_AMOUNT
from engine.risk_bands import Band

_CONTROL = r"\x00-\x1f\x7f-\x9f"
#: At least one character that is no space, and no control characters.
_NAME_PATTERN = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
_EXAMPLE: dict[str, JsonValue] = {
    "transaction_id": "t-1001", "sender": "C1231006815", "receiver": "C1666544295",
    "amount": 9839.64, "time": "2026-01-31T10:00:00Z", "type": "TRANSFER",
}  # fmt: skip


def _no_control(text: str) -> str:
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise ValueError("must not hold control characters")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return _no_control(text)


def _moment(text: str) -> str:
    moment_of(text)
    return text


Name = Annotated[
    str,
    Field(min_length=1, max_length=200, json_schema_extra={"pattern": _NAME_PATTERN}),
    AfterValidator(_not_blank),
]
Kind = Annotated[
    str,
    Field(max_length=40, json_schema_extra={"pattern": rf"^[^{_CONTROL}]*$"}),
    AfterValidator(_no_control),
]
Moment = Annotated[
    str, Field(max_length=40, json_schema_extra={"format": "date-time"}), AfterValidator(_moment)
]
Amount = Annotated[float, Field(strict=True, gt=0, le=MAX_AMOUNT, allow_inf_nan=False)]
Balance = Annotated[float, Field(strict=True, ge=0, le=MAX_AMOUNT, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


def moment_of(text: str) -> datetime:
    """Read an ISO 8601 moment; one without a zone is in UTC.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        moment = datetime.fromisoformat(text.upper())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("must be a moment in ISO 8601, e.g. 2026-01-31T10:00:00Z") from error


class InferRequest(BaseModel):
    """A transaction that is to be scored."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    sender: Name = Field(description="Account that pays")
    receiver: Name = Field(description="Account that is paid")
    amount: Amount = Field(description="In currency units")
    time: Moment | None = Field(
        None, description="ISO 8601; without a zone it is UTC. Default: now"
    )
    type: Kind | None = Field(None, description="As in the data, e.g. TRANSFER")
    sender_balance: Balance | None = Field(None, description="Before the transaction")
    receiver_balance: Balance | None = Field(None, description="Before the transaction")
    transaction_id: Name | None = Field(
        None, description="Sent again it gets the same answer and is counted once, for a day"
    )
    record: Annotated[bool, Field(strict=True)] = Field(
        True, description="Whether both accounts remember it, and whether it may alert"
    )


class Scores(BaseModel):
    """What the risk is made of."""

    rule: Share
    anomaly: Share
    fraud_probability: Share | None = Field(description="Null where no labels taught a model")


class ReasonOut(BaseModel):
    """One line of evidence."""

    code: str
    text: str
    value: float | None
    threshold: float | None
    contribution: float | None = Field(description="TreeSHAP, in calibrated log-odds")


class RingOut(BaseModel):
    """An alerting ring that the transaction touches."""

    ring_id: str
    typology: str
    role: str
    score: Share
    side: Literal["both", "sender", "receiver"]


class InferAnswer(BaseModel):
    """The scores of a transaction."""

    transaction_id: str
    risk: Share = Field(description="With ring evidence")
    base_risk: Share = Field(description="Without it")
    band: Band
    scores: Scores
    reasons: list[ReasonOut]
    rings: list[RingOut]
    alert: Literal["below", "sent", "duplicate", "failed", "off"] = Field(
        description="off: no topic is set, or the transaction is not to be recorded"
    )
    recorded: bool
    model_version: str
    run_id: str


class ExplainAnswer(BaseModel):
    """The scores of a transaction, and why, in a few sentences."""

    text: str
    source: Literal["bedrock", "template"]
    why: str = Field(description="Why the text comes from there")
    scored: InferAnswer


class Health(BaseModel):
    """Whether transactions can be scored, and by what."""

    status: Literal["ok"]
    run_id: str
    model_version: str
    finished: str


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(BaseModel):
    """The body of every answer that is no success."""

    error: str = Field(description="Stable name of the kind of error")
    message: str
    fields: list[FieldProblem] = []

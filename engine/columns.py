"""Names and dtypes of the tables that stages hand on (the contract of the lake)."""

from __future__ import annotations

import pyarrow as pa

from engine.amounts import MAX_AMOUNT as MAX_AMOUNT
from engine.amounts import MINOR_UNITS as MINOR_UNITS

TIME_TYPE = pa.timestamp("us")

TX_ID = "tx_id"
TIME = "time"
SENDER = "sender"
RECEIVER = "receiver"
AMOUNT = "amount"
TYPE = "type"
CURRENCY = "currency"
MEMO = "memo"
SENDER_BEFORE = "sender_balance_before"
SENDER_AFTER = "sender_balance_after"
RECEIVER_BEFORE = "receiver_balance_before"
RECEIVER_AFTER = "receiver_balance_after"
LABEL = "label"
RING_LABEL = "ring_label"

BALANCES = (SENDER_BEFORE, SENDER_AFTER, RECEIVER_BEFORE, RECEIVER_AFTER)

#: Canonical transactions. ``type`` is dictionary encoded because it has few values; balances,
#: currency, memo (free text of a payment, null = none; never a feature), label, and ring_label
#: (the true ring of a row, null = none) are there only when the input has them. Columns named
#: ``x_*`` are further numeric features of the input (the V1..V28 of the credit-card set).
CANONICAL: dict[str, pa.DataType] = {
    TX_ID: pa.int64(),
    TIME: TIME_TYPE,
    SENDER: pa.string(),
    RECEIVER: pa.string(),
    AMOUNT: pa.float64(),
    TYPE: pa.dictionary(pa.int32(), pa.string()),
    CURRENCY: pa.dictionary(pa.int32(), pa.string()),
    MEMO: pa.string(),
    SENDER_BEFORE: pa.float64(),
    SENDER_AFTER: pa.float64(),
    RECEIVER_BEFORE: pa.float64(),
    RECEIVER_AFTER: pa.float64(),
    LABEL: pa.int8(),
    RING_LABEL: pa.dictionary(pa.int32(), pa.string()),
}
EXTRA_PREFIX = "x_"

REJECTS = pa.schema([("row", pa.int64()), ("reason", pa.string()), ("raw", pa.string())])

RULE_SCORE = "rule_score"
ANOMALY_SCORE = "anomaly_score"
IS_ANOMALY = "is_anomaly"
FRAUD_PROBABILITY = "fraud_probability"
FINAL_RISK = "final_risk"
SCORES = (RULE_SCORE, ANOMALY_SCORE, IS_ANOMALY, FRAUD_PROBABILITY, FINAL_RISK)

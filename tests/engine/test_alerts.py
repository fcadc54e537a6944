"""One alert a ring over the threshold, one a risky transaction outside every alerted ring."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from engine.alerts.lone_alerts import why_no_lone_alerts
from engine.alerts.raise_alerts import raise_alerts
from engine.alerts.scored import Scored
from engine.config import Config
from engine.errors import EngineError
from engine.features import FeatureMatrix
from engine.rings import RingTables
from engine.rings.candidates import Candidate
from engine.rings.find import ring_tables
from engine.scoring.model import Model, train_model
from engine.scoring.score import Scores
from engine.scoring.split import split_in_time
from tests.engine.rows import Row, features_of, transactions, transfers_of

#: A, B and C pay H within two hours; H pays D; E pays F 5,000.
STORY: list[Row] = [
    (0, "A", "H", 10.10), (1, "B", "H", 20.20), (2, "C", "H", 0.30),
    (3, "H", "D", 30.0), (9, "E", "F", 5000.0),
]  # fmt: skip
RISK = [0.9, 0.8, 0.7, 0.2, 0.95]
CONFIG = Config()
KEYS = ["code", "text", "value", "threshold", "tx_ids"]


def scored(anomaly: list[float] | None = None, table: pa.Table | None = None) -> Scored:
    """Return the story scored without a model; by default every row is an anomaly."""
    table = transactions(STORY) if table is None else table
    rows = table.num_rows
    risk = np.array(RISK[:rows], np.float32)
    unusual = np.array(anomaly or [1.0] * rows, np.float32)
    scores = Scores(np.zeros(rows, np.float32), unusual, None, risk, 1000.0, 0.99)
    return Scored(table, features_of(table), scores, risk, None)


def rings(fan_score: float = 0.8, pair_score: float = 0.3) -> RingTables:
    """Return the fan into H, and the pair H and D."""
    transfers, accounts = transfers_of(transactions(STORY), RISK)
    hub = accounts.names.to_pylist().index("H")
    return ring_tables(
        transfers, accounts, np.arange(5),
        [
            Candidate("fan_in", np.array([0, 1, 2]), hub, 4.0, 0.5, fan_score),
            Candidate("community", np.array([3]), -1, 0.0, 0.0, pair_score),
        ],
    )  # fmt: skip


def alerts(found: RingTables | None, given: Scored | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = raise_alerts(given or scored(), found, CONFIG).to_pylist()
    return rows


def of_ring(found: RingTables) -> dict[str, Any]:
    [alert] = [a for a in alerts(found) if a["ring_id"]]
    return alert


def reasons(alert: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {reason["code"]: reason for reason in json.loads(alert["reasons"])}


def test_the_table_has_the_contracts_columns() -> None:
    assert raise_alerts(scored(), rings(), CONFIG).column_names == [
        "alert_id", "ring_id", "tx_id", "title", "typology", "score", "amount", "n_accounts",
        "opened", "reasons",
    ]  # fmt: skip


def test_a_ring_over_the_threshold_is_one_alert() -> None:
    alert = of_ring(rings())
    assert alert["ring_id"] == "R00001"
    assert alert["tx_id"] is None
    assert alert["typology"] == "fan_in"
    assert alert["title"] == "Fan-in: 3 accounts paid H within 2 hours"
    assert (alert["score"], alert["amount"], alert["n_accounts"]) == (0.8, 30.60, 4)
    assert alert["opened"] == datetime(2026, 1, 5, 2)


@pytest.mark.parametrize(("score", "expected"), [(0.5, 1), (0.499, 0)])
def test_a_ring_at_the_threshold_alerts_and_one_below_does_not(score: float, expected: int) -> None:
    assert sum(a["ring_id"] is not None for a in alerts(rings(fan_score=score))) == expected


def test_transactions_that_prove_an_alerted_ring_do_not_alert_again() -> None:
    lone = [a["tx_id"] for a in alerts(rings()) if a["ring_id"] is None]
    assert set(lone) == {3, 4}


def test_transactions_of_a_ring_below_the_threshold_alert_on_their_own() -> None:
    lone = [a["tx_id"] for a in alerts(rings(fan_score=0.1)) if a["ring_id"] is None]
    assert set(lone) == {0, 1, 2, 3, 4}


def test_without_a_model_only_anomalies_alert_on_their_own() -> None:
    few = scored(anomaly=[0.1, 0.2, 0.3, 0.4, 1.0])
    assert [a["tx_id"] for a in alerts(None, few)] == [4]
    assert alerts(None, scored(anomaly=[0.1] * 5)) == []


def test_without_a_model_accounts_with_a_past_alert_by_their_rings_alone() -> None:
    again = transactions([(hour, "A", f"B{hour}", 10.0 + hour) for hour in range(5)])
    given = scored(table=again)
    assert alerts(None, given) == []
    why = why_no_lone_alerts(given, CONFIG)
    assert why is not None
    assert "80% of the transactions from accounts that sent before" in why
    assert why_no_lone_alerts(scored(), CONFIG) is None
    more = CONFIG.override({"alerts": {"returning_senders": 0.81}})
    assert why_no_lone_alerts(given, more) is None
    judged = replace(given, scores=replace(given.scores, probability=np.ones(5, np.float32)))
    assert why_no_lone_alerts(judged, CONFIG) is None


def test_alerts_are_numbered_from_the_riskiest() -> None:
    found = alerts(rings())
    assert [a["alert_id"] for a in found] == ["A000001", "A000002", "A000003"]
    assert [a["score"] for a in found] == [0.95, 0.8, 0.2]


def test_at_equal_risk_the_larger_amount_comes_first() -> None:
    even = replace(scored(), final_risk=np.full(5, 0.5, np.float32))
    assert [a["amount"] for a in alerts(None, even)] == [5000.0, 30.0, 20.20, 10.10, 0.30]


def test_no_more_lone_alerts_than_the_settings_allow() -> None:
    config = CONFIG.override({"alerts": {"max_lone": 2}})
    table = raise_alerts(scored(), None, config)
    assert table["tx_id"].to_pylist() == [4, 0]  # the riskiest


def test_a_lone_alert_says_who_paid_whom() -> None:
    [alert] = [a for a in alerts(None) if a["tx_id"] == 4]
    assert alert["title"] == "Transaction of 5,000.00 from E to F"
    assert (alert["ring_id"], alert["typology"], alert["n_accounts"]) == (None, "transaction", 2)
    assert alert["opened"] == datetime(2026, 1, 5, 9)


def test_a_lone_alert_of_an_input_without_accounts_names_none() -> None:
    bare = transactions(STORY, type=["Card"] * 5).drop(["sender", "receiver"])
    alert = alerts(None, scored(table=bare))[0]
    assert (alert["title"], alert["n_accounts"]) == ("Card of 5,000.00", 0)


def test_every_reason_has_exactly_the_contracts_keys() -> None:
    for alert in alerts(rings()):
        kept = json.loads(alert["reasons"])
        assert kept
        assert all(list(reason) == KEYS for reason in kept)


def test_a_fan_says_how_many_at_once_and_how_surprising_that_is() -> None:
    said = reasons(of_ring(rings()))
    assert list(said) == ["fan_in_burst", "surprise", "mean_risk"]
    assert said["fan_in_burst"]["text"].startswith(
        "H was paid by 3 new counterparties within 2 hours"
    )
    assert (said["fan_in_burst"]["value"], said["fan_in_burst"]["threshold"]) == (3.0, 0.5)
    assert said["fan_in_burst"]["tx_ids"] == [0, 1, 2]
    assert "10,000 inputs" in said["surprise"]["text"]
    assert said["mean_risk"]["value"] == pytest.approx(0.8)


def test_the_riskiest_transactions_of_a_ring_come_first_in_its_mean_risk() -> None:
    backwards = replace(scored(), final_risk=np.array([0.1, 0.2, 0.3, 0, 0], np.float32))
    [alert] = [a for a in alerts(rings(), backwards) if a["ring_id"]]
    assert reasons(alert)["mean_risk"]["tx_ids"] == [2, 1, 0]


def test_a_mean_risk_below_medium_is_no_reason() -> None:
    found = rings()
    mild = found.rings.set_column(
        found.rings.column_names.index("mean_risk"), "mean_risk", pa.array([0.49, 0.49])
    )
    assert "mean_risk" not in reasons(of_ring(replace(found, rings=mild)))


def test_a_community_says_what_ties_it_together() -> None:
    [alert] = [a for a in alerts(rings(fan_score=0.1, pair_score=0.9)) if a["ring_id"]]
    assert "2 accounts tied by risky transactions" in alert["title"]
    assert reasons(alert)["risky_community"]["tx_ids"] == [3]


def test_the_rules_and_the_anomaly_a_transaction_meets_are_its_reasons() -> None:
    codes = {a["tx_id"]: list(reasons(a)) for a in alerts(None)}
    assert codes[4] == ["high_amount", "round_amount", "anomaly"]
    assert codes[0] == ["anomaly"]


def test_emptying_the_account_is_a_reason() -> None:
    balances = [10.10, 99.0, 99.0, 99.0, 9999.0]
    story = transactions(STORY, sender_balance_before=balances)
    codes = {a["tx_id"]: list(reasons(a)) for a in alerts(None, scored(table=story))}
    assert codes[0] == ["empties_sender", "anomaly"]
    assert codes[1] == ["anomaly"]


def with_model() -> tuple[Scored, Model]:
    """Return 300 rows, every third of them fraud of 900 instead of 90."""
    fraud = np.arange(300) % 3 == 0
    table = transactions([(i, f"S{i}", f"T{i}", 900.0 if f else 90.0) for i, f in enumerate(fraud)])
    features: FeatureMatrix = features_of(table)
    config = CONFIG.override({"model": {"trees": 10}}).model
    model = train_model(features, fraud.astype(np.int8), split_in_time(300, config), config, {})
    if model is None:
        raise EngineError("the rows hold fraud enough")
    probability = model.probability(features)
    zeros = np.zeros(300, np.float32)
    scores = Scores(zeros, zeros, probability, probability, 1e9, 0.99, model.threshold)
    return Scored(table, features, scores, probability, model), model


def test_with_a_model_the_rows_over_its_threshold_alert() -> None:
    given, model = with_model()
    flagged = np.flatnonzero(given.scores.base >= model.threshold)
    assert sorted(a["tx_id"] for a in alerts(None, given)) == flagged.tolist()
    assert flagged.tolist() == list(range(0, 300, 3))


def test_the_model_says_its_probability_and_what_raised_it() -> None:
    given, model = with_model()
    alert = alerts(None, given)[0]
    said = reasons(alert)
    assert said["model"]["threshold"] == model.threshold
    assert said["model"]["value"] == pytest.approx(alert["score"], abs=1e-6)
    raised = [reason for code, reason in said.items() if code.startswith("model_")]
    assert 1 <= len(raised) <= 3
    assert raised[0]["text"].startswith("What raised it: ")
    assert {"model_amount", "model_log_amount"} & set(said)


def test_only_the_riskiest_alerts_are_explained_by_the_model() -> None:
    given, _ = with_model()
    table = raise_alerts(given, None, CONFIG.override({"alerts": {"max_explained": 2}}))
    explained = [
        any(code.startswith("model_") for code in reasons(alert)) for alert in table.to_pylist()
    ]
    assert explained[:3] == [True, True, False]
    assert sum(explained) == 2


def test_nothing_to_alert_leaves_an_empty_table_with_all_columns() -> None:
    empty = raise_alerts(scored(anomaly=[0.1] * 5), rings(fan_score=0.1), CONFIG)
    assert empty.num_rows == 0
    assert empty.schema == raise_alerts(scored(), rings(), CONFIG).schema

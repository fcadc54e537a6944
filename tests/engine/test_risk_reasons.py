"""Why a risk is what it is: TreeSHAP in words, and the transactions that each reason rests on."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xgboost as xgb

from engine.alerts.reasons import MAX_TX_IDS
from engine.config import Config
from engine.errors import InputError
from engine.generate import write_rings
from engine.lake import Lake, RunPaths, read_json
from engine.pipeline import run
from engine.plan import plan
from engine.query import risk_reasons
from engine.query.model_importance import importance, model_facts
from engine.query.model_rows import split_of
from engine.query.reason_words import effect, feature_in_words, named, strength
from engine.query.risk_reasons import account_reasons, transaction_reasons
from engine.query.run_model import feature_values, load_model

PAYSIM = Path(__file__).parents[1] / "data" / "paysim_sample.csv"
QUICK: dict[str, Any] = {"model": {"trees": 20, "min_positives": 5}}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake.open(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def paysim(lake: Lake) -> RunPaths:
    """Return a run that has a model."""
    run(lake, plan(lake, PAYSIM, config=Config().override(QUICK), run_id="paysim"))
    return lake.run("paysim")


@pytest.fixture(scope="module")
def rings(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    """Return a run of generated rings with a model; its accounts come back again and again."""
    path = tmp_path_factory.mktemp("input") / "rings.csv"
    write_rings(3000, 3, path)
    run(lake, plan(lake, path, config=Config().override(QUICK), run_id="rings"))
    return lake.run("rings")


@pytest.fixture(scope="module")
def unlabelled(lake: Lake) -> RunPaths:
    """Return a run whose labels were left aside."""
    run(lake, plan(lake, PAYSIM, run_id="unlabelled", labels="ignore"))
    return lake.run("unlabelled")


def table_of(paths: RunPaths) -> pd.DataFrame:
    table: pd.DataFrame = pq.read_table(paths.augmented).to_pandas()
    return table


def tree_shap(paths: RunPaths, tx_id: int) -> tuple[dict[str, float], float]:
    """Return XGBoost's own TreeSHAP of a transaction, calibrated, and its calibrated log-odds."""
    model, table = load_model(paths), table_of(paths)
    assert model is not None
    data = xgb.DMatrix(feature_values(table[table["tx_id"] == tx_id], model.names))
    shares = model.booster.predict(data, pred_contribs=True)[0, :-1] * model.slope
    margin = float(model.booster.predict(data, output_margin=True)[0])
    return dict(zip(model.names, shares.tolist(), strict=True)), margin * model.slope + model.offset


def some_tx_ids(paths: RunPaths) -> list[int]:
    """Return the riskiest, the least risky, and some transactions between."""
    ordered = table_of(paths).sort_values("final_risk")["tx_id"].tolist()
    return [ordered[-1], ordered[0], ordered[len(ordered) // 2]]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["paysim", "rings"])
def test_signs_sizes_and_order_are_those_of_tree_shap(
    name: str, request: pytest.FixtureRequest
) -> None:
    paths = request.getfixturevalue(name)
    for tx_id in some_tx_ids(paths):
        shares, _ = tree_shap(paths, tx_id)
        found = transaction_reasons(paths, tx_id).reasons
        assert {one.code: one.contribution for one in found} == pytest.approx(
            {code: share for code, share in shares.items() if share != 0}, abs=1e-6
        )
        sizes = [abs(one.contribution or 0.0) for one in found]
        assert sizes == sorted(sizes, reverse=True)
        for one in found:
            assert ("raises the risk" in one.text) == (shares[one.code] > 0)
            assert strength(shares[one.code]) in one.text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["paysim", "rings"])
def test_base_and_contributions_sum_to_what_the_model_says(
    name: str, request: pytest.FixtureRequest
) -> None:
    paths = request.getfixturevalue(name)
    for tx_id in some_tx_ids(paths):
        found, (_, margin) = transaction_reasons(paths, tx_id), tree_shap(paths, tx_id)
        assert found.base is not None
        total = found.base + sum(one.contribution or 0.0 for one in found.reasons)
        assert total == pytest.approx(found.margin, abs=1e-9)
        assert total == pytest.approx(margin, abs=1e-4)


@pytest.mark.slow
def test_the_margin_is_the_probability_of_the_run(paysim: RunPaths) -> None:
    for tx_id in some_tx_ids(paysim):
        found = transaction_reasons(paysim, tx_id)
        assert found.margin is not None
        assert 1 / (1 + math.exp(-found.margin)) == pytest.approx(found.probability, abs=1e-5)
        assert not found.notes


@pytest.mark.slow
def test_parts_of_the_risk_sum_to_it(paysim: RunPaths, unlabelled: RunPaths) -> None:
    for paths in (paysim, unlabelled):
        for tx_id in some_tx_ids(paths):
            found = transaction_reasons(paths, tx_id)
            total = sum(part.points for part in found.parts)
            assert total == pytest.approx(found.final_risk, abs=1e-5)


@pytest.mark.slow
def test_a_count_of_earlier_transactions_names_exactly_these(rings: RunPaths) -> None:
    table = table_of(rings).set_index("tx_id")
    for tx_id in some_tx_ids(rings):
        tx = table.loc[tx_id]
        for one in transaction_reasons(rings, tx_id).reasons:
            assert 1 <= len(one.tx_ids) <= MAX_TX_IDS
            behind = table.loc[list(one.tx_ids)]
            assert (behind["time"] <= tx["time"]).all()
            end, _, rest = one.code.partition("_")
            if "_n_" not in one.code or not one.value or one.value > MAX_TX_IDS:
                continue
            assert len(behind) == one.value
            side = "sender" if rest.startswith("out") else "receiver"
            assert set(behind[side]) == {tx[end]}


@pytest.mark.slow
def test_what_is_of_the_transaction_itself_rests_on_it_alone(paysim: RunPaths) -> None:
    tx_id = some_tx_ids(paysim)[0]
    for one in transaction_reasons(paysim, tx_id).reasons:
        if one.code in {"amount", "log_amount", "hour", "type_code", "empties_sender"}:
            assert one.tx_ids == (tx_id,)


@pytest.mark.slow
def test_an_account_has_the_mean_over_its_riskiest_transactions(rings: RunPaths) -> None:
    table = table_of(rings)
    account = table.sort_values("final_risk")["sender"].iloc[-1]
    found = account_reasons(rings, account)
    own = table[(table["sender"] == account) | (table["receiver"] == account)]
    assert found.transactions == len(own)
    assert (
        list(own.set_index("tx_id").loc[list(found.tx_ids), "final_risk"])
        == sorted(own["final_risk"], reverse=True)[: len(found.tx_ids)]
    )
    shares = [tree_shap(rings, tx_id)[0] for tx_id in found.tx_ids]
    for one in found.reasons:
        own_shares = np.array([each[one.code] for each in shares])
        assert one.contribution == pytest.approx(own_shares.mean(), abs=1e-6)
        proving = own_shares[[found.tx_ids.index(tx_id) for tx_id in one.tx_ids]]
        assert (np.sign(proving) == np.sign(own_shares.mean())).all()


@pytest.mark.slow
def test_where_rings_were_learned_the_reasons_say_whose_they_are(
    rings: RunPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = read_json(rings.manifest)
    learned = {**told, "metrics": {**told["metrics"], "family": "batch"}}
    monkeypatch.setattr(risk_reasons, "manifest_of", lambda _paths: learned)
    assert "learned rings" in transaction_reasons(rings, some_tx_ids(rings)[0]).notes[0]


@pytest.mark.slow
def test_rings_of_an_account_name_its_own_transactions(rings: RunPaths) -> None:
    members = pq.read_table(rings.ring_accounts).to_pandas()
    account = members["account"].iloc[0]
    found = [one for one in account_reasons(rings, account).others if one.code == "ring"]
    assert len(found) == (members["account"] == account).sum()
    ends = table_of(rings).set_index("tx_id")[["sender", "receiver"]]
    for one in found:
        assert one.tx_ids
        assert (ends.loc[list(one.tx_ids)] == account).any(axis=1).all()


@pytest.mark.slow
def test_without_a_model_rules_and_unusualness_are_told(unlabelled: RunPaths) -> None:
    found = transaction_reasons(unlabelled, some_tx_ids(unlabelled)[0])
    assert (found.reasons, found.margin, found.probability) == ((), None, None)
    assert {one.code for one in found.others} & {"anomaly", "high_amount", "ring"}
    assert "no model" in found.notes[0]


@pytest.mark.slow
def test_what_is_not_there_is_named(paysim: RunPaths) -> None:
    with pytest.raises(InputError, match="no transaction 99999999"):
        transaction_reasons(paysim, 99_999_999)
    with pytest.raises(InputError, match="no account 'nobody'"):
        account_reasons(paysim, "nobody")


@pytest.mark.parametrize(
    ("contribution", "words"),
    [
        (math.log(24), "raises the risk strongly (odds × 24)"),
        (-math.log(3), "lowers the risk clearly (odds ÷ 3.0)"),
        (math.log(1.25), "raises the risk slightly (odds × 1.25)"),
        (-0.01, "lowers the risk hardly (odds ÷ 1.01)"),
    ],
)
def test_a_contribution_is_said_with_its_way_and_size(contribution: float, words: str) -> None:
    assert effect(contribution) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("type_code", 4.0, "the type of the transaction, TRANSFER"),
        ("weekday", 5.0, "the day of the week, Saturday"),
        ("is_round", 0.0, "the amount is not a multiple of 1,000"),
        ("empties_sender", 1.0, "it empties the sender's account to the last unit"),
        ("sender_gap_hours", -1.0, "the sender has not paid before"),
        ("sender_out_n_24h", 3.0, "transactions sent by the sender in the 24 h before, 3"),
    ],
)
def test_a_feature_is_said_with_what_was_seen(name: str, value: float, words: str) -> None:
    assert feature_in_words(name, value, {"type": "TRANSFER"}) == words


def test_a_feature_has_a_name_without_a_value() -> None:
    assert named("sender_out_sum_24h") == "amount sent by the sender in the 24 h before"
    assert named("x_V1") == "V1"


@pytest.mark.slow
def test_importance_is_the_mean_size_of_tree_shap(paysim: RunPaths) -> None:
    model, table = load_model(paysim), table_of(paysim)
    assert model is not None
    test = table.iloc[split_of(paysim).test]
    data = xgb.DMatrix(feature_values(test, model.names))
    shares = model.booster.predict(data, pred_contribs=True)[:, :-1] * model.slope
    found = importance(paysim)
    assert found.rows == len(test)  # fewer than would be sampled
    expected = dict(zip(model.names, np.abs(shares).mean(axis=0).tolist(), strict=True))
    assert found.features.set_index("feature")["shap"].to_dict() == pytest.approx(
        expected, abs=1e-5
    )
    assert found.features["shap"].is_monotonic_decreasing
    assert found.features["gain"].sum() == pytest.approx(1)


@pytest.mark.slow
def test_frauds_are_explained_with_their_signs(paysim: RunPaths) -> None:
    found = importance(paysim)
    top = found.features.iloc[0]
    assert found.frauds > 0
    assert top["fraud_shap"] > 0


@pytest.mark.slow
def test_without_a_model_nothing_is_important(unlabelled: RunPaths) -> None:
    assert model_facts(unlabelled) is None
    with pytest.raises(InputError, match="no model"):
        importance(unlabelled)

"""The transaction model: what it learns from, what it refuses, and that it is kept whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from engine.config import Config, ModelConfig
from engine.errors import InputError
from engine.features import FeatureMatrix
from engine.lake import write_json
from engine.scoring.model import MIN_CHOOSING, Model, calibrate, train_model
from engine.scoring.score import Scores, score_transactions
from engine.scoring.split import split_in_time
from tests.engine.rows import matrix

Labels = npt.NDArray[np.int8]
CONFIG = ModelConfig(trees=20, depth=3)
ROWS = 1000


def separable(every: int = 4) -> tuple[FeatureMatrix, Labels]:
    """Return rows of which every n-th is fraud and has a high amount; noise stands beside it."""
    rng = np.random.default_rng(5)
    label = (np.arange(ROWS) % every == 0).astype(np.int8)
    amount = np.where(label == 1, 900.0, 100.0) + rng.normal(0, 250, ROWS)
    noise = rng.normal(size=ROWS)
    return matrix(("PAYMENT",), amount=amount.tolist(), noise=noise.tolist()), label


def trained(features: FeatureMatrix, label: Labels, config: ModelConfig = CONFIG) -> Model:
    model = train_model(features, label, split_in_time(len(label), config), config, {"input": "x"})
    assert model is not None
    return model


@pytest.fixture(scope="module")
def model() -> Model:
    return trained(*separable())


def test_fraud_that_stands_out_is_recognised_in_the_future(model: Model) -> None:
    features, label = separable()
    test = split_in_time(ROWS, CONFIG).test
    probability = model.probability(features)[test]
    assert probability[label[test] == 1].mean() > 0.7
    assert probability[label[test] == 0].mean() < 0.1


def test_probabilities_match_the_base_rate(model: Model) -> None:
    features, label = separable()
    test = split_in_time(ROWS, CONFIG).test
    expected = float(model.probability(features)[test].mean())
    assert expected == pytest.approx(label[test].mean(), abs=0.05)


def test_sampling_negatives_keeps_the_base_rate() -> None:
    features, label = separable()
    label[700:799] = 0  # nothing to calibrate on: the weights alone restore the rate
    sampled = trained(features, label, replace(CONFIG, max_negatives=100))
    assert sampled.trained_on["rows"] == 175 + 100
    assert (sampled.slope, sampled.offset) == (1.0, 0.0)
    assert float(sampled.probability(features)[:700].mean()) == pytest.approx(0.25, abs=0.03)


def test_calibration_never_turns_the_order_round(model: Model) -> None:
    assert model.slope > 0
    label, odds = np.array([1, 0] * 40, np.int8), np.array([-1.0, 1.0] * 40, np.float32)
    assert calibrate(label, odds) == (1.0, 0.0)


def test_calibration_finds_the_true_odds() -> None:
    # Margin 0 stands for even odds, margin 1 for three to one: slope ln 3, offset 0.
    label = np.array([1, 0] * 50 + [1, 1, 1, 0] * 25, np.int8)
    odds = np.repeat(np.array([0, 1], np.float32), 100)
    slope, offset = calibrate(label, odds)
    assert (slope, offset) == pytest.approx((np.log(3), 0.0), abs=1e-3)


def test_fewer_than_twenty_rows_of_a_class_calibrate_nothing() -> None:
    assert calibrate(np.array([1] * 19 + [0] * 99, np.int8), np.arange(118, dtype=np.float32)) == (
        1.0,
        0.0,
    )


def test_the_card_says_what_the_model_was_trained_on(model: Model) -> None:
    assert model.trained_on == {"input": "x", "rows": 700, "positives": 175, "train_rows": 700}


def test_a_saved_model_gives_identical_probabilities(model: Model, tmp_path: Path) -> None:
    features, _ = separable()
    model.save(tmp_path / "model.json")
    back = Model.load(tmp_path / "model.json")
    assert np.array_equal(back.probability(features), model.probability(features))
    assert (back.names, back.types, back.threshold) == (model.names, ("PAYMENT",), model.threshold)
    assert back.trained_on == model.trained_on


def test_the_order_of_the_inputs_columns_does_not_matter(model: Model) -> None:
    features, _ = separable()
    turned = FeatureMatrix(features.names[::-1], features.columns[::-1], features.types)
    assert np.array_equal(model.probability(turned), model.probability(features))


def test_an_input_without_the_models_columns_is_refused(model: Model) -> None:
    with pytest.raises(InputError, match="the model needs noise, which this input does not give"):
        model.probability(matrix(amount=[1.0]))


def test_a_missing_model_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.json: no such file"):
        Model.load(tmp_path / "nowhere.json")


def test_a_json_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "run.json", {"run_id": "r"})
    with pytest.raises(InputError, match="not a model file"):
        Model.load(tmp_path / "run.json")


def test_shap_contributions_and_the_bias_add_up_to_the_margin(model: Model) -> None:
    features, _ = separable()
    rows = np.arange(0, ROWS, 97)
    sums = model.contributions(features, rows).sum(axis=1)
    margin = model.booster.inplace_predict(features.rows(rows, model.names), predict_type="margin")
    bias = margin - sums
    assert bias == pytest.approx([float(bias[0])] * len(rows), abs=1e-4)
    assert np.ptp(margin) > 1  # else equal sums would prove nothing


def test_the_telling_column_contributes_most(model: Model) -> None:
    features, label = separable()
    fraud = np.flatnonzero(label == 1)[:50]
    amount, noise = np.abs(model.contributions(features, fraud)).mean(axis=0)
    assert amount > 3 * noise


@pytest.mark.parametrize("label", [np.zeros(ROWS, np.int8), np.ones(ROWS, np.int8)])
def test_one_class_alone_trains_no_model(label: Labels) -> None:
    features, _ = separable()
    assert train_model(features, label, split_in_time(ROWS, CONFIG), CONFIG, {}) is None


def test_too_few_frauds_in_the_past_train_no_model() -> None:
    features, label = separable()
    past = np.flatnonzero(label[:700] == 1)
    label[past[CONFIG.min_positives - 1 :]] = 0
    split = split_in_time(ROWS, CONFIG)
    assert train_model(features, label, split, CONFIG, {}) is None
    label[past[CONFIG.min_positives]] = 1
    assert train_model(features, label, split, CONFIG, {}) is not None


def test_too_few_frauds_to_choose_by_leave_the_threshold_at_one_half() -> None:
    features, label = separable()
    choosing = np.flatnonzero(label[700:799] == 1) + 700
    label[choosing[MIN_CHOOSING - 1 :]] = 0
    assert trained(features, label).threshold == 0.5
    label[choosing[MIN_CHOOSING]] = 1
    assert trained(features, label).threshold != 0.5


def test_labels_of_the_test_rows_never_reach_the_model(model: Model) -> None:
    features, label = separable()
    test = split_in_time(ROWS, CONFIG).test
    label[test] = 1 - label[test]
    other = trained(features, label)
    assert np.array_equal(other.probability(features), model.probability(features))
    assert other.threshold == model.threshold


def scored(label: Labels | None, **model: object) -> tuple[Scores, Model | None]:
    features, _ = separable()
    config = Config().override({"model": {"trees": 20, "depth": 3, **model}})
    both = FeatureMatrix(
        (*features.names, "log_amount", "is_round"),
        (*features.columns, features.columns[0], np.zeros(ROWS, np.float32)),
        features.types,
    )
    return score_transactions(both, label, config, {})


def test_scores_of_labelled_rows_come_with_figures_of_the_last_fifth() -> None:
    scores, model = scored(separable()[1])
    assert model is not None
    assert scores.probability is not None
    assert scores.metrics["roc_auc"] > 0.9
    assert scores.metrics["threshold"] == model.threshold
    assert scores.notes == ()


def test_without_labels_the_anomaly_and_rule_scores_stand() -> None:
    scores, model = scored(None)
    assert (model, scores.probability, scores.metrics) == (None, None, {})
    assert scores.base == pytest.approx(0.6 * scores.anomaly + 0.4 * scores.rule)
    assert scores.notes == ("no labels: no model was trained, the anomaly and rule scores stand",)


def test_a_run_says_why_it_has_no_model_or_no_figures() -> None:
    _, label = separable()
    scores, model = scored(label, min_positives=500)
    assert model is None
    assert "fewer than 500 labelled frauds in the first 70%" in scores.notes[0]
    label[700:] = 0
    scores, model = scored(label)
    assert model is not None
    assert "0.5 is used" in scores.notes[0]
    assert scores.notes[1].endswith("hold only one class")
    assert scores.notes[1].startswith("no metrics")
    assert scores.metrics == {}


def test_about_one_row_in_a_hundred_is_an_anomaly() -> None:
    scores, _ = scored(None)
    assert 10 <= int(scores.is_anomaly.sum()) <= 11
    assert scores.anomaly[scores.is_anomaly].min() > scores.anomaly[~scores.is_anomaly].max()


@pytest.mark.parametrize("label", [separable()[1], None])
def test_saved_scores_read_back_the_same(label: Labels | None, tmp_path: Path) -> None:
    scores, _ = scored(label)
    scores.save(tmp_path)
    back = Scores.load(tmp_path)
    for name in ("rule", "anomaly", "base", "is_anomaly"):
        assert np.array_equal(getattr(back, name), getattr(scores, name))
    if scores.probability is None:
        assert back.probability is None
    else:
        assert back.probability is not None
        assert np.array_equal(back.probability, scores.probability)
    assert (back.metrics, back.notes, back.amount_limit, back.anomaly_limit) == (
        scores.metrics, scores.notes, scores.amount_limit, scores.anomaly_limit,
    )  # fmt: skip

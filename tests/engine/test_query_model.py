"""The figures of the Model page: hand-computed ones, and those that others compute too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import average_precision_score, roc_auc_score

from engine.errors import InputError
from engine.evaluation.wilson import wilson_intervals
from engine.lake import read_json, write_json
from engine.query.model_drift import compared
from engine.query.model_quality import at_thresholds, calibration, curves
from engine.query.model_rows import scores_of, split_of, why_not_measured
from engine.query.model_scores import score_quantiles, unusual_by_type, unusual_over_time
from engine.query.model_slices import amount_bands, slices
from engine.query.model_steps import steps_of
from tests.judged_run import ROWS, judged_run
from tests.small_run import write_small_run

COUNTS = ["true_positives", "false_positives", "false_negatives", "true_negatives"]


def test_only_the_last_part_in_time_is_measured(tmp_path: Path) -> None:
    paths = judged_run(tmp_path)
    assert (split_of(paths).test.start, split_of(paths).test.stop) == (40, 50)
    found = curves(paths, "fraud_probability")
    assert (found.rows, found.positives) == (10, 4)


def test_a_model_of_another_run_is_measured_on_all_rows(tmp_path: Path) -> None:
    paths = judged_run(tmp_path, config={"use": "other/model.json"})
    assert curves(paths, "fraud_probability").rows == ROWS


def test_the_areas_are_those_counted_by_hand(tmp_path: Path) -> None:
    # Frauds 0.9 0.8 0.6 0.2 against 0.7 and five times 0.1: 24 pairs, of which 0.7 beats two.
    found = curves(judged_run(tmp_path), "fraud_probability")
    assert found.roc_auc == pytest.approx(22 / 24)
    assert found.average_precision == pytest.approx((1 + 1 + 3 / 4 + 4 / 5) / 4)
    ends = found.roc.iloc[[0, -1]][["false_positive_rate", "recall"]].to_numpy().tolist()
    assert ends == [[0, 0], [1, 1]]


def test_confusion_and_money_at_a_threshold(tmp_path: Path) -> None:
    table = at_thresholds(judged_run(tmp_path), "fraud_probability").set_index("threshold")
    own = table.loc[0.6].to_dict()
    assert own["is_chosen"]
    # 0.6 in 32 bits is above 0.6 in 64: the row that scores it is flagged all the same.
    assert [own[name] for name in COUNTS] == [3, 1, 1, 5]
    assert (own["caught_amount"], own["missed_amount"]) == (120, 40)
    assert own["flagged_amount"] == 125
    assert own["flagged_a_day"] == pytest.approx(4 / (9 / 24))
    assert (table[COUNTS].sum(axis=1) == 10).all()


def test_calibration_counts_what_came_true(tmp_path: Path) -> None:
    found = calibration(judged_run(tmp_path))
    bins = found.bins.set_index("low")
    assert bins["rows"].to_dict() == {0.1: 5, 0.2: 1, 0.6: 1, 0.7: 1, 0.8: 1, 0.9: 1}
    assert bins["observed"].to_dict() == {0.1: 0, 0.2: 1, 0.6: 1, 0.7: 0, 0.8: 1, 0.9: 1}
    assert bins["rows"].sum() == 10
    squares = [0.1, 0.7, 0.2, 0.1, 0.4, 0.1, 0.8, 0.1, 0.1, 0.1]
    assert found.brier == pytest.approx(np.square(squares).mean())
    assert found.brier_base == pytest.approx(0.4 * 0.6)
    assert (bins["observed_low"] <= bins["observed"]).all()
    assert (bins["observed"] <= bins["observed_high"]).all()


def test_slices_by_type_amount_and_time_sum_to_the_whole(tmp_path: Path) -> None:
    paths = judged_run(tmp_path)
    for by in ("type", "amount", "time"):
        table = slices(paths, "fraud_probability", 0.6, by)
        assert table[["rows", "positives", "flagged", "hits"]].sum().tolist() == [10, 4, 4, 3]
    by_type = slices(paths, "fraud_probability", 0.6, "type").set_index("slice")
    assert by_type["rows"].to_dict() == {"WIRE": 4, "CASH": 6}
    assert by_type["hits"].to_dict() == {"WIRE": 2, "CASH": 1}
    assert by_type["precision"].to_dict() == {"WIRE": 2 / 3, "CASH": 1}
    assert by_type["recall"].to_dict() == {"WIRE": 1, "CASH": 0.5}
    by_amount = slices(paths, "fraud_probability", 0.6, "amount").set_index("slice")
    assert by_amount["positives"].to_dict() == {0.0: 0, 10.0: 4}
    assert by_amount["recall"].isna().to_dict() == {0.0: True, 10.0: False}


def test_bands_of_amounts_are_powers_of_ten() -> None:
    lows, codes = amount_bands(np.array([0.0, 9.99, 10.0, 99.0, 1234.0]))
    assert [lows[code] for code in codes] == [0, 0, 10, 10, 1000]


@settings(deadline=None)
@given(
    arrays.arrays(np.int8, 40, elements=st.integers(0, 1)),
    arrays.arrays(np.float32, 40, elements=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9])),
)
def test_areas_agree_with_scikit_learn(label: np.ndarray, score: np.ndarray) -> None:
    steps = steps_of(label == 1, score)
    if 0 < label.sum() < len(label):
        assert steps.roc_auc == pytest.approx(roc_auc_score(label, score))
        assert steps.average_precision == pytest.approx(average_precision_score(label, score))
    else:
        assert np.isnan(steps.roc_auc)


def test_no_rows_have_no_area() -> None:
    steps = steps_of(np.empty(0, bool), np.empty(0, np.float32))
    assert len(steps.threshold) == 0
    assert np.isnan(steps.average_precision)


@pytest.mark.parametrize(
    ("hits", "total", "bounds"),
    [(8, 10, (0.4902, 0.9433)), (0, 10, (0.0, 0.2775)), (0, 0, (0.0, 1.0))],
)
def test_wilson_intervals(hits: int, total: int, bounds: tuple[float, float]) -> None:
    low, high = wilson_intervals([hits], [total])
    assert (round(low[0], 4), round(high[0], 4)) == bounds


def test_without_labels_nothing_is_measured_and_it_is_said_why(tmp_path: Path) -> None:
    paths = write_small_run(tmp_path)
    assert "told to leave them aside" in str(why_not_measured(paths))
    with pytest.raises(InputError, match="cannot be measured"):
        curves(paths, "final_risk")
    told = read_json(paths.manifest)
    write_json(paths.manifest, told | {"labels": "auto"})
    assert why_not_measured(paths) == "the input has no labels"


def test_a_test_part_of_one_class_is_not_measured(tmp_path: Path) -> None:
    paths = judged_run(tmp_path, label=np.r_[np.ones(40, np.int8), np.zeros(10, np.int8)])
    assert "only one class" in str(why_not_measured(paths))


def test_a_run_without_a_model_has_no_probability(tmp_path: Path) -> None:
    assert "fraud_probability" not in scores_of(write_small_run(tmp_path))
    assert "fraud_probability" in scores_of(judged_run(tmp_path / "other"))


def test_what_is_told_without_labels(tmp_path: Path) -> None:
    paths = judged_run(tmp_path)
    spread = score_quantiles(paths).set_index("score")
    assert spread["median"].to_dict()["anomaly_score"] == 0.5
    assert spread["highest"].to_dict()["anomaly_score"] == 1
    assert unusual_over_time(paths)["transactions"].tolist() == [24, 24, 2]
    assert unusual_by_type(paths).set_index("type")["unusual"].to_dict() == {"WIRE": 0, "CASH": 1}


def test_nothing_moved_between_equal_samples() -> None:
    rng = np.random.default_rng(1)
    values = np.column_stack([rng.normal(size=500), rng.integers(0, 3, 500)]).astype(np.float32)
    found = compared(["log_amount", "type_code"], values, values)
    assert found.features["psi"].tolist() == [0, 0]


def test_the_index_of_a_feature_of_two_values_by_hand() -> None:
    # Shares 3/4, 1/4 now and 1/4, 3/4 then: 0.5 ln 3 twice.
    now, then = ([[0], [0], [0], [1]], [[0], [1], [1], [1]])
    found = compared(["is_round"], *(np.array(one, np.float32) for one in (now, then)))
    assert found.features["psi"].iloc[0] == pytest.approx(np.log(3))
    assert found.bins["share"].tolist() == [0.75, 0.25]


def test_a_feature_that_moved_stands_first_and_scores_before_features() -> None:
    rng = np.random.default_rng(1)
    then = rng.normal(size=(2000, 3)).astype(np.float32)
    now = rng.normal(size=(2000, 3)).astype(np.float32) + np.array([0, 2, 0], np.float32)
    found = compared(["log_amount", "amount", "final_risk"], now, then).features
    assert found["feature"].tolist() == ["final_risk", "amount", "log_amount"]
    assert found["psi"].iloc[1] > 0.25 > 0.1 > found["psi"].iloc[2]
    assert found["mean"].iloc[1] == pytest.approx(now[:, 1].mean(), abs=1e-4)

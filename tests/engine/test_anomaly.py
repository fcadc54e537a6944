"""The isolation forest: the compiled kernel agrees with scikit-learn's own scores."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import IsolationForest

from engine.config import AnomalyConfig
from engine.scoring.anomaly import anomaly_columns, anomaly_scores, percentile
from engine.scoring.forest import flatten, mean_path, score_rows
from tests.engine.rows import features_of, matrix, transactions

Float32 = npt.NDArray[np.float32]
SMALL = AnomalyConfig(trees=20, rows_per_tree=64)


def kernel_scores(model: IsolationForest, values: Float32) -> Float32:
    return score_rows(flatten(model), values)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("rows_per_tree", [2, 64, 256])
def test_the_kernel_equals_scikit_learn(seed: int, rows_per_tree: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.lognormal(size=(500, 5)).astype(np.float32)
    values[:100] = values[100:200]  # equal rows end in leaves that cannot be split
    model = IsolationForest(n_estimators=25, max_samples=rows_per_tree, random_state=seed)
    model.fit(values)
    assert kernel_scores(model, values) == pytest.approx(-model.score_samples(values), abs=1e-6)


def test_the_kernel_goes_left_at_the_very_threshold() -> None:
    values = np.arange(8, dtype=np.float32).reshape(-1, 1) / np.float32(3)
    model = IsolationForest(n_estimators=30, max_samples=8, random_state=0).fit(values)
    cuts = np.unique([c for tree in model.estimators_ for c in tree.tree_.threshold if c > 0])
    at_cuts = cuts.astype(np.float32).reshape(-1, 1)
    assert kernel_scores(model, at_cuts) == pytest.approx(-model.score_samples(at_cuts), abs=1e-6)


@pytest.mark.parametrize(
    ("rows", "length"),
    [(0, 0.0), (1, 0.0), (2, 1.0), (3, 1.20739), (256, 10.24477)],
)
def test_mean_path_is_that_of_the_paper(rows: float, length: float) -> None:
    assert mean_path(rows) == pytest.approx(length, abs=1e-5)


def test_the_odd_one_out_has_the_highest_score() -> None:
    amounts = [5.0 + i % 7 for i in range(300)]
    amounts[50] = 900.0
    scores = anomaly_scores(matrix(log_amount=amounts), slice(0, 200), SMALL)
    assert int(np.argmax(scores)) == 50
    assert ((scores > 0) & (scores < 1)).all()


def test_the_same_seed_gives_the_same_scores() -> None:
    features = features_of(transactions([(i, "A", f"B{i % 5}", i % 13) for i in range(120)]))
    first = anomaly_scores(features, slice(0, 80), SMALL)
    assert np.array_equal(first, anomaly_scores(features, slice(0, 80), SMALL))


def test_the_future_does_not_shape_the_forest() -> None:
    rows = [(float(i), "A", f"B{i % 5}", float(i % 13)) for i in range(120)]
    changed = rows[:100] + [(hour, "A", "B0", 1e6) for hour, *_ in rows[100:]]
    past = slice(0, 80)
    as_it_was = anomaly_scores(features_of(transactions(rows)), past, SMALL)[:100]
    other_future = anomaly_scores(features_of(transactions(changed)), past, SMALL)[:100]
    assert np.array_equal(as_it_was, other_future)


def test_the_forest_looks_at_money_and_velocity_and_extra_columns() -> None:
    features = matrix(hour=[1], log_amount=[1], x_V3=[1], sender_out_n_24h=[1], pair_n=[1])
    assert anomaly_columns(features) == ("log_amount", "x_V3", "sender_out_n_24h")


def test_a_percentile_is_the_share_of_rows_not_above() -> None:
    scores = np.array([0.3, 0.1, 0.2, 0.4], np.float32)
    assert percentile(scores).tolist() == [0.75, 0.25, 0.5, 1.0]


def test_equal_scores_have_equal_percentiles() -> None:
    scores = np.array([0.5, 0.1, 0.5, 0.9], np.float32)
    assert percentile(scores).tolist() == [0.75, 0.25, 0.75, 1.0]


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4]), min_size=1, max_size=20))
def test_a_percentile_equals_its_definition(values: list[float]) -> None:
    scores = np.array(values, np.float32)
    expected = [(scores <= own).sum() / len(scores) for own in scores]
    assert percentile(scores) == pytest.approx(expected)

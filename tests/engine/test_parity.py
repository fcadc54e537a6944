"""Two engines agree where counts and money are equal and the rest stays within its bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import igraph
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.compare import compare_runs
from engine.config import Config
from engine.generate import write_rings
from engine.graph.communities import modularity
from engine.lake import Lake, RunPaths, read_json, write_json
from engine.pipeline import run
from engine.plan import plan

QUOTIENT = "amount_to_sender_mean"


@pytest.fixture(scope="module")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = Lake.open(tmp_path_factory.mktemp("lake"))
    path = lake.root / "rings.csv"
    write_rings(6000, 3, path, 12)
    config = Config().override({"model": {"trees": 10}, "anomaly": {"trees": 10}})
    run(lake, plan(lake, path, config=config, engine="cpu", run_id="a"))
    return lake.root


@pytest.fixture
def lake(one_run: Path) -> Lake:
    """Return a lake where run b holds what run a does and says it was computed on a GPU."""
    lake = Lake.open(one_run)
    a, b = lake.run("a"), lake.run("b")
    for name, path in a.outputs().items():
        target = b.outputs()[name]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    manifest = read_json(a.manifest)
    write_json(b.manifest, {**manifest, "run_id": "b", "engine": {"kind": "gpu"}})
    return lake


def edit(path: Path, column: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    table = pq.read_table(path)
    index = table.column_names.index(column)
    values = change(table[column].to_numpy().copy())
    pq.write_table(table.set_column(index, column, pa.array(values, table[column].type)), path)


def beyond(lake: Lake) -> list[str]:
    report = compare_runs(lake, "a", "b")
    assert report["parity"] is not None
    assert report["agree"] == (report["parity"]["beyond"] == [])
    return [check["what"] for check in report["parity"]["beyond"]]


def nudge(row: int, by: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(values: np.ndarray) -> np.ndarray:
        values[row] += by
        return values

    return change


@pytest.mark.parametrize(
    "column", ["amount", "sender_out_n_24h", "receiver_in_sum_168h", "rule_score", "pair_n"]
)
def test_counts_money_and_rules_must_be_equal(lake: Lake, column: str) -> None:
    edit(lake.run("b").augmented, column, nudge(17, 0.01))
    assert beyond(lake) == [f"augmented: {column}"]


def test_a_quotient_may_differ_in_the_last_digit_and_no_more(lake: Lake) -> None:
    path = lake.run("b").augmented
    edit(path, QUOTIENT, lambda values: values * np.float32(1 + 2e-7))
    assert beyond(lake) == []
    edit(path, QUOTIENT, nudge(3, 0.001))
    assert beyond(lake) == [f"augmented: {QUOTIENT}, relative difference"]


def test_anomaly_scores_must_rank_alike(lake: Lake) -> None:
    path = lake.run("b").augmented
    edit(path, "anomaly_score", lambda values: values**2)
    assert beyond(lake) == []
    edit(path, "anomaly_score", lambda values: np.roll(values, 1))
    assert beyond(lake) == ["anomaly_score: rank correlation"]


def test_metrics_must_be_near(lake: Lake) -> None:
    paths = lake.run("b")
    manifest = read_json(paths.manifest)
    nearly = {**manifest["metrics"], "roc_auc": manifest["metrics"]["roc_auc"] - 0.0019}
    edit(paths.augmented, "fraud_probability", lambda values: values * np.float32(0.999))
    write_json(paths.manifest, {**manifest, "metrics": nearly})
    assert beyond(lake) == []
    write_json(paths.manifest, {**manifest, "metrics": {**nearly, "average_precision": 0.1}})
    assert beyond(lake) == ["average_precision: difference"]


def test_the_names_of_communities_do_not_matter_and_their_quality_does(lake: Lake) -> None:
    path = lake.run("b").accounts
    edit(path, "community", lambda values: values.max() - values)
    assert beyond(lake) == []
    edit(path, "community", lambda values: values % 3)
    assert beyond(lake) == ["communities: modularity"]


def test_page_rank_must_be_near(lake: Lake) -> None:
    edit(lake.run("b").accounts, "pagerank", nudge(0, 9e-5))
    assert beyond(lake) == []
    edit(lake.run("b").accounts, "pagerank", nudge(0, 9e-5))
    assert beyond(lake) == ["pagerank: sum of differences"]


def test_a_ring_that_alerts_in_one_run_must_be_in_the_other(lake: Lake) -> None:
    path = lake.run("b").rings
    rings = pq.read_table(path)
    kept = rings.slice(max(1, rings.num_rows // 20))
    pq.write_table(kept, path)
    assert beyond(lake) == ["rings that alert in the first run, found in both"]


@pytest.fixture
def scored_by_one_model(lake: Lake) -> Iterator[None]:
    """Let both runs say that a model of another run scored them."""
    told = [(paths.manifest, read_json(paths.manifest)) for paths in map(lake.run, "ab")]
    for path, manifest in told:
        config = {**manifest["config"], "model": {"use": "model.json"}}
        write_json(path, {**manifest, "config": config})
    yield
    for path, manifest in told:
        write_json(path, manifest)


def test_scores_of_a_ring_must_be_near(lake: Lake) -> None:
    edit(lake.run("b").rings, "score", lambda values: values - 0.015)
    told = beyond(lake)
    assert "rings found in both: difference of scores" not in told
    edit(lake.run("b").rings, "score", lambda values: values - 0.01)
    assert "rings found in both: difference of scores" in beyond(lake)


@pytest.mark.usefixtures("scored_by_one_model")
def test_scores_of_a_ring_must_be_nearer_where_one_model_scored_both(lake: Lake) -> None:
    edit(lake.run("b").rings, "score", lambda values: values - 0.005)
    assert beyond(lake) == []
    edit(lake.run("b").rings, "score", lambda values: values - 0.006)
    assert "rings found in both: difference of scores" in beyond(lake)


def blurred(values: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(2).normal(size=len(values)) * values.std() * 0.25
    return np.asarray(values + noise, values.dtype)


def test_risk_of_accounts_may_differ_as_two_trainings_do(lake: Lake) -> None:
    edit(lake.run("b").accounts, "risk", blurred)
    assert beyond(lake) == []
    edit(lake.run("b").accounts, "risk", lambda values: np.roll(values, 1))
    assert beyond(lake) == ["accounts: risk, rank correlation"]


@pytest.mark.usefixtures("scored_by_one_model")
def test_risk_of_accounts_must_rank_alike_where_one_model_scored_both(lake: Lake) -> None:
    edit(lake.run("b").accounts, "risk", blurred)
    assert beyond(lake) == ["accounts: risk, rank correlation"]


def test_a_missing_row_is_told_and_ends_the_comparison(lake: Lake) -> None:
    path = lake.run("b").augmented
    pq.write_table(pq.read_table(path).slice(1), path)
    assert beyond(lake) == ["transactions"]


def test_runs_on_one_kind_of_engine_are_compared_to_the_bit(lake: Lake) -> None:
    paths: RunPaths = lake.run("b")
    manifest: dict[str, Any] = read_json(paths.manifest)
    write_json(paths.manifest, {**manifest, "engine": {"kind": "cpu"}})
    edit(paths.augmented, QUOTIENT, lambda values: values * np.float32(1 + 2e-7))
    report = compare_runs(lake, "a", "b")
    assert report["parity"] is None
    assert not report["agree"]


def test_modularity_is_igraphs() -> None:
    rng = np.random.default_rng(1)
    source, target = rng.integers(0, 30, (2, 200)).astype(np.int32)
    weight, label = rng.random(200), rng.integers(0, 4, 30)
    expected = igraph.Graph(n=30, edges=np.stack([source, target], 1)).modularity(
        label.tolist(), weights=weight.tolist()
    )
    assert modularity(source, target, weight, label) == pytest.approx(expected)
    assert modularity(source[:0], target[:0], weight[:0], label) == 0.0

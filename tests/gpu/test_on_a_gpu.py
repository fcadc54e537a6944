"""The GPU engine on a GPU: `pytest -m gpu`. Without one these are skipped, and CI says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.accounts import encode_accounts
from engine.backend import CPU, Backend, select_backend, to_host
from engine.backend.probe import probe
from engine.compare import compare_runs
from engine.config import AnomalyConfig, Config, GraphConfig
from engine.features import build_features
from engine.generate import write_paysim, write_rings
from engine.graph.communities import find_communities, find_components, modularity
from engine.graph.pagerank import rank_pages
from engine.intake import load_mapping, read_transactions
from engine.lake import Lake
from engine.pipeline import run
from engine.plan import plan
from engine.scoring.anomaly import anomaly_scores, percentile
from engine.scoring.rules import apply_rules

FOUND = probe()
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not FOUND.is_usable, reason=f"not run on a GPU: {FOUND.why}"),
]
ROWS = 200_000


@pytest.fixture(scope="module")
def gpu() -> Backend:
    return select_backend("gpu", found=FOUND)


@pytest.fixture(scope="module")
def paysim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "paysim.csv"
    write_paysim(ROWS, 3, path)
    return path


@pytest.fixture(scope="module")
def table(paysim: Path) -> pa.Table:
    return read_transactions(paysim, load_mapping("paysim")).transactions


def test_on_a_gpu_csv_is_read_as_on_the_cpu(paysim: Path, table: pa.Table, gpu: Backend) -> None:
    found = read_transactions(paysim, load_mapping("paysim"), backend=gpu)
    assert found.rejects.num_rows == 0
    for name in table.column_names:
        assert found.transactions[name].equals(table[name]), name


def test_on_a_gpu_damaged_rows_are_rejected_as_on_the_cpu(
    paysim: Path, gpu: Backend, tmp_path: Path
) -> None:
    lines = paysim.read_text().splitlines()[:5000]
    for row, cell in ((10, "twelve"), (20, ""), (30, "1e400"), (40, "12abc"), (50, "1.2.3")):
        cells = lines[row].split(",")
        cells[2] = cell
        lines[row] = ",".join(cells)
    (tmp_path / "bad.csv").write_text("\n".join(lines) + "\n")
    ours = read_transactions(tmp_path / "bad.csv", load_mapping("paysim"))
    theirs = read_transactions(tmp_path / "bad.csv", load_mapping("paysim"), backend=gpu)
    assert theirs.rejects.to_pylist() == ours.rejects.to_pylist()
    assert theirs.transactions.equals(ours.transactions)


def test_on_a_gpu_parquet_is_read_as_on_the_cpu(
    table: pa.Table, gpu: Backend, tmp_path: Path
) -> None:
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=50_000)
    found = read_transactions(tmp_path / "t.parquet", load_mapping("canonical"), backend=gpu)
    assert found.rejects.num_rows == 0
    for name in table.column_names:
        assert found.transactions[name].to_pylist() == table[name].to_pylist(), name


def test_on_a_gpu_names_are_numbered_as_on_the_cpu(table: pa.Table, gpu: Backend) -> None:
    ours, theirs = encode_accounts(table), encode_accounts(table, gpu)
    assert ours is not None
    assert theirs is not None
    assert np.array_equal(ours.sender, theirs.sender)
    assert np.array_equal(ours.receiver, theirs.receiver)
    assert theirs.names.equals(ours.names)


def test_on_a_gpu_features_equal_the_cpus_to_the_bit_or_the_last_digit(
    table: pa.Table, gpu: Backend
) -> None:
    accounts, config = encode_accounts(table), Config().features
    ours = build_features(table, accounts, config, CPU)
    theirs = build_features(table, accounts, config, gpu).on_host()
    assert theirs.names == ours.names
    rounded = {name for name in ours.names if name.startswith("amount_to_")}
    for name in ours.names:
        if name in rounded:
            np.testing.assert_allclose(theirs.column(name), ours.column(name), rtol=1e-6)
        else:
            assert np.array_equal(theirs.column(name), ours.column(name)), name


def test_on_a_gpu_the_same_forest_gives_the_same_scores(table: pa.Table, gpu: Backend) -> None:
    accounts, config = encode_accounts(table), Config().features
    ours = build_features(table, accounts, config, CPU)
    theirs = build_features(table, accounts, config, gpu)
    past, settings = slice(0, ROWS // 2), AnomalyConfig()
    on_cpu = anomaly_scores(ours, past, settings)
    on_gpu = anomaly_scores(theirs, past, settings, backend=gpu)
    assert np.corrcoef(on_cpu, to_host(on_gpu))[0, 1] > 0.9999
    assert np.array_equal(to_host(percentile(on_gpu, gpu.xp)), percentile(to_host(on_gpu)))
    fitted = AnomalyConfig(fitted_by="cuml")
    by_cuml = to_host(anomaly_scores(theirs, past, fitted, backend=gpu))
    ranks = [percentile(score) for score in (np.asarray(on_cpu), by_cuml)]
    assert np.corrcoef(*ranks)[0, 1] > 0.9
    rules = Config().rules
    assert np.array_equal(
        apply_rules(theirs, past, rules, gpu).score, apply_rules(ours, past, rules).score
    )


@pytest.fixture(scope="module")
def network() -> tuple[Any, Any, Any, int]:
    rng = np.random.default_rng(4)
    block = rng.integers(0, 40, 20_000)
    source, target = rng.integers(0, len(block), (2, 80_000)).astype(np.int32)
    near = (block[source] == block[target]) | (rng.random(len(source)) < 0.1)
    pairs = np.unique(np.stack([source[near], target[near]], 1), axis=0)
    amount = rng.integers(1, 10**6, len(pairs)) / 100
    return pairs[:, 0].copy(), pairs[:, 1].copy(), amount, len(block)


def test_on_a_gpu_components_and_page_rank_are_the_cpus(network: Any, gpu: Backend) -> None:
    a, b, w, n = network
    source, target, amount = (gpu.xp.asarray(array) for array in (a, b, w))
    assert np.array_equal(to_host(gpu.components(source, target, n)), find_components(a, b, n))
    rank = to_host(gpu.page_rank(source, target, amount, n, 0.85))
    assert np.abs(rank - rank_pages(a, b, w, n, 0.85)).sum() < 1e-4


@pytest.mark.parametrize("is_thrifty", [False, True])
def test_on_a_gpu_communities_are_as_good_and_stay_so(
    network: Any, gpu: Backend, is_thrifty: bool
) -> None:
    backend = gpu.thriftier() if is_thrifty else gpu
    assert backend is not None
    a, b, w, n = network
    source, target, amount = (backend.xp.asarray(array) for array in (a, b, w))
    found = to_host(backend.communities(source, target, amount, n, GraphConfig()))
    ours = find_communities(a, b, w, n, GraphConfig())
    assert abs(modularity(a, b, w, found) - modularity(a, b, w, ours)) < 0.02
    again = to_host(backend.communities(source, target, amount, n, GraphConfig()))
    # cuGraph promises no repeatable order of sums: the quality must repeat, not every label.
    assert abs(modularity(a, b, w, found) - modularity(a, b, w, again)) < 0.01


def test_on_a_gpu_a_written_table_reads_back(tmp_path: Path, gpu: Backend) -> None:
    table = pa.table(
        {
            "id": pa.array(range(20_000)),
            "kind": pa.array(["a", "b"] * 10_000).dictionary_encode(),
            "name": pa.array([f"n{i}" for i in range(20_000)]),
            "time": pa.array(range(20_000), pa.timestamp("us")),
            "risk": pa.array([0.5, None] * 10_000, pa.float32()),
            "none": pa.nulls(20_000, pa.float32()),
        }
    )
    # cuDF makes no group of fewer than 5,000 rows.
    gpu.write_parquet(table, tmp_path / "t.parquet", 5_000, lambda rows: None)
    back = pq.read_table(tmp_path / "t.parquet")
    assert back.column_names == table.column_names
    assert back.to_pylist() == table.to_pylist()
    assert pq.read_metadata(tmp_path / "t.parquet").num_row_groups == 4


@pytest.mark.parametrize("kind", ["paysim", "rings"])
@pytest.mark.parametrize("labels", ["auto", "ignore"])
def test_on_a_gpu_a_run_agrees_with_the_cpus_within_the_bounds(
    tmp_path: Path, kind: str, labels: Any
) -> None:
    path = tmp_path / "input.csv"
    write = {"paysim": write_paysim, "rings": write_rings}[kind]
    write(ROWS, 8, path)
    lake = Lake.open(tmp_path / "lake")
    run(lake, plan(lake, path, labels=labels, engine="cpu", run_id="cpu"))
    manifest = run(lake, plan(lake, path, labels=labels, engine="gpu", run_id="gpu"))
    assert {s["engine"] for s in manifest["stages"] if s["name"] != "rings"} == {"gpu"}
    report = compare_runs(lake, "cpu", "gpu")
    assert report["parity"] is None or report["parity"]["beyond"] == []


def test_on_a_gpu_one_model_gives_the_rings_and_risks_of_the_cpu(tmp_path: Path) -> None:
    """Where each engine trains a model of its own, they differ as two seeds do; here none does."""
    path = tmp_path / "input.csv"
    write_rings(ROWS, 8, path)
    lake = Lake.open(tmp_path / "lake")
    run(lake, plan(lake, path, engine="cpu", run_id="trained"))
    use = Config().override({"model": {"use": str(lake.run("trained").model)}})
    run(lake, plan(lake, path, config=use, engine="cpu", run_id="cpu"))
    run(lake, plan(lake, path, config=use, engine="gpu", run_id="gpu"))
    report = compare_runs(lake, "cpu", "gpu")
    assert report["parity"]["beyond"] == []
    risk = [pq.read_table(lake.run(run_id).accounts)["risk"] for run_id in ("cpu", "gpu")]
    assert np.corrcoef(*risk)[0, 1] > 0.9999

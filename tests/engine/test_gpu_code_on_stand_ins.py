"""The GPU engine's own code, run on NumPy stand-ins for its libraries: not a test on a GPU.

It shows that the code asks for what the libraries offer, moves data only where it says so, and
comes to the CPU engine's results if the libraries do what they promise; see ``tests/standins``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backend import CPU, Backend, to_host
from engine.compare import compare_runs
from engine.config import Config, GraphConfig
from engine.errors import RunError
from engine.features import build_features
from engine.generate import write_paysim, write_rings
from engine.graph.communities import find_communities, find_components
from engine.graph.pagerank import rank_pages
from engine.intake import load_mapping, read_transactions
from engine.lake import Lake
from engine.pipeline import run
from engine.plan import plan
from tests.engine.rows import accounts_of, transactions, values_of
from tests.engine.test_features import STORY
from tests.standins import DeviceMemory, stand_ins
from tests.standins.install import FOUND

PAYSIM = Path(__file__).parents[1] / "data" / "paysim_sample.csv"
QUICK = {"model": {"trees": 20}, "anomaly": {"trees": 20}, "compute": {"min_gpu_rows": 1}}
Int32 = npt.NDArray[np.int32]


@pytest.fixture
def memory() -> Iterator[DeviceMemory]:
    """Stand-ins are installed while the test runs."""
    counted = DeviceMemory()
    with stand_ins(counted):
        yield counted


def gpu(**options: Any) -> Backend:
    from engine.backend.gpu.backend import GpuBackend

    backend: Backend = GpuBackend(FOUND, "a test", **options)
    return backend


def planned(monkeypatch: pytest.MonkeyPatch, lake: Lake, path: Path, **choices: Any) -> Any:
    """Plan a run as on a machine where the probe found a GPU."""
    monkeypatch.setattr("engine.plan.probe", lambda: FOUND)
    choices = {"engine": "gpu", "run_id": "gpu", "config": Config().override(QUICK), **choices}
    return plan(lake, path, **choices)


@pytest.mark.parametrize("kind", ["paysim", "rings"])
def test_on_stand_ins_a_run_ends_as_on_the_cpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory: DeviceMemory, kind: str
) -> None:
    lake, path = Lake.open(tmp_path), PAYSIM
    if kind == "rings":
        path = tmp_path / "rings.csv"
        # On fewer accounts communities found in two ways differ by more than the bound.
        write_rings(20_000, 3, path, 12)
    run(lake, plan(lake, path, config=Config().override(QUICK), engine="cpu", run_id="cpu"))
    manifest = run(lake, planned(monkeypatch, lake, path))
    assert manifest["engine"]["kind"] == "gpu"
    engines = {stage["name"]: stage["engine"] for stage in manifest["stages"]}
    assert engines.pop("rings") == "cpu"
    assert set(engines.values()) == {"gpu"}
    assert manifest["stages"][-1]["peak_device_mb"] > 0
    report = compare_runs(lake, "cpu", "gpu")
    assert report["parity"]["beyond"] == []
    assert report["agree"]
    tables = report["tables"]
    assert set(tables["augmented"]["differ"]) <= {"anomaly_score", "is_anomaly", "final_risk"}
    assert tables["prepped"]["same"]
    assert tables["rejects"]["same"]
    assert set(tables["accounts"]["differ"]) <= {"pagerank", "community", "risk"}
    assert compare_runs(lake, "cpu", "gpu")["lineage"]["same"] == manifest["counts"]["rings"]


def test_on_stand_ins_features_stay_on_the_device_and_equal_the_cpus(memory: DeviceMemory) -> None:
    table = transactions(STORY, type=["giro"] * 6, sender_balance_before=[5.0, None, 0, 1, 2, 3])
    accounts = accounts_of(table)
    config = Config().features
    ours = build_features(table, accounts, config, CPU)
    theirs = build_features(table, accounts, config, gpu())
    assert not any(isinstance(column, np.ndarray) for column in theirs.columns)
    assert theirs.names == ours.names
    assert np.array_equal(values_of(theirs.on_host()), values_of(ours))


def test_on_stand_ins_a_thrifty_engine_keeps_no_feature_on_the_device(
    memory: DeviceMemory,
) -> None:
    table = transactions(STORY)
    made = build_features(table, accounts_of(table), Config().features, gpu(is_thrifty=True))
    assert all(isinstance(column, np.ndarray) for column in made.columns)


def test_on_stand_ins_an_array_of_the_cpu_never_slips_into_device_code(
    memory: DeviceMemory,
) -> None:
    xp = gpu().xp
    on_device = xp.asarray(np.arange(3))
    with pytest.raises(TypeError, match="Implicit conversion"):
        np.asarray(on_device)
    with pytest.raises(TypeError):
        on_device + np.arange(3)
    with pytest.raises(TypeError, match="Unsupported type"):
        xp.cumsum(np.arange(3))
    with pytest.raises(AttributeError, match="not in the table"):
        _ = xp.lexsort
    with pytest.raises(ValueError, match="two values for one place"):
        on_device[xp.asarray(np.array([1, 1]))] = xp.asarray(np.array([5, 6]))


edges = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(1, 10_000)), max_size=40
)


def ends(rows: list[tuple[int, int, int]]) -> tuple[Int32, Int32, npt.NDArray[np.float64]]:
    folded = {(a, b): cents / 100 for a, b, cents in rows}
    pairs = np.array(sorted(folded), np.int32).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1], np.array([folded[pair] for pair in sorted(folded)])


def quality(label: npt.NDArray[Any], a: Int32, b: Int32, w: npt.NDArray[np.float64]) -> float:
    import igraph

    graph = igraph.Graph(n=len(label), edges=np.stack([a, b], 1))
    return float(graph.modularity(label.tolist(), weights=w.tolist()))


@settings(max_examples=60, deadline=None)
@given(edges)
def test_on_stand_ins_components_and_page_rank_are_the_cpus(
    rows: list[tuple[int, int, int]],
) -> None:
    a, b, w = ends(rows)
    with stand_ins(DeviceMemory()):
        backend = gpu()
        source, target, amount = (backend.xp.asarray(array) for array in (a, b, w))
        found = to_host(backend.components(source, target, 12))
        assert found.tolist() == find_components(a, b, 12).tolist()
        assert found.dtype == np.int32
        rank = to_host(backend.page_rank(source, target, amount, 12, 0.85))
        assert rank == pytest.approx(rank_pages(a, b, w, 12, 0.85), abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(edges, st.booleans())
def test_on_stand_ins_communities_are_numbered_and_as_good_as_the_cpus(
    rows: list[tuple[int, int, int]], is_thrifty: bool
) -> None:
    a, b, w = ends(rows)
    with stand_ins(DeviceMemory()):
        backend = gpu(is_thrifty=is_thrifty)
        source, target, amount = (backend.xp.asarray(array) for array in (a, b, w))
        found = to_host(backend.communities(source, target, amount, 12, GraphConfig()))
    ours = find_communities(a, b, w, 12, GraphConfig())
    first = {int(label): place for place, label in reversed(list(enumerate(found)))}
    assert sorted(first, key=first.__getitem__) == list(range(len(first)))
    alone = sorted(set(range(12)) - set(a.tolist()) - set(b.tolist()))
    assert all((found == found[account]).sum() == 1 for account in alone)
    if len(a):
        # Both are greedy: on twelve accounts either may end one local optimum lower.
        assert quality(found, a, b, w) == pytest.approx(quality(ours, a, b, w), abs=0.12)


def test_on_stand_ins_rejected_rows_are_those_of_the_cpu(
    tmp_path: Path, memory: DeviceMemory
) -> None:
    lines = PAYSIM.read_text().splitlines()[:50]
    lines[3] = lines[3].rsplit(",", 9)[0] + ",1,2"
    cells = lines[7].split(",")
    cells[2] = "twelve"
    lines[7] = ",".join(cells)
    (tmp_path / "bad.csv").write_text("\n".join(lines) + "\n")
    mapping = load_mapping("paysim")
    ours = read_transactions(tmp_path / "bad.csv", mapping)
    theirs = read_transactions(tmp_path / "bad.csv", mapping, backend=gpu())
    assert theirs.rejects.to_pylist() == ours.rejects.to_pylist()
    assert len(ours.rejects) == 2
    assert theirs.transactions.equals(ours.transactions)


def test_on_stand_ins_parquet_is_read_as_on_the_cpu(
    tmp_path: Path, memory: DeviceMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = gpu()
    from engine.backend.gpu import frames

    monkeypatch.setattr(frames, "_ROWS_AT_ONCE", 900)
    table = read_transactions(PAYSIM, load_mapping("paysim")).transactions
    amount = table["amount"].to_numpy().copy()
    amount[1234] = -1.0
    place = table.column_names.index("amount")
    damaged = table.set_column(place, "amount", pa.array(amount))
    pq.write_table(damaged, tmp_path / "t.parquet", row_group_size=500)
    mapping = load_mapping("canonical")
    ours = read_transactions(tmp_path / "t.parquet", mapping)
    theirs = read_transactions(tmp_path / "t.parquet", mapping, backend=backend)
    assert theirs.transactions.equals(ours.transactions)
    assert theirs.rejects.to_pylist() == ours.rejects.to_pylist()
    (reject,) = ours.rejects.to_pylist()
    assert reject["row"] == 1235
    assert '"amount": -1.0' in reject["raw"]


@given(st.integers(0, 10**14), st.integers(-6, 6))
def test_on_stand_ins_an_amount_some_units_off_becomes_the_amount_that_was_written(
    cents: int, off: int
) -> None:
    with stand_ins(DeviceMemory()):
        from engine.backend.gpu.frames import nearest_minor_units

        written = np.float64(cents / 100)
        read = written + off * np.spacing(written)
        assert nearest_minor_units(np.array([read]))[0] == written
        odd = np.array([0.12345, -7.001, 1.1e300, np.inf])
        assert np.array_equal(nearest_minor_units(odd), odd)


def test_on_stand_ins_cuml_fits_a_forest_that_ranks_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory: DeviceMemory
) -> None:
    lake = Lake.open(tmp_path)
    scores = {}
    for name in ("scikit-learn", "cuml"):
        config = Config().override({**QUICK, "anomaly": {"fitted_by": name}})
        run(lake, planned(monkeypatch, lake, PAYSIM, config=config, run_id=name))
        scores[name] = pq.read_table(lake.run(name).augmented)["anomaly_score"].to_numpy()
    assert not np.array_equal(scores["scikit-learn"], scores["cuml"])
    assert np.corrcoef(scores["scikit-learn"], scores["cuml"])[0, 1] > 0.9


def peak(path: Path, lake: Lake, is_thrifty: bool) -> int:
    """Return the most bytes held while a run's device stages are computed."""
    counted = DeviceMemory()
    with stand_ins(counted):
        backend = gpu(is_thrifty=is_thrifty)
        table = read_transactions(path, load_mapping("paysim")).transactions
        build_features(table, accounts_of(table), Config().features, backend)
    return counted.peak


def test_on_stand_ins_a_hundred_million_rows_would_fit_a_card_of_24_gib(tmp_path: Path) -> None:
    """Counts the arrays the thrifty engine holds at once; what libraries take inside is unknown."""
    write_paysim(50_000, 2, tmp_path / "t.csv")
    held = peak(tmp_path / "t.csv", Lake.open(tmp_path), True) / 50_000
    assert held * 100e6 < 0.7 * 24 * 2**30


def test_on_stand_ins_memory_that_runs_out_makes_the_run_go_on_in_smaller_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake.open(tmp_path)
    plenty, thrifty = (peak(PAYSIM, lake, is_thrifty) for is_thrifty in (False, True))
    assert thrifty < 0.8 * plenty
    short = DeviceMemory(limit=(plenty + thrifty) // 2)
    with stand_ins(short):
        manifest = run(lake, planned(monkeypatch, lake, PAYSIM))
    assert manifest["status"] == "done"
    assert any("ran out in the stage features" in note for note in manifest["notes"])
    assert any("smaller parts" in note for note in manifest["notes"])
    run(lake, plan(lake, PAYSIM, config=Config().override(QUICK), engine="cpu", run_id="cpu"))
    assert compare_runs(lake, "cpu", "gpu")["tables"]["prepped"]["same"]


def test_on_stand_ins_the_cpu_takes_over_only_where_the_engine_was_left_to_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake.open(tmp_path)
    with stand_ins(DeviceMemory(limit=20_000)):
        with pytest.raises(RunError, match="use a GPU with more memory, or --engine auto"):
            run(lake, planned(monkeypatch, lake, PAYSIM))
        choices = {"engine": "auto", "run_id": "auto"}
        manifest = run(lake, planned(monkeypatch, lake, PAYSIM, **choices))
    assert manifest["status"] == "done"
    assert any("the CPU takes over" in note for note in manifest["notes"])
    assert manifest["stages"][-1]["engine"] == "cpu"
    config = Config().override(QUICK)
    run(lake, plan(lake, PAYSIM, config=config, engine="cpu", run_id="cpu"))
    assert compare_runs(lake, "cpu", "auto")["same"]


def test_on_stand_ins_other_errors_are_no_lack_of_memory(memory: DeviceMemory) -> None:
    backend = gpu()
    assert backend.is_out_of_memory(MemoryError("std::bad_alloc: out_of_memory: RMM"))
    assert backend.is_out_of_memory(RuntimeError("CUDA error: out of memory"))
    assert not backend.is_out_of_memory(RuntimeError("CUDA error: illegal address"))
    assert not backend.is_out_of_memory(KeyError("out of memory"))
    assert not CPU.is_out_of_memory(MemoryError())


def test_on_stand_ins_the_run_tells_the_device_and_the_versions(memory: DeviceMemory) -> None:
    told = gpu().describe()
    assert told["kind"] == "gpu"
    assert told["device"] == "stand-in for a GPU, 24 GiB, CUDA 13.0"
    assert told["versions"]["numpy"] == np.__version__

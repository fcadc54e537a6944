"""Where a run is computed: what the choice rests on, what it costs, what it took."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.backend.probe import Gpu, Probe, Problem
from engine.config import ComputeConfig, Config
from engine.errors import InputError
from engine.lake import Lake, read_json
from engine.pipeline import run
from engine.plan import plan
from engine.router import Route, Size, estimate_size, month_to_date, route
from engine.router.receipt import receipt
from engine.router.throughput import throughput

NO_GPU = Probe(None, (), ("cudf",), (Problem("no NVIDIA driver", "install one"),))
A_GPU = Probe(13000, (Gpu("NVIDIA A10G", (8, 6), 24 * 2**30, None),), (), ())
SAMPLE = Path(__file__).parents[1] / "data" / "paysim_sample.csv"
PLENTY = 1e9


def past(rows: int, seconds: float, memory: float = 1000.0, **more: Any) -> dict[str, Any]:
    return {
        "status": "done", "engine": {"kind": "cpu"}, "schema": "paysim", "input": {"rows": rows},
        "seconds": seconds, "stages": [{"peak_rss_mb": memory}], **more,
    }  # fmt: skip


def routed(rows: int, wanted: Any = "auto", found: Probe = NO_GPU, **more: Any) -> Route:
    config = more.pop("config", ComputeConfig())
    manifests = more.pop("manifests", [])
    return route(Size(rows, True), "paysim", wanted, found, manifests, config, PLENTY, **more)


def test_without_a_gpu_auto_takes_the_cpu_and_says_what_is_missing() -> None:
    taken = routed(1_000_000)
    assert taken.choice == "cpu"
    assert taken.reason == "no usable GPU: no NVIDIA driver"
    gpu, cpu, batch = taken.options
    assert (gpu.is_available, gpu.why_not, gpu.mend) == (
        False,
        "no NVIDIA driver",
        ("install one",),
    )
    assert (cpu.is_available, cpu.why_not) == (True, "")
    assert not batch.is_available
    assert taken.chosen is cpu


def test_a_gpu_takes_large_inputs_and_leaves_small_ones_to_the_cpu() -> None:
    large = routed(300_000, found=A_GPU)
    assert large.choice == "gpu"
    assert large.reason == "a GPU is here, and 300,000 rows are at least 300,000"
    small = routed(299_999, found=A_GPU)
    assert small.choice == "cpu"
    assert "299,999 rows are fewer than 300,000" in small.reason


def test_an_engine_that_is_asked_for_is_taken() -> None:
    assert routed(10, "gpu", A_GPU).choice == "gpu"
    assert routed(10_000_000, "cpu", A_GPU).choice == "cpu"
    assert routed(10, "gpu", A_GPU).reason == "asked for"


def test_what_was_never_measured_is_not_estimated() -> None:
    gpu = routed(1_000_000, found=A_GPU).options[0]
    assert (gpu.seconds, gpu.memory_mb, gpu.basis) == (None, None, "not measured yet")
    assert gpu.cost_usd == 0.0
    priced = routed(1_000_000, found=A_GPU, config=ComputeConfig(gpu_usd_per_hour=1.0))
    assert priced.options[0].cost_usd is None


def test_estimates_pass_through_the_figures_of_the_benchmark() -> None:
    known = throughput("cpu", "paysim", [])
    assert known is not None
    assert known.seconds(6_362_620) == pytest.approx(51.2)
    assert known.memory_mb(60_000) == pytest.approx(553)
    assert known.basis == "the benchmark on 2 cores, 25 GB"


def test_runs_of_this_lake_count_more_than_the_benchmark() -> None:
    # Start-up is at most half of what the fastest run took: 10 s of 20 s.
    known = throughput("cpu", "paysim", [past(1_000_000, 104.8), past(100_000, 14.8)])
    assert known is not None
    assert known.basis == "2 runs on this machine"
    fixed = known.fixed_seconds
    assert fixed < 7.4
    slow, quick = (104.8 - fixed) / 1e6, (14.8 - fixed) / 1e5
    assert known.seconds_a_row == pytest.approx((slow + quick) / 2)


def test_runs_of_the_same_schema_count_more_than_others() -> None:
    runs = [past(1_000_000, 50.0, schema="amlsim"), past(1_000_000, 20.0)]
    known = throughput("cpu", "paysim", runs)
    assert known is not None
    assert known.seconds(1_000_000) == pytest.approx(20.0)
    other = throughput("cpu", "ibm-aml", runs)
    assert other is not None
    assert other.basis == "2 runs on this machine"


@pytest.mark.parametrize(
    "useless",
    [
        past(1000, 3.0),
        past(1_000_000, 5.0, status="failed"),
        past(1_000_000, 5.0, engine={"kind": "gpu"}),
    ],
    ids=["tiny", "failed", "other engine"],
)
def test_runs_that_tell_nothing_are_left_out(useless: dict[str, Any]) -> None:
    known = throughput("cpu", "paysim", [useless])
    assert known is not None
    assert known.basis.startswith("the benchmark")


def test_too_little_memory_is_a_warning_with_both_figures() -> None:
    size, config = Size(50_000_000, False), ComputeConfig()
    taken = route(size, "paysim", "auto", NO_GPU, [], config, free_mb=8192)
    (warning,) = taken.warnings
    assert "8.0 GiB are free" in warning
    assert "use a larger machine" in warning
    assert route(Size(1000, True), "paysim", "auto", NO_GPU, [], config, 8192).warnings == ()


def test_only_this_months_runs_count_against_the_cap() -> None:
    runs: list[dict[str, Any]] = [
        {"started": "2026-11-02T10:00:00+00:00", "cost": {"amount": 2.5}},
        {"started": "2026-11-20T10:00:00+00:00", "cost": {"amount": 1.0}},
        {"started": "2026-10-31T23:59:59+00:00", "cost": {"amount": 99.0}},
        {"started": "2026-11-03T10:00:00+00:00"},
    ]
    assert month_to_date(runs, datetime(2026, 11, 24, tzinfo=UTC)) == 3.5


def test_a_run_over_the_monthly_cap_is_refused_with_the_figures() -> None:
    spent = past(1_000_000, 20.0, started=datetime.now(UTC).isoformat(), cost={"amount": 24.99})
    config = ComputeConfig(cpu_usd_per_hour=36.0)
    with pytest.raises(InputError, match=r"about 0\.20 USD and the monthly cap leaves 0\.01 USD"):
        routed(1_000_000, config=config, manifests=[spent])
    assert routed(1_000_000, config=config).options[1].cost_usd == pytest.approx(0.121, abs=0.001)


def test_rows_of_a_parquet_file_are_known_and_of_a_csv_file_counted_or_estimated(
    tmp_path: Path,
) -> None:
    pq.write_table(pa.table({"a": range(1234)}), tmp_path / "t.parquet")
    assert estimate_size(tmp_path / "t.parquet") == Size(1234, True)
    assert estimate_size(SAMPLE) == Size(4000, True)
    (tmp_path / "open.csv").write_text("a,b\n1,2\n3,4")
    assert estimate_size(tmp_path / "open.csv") == Size(2, True)
    text = SAMPLE.read_text()
    header, _, body = text.partition("\n")
    (tmp_path / "big.csv").write_text(header + "\n" + body * 40)
    big = estimate_size(tmp_path / "big.csv")
    assert not big.is_exact
    assert big.rows == pytest.approx(160_000, rel=0.02)
    with gzip.open(tmp_path / "big.csv.gz", "wt") as file:
        file.write(header + "\n" + body * 40)
    assert estimate_size(tmp_path / "big.csv.gz").rows == pytest.approx(160_000, rel=0.35)


def test_a_receipt_charges_the_run_at_its_engines_price() -> None:
    stages = [
        {"engine": "gpu", "seconds": 36.0, "peak_rss_mb": 10.0, "peak_device_mb": 70.0},
        {"engine": "cpu", "seconds": 72.0, "peak_rss_mb": 30.0, "peak_device_mb": None},
    ]
    taken = routed(1_000_000, found=A_GPU).to_dict() | {"spent_usd": 1.0}
    manifest = {
        "stages": stages,
        "route": taken,
        "seconds": 108.0,
        "cost": {"currency": "USD"},
        "engine": {"kind": "gpu"},
    }
    config = ComputeConfig(cpu_usd_per_hour=1.0, gpu_usd_per_hour=10.0)
    told = receipt(manifest, config)
    assert told["cost"] == {"currency": "USD", "amount": 0.3}
    assert told["receipt"] == {
        "engines": ["cpu", "gpu"], "seconds": 108.0, "expected_seconds": None,
        "peak_rss_mb": 30.0, "expected_memory_mb": None, "peak_device_mb": 70.0,
        "cost_usd": 0.3, "month_to_date_usd": 1.3, "cap_usd": 25.0,
    }  # fmt: skip
    rented = ComputeConfig(gpu_usd_per_hour=10.0, start_usd=0.2)
    assert receipt(manifest, rented)["cost"]["amount"] == 0.5


def test_a_run_keeps_its_route_and_its_receipt(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    config = Config().override({"model": {"trees": 5}, "compute": {"cpu_usd_per_hour": 3.6}})
    run(lake, plan(lake, SAMPLE, config=config, run_id="r"))
    manifest = read_json(lake.run("r").manifest)
    assert manifest["route"]["choice"] == manifest["engine"]["kind"] == "cpu"
    assert manifest["route"]["reason"] == manifest["engine"]["reason"]
    assert manifest["route"]["rows"] == 4000
    assert manifest["receipt"]["engines"] == ["cpu"]
    assert manifest["cost"]["amount"] == pytest.approx(manifest["seconds"] / 1000, abs=1e-6)
    assert plan(lake, SAMPLE, run_id="s").route.spent_usd == pytest.approx(
        manifest["cost"]["amount"], abs=1e-4
    )


def test_prices_change_no_result_and_name_no_run(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    dear = Config().override({"compute": {"monthly_cap_usd": 99.0}})
    assert plan(lake, SAMPLE, config=dear).run_id == plan(lake, SAMPLE).run_id
    with pytest.raises(InputError, match="must not be negative"):
        Config().override({"compute": {"cpu_usd_per_hour": -1.0}})

"""The command line: one JSON object on the last line, and exit status 0, 2 or 1."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from engine.cli import main, summary
from engine.lake import Lake, read_json, write_json

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
PAYSIM = REPOSITORY / "tests" / "data" / "paysim_sample.csv"
LAST_LINE = [
    "run_id", "status", "rows", "rejected", "alerts", "rings", "seconds", "peak_rss_mb", "engine",
    "metrics",
]  # fmt: skip
QUICK = "[model]\ntrees = 10\n"


def command(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Return what a command says on stderr that must exit with status 2."""
    assert command(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    return said.err


@pytest.fixture(scope="module")
def rings_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return generated transfers; the truth lies beside them."""
    path = tmp_path_factory.mktemp("data") / "transfers.csv"
    assert command("generate", "rings", "--rows", "8000", "--seed", "3", path) == 0
    return path


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, rings_file: Path) -> Path:
    """Return a lake with the runs ``paysim``, ``rings``, and ``rings2``, the same again."""
    root = tmp_path_factory.mktemp("cli")
    quick = root / "quick.toml"
    quick.write_text(QUICK)
    lake = root / "lake"
    assert command("run", PAYSIM, "--lake", lake, "--run-id", "paysim", "--config", quick) == 0
    for run_id in ("rings", "rings2"):
        assert command(
            "run", rings_file, "--lake", lake, "--run-id", run_id, "--labels", "ignore"
        ) == 0  # fmt: skip
    return lake


@pytest.fixture(scope="module")
def truth(rings_file: Path) -> Path:
    [path] = rings_file.parent.glob("*rings*.parquet")
    return path


def test_the_last_line_is_the_contracts_json(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = lake.parent / "quick.toml"
    arguments = ("run", PAYSIM, "--lake", lake, "--run-id", "paysim", "--config", quick)
    assert command(*arguments) == 0
    said = capsys.readouterr()
    last = json.loads(said.out.splitlines()[-1])
    assert list(last) == LAST_LINE
    assert (last["run_id"], last["status"], last["engine"]) == ("paysim", "done", "cpu")
    assert (last["rows"], last["rejected"]) == (4000, 0)
    assert set(last["metrics"]) >= {
        "roc_auc", "average_precision", "precision", "recall", "threshold",
    }  # fmt: skip
    manifest = read_json(lake / "runs" / "paysim" / "run.json")
    assert (last["alerts"], last["rings"]) == (
        manifest["counts"]["alerts"], manifest["counts"]["rings"],
    )  # fmt: skip
    assert "is done already; its results stand" in said.err


def test_a_run_without_labels_has_empty_metrics(
    lake: Path, rings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command("run", rings_file, "--lake", lake, "--run-id", "rings", "--labels", "ignore")
    said = capsys.readouterr()
    assert json.loads(said.out)["metrics"] == {}
    assert "note: no labels" in said.err


def test_the_module_exits_with_the_commands_status(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "engine", "run", "nowhere.csv", "--lake", str(tmp_path)],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "nowhere.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_peak_of_a_resumed_run_is_its_own() -> None:
    manifest: dict[str, Any] = {
        "run_id": "r", "status": "done", "input": {"rows": 3, "rejected": 1}, "counts": {},
        "stages": [{"peak_rss_mb": 7.0}, {"peak_rss_mb": 9.0}], "seconds": 1.0,
        "engine": {"kind": "cpu"}, "metrics": {},
    }  # fmt: skip
    assert list(summary(manifest, 500.0)) == LAST_LINE
    assert summary(manifest, 500.0)["peak_rss_mb"] == 9.0
    assert summary({**manifest, "stages": []}, 500.0)["peak_rss_mb"] == 500.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.csv",), "nowhere.csv"),
        ((PAYSIM, "--schema", "nonsense"), "nonsense"),
        (
            (PAYSIM, "--engine", "gpu"),
            "--engine gpu cannot run here",
        ),
        ((PAYSIM, "--run-id", "../x"), "run id '../x'"),
        ((PAYSIM, "--config", "nowhere.toml"), "nowhere.toml: no such file"),
        (("ftp://bucket/file.csv",), "addresses start with s3://"),
    ],
)
def test_a_wrong_argument_is_refused(
    arguments: tuple[str | Path, ...],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert message in refused(capsys, "run", *arguments, "--lake", tmp_path)
    assert not (tmp_path / "runs").exists()


def test_a_file_that_does_not_fit_its_schema_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, "run", PAYSIM, "--schema", "creditcard", "--lake", tmp_path)
    assert "does not fit schema creditcard" in said


def test_a_lake_of_an_unknown_kind_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "start with s3://" in refused(capsys, "run", PAYSIM, "--lake", "gs://bucket")


def test_a_run_needs_an_input_or_a_run_to_go_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "name an INPUT" in refused(capsys, "run", "--lake", tmp_path)


def test_a_wrong_setting_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "c.toml"
    config.write_text("[model]\ntreees = 3\n")
    said = refused(capsys, "run", PAYSIM, "--lake", tmp_path, "--config", config)
    assert "did you mean 'trees'?" in said


@pytest.mark.parametrize(
    "arguments", [("run", "x", "y"), ("fly",), (), ("run", "x", "--labels", "no")]
)
def test_a_malformed_command_exits_with_status_two(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command(*arguments)


def test_a_damaged_manifest_is_a_failure_not_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = Lake.open(tmp_path).run("r").manifest
    manifest.parent.mkdir(parents=True)
    manifest.write_text("{")
    assert command("evaluate", "r", "--lake", tmp_path) == 1
    assert capsys.readouterr().err.startswith("failed: ")


def evaluated(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    assert command("evaluate", *arguments) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_evaluate_with_the_truth_prints_ring_figures(
    lake: Path, truth: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = evaluated(capsys, "rings", "--lake", lake, "--truth", truth)
    assert set(report) >= {
        "ring_recall", "ring_precision", "ring_f1", "ring_alert_threshold", "rings",
        "by_typology", "at_budget", "accounts", "transactions_in_rings",
    }  # fmt: skip
    assert set(report["rings"]) == set(report["by_typology"]) == {"0.5", "0.3"}
    assert set(report["at_budget"]["0.5"]) == {"top_100", "top_true"}
    assert report["rings"]["0.5"]["true"] == pq.read_metadata(truth).num_rows == 4
    assert report["rings"]["0.3"]["ring_recall"] >= report["ring_recall"]


def test_evaluate_judges_only_rings_over_the_alert_threshold(
    lake: Path, truth: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = evaluated(capsys, "rings", "--lake", lake, "--truth", truth)
    scores = pq.read_table(lake / "graphs" / "rings" / "rings.parquet")["score"].to_pylist()
    over = sum(score >= report["ring_alert_threshold"] for score in scores)
    assert report["rings"]["0.5"]["predicted"] == over


def test_a_run_judged_by_its_own_rings_is_perfect(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graphs = lake / "graphs" / "rings"
    members = pq.read_table(graphs / "ring_accounts.parquet").to_pandas()
    rings = pq.read_table(graphs / "rings.parquet").to_pandas()
    rings = rings[rings["score"] >= 0.5].set_index("ring_id")
    lists = members.groupby("ring_id")["account"].agg(list)
    own = rings.assign(members=lists).reset_index()[["ring_id", "typology", "members"]]
    own.to_parquet(tmp_path / "truth.parquet")
    report = evaluated(capsys, "rings", "--lake", lake, "--truth", tmp_path / "truth.parquet")
    assert len(own) > 0
    assert (report["ring_recall"], report["ring_precision"]) == (1.0, 1.0)
    assert report["accounts"]["f1"] == 1.0


def test_evaluate_without_the_truth_prints_a_table_or_json(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = evaluated(capsys, "paysim", "--lake", lake, "--json")
    assert command("evaluate", "paysim", "--lake", lake) == 0
    table = capsys.readouterr().out
    assert f"| this run | {report['transactions']['roc_auc']:.4f} |" in table


def test_evaluate_refuses_what_it_cannot_judge(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no run 'x'" in refused(capsys, "evaluate", "x", "--lake", lake)
    said = refused(capsys, "evaluate", "rings", "--lake", lake, "--truth", "nowhere.parquet")
    assert "nowhere.parquet: no such file" in said
    rings = lake / "graphs" / "rings" / "rings.parquet"
    said = refused(capsys, "evaluate", "rings", "--lake", lake, "--truth", rings)
    assert "missing column(s) members" in said
    write_json(Lake.open(tmp_path).run("r").manifest, {"run_id": "r", "status": "failed"})
    assert "r is failed" in refused(capsys, "evaluate", "r", "--lake", tmp_path)


def test_two_runs_of_the_same_file_are_the_same(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert command("compare", "rings", "rings2", "--lake", lake) == 0
    assert json.loads(capsys.readouterr().out)["same"] is True


def test_runs_that_differ_exit_with_status_one(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert command("compare", "rings", "paysim", "--lake", lake) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["same"] is False
    assert said.err == "failed: the two runs differ\n"


def test_generate_prints_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "p.csv"
    assert command("generate", "paysim", "--rows", "50", "--seed", "2", out) == 0
    assert capsys.readouterr().out.split() == [str(out)]
    assert len(out.read_text().splitlines()) == 51


def test_generate_can_leave_look_alikes_alone(tmp_path: Path) -> None:
    out = tmp_path / "innocent.parquet"
    assert command("generate", "rings", "--rows", "6000", "--rings", "0", out) == 0
    assert not pq.read_table(out)["is_laundering"].to_numpy().any()
    assert pq.read_metadata(tmp_path / "innocent.rings.parquet").num_rows == 0
    assert pq.read_metadata(tmp_path / "innocent.lookalikes.parquet").num_rows > 0


def test_paysim_holds_no_rings_to_plant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "generate", "paysim", "--rows", "50", "--rings", "3", tmp_path / "p.csv")
    assert "generate rings" in said


def test_generate_refuses_a_size_that_cannot_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(capsys, "generate", "paysim", "--rows", "0", tmp_path / "p.csv")
    assert not (tmp_path / "p.csv").exists()

"""A run from file to alerts: what it leaves in the lake, and how it goes on after a break."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest

from engine.compare import content_hash
from engine.config import Config
from engine.errors import InputError, RunError, StoppedError
from engine.generate import write_rings
from engine.lake import Lake, read_json, write_json
from engine.pipeline import run
from engine.plan import plan
from engine.progress import STAGES

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
PAYSIM = REPOSITORY / "tests" / "data" / "paysim_sample.csv"
#: As quick as a model can be; which trees they are does not matter here.
QUICK: dict[str, Any] = {"model": {"trees": 20}}
SCORES = {"rule_score", "anomaly_score", "is_anomaly", "fraud_probability", "final_risk"}
CONTRACT = {
    "rejects": ["row", "reason", "raw"],
    "rings": [
        "ring_id", "typology", "score", "n_accounts", "n_transactions", "amount", "start", "end",
        "fingerprint",
    ],
    "ring_accounts": ["ring_id", "account", "role"],
    "ring_transactions": ["ring_id", "tx_id"],
    "accounts": [
        "account", "in_count", "out_count", "in_amount", "out_amount", "first_time", "last_time",
        "community", "pagerank", "role", "risk",
    ],
    "alerts": [
        "alert_id", "ring_id", "tx_id", "title", "typology", "score", "amount", "n_accounts",
        "opened", "reasons",
    ],
}  # fmt: skip


def run_file(lake: Lake, path: Path, **choices: Any) -> dict[str, Any]:
    """Run a file with quick settings and return the manifest."""
    return run(lake, plan(lake, path, config=Config().override(QUICK), **choices))


def columns_of(path: Path) -> list[str]:
    return list(pq.read_schema(path).names)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake.open(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def paysim(lake: Lake) -> dict[str, Any]:
    """Return the manifest of a finished run of labelled PaySim rows."""
    return run_file(lake, PAYSIM, run_id="paysim")


@pytest.fixture(scope="module")
def ring_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rings") / "transfers.csv"
    write_rings(8000, 3, path)
    return path


@pytest.fixture(scope="module")
def rings(lake: Lake, ring_file: Path) -> dict[str, Any]:
    """Return the manifest of a finished run of generated rings, labels left aside."""
    return run_file(lake, ring_file, run_id="rings", labels="ignore")


@pytest.fixture(scope="module")
def card_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return sixty credit-card rows: no accounts, two of the features V1 to V28."""
    path = tmp_path_factory.mktemp("cards") / "cards.csv"
    names = [f"V{i}" for i in range(1, 29)]
    rows = [
        [str(second), *(f"{(second * k) % 7 - 3}.5" for k in range(1, 29)), f"{second}.25", "0"]
        for second in range(60)
    ]
    lines = [["Time", *names, "Amount", "Class"], *rows]
    path.write_text("\n".join(",".join(line) for line in lines) + "\n")
    return path


@pytest.mark.parametrize("table", CONTRACT)
@pytest.mark.parametrize("name", ["paysim", "rings"])
def test_each_table_has_the_contracts_columns(
    lake: Lake, name: str, table: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(name)
    found = columns_of(lake.run(name).outputs()[table])
    assert [column for column in found if column in CONTRACT[table]] == CONTRACT[table]


def test_scored_transactions_keep_the_canonical_columns_and_gain_the_scores(
    lake: Lake, paysim: dict[str, Any]
) -> None:
    paths = lake.run("paysim")
    prepped, augmented = columns_of(paths.prepped), columns_of(paths.augmented)
    assert augmented[: len(prepped)] == prepped
    assert {"tx_id", "time", "sender", "receiver", "amount", "type", "label"} <= set(prepped)
    assert set(augmented) >= SCORES
    assert len(augmented) == len(set(augmented))
    before = pq.read_table(paths.prepped)
    assert pq.read_table(paths.augmented, columns=prepped).equals(before)


def test_every_score_lies_between_zero_and_one(lake: Lake, paysim: dict[str, Any]) -> None:
    table = pq.read_table(lake.run("paysim").augmented).to_pandas()
    for name in SCORES - {"is_anomaly"}:
        assert table[name].between(0, 1).all(), name
    assert table["is_anomaly"].dtype == bool


def test_the_manifest_says_all_of_the_run(lake: Lake, paysim: dict[str, Any]) -> None:
    assert set(paysim) >= {
        "run_id", "status", "input", "schema", "engine", "config", "stages", "seconds", "metrics",
        "outputs", "cost", "error",
    }  # fmt: skip
    assert (paysim["run_id"], paysim["status"], paysim["error"]) == ("paysim", "done", None)
    assert (paysim["input"]["rows"], paysim["input"]["rejected"]) == (4000, 0)
    assert paysim["schema"] == "paysim"
    assert set(paysim["engine"]) >= {"kind", "device", "versions"}
    assert paysim["config"]["model"]["trees"] == 20
    assert paysim["config"]["ring_alert_threshold"] == 0.5
    assert read_json(lake.run("paysim").manifest) == json.loads(json.dumps(paysim))


def test_the_stages_come_in_order_with_their_figures(paysim: dict[str, Any]) -> None:
    assert [stage["name"] for stage in paysim["stages"]] == list(STAGES)
    for stage in paysim["stages"]:
        assert set(stage) == {
            "name", "seconds", "rows", "peak_rss_mb", "engine", "peak_device_mb", "notes",
        }  # fmt: skip
        assert (stage["engine"], stage["peak_device_mb"]) == ("cpu", None)
        assert stage["seconds"] >= 0
        assert stage["rows"] == 4000
        assert stage["peak_rss_mb"] > 0


def test_the_counts_are_those_of_the_tables(lake: Lake, rings: dict[str, Any]) -> None:
    outputs = lake.run("rings").outputs()
    tables = {"transactions": "prepped", **{n: n for n in ("accounts", "rings", "alerts")}}
    assert rings["counts"] == {
        name: pq.read_metadata(outputs[table]).num_rows for name, table in tables.items()
    }


def test_outputs_are_named_from_the_lakes_root(lake: Lake, paysim: dict[str, Any]) -> None:
    assert set(paysim["outputs"]) == set(lake.run("paysim").outputs())
    assert all((lake.root / path).is_file() for path in paysim["outputs"].values())


def test_a_finished_run_leaves_no_checkpoint_and_no_part(
    lake: Lake, paysim: dict[str, Any]
) -> None:
    assert not lake.run("paysim").checkpoint.exists()
    assert not list(lake.root.rglob("*.part"))
    assert read_json(lake.run("paysim").progress)["state"] == "done"


def test_labels_give_figures_of_the_future_rows(paysim: dict[str, Any]) -> None:
    metrics = paysim["metrics"]
    assert set(metrics) >= {"roc_auc", "average_precision", "precision", "recall", "threshold"}
    assert metrics["roc_auc"] > 0.9
    assert metrics["rows"] == pytest.approx(800, abs=1)


def test_ignored_labels_leave_no_probability_and_no_figures(
    lake: Lake, rings: dict[str, Any]
) -> None:
    table = pq.read_table(lake.run("rings").augmented)
    assert table["fraud_probability"].null_count == table.num_rows == 8000
    assert "label" in table.column_names  # kept as truth, for judging the run afterwards
    assert (rings["metrics"], rings["labels"]["mode"]) == ({}, "ignore")
    assert not lake.run("rings").model.exists()


def test_labels_that_are_ignored_change_nothing(tmp_path: Path) -> None:
    lines = PAYSIM.read_text().splitlines()[:601]
    turned = [lines[0]]
    for line in lines[1:]:
        *cells, fraud, flagged = line.split(",")
        turned.append(",".join([*cells, str(1 - int(fraud)), flagged]))
    hashes = []
    for name, text in (("as_given", lines), ("turned", turned)):
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(text) + "\n")
        lake = Lake.open(tmp_path / name)
        run_file(lake, path, run_id="r", labels="ignore")
        paths = lake.run("r")
        tables = (paths.accounts, paths.rings, paths.ring_transactions, paths.alerts)
        risk = pq.read_table(paths.augmented, columns=["tx_id", *sorted(SCORES)])
        hashes.append([*map(content_hash, tables), risk.to_pydict()])
    assert hashes[0] == hashes[1]


def test_every_ring_is_proved_by_transactions_of_the_run(lake: Lake, rings: dict[str, Any]) -> None:
    paths = lake.run("rings")
    found = pq.read_table(paths.rings).to_pandas().set_index("ring_id")
    proof = pq.read_table(paths.ring_transactions).to_pandas()
    ids = set(pq.read_table(paths.prepped, columns=["tx_id"])["tx_id"].to_pylist())
    accounts = pq.read_table(paths.ring_accounts).to_pandas()
    assert len(found) > 0
    assert set(proof["tx_id"]) <= ids
    assert proof.groupby("ring_id").size().to_dict() == found["n_transactions"].to_dict()
    assert accounts.groupby("ring_id").size().to_dict() == found["n_accounts"].to_dict()
    assert found["score"].between(0, 1).all()


def test_proof_of_a_ring_raises_the_final_risk(lake: Lake, rings: dict[str, Any]) -> None:
    paths = lake.run("rings")
    scored = pq.read_table(paths.augmented).to_pandas().set_index("tx_id")
    score = pq.read_table(paths.rings).to_pandas().set_index("ring_id")["score"]
    proof = pq.read_table(paths.ring_transactions).to_pandas()
    best = proof.assign(score=proof["ring_id"].map(score)).groupby("tx_id")["score"].max()
    base = 0.6 * scored["anomaly_score"] + 0.4 * scored["rule_score"]
    ring = best.reindex(scored.index).fillna(0.0)
    expected = base + (1 - base) * 0.5 * ring
    assert scored["final_risk"].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-5)


def test_the_same_command_again_returns_at_once(lake: Lake, paysim: dict[str, Any]) -> None:
    touched = lake.run("paysim").alerts.stat().st_mtime_ns
    assert run_file(lake, PAYSIM, run_id="paysim") == read_json(lake.run("paysim").manifest)
    assert lake.run("paysim").alerts.stat().st_mtime_ns == touched


def test_without_a_run_id_the_same_command_names_the_same_run(
    lake: Lake, paysim: dict[str, Any]
) -> None:
    planned = plan(lake, PAYSIM)
    assert planned.run_id == plan(lake, PAYSIM).run_id != plan(lake, PAYSIM, labels="ignore").run_id
    assert planned.duplicate_of == "paysim"  # the same bytes were run before


def test_another_input_cannot_take_a_runs_id(
    lake: Lake, paysim: dict[str, Any], ring_file: Path
) -> None:
    with pytest.raises(InputError, match="run paysim exists with another input or other settings"):
        run_file(lake, ring_file, run_id="paysim")


def test_other_settings_cannot_take_a_runs_id(lake: Lake, paysim: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="another input or other settings"):
        run_file(lake, PAYSIM, run_id="paysim", labels="ignore")
    with pytest.raises(InputError, match="another input or other settings"):
        run(lake, plan(lake, PAYSIM, config=Config(), run_id="paysim"))


def test_an_input_without_accounts_runs_without_a_graph(tmp_path: Path, card_file: Path) -> None:
    lake = Lake.open(tmp_path)
    manifest = run_file(lake, card_file, run_id="cards")
    paths = lake.run("cards")
    assert (manifest["status"], manifest["has_accounts"]) == ("done", False)
    assert [s["name"] for s in manifest["stages"]] == ["intake", "features", "scores", "alerts"]
    assert not paths.accounts.parent.exists()
    assert {"accounts", "rings"}.isdisjoint(manifest["outputs"])
    alerts = pq.read_table(paths.alerts).to_pandas()
    assert alerts["ring_id"].isna().all()
    assert {"x_V1", "x_V28", *SCORES} <= set(columns_of(paths.augmented))


def test_a_model_of_one_run_scores_another(
    lake: Lake, paysim: dict[str, Any], tmp_path: Path
) -> None:
    model = lake.run("paysim").model
    lines = PAYSIM.read_text().splitlines()
    part = tmp_path / "part.csv"
    part.write_text("\n".join(lines[:601]) + "\n")
    config = Config().override({"model": {"use": str(model)}})
    other = Lake.open(tmp_path / "lake")
    manifest = run(other, plan(other, part, labels="ignore", config=config, run_id="r"))
    assert f"scored by the model {model}" in manifest["notes"]
    columns = ["tx_id", "fraud_probability"]
    given = pq.read_table(lake.run("paysim").augmented, columns=columns).slice(0, 600)
    # The first rows of the file have the same history in both runs.
    assert pq.read_table(other.run("r").augmented, columns=columns).equals(given)


def test_a_model_that_needs_other_columns_is_refused(
    lake: Lake, paysim: dict[str, Any], card_file: Path, tmp_path: Path
) -> None:
    config = Config().override({"model": {"use": str(lake.run("paysim").model)}})
    other = Lake.open(tmp_path / "lake")
    with pytest.raises(InputError, match="which this input does not give"):
        run(other, plan(other, card_file, config=config, run_id="r"))
    manifest = other.read_manifest("r")
    assert manifest["status"] == "failed"
    assert "which this input does not give" in manifest["error"]
    assert read_json(other.run("r").progress)["state"] == "failed"


def broken_off(lake: Lake, stage: str, error: Exception) -> None:
    """Run PaySim until the stage begins, and fail there."""

    def listener(_: float, message: str) -> None:
        if message.startswith(f"{stage}:"):
            raise error

    with pytest.raises(type(error)):
        run(
            lake,
            plan(lake, PAYSIM, config=Config().override(QUICK), run_id="r"),
            listener,
        )


def test_a_failed_run_keeps_its_error_and_goes_on_where_it_failed(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    broken_off(lake, "graph", OSError("disk full"))
    failed = lake.read_manifest("r")
    assert (failed["status"], failed["error"]) == ("failed", "disk full")
    assert [stage["name"] for stage in failed["stages"]] == ["intake", "features", "scores"]
    done = run_file(lake, PAYSIM, run_id="r")
    assert (done["status"], done["error"]) == ("done", None)
    assert done["stages"][:3] == failed["stages"]
    assert [stage["name"] for stage in done["stages"]] == list(STAGES)
    assert done["notes"][: len(failed["notes"])] == failed["notes"]  # no stage speaks twice
    assert len(set(done["notes"])) == len(done["notes"])


def test_a_stopped_run_is_cancelled_not_failed(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    broken_off(lake, "features", StoppedError("stopped"))
    assert lake.read_manifest("r")["status"] == "cancelled"
    assert read_json(lake.run("r").progress)["state"] == "cancelled"


def test_stages_of_other_library_versions_are_done_again(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    broken_off(lake, "graph", OSError("disk full"))
    path = lake.run("r").manifest
    manifest = read_json(path)
    manifest["engine"]["versions"]["numpy"] = "1.0"
    for stage in manifest["stages"]:
        stage["seconds"] = 12345.0
    manifest["stages"][0]["notes"] = ["half of it was rejected"]
    write_json(path, manifest)
    done = run_file(lake, PAYSIM, run_id="r")
    intake, *later = done["stages"]
    assert intake["seconds"] == 12345  # its table is the same whatever computes
    assert max(stage["seconds"] for stage in later) < 12345
    assert [stage["name"] for stage in done["stages"]] == list(STAGES)
    assert done["notes"][0] == "half of it was rejected"
    assert len(set(done["notes"])) == len(done["notes"])
    assert done["counts"]["transactions"] == manifest["counts"]["transactions"]


def test_a_run_under_way_in_another_process_is_left_alone(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    broken_off(lake, "graph", OSError("disk full"))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        started = psutil.Process(other.pid).create_time()
        path = lake.run("r").progress
        write_json(
            path,
            {**read_json(path), "state": "running", "pid": other.pid, "process_started": started},
        )
        try:
            with pytest.raises(RunError, match=f"under way in process {other.pid}"):
                run_file(lake, PAYSIM, run_id="r")
        finally:
            other.kill()
    assert run_file(lake, PAYSIM, run_id="r")["status"] == "done"


#: Runs the file, and kills itself without warning in the middle of the stage it is given.
KILLED = dedent(
    """
    import os, signal, sys
    from engine.config import Config
    from engine.lake import Lake
    from engine.pipeline import run
    from engine.plan import plan
    lake, source, stage, trees = sys.argv[1:]

    def die_in_the_middle(share, message):
        name, _, words = message.partition(": ")
        if name == stage and words != "starting":
            os.kill(os.getpid(), signal.SIGKILL)

    config = Config().override({"model": {"trees": int(trees)}})
    lake = Lake.open(lake)
    run(lake, plan(lake, source, config=config, run_id="r"), die_in_the_middle)
    """
)


@pytest.fixture(scope="module")
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return generated rings of which one can learn quickly."""
    path = tmp_path_factory.mktemp("small") / "transfers.csv"
    write_rings(3000, 3, path, 8)
    return path


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, small_file: Path) -> dict[str, str]:
    """Return the hash of each table of a run that nothing broke."""
    lake = Lake.open(tmp_path_factory.mktemp("unbroken"))
    run_file(lake, small_file, run_id="r")
    return {name: content_hash(path) for name, path in lake.run("r").outputs().items()}


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_happened(
    stage: str, tmp_path: Path, small_file: Path, unbroken: dict[str, str]
) -> None:
    lake, paths = Lake.open(tmp_path), Lake.open(tmp_path).run("r")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(small_file), stage, "20"],
        cwd=REPOSITORY, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert read_json(paths.progress)["stage"] == stage
    left = read_json(paths.manifest)
    before = list(STAGES)[: list(STAGES).index(stage)]
    assert left["status"] == "running"
    assert [s["name"] for s in left["stages"]] == before

    done = run_file(lake, small_file, run_id="r")
    assert done["status"] == "done"
    assert done["stages"][: len(before)] == left["stages"]
    assert [s["name"] for s in done["stages"]] == list(STAGES)  # none was done twice
    assert {name: content_hash(path) for name, path in paths.outputs().items()} == unbroken
    assert not list(tmp_path.rglob("*.part"))


def test_an_edited_mapping_is_another_run(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    source = tmp_path / "payments.csv"
    source.write_text("day,payer,payee,gross,net\n1,a,b,10,9\n2,b,c,20,18\n")
    mapping = tmp_path / "mine.toml"
    text = dedent("""
        name = "mine"
        [columns]
        time = "day"
        sender = "payer"
        receiver = "payee"
        amount = "gross"
        [time]
        unit = "day"
    """)
    mapping.write_text(text)
    first = run_file(lake, source, schema=str(mapping))
    mapping.write_text(text.replace("gross", "net"))
    second = run_file(lake, source, schema=str(mapping))
    assert second["run_id"] != first["run_id"]
    amounts = pq.read_table(lake.run(second["run_id"]).prepped)["amount"].to_pylist()
    assert amounts == [9.0, 18.0]


def test_a_model_that_changed_under_its_name_is_another_run(
    lake: Lake, paysim: dict[str, Any], tmp_path: Path
) -> None:
    model = tmp_path / "model.json"
    card = read_json(lake.run(paysim["run_id"]).model)
    write_json(model, card)
    config = Config().override({"model": {"use": str(model)}})
    first = plan(lake, PAYSIM, config=config)
    write_json(model, {**card, "threshold": 0.9})
    assert plan(lake, PAYSIM, config=config).run_id != first.run_id

"""A lake on S3 worked on from several machines: published whole, gone on with, never mixed up."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from aws.s3_store import S3Store
from engine.compare import compare_runs, content_hash
from engine.errors import InputError, RunError
from engine.ingest import ingest
from engine.job_state import run_state
from engine.lake import Lake, RunPaths, read_json, write_json
from engine.pipeline import run
from engine.plan import plan, plan_rest
from engine.processes import identity
from engine.working_copy import CLAIM_SECONDS, WorkingCopy
from tests.aws.emulator.fault_rules import Rule
from tests.aws.emulator.launcher import Emulated
from tests.aws.watch import LakeView
from tests.small_run import RUN_ID, write_small_run

pytestmark = pytest.mark.slow

_numbers = count(1)


@pytest.fixture
def bucket(aws: Emulated, program: pytest.MonkeyPatch) -> LakeView:
    """A new bucket, which nobody watches."""
    name = f"copies-{next(_numbers)}"
    aws.client("s3").create_bucket(Bucket=name)
    return LakeView(aws, name)


def machine(bucket: LakeView, folder: Path) -> Lake:
    """Return the lake as another machine sees it."""
    copy = WorkingCopy.open(bucket.address)
    folder.mkdir()
    return Lake(folder, WorkingCopy(copy.store, folder))


@pytest.fixture
def first(bucket: LakeView, tmp_path: Path) -> Lake:
    return machine(bucket, tmp_path / "first")


@pytest.fixture
def second(bucket: LakeView, tmp_path: Path) -> Lake:
    return machine(bucket, tmp_path / "second")


def kept(lake: Lake) -> RunPaths:
    """Write the small run on a machine and keep it."""
    paths = write_small_run(lake.root)
    keep(lake)
    return paths


def keep(lake: Lake) -> None:
    """Keep the small run with the manifest that is there."""
    lake.keep(RUN_ID, read_json(lake.run(RUN_ID).manifest))


def keep_new(lake: Lake) -> bool:
    return lake.keep_new(RUN_ID, read_json(lake.run(RUN_ID).manifest))


def etags(bucket: LakeView) -> dict[str, str]:
    told = bucket.s3.list_objects_v2(Bucket=bucket.bucket).get("Contents", ())
    return {entry["Key"]: entry["ETag"] for entry in told}


def test_what_one_machine_keeps_another_one_has(first: Lake, second: Lake) -> None:
    written = kept(first)
    assert [run["run_id"] for run in second.manifests()] == [RUN_ID]
    second.fetch(RUN_ID)
    for name, path in second.run(RUN_ID).outputs().items():
        if written.outputs()[name].exists():
            assert path.read_bytes() == written.outputs()[name].read_bytes()


def test_a_manifest_has_the_checksum_of_every_file_and_no_other(
    bucket: LakeView, first: Lake
) -> None:
    kept(first)
    checksums = bucket.manifest(RUN_ID)["checksums"]
    assert set(checksums) == set(bucket.files_of(RUN_ID)) - {f"runs/{RUN_ID}/run.json"}
    for key, sha256 in checksums.items():
        assert hashlib.sha256(bucket.read(key)).hexdigest() == sha256


def test_what_only_means_something_on_its_machine_stays_there(
    bucket: LakeView, first: Lake
) -> None:
    paths = write_small_run(first.root)
    for path in (paths.progress, paths.log, paths.folder / "job.json"):
        path.write_text("{}")
    keep(first)
    kept = bucket.keys()
    assert not [key for key in kept if key.endswith(("progress.json", ".log", "job.json"))]


def test_records_that_others_write_to_the_store_are_left_alone(
    bucket: LakeView, first: Lake, second: Lake
) -> None:
    kept(first)
    records = [f"runs/{RUN_ID}/batch-1.json", f"runs/{RUN_ID}/announced.json"]
    for key in records:
        bucket.put(b"as it was", key)
    second.fetch(RUN_ID)
    for key in records:
        bucket.put(b"newer", key)
    keep(second)
    assert [bucket.read(key) for key in records] == [b"newer", b"newer"]
    assert not set(records) & set(bucket.manifest(RUN_ID)["checksums"])


def test_what_was_fetched_is_not_sent_back(
    bucket: LakeView, first: Lake, second: Lake, faults: Emulated
) -> None:
    kept(first)
    second.fetch(RUN_ID)
    faults.fail([Rule(service="s3", method="PUT", do="slow", times=1000)])
    keep(second)
    assert faults.failed() == [1]  # the manifest


def test_a_missing_file_is_named(bucket: LakeView, first: Lake, second: Lake) -> None:
    kept(first)
    key = f"graphs/{RUN_ID}/rings.parquet"
    bucket.s3.delete_object(Bucket=bucket.bucket, Key=key)
    with pytest.raises(RunError, match=f"{key} is gone; delete the run and start it again"):
        second.fetch(RUN_ID)


def test_a_file_that_the_run_did_not_write_is_refused(
    bucket: LakeView, first: Lake, second: Lake
) -> None:
    kept(first)
    key = f"graphs/{RUN_ID}/rings.parquet"
    bucket.put(b"something else", key)
    with pytest.raises(RunError, match=f"{key} is not what the run wrote"):
        second.fetch(RUN_ID)
    assert not (second.root / key).exists()


def test_of_two_machines_that_begin_a_run_one_is_first(
    bucket: LakeView, first: Lake, second: Lake
) -> None:
    write_small_run(first.root)
    assert keep_new(first)
    before = etags(bucket)
    other = write_small_run(second.root, found_nothing=True)
    assert not keep_new(second)
    assert etags(bucket) == before
    second.fetch(RUN_ID)  # what the first one made
    assert pq.read_metadata(other.rings).num_rows == 2


def test_who_comes_between_is_left_alone(
    bucket: LakeView, first: Lake, second: Lake, program: pytest.MonkeyPatch
) -> None:
    """The other one's first keep lands when this one has found no run and has sent nothing yet."""
    write_small_run(second.root, found_nothing=True)
    before: dict[str, str] = {}
    create = S3Store.create

    def between(store: S3Store, key: str, content: bytes) -> bool:
        kept(first)
        before.update(etags(bucket))
        return create(store, key, content)

    program.setattr(S3Store, "create", between)
    assert not keep_new(second)
    assert etags(bucket) == before


def claim(bucket: LakeView, lake: Lake, seconds_ago: float) -> None:
    """Leave the claim of somebody who began the small run."""
    told = read_json(lake.run(RUN_ID).manifest)
    mark = {"claimed": time.time() - seconds_ago, "by": "somebody", "machine": "far away"}
    claimed = {**told, "status": "running", "stages": [], "outputs": {}, **mark}
    bucket.put(json.dumps(claimed).encode(), f"runs/{RUN_ID}/run.json")


def test_a_claimed_run_is_left_alone_until_the_claim_is_old(
    bucket: LakeView, first: Lake, second: Lake, program: pytest.MonkeyPatch
) -> None:
    program.setattr("engine.working_copy._WAIT_SECONDS", 0.5)
    write_small_run(first.root)
    claim(bucket, first, CLAIM_SECONDS - 60)
    before = etags(bucket)
    for keeping in (keep, keep_new):
        with pytest.raises(RunError, match="is being taken in by far away; try again"):
            keeping(first)
    assert etags(bucket) == before
    (seen,) = second.manifests()
    assert run_state(second.run(RUN_ID)).state == "elsewhere"
    assert seen["status"] == "running"
    claim(bucket, first, CLAIM_SECONDS + 1)
    assert keep_new(first)
    assert "claimed" not in bucket.manifest(RUN_ID)
    second.fetch(RUN_ID)


def test_of_many_who_take_over_a_dead_claim_one_does(
    bucket: LakeView, first: Lake, second: Lake, tmp_path: Path
) -> None:
    lakes = [first, second, machine(bucket, tmp_path / "third")]
    for lake in lakes:
        write_small_run(lake.root)
    claim(bucket, first, CLAIM_SECONDS + 1)
    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(keep_new, lakes)) == [False, False, True]


def test_who_waits_for_a_claim_finds_the_run(
    bucket: LakeView, first: Lake, second: Lake, faults: Emulated
) -> None:
    for lake in (first, second):
        write_small_run(lake.root)
    faults.fail([Rule(service="s3", method="PUT", path="/alerts/", do="slow", seconds=2)])
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(keep_new, (first, second))) == [False, True]


def test_what_cannot_be_sent_gives_up_its_claim(
    bucket: LakeView, first: Lake, second: Lake, faults: Emulated
) -> None:
    for lake in (first, second):
        write_small_run(lake.root)
    faults.fail([Rule(service="s3", method="PUT", path="/alerts/", times=100, status=403,
                      code="AccessDenied")])  # fmt: skip
    with pytest.raises(InputError, match="access denied"):
        keep_new(first)
    left = bucket.manifest(RUN_ID)
    assert (left["status"], left["stages"]) == ("failed", [])
    assert "access denied" in left["error"]
    faults.fail([])
    assert keep_new(second)


def test_who_was_taken_over_meanwhile_changes_nothing(
    bucket: LakeView, first: Lake, program: pytest.MonkeyPatch
) -> None:
    write_small_run(first.root)
    send = WorkingCopy._send_files

    def slowly(copy: WorkingCopy, run_id: str) -> dict[str, str]:
        claim(bucket, first, 0.0)  # two minutes later, by somebody else
        return send(copy, run_id)

    program.setattr(WorkingCopy, "_send_files", slowly)
    with pytest.raises(RunError, match="was taken over by another machine"):
        keep_new(first)
    assert bucket.manifest(RUN_ID)["by"] == "somebody"


def test_a_run_goes_on_where_whoever_claimed_it_died(
    bucket: LakeView, first: Lake, second: Lake, rows: Path, undisturbed: dict[str, str],
    program: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    bucket.put(rows, "elsewhere/rows.csv")
    planned = plan(first, f"{bucket.address}/elsewhere/rows.csv", engine="cpu", run_id="died")

    def die(copy: WorkingCopy, run_id: str) -> dict[str, str]:
        raise KeyboardInterrupt

    with program.context() as dying:
        dying.setattr(WorkingCopy, "_send_files", die)
        with pytest.raises(KeyboardInterrupt):
            ingest(first, planned)
    assert bucket.manifest("died")["stages"] == []
    rest = plan_rest(second, "died", "cpu")
    program.setattr("engine.working_copy.CLAIM_SECONDS", 0.0)
    assert run(second, rest)["status"] == "done"
    assert tables(second, "died") == undisturbed
    assert "claimed" not in bucket.manifest("died")


def test_a_finished_run_is_not_set_back(first: Lake, second: Lake) -> None:
    kept(first)
    paths = write_small_run(second.root)
    write_json(paths.manifest, {**read_json(paths.manifest), "status": "running"})
    with pytest.raises(RunError, match="was finished on another machine meanwhile"):
        keep(second)


def test_what_a_process_here_is_writing_is_not_fetched_over(
    bucket: LakeView, first: Lake, rows: Path
) -> None:
    """The app reads the lake all the time, in the folder that the worker works in."""
    paths = kept(first)
    told = {**read_json(paths.manifest), "status": "running", "error": "newer than the lake's"}
    write_json(paths.manifest, told)
    me = identity(os.getpid())
    write_json(paths.progress, {**me, "state": "running"})
    app = WorkingCopy.open(bucket.address)
    app.root = first.root
    app.fetch_manifests()
    app.fetch_run(RUN_ID)
    assert read_json(paths.manifest) == told
    for over in ({**me, "state": "done"}, {**me, "pid": 0, "state": "running"}):
        write_json(paths.manifest, told)
        write_json(paths.progress, over)
        app._listed = 0.0
        app.fetch_manifests()
        assert read_json(paths.manifest) == bucket.manifest(RUN_ID)


def test_the_manifest_is_kept_as_it_is_in_memory(bucket: LakeView, first: Lake) -> None:
    paths = kept(first)
    told = {**read_json(paths.manifest), "notes": ["what the file does not say"]}
    first.keep(RUN_ID, told)
    assert bucket.manifest(RUN_ID)["notes"] == told["notes"]


def test_a_deleted_run_is_gone_everywhere(bucket: LakeView, first: Lake, second: Lake) -> None:
    kept(first)
    bucket.put(b"{}", f"runs/{RUN_ID}/batch-1.json")
    assert second.manifests()
    first.delete_run(RUN_ID)
    assert bucket.keys() == []
    assert second.remote is not None
    second.remote._listed = 0.0  # three seconds later
    assert second.manifests() == []
    assert [p for p in first.root.rglob("*") if p.is_file() and p.suffix == ".parquet"] == []


def test_a_deletion_that_fails_midway_leaves_no_run_to_read(
    bucket: LakeView, first: Lake, faults: Emulated, second: Lake
) -> None:
    kept(first)
    faults.fail([Rule(service="s3", method="DELETE", skip=2, times=100, status=403,
                      code="AccessDenied")])  # fmt: skip
    with pytest.raises(Exception, match="access denied"):
        first.delete_run(RUN_ID)
    assert second.manifests() == []
    faults.fail([])
    first.delete_run(RUN_ID)
    assert bucket.keys() == []


@pytest.fixture(scope="module")
def rows(paysim: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5,000 rows of PaySim."""
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    with paysim.open() as whole:
        path.write_text("".join(line for _, line in zip(range(5001), whole, strict=False)))
    return path


def tables(lake: Lake, run_id: str) -> dict[str, str]:
    """Return the hashes of the contents of a run's tables."""
    found = lake.run(run_id).outputs()
    return {name: content_hash(path) for name, path in found.items() if path.exists()}


@pytest.fixture(scope="module")
def undisturbed(rows: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The tables of the run on a lake in a folder."""
    lake = Lake.open(tmp_path_factory.mktemp("local"))
    return tables(lake, run(lake, plan(lake, rows, engine="cpu", run_id="plain"))["run_id"])


def test_a_reader_never_sees_a_half_run(
    bucket: LakeView, first: Lake, rows: Path, faults: Emulated
) -> None:
    """While a run is being published, all that a manifest names is there, every time."""
    seen: list[str] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            manifest = bucket.manifest("watched")
            if not manifest:
                continue
            seen.append(manifest["status"])
            if manifest["status"] == "done":
                for key, sha256 in manifest["checksums"].items():
                    assert hashlib.sha256(bucket.read(key)).hexdigest() == sha256

    faults.fail([Rule(service="s3", method="PUT", do="slow", seconds=0.05, times=1000)])
    reader = threading.Thread(target=read)
    reader.start()
    run(first, plan(first, rows, engine="cpu", run_id="watched"))
    is_over.set()
    reader.join()
    assert {"running"} <= set(seen) <= {"running", "done"}


@pytest.mark.parametrize("folder", ["augmented", "graphs", "alerts"])
def test_a_run_whose_table_cannot_be_kept_is_not_done(
    bucket: LakeView, first: Lake, rows: Path, faults: Emulated, folder: str
) -> None:
    refused = Rule(service="s3", method="PUT", path=f"/{folder}/", times=100, status=403,
                   code="AccessDenied")  # fmt: skip
    faults.fail([refused])
    with pytest.raises(Exception, match="access denied"):
        run(first, plan(first, rows, engine="cpu", run_id="refused"))
    assert bucket.manifest("refused")["status"] != "done"
    faults.fail([])
    assert run(first, plan_rest(first, "refused", "cpu"))["status"] == "done"
    assert bucket.manifest("refused")["status"] == "done"


def test_another_machine_goes_on_and_makes_the_same_tables(
    bucket: LakeView, first: Lake, second: Lake, rows: Path, undisturbed: dict[str, str]
) -> None:
    run(first, plan(first, rows, engine="cpu", run_id="shared"), until="scores")
    shutil.rmtree(first.root)
    rest = plan_rest(second, "shared", "cpu")
    assert [s["name"] for s in second.read_manifest("shared")["stages"]][-1] == "scores"
    assert run(second, rest)["status"] == "done"
    assert tables(second, "shared") == undisturbed


def test_a_file_cleaned_in_a_stream_ends_in_the_same_tables(
    bucket: LakeView, first: Lake, second: Lake, rows: Path, undisturbed: dict[str, str]
) -> None:
    run_id = ingest(first, plan(first, rows, run_id="streamed"))["run_id"]
    run(second, plan_rest(second, run_id, "cpu"))
    made = tables(second, run_id)
    assert {**made, "prepped": ""} == {**undisturbed, "prepped": ""}  # has the first score too


def test_a_machine_with_another_engine_goes_on_without_the_input(
    bucket: LakeView, first: Lake, second: Lake, rows: Path, undisturbed: dict[str, str]
) -> None:
    bucket.put(rows, "raw/.elsewhere.csv")
    ingest(first, plan(first, f"{bucket.address}/raw/.elsewhere.csv", run_id="other"))
    manifest = bucket.manifest("other")
    manifest["engine"] |= {"kind": "gpu"}
    bucket.put(json.dumps(manifest).encode(), "runs/other/run.json")
    bucket.s3.delete_object(Bucket=bucket.bucket, Key="raw/.elsewhere.csv")
    assert run(second, plan_rest(second, "other", "cpu"))["status"] == "done"
    assert {**tables(second, "other"), "prepped": ""} == {**undisturbed, "prepped": ""}


@pytest.mark.parametrize("broken_off_at", range(2, 8))
def test_a_run_broken_off_before_any_of_its_manifests_goes_on(
    bucket: LakeView, first: Lake, second: Lake, rows: Path, undisturbed: dict[str, str],
    faults: Emulated, broken_off_at: int,
) -> None:  # fmt: skip
    """All files of a stage are in the store, and its manifest is not: nothing is refused later."""
    ingest(first, plan(first, rows, run_id="broken"))
    run(first, plan_rest(first, "broken", "cpu"), until="scores") if broken_off_at > 4 else None
    given = "broken"
    lost = Rule(service="s3", method="PUT", path="/runs/broken/run.json", skip=broken_off_at % 5,
                times=100, status=403, code="AccessDenied")  # fmt: skip
    faults.fail([lost])
    with pytest.raises(Exception, match="access denied"):
        run(first, plan_rest(first, given, "cpu"))
    faults.fail([])
    shutil.rmtree(first.root)
    assert run(second, plan_rest(second, given, "cpu"))["status"] == "done"
    assert {**tables(second, given), "prepped": ""} == {**undisturbed, "prepped": ""}
    assert compare_runs(second, given, given)["same"]
    assert json.loads(bucket.read("runs/broken/run.json"))["status"] == "done"


def test_manifests_are_told_from_other_files(bucket: LakeView, first: Lake) -> None:
    kept(first)
    bucket.put(b"{}", "runs/readme.json")
    bucket.put(b"{}", f"runs/{RUN_ID}/checkpoint/run.json")
    found: list[dict[str, Any]] = first.manifests()
    assert [one["run_id"] for one in found] == [RUN_ID]

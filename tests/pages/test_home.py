"""The Home page: from choosing data to a finished run, and back to past runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from engine.feedback import read_feedback
from engine.identity import sha256_of
from engine.intake import load_mapping
from engine.lake import Lake, RunPaths, read_json, write_json
from engine.workbench.feedback import Decided
from tests.small_run import RUN_ID, write_small_run

ROOT = Path(__file__).parents[2]
MAIN = str(ROOT / "app" / "main.py")
PAYSIM = "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest," \
    "newbalanceDest,isFraud,isFlaggedFraud\n1,PAYMENT,10.5,C1,20,9.5,M1,0,0,0,0\n"  # fmt: skip
UNKNOWN = "When,Payer,Payee,How much\n2026-01-01 10:00,A,B,12.5\n"


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("RINGLEADER_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return Lake.open(tmp_path / "lake")


def put(lake: Lake, name: str, content: str) -> Path:
    path = lake.root.parent / "data" / name
    path.write_text(content, encoding="utf-8")
    return path


def show(*, files: bool = False, **params: str) -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=30)
    if files:
        page.session_state["home_source"] = "File on this machine"
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    """What the page says, without the marks that keep names from being markup."""
    return "\n".join(
        str(element.value).replace("\\", "").replace("\u2060", "")
        for element in [*page.markdown, *page.caption, *page.info, *page.error, *page.code]
    )


def preview_of(page: AppTest) -> pd.DataFrame:
    return next(frame.value for frame in page.dataframe if "amount" in frame.value)


def progress(paths: RunPaths, state: str, **told: Any) -> None:
    write_json(
        paths.progress,
        {"run_id": paths.run_id, "pid": None, "process_started": None, "state": state,
         "stage": "rings", "stage_share": 0.5, "share": 0.87, "message": "fans",
         "started": "2026-01-01T00:00:00+00:00", "updated": "2026-01-01T00:01:05+00:00", **told},
    )  # fmt: skip


def test_the_first_visit_says_where_to_start(lake: Lake) -> None:
    page = show()
    assert "No run yet: start with the sample" in texts(page)
    assert "Latest runs" not in texts(page)


def test_an_empty_data_folder_says_what_to_do(lake: Lake) -> None:
    assert "RINGLEADER_DATA" in texts(show(files=True))


def test_the_schema_of_a_chosen_file_is_detected(lake: Lake) -> None:
    put(lake, "day.csv", PAYSIM)
    page = show(files=True)
    assert "Schema **paysim** · 11 columns · with labels" in texts(page)
    assert preview_of(page)["amount"].tolist() == [10.5]
    assert not page.button(key="home_start").disabled


def test_find_rings_starts_the_run_with_the_chosen_options(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(lake, "day.csv", PAYSIM)
    started: dict[str, Any] = {}

    def start(lake: Lake, input_path: str, *, run_id: str, **options: str) -> int:
        started.update(options, path=Path(input_path), run_id=run_id)
        progress(lake.run(run_id), "done")
        write_json(lake.run(run_id).manifest, read_json(write_small_run(lake.root).manifest))
        return 1

    monkeypatch.setattr("app.ui.start_run.start_run", start)
    page = show(files=True)
    page.selectbox(key="home_labels").set_value("ignore").run()
    page.button(key="home_start").click().run()
    assert not page.exception
    run_id = started.pop("run_id")
    assert started == {
        "path": path, "schema": "auto", "labels": "ignore", "engine": "auto", "feedback": None,
        "config": None,
    }  # fmt: skip
    assert page.query_params["job"] == run_id
    assert "Done in 1.0 s" in texts(page)


def test_an_unknown_schema_can_be_mapped_and_is_then_used(lake: Lake) -> None:
    put(lake, "bank.csv", UNKNOWN)
    page = show(files=True)
    assert "fits no known schema" in texts(page)
    assert page.button(key="home_start").disabled
    page.selectbox(key="mapping_0_time").set_value("When")
    page.selectbox(key="mapping_3_amount").set_value("How much")
    next(button for button in page.button if button.label == "Save mapping").click().run()
    assert not page.exception
    mapping = load_mapping(lake.root / "mappings" / "bank.toml")
    assert mapping.columns == {
        "time": ("When",), "sender": ("Payer",), "receiver": ("Payee",), "amount": ("How much",),
    }  # fmt: skip
    assert "Schema **bank**" in texts(page)
    assert not page.button(key="home_start").disabled


def test_a_mapping_without_an_amount_is_refused_with_the_reason(lake: Lake) -> None:
    put(lake, "bank.csv", UNKNOWN)
    page = show(files=True)
    page.selectbox(key="mapping_0_time").set_value("When")
    next(button for button in page.button if button.label == "Save mapping").click().run()
    assert "amount is missing" in texts(page)
    assert not (lake.root / "mappings").exists()


def test_a_file_that_was_run_before_is_recognised(lake: Lake) -> None:
    path = put(lake, "day.csv", PAYSIM)
    paths = write_small_run(lake.root)
    manifest = read_json(paths.manifest)
    manifest["input"]["sha256"] = sha256_of(path)
    write_json(paths.manifest, manifest)
    assert f"This very file was run before: `{RUN_ID}`" in texts(show(files=True))


def test_a_failed_run_shows_its_error_and_can_be_resumed(lake: Lake) -> None:
    paths = lake.run("bad")
    progress(paths, "failed", message="day.csv: row 7: amount is missing")
    page = show(job="bad")
    assert "The run failed" in texts(page)
    assert "row 7: amount is missing" in texts(page)
    assert page.button(key="job_resume")


def test_an_interrupted_run_says_that_its_process_ended(lake: Lake) -> None:
    progress(lake.run("cut"), "running")
    page = show(job="cut")
    assert "interrupted" in texts(page)
    assert page.dataframe[-1].value["state"].tolist() == ["interrupted"]


def test_past_runs_show_what_they_found(lake: Lake) -> None:
    write_small_run(lake.root)
    runs = show().dataframe[-1].value
    assert runs[["run_id", "rows", "alerts", "rings"]].iloc[0].tolist() == [RUN_ID, 6, 3, 2]


def test_only_the_latest_runs_are_listed_with_the_way_to_all(lake: Lake) -> None:
    for number in range(7):
        progress(lake.run(f"run{number}"), "cancelled", started=f"2026-01-0{number + 1}T00:00:00Z")
    page = show()
    assert page.dataframe[-1].value["run_id"].tolist() == ["run6", "run5", "run4", "run3", "run2"]
    links: list[Any] = list(page.get("page_link"))
    assert "All 7 runs" in [link.label for link in links]


def test_where_a_run_is_computed_is_told_before_it_starts(lake: Lake) -> None:
    put(lake, "day.csv", PAYSIM)
    page = show(files=True)
    assert ":material/memory: **CPU here** · 1 row ·" in texts(page)
    assert "No usable GPU: no NVIDIA driver" in texts(page)
    assert "**AWS Batch** is not available" in texts(page)
    assert "0.00 USD of at most 25.00 USD" in texts(page)


def test_a_gpu_that_is_not_there_cannot_be_started_on(lake: Lake) -> None:
    put(lake, "day.csv", PAYSIM)
    page = show(files=True)
    page.selectbox(key="home_engine").set_value("gpu").run()
    (warning,) = page.warning
    assert "**GPU here is not available**: no NVIDIA driver" in warning.value
    assert "requirements-gpu.txt" in warning.value
    assert page.button(key="home_start").disabled


def test_a_run_that_would_need_more_memory_than_there_is_warns(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Memory:
        available = 100 * 2**20

    monkeypatch.setattr("psutil.virtual_memory", lambda: Memory())
    put(lake, "day.csv", PAYSIM)
    page = show(files=True)
    assert "0.1 GiB are free" in page.warning[0].value
    assert not page.button(key="home_start").disabled


def test_the_monthly_cap_stands_in_the_way(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "dear.toml").write_text(
        "[compute]\ncpu_usd_per_hour = 100\nmonthly_cap_usd = 0.01\n"
    )
    monkeypatch.setenv("RINGLEADER_CONFIG", str(tmp_path / "dear.toml"))
    put(lake, "day.csv", PAYSIM)
    page = show(files=True)
    assert "the monthly cap leaves 0.01 USD" in texts(page)
    assert page.button(key="home_start").disabled


def test_a_hosted_app_leaves_computing_to_batch(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGLEADER_ONLY_BATCH", "1")
    assert show().selectbox(key="home_engine").options == ["AWS Batch"]


def test_decisions_are_labels_only_where_they_are_chosen(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(lake, "day.csv", PAYSIM)
    started: list[dict[str, Any]] = []

    def start(lake: Lake, input_path: str, **options: Any) -> int:
        started.append(options)
        progress(lake.run(options["run_id"]), "failed", message="not run here")
        return 1

    monkeypatch.setattr("app.ui.start_run.start_run", start)
    offered = show(files=True).selectbox(key="home_labels").options
    assert offered == ["From the input", "Ignore them"]
    moment = pd.Timestamp("2026-05-01 14:05", tz="UTC")
    frame = pd.DataFrame(
        {"sender": ["C1"], "receiver": ["M1"], "time": [pd.Timestamp("2026-01-01")],
         "amount": [10.5], "label": [1], "alert": ["AL-1"], "disposition": ["confirmed_fraud"],
         "decided_at": [moment]}
    )  # fmt: skip
    decided = Decided(frame, 1, 1, 0, ["AL-2: run march is no longer in the lake"], moment)
    read: list[Decided] = []

    def reading() -> Decided:
        read.append(decided)
        return decided

    monkeypatch.setattr("app.ui.decisions.decided", reading)
    monkeypatch.setattr("app.ui.decisions.n_decided", lambda: 2)
    monkeypatch.setenv("RINGLEADER_DEMO", "analyst")
    assert len(show(files=True).selectbox(key="home_labels").options) == 2
    monkeypatch.setenv("RINGLEADER_DEMO", "reviewer")
    page = show(files=True)
    assert page.selectbox(key="home_labels").options[2] == "With analysts' decisions (2 alerts)"
    assert read == []  # to read all transactions takes time: only who learns from them waits
    assert "decided as fraud" not in texts(page)
    page.selectbox(key="home_labels").set_value("decisions").run()
    assert "1 transaction decided as fraud and 0 as clean, from 1 alert" in texts(page)
    assert "AL-2: run march is no longer in the lake" in texts(page)
    page.button(key="home_start").click().run()
    assert not page.exception
    (options,) = started
    assert options["labels"] == "auto"
    assert options["feedback"].parent == lake.root / "feedback"
    assert read_feedback(options["feedback"])["sender"].to_pylist() == ["C1"]

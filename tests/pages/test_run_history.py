"""The Runs page: every run of the lake, what each took and left, and two of them side by side."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.ui.evidence import csv_bytes
from engine.config import Config
from engine.lake import Lake, read_json, write_json
from tests.pages.test_home import progress, texts
from tests.small_run import RUN_ID, write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")
STAGES = [
    {"name": "intake", "seconds": 0.5, "rows": 6, "peak_rss_mb": 100.0, "engine": "cpu"},
    {"name": "scores", "seconds": 2.0, "rows": 6, "peak_rss_mb": 300.0, "engine": "cpu"},
]


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path / "lake"))
    return Lake.open(tmp_path / "lake")


def show(**params: str) -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=30)
    page.switch_page("../pages/runs.py")
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def tell(lake: Lake, run_id: str = RUN_ID, **told: Any) -> None:
    """Change what a run's manifest says."""
    path = lake.run(run_id).manifest
    write_json(path, read_json(path) | told)


def table(page: AppTest, column: str) -> pd.DataFrame:
    """The first table that has a column."""
    return next(frame.value for frame in page.dataframe if column in frame.value)


def downloads(page: AppTest) -> list[str]:
    return [button.proto.label for button in page.get("download_button")]


def put_rejects(lake: Lake) -> None:
    paths = lake.run(RUN_ID)
    paths.rejects.parent.mkdir(parents=True)
    rows = {"row": [3], "reason": ["amount is not a number"], "raw": ["a,b"]}
    pd.DataFrame(rows).to_parquet(paths.rejects, index=False)
    tell(lake, input={**read_json(paths.manifest)["input"], "rejected": 1})


def test_a_lake_without_runs_says_where_to_start(lake: Lake) -> None:
    assert "No run yet" in texts(show())


def test_every_run_is_listed_the_newest_first(lake: Lake) -> None:
    write_small_run(lake.root)
    progress(lake.run("cut"), "running", started="2026-02-01T00:00:00+00:00")
    runs = show().dataframe[0].value
    assert runs["run_id"].tolist() == ["cut", RUN_ID]
    assert runs["state"].tolist() == ["interrupted", "done"]
    assert runs[["rows", "rejected", "rings", "alerts"]].iloc[1].tolist() == [6, 0, 2, 3]


def test_the_run_in_view_shows_what_each_stage_took(lake: Lake) -> None:
    write_small_run(lake.root)
    tell(lake, stages=STAGES)
    stages = table(show(run=RUN_ID), "Rows a second")
    assert stages["Stage"].tolist() == ["Intake", "Scores"]
    assert stages["Rows a second"].tolist() == [12, 3]
    assert stages["Peak memory"].tolist() == [100.0, 300.0]


def test_it_says_how_it_was_made(lake: Lake) -> None:
    write_small_run(lake.root)
    tell(
        lake,
        config=Config().override({"model": {"trees": 300}}).to_dict(),
        notes=["half of it was rejected"],
        route={"choice": "batch", "reason": "it was asked for",
               "options": [{"place": "batch", "cost_usd": 0.01}]},
        receipt={
            "engines": ["cpu"], "seconds": 4.6, "expected_seconds": 5.2, "peak_rss_mb": 300,
            "peak_device_mb": None, "cost_usd": 0.0, "month_to_date_usd": 0.0, "cap_usd": 25.0,
        },
    )  # fmt: skip
    page = show()
    said = texts(page)
    assert "Labels were ignored." in said
    receipt = next(one.value for one in page.table if "Took" in one.value.columns)
    assert list(receipt.loc["Time"]) == ["5.2 s", "4.6 s"]
    assert list(receipt.loc["Cost"]) == ["0.010 USD", "no charge"]
    assert "**AWS Batch** (cpu): it was asked for." in said
    assert "half of it was rejected" in said
    changed = table(page, "default")
    assert changed.to_numpy().tolist() == [["model.trees", "300", "200"]]


def test_a_run_with_the_defaults_says_so(lake: Lake) -> None:
    write_small_run(lake.root)
    tell(lake, config=Config().to_dict())
    assert "All settings are the defaults." in texts(show())


def test_a_link_names_a_run_that_is_not_done(lake: Lake) -> None:
    write_small_run(lake.root)
    progress(lake.run("bad"), "failed", message="day.csv: row 7: amount is missing")
    page = show(entry="bad")
    assert "row 7: amount is missing" in texts(page)
    assert page.button(key="runs_resume")
    assert not downloads(page)


def test_every_output_can_be_taken_away(lake: Lake) -> None:
    write_small_run(lake.root)
    put_rejects(lake)
    labels = downloads(show())
    for name in ("Alerts", "Rings", "Accounts of rings", "Rejected rows"):
        assert name in labels  # as CSV
        assert sum(label.startswith(f"{name}, ") for label in labels) == 1  # as Parquet
    assert any(label.startswith("Scored transactions, ") for label in labels)
    assert "run.json" in labels


def test_a_text_that_a_spreadsheet_would_run_is_quoted() -> None:
    given = pd.DataFrame({"raw": ["=1+1", "a,b"]})
    assert csv_bytes(given).decode().splitlines()[1] == "'=1+1"


def test_a_file_too_large_for_a_browser_is_named_instead(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_small_run(lake.root)
    monkeypatch.setattr("app.ui.run_downloads._MOST_BYTES", 10)
    page = show()
    assert not any(label.startswith("Scored transactions") for label in downloads(page))
    assert f"augmented/{RUN_ID}/transactions.parquet" in texts(page)


def test_rejected_rows_are_shown_with_the_reason(lake: Lake) -> None:
    write_small_run(lake.root)
    put_rejects(lake)
    page = show()
    assert page.expander[0].label == "1 rejected row"
    assert table(page, "reason")["reason"].tolist() == ["amount is not a number"]


def test_a_run_is_deleted_once_its_id_is_typed(lake: Lake) -> None:
    paths = write_small_run(lake.root)
    page = show()
    assert "but lose their evidence" in texts(page)
    assert page.button(key="runs_delete").disabled
    page.text_input(key=f"runs_delete_id_{RUN_ID}").set_value(RUN_ID).run()
    page.button(key="runs_delete").click().run()
    assert not page.exception
    assert not paths.manifest.exists()
    assert "No run yet" in texts(page)


def test_an_unreadable_run_leaves_the_page_usable(lake: Lake) -> None:
    broken = lake.run("broken").manifest
    broken.parent.mkdir(parents=True)
    broken.write_text("{", encoding="utf-8")
    page = show()
    assert page.dataframe[0].value["state"].tolist() == ["unreadable"]
    assert page.button(key="runs_delete")


def test_a_hosted_app_deletes_nothing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    write_small_run(lake.root)
    monkeypatch.setenv("RINGLEADER_ONLY_BATCH", "1")
    assert "runs_delete" not in {button.key for button in show().button}


def test_an_analyst_deletes_no_run(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    write_small_run(lake.root)
    monkeypatch.setenv("RINGLEADER_DEMO", "analyst")
    page = show()
    assert "runs_delete" not in {button.key for button in page.button}
    assert "run.json" in downloads(page)


def test_who_sees_pseudonyms_takes_no_account_ids_away(
    two: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run_id, ends in ((RUN_ID, "A to Z"), ("before", "P to Q")):  # one gained, and one lost
        alerts = pd.read_parquet(two.run(run_id).alerts)
        alerts["title"] = f"TRANSFER from {ends}"
        alerts.to_parquet(two.run(run_id).alerts, index=False)
    lost = pd.read_parquet(two.run(RUN_ID).alerts).drop(index=1)
    lost.to_parquet(two.run(RUN_ID).alerts, index=False)
    monkeypatch.setenv("RINGLEADER_DEMO", "admin")
    page = show(run=RUN_ID)
    assert not downloads(page)
    assert "files hold account ids" in texts(page)
    page = show(run=RUN_ID, against="before")
    titles = [frame.value["Title"].item() for frame in page.dataframe if "Title" in frame.value]
    assert len(titles) == 2
    for title in titles:
        assert re.fullmatch(r"TRANSFER from acct-\w{8} to acct-\w{8}", title)


@pytest.fixture
def two(lake: Lake) -> Lake:
    """The small run, and an earlier one without the alert of row 6 and with row 1 at a low risk."""
    write_small_run(lake.root)
    paths = write_small_run(lake.root, run_id="before")
    tell(lake, "before", started="2026-01-04T00:00:00+00:00", stages=STAGES,
         counts={"alerts": 2, "rings": 2}, metrics={"roc_auc": 0.9, "rows": 3})  # fmt: skip
    tell(lake, stages=STAGES, metrics={"roc_auc": 0.95, "rows": 3})
    pd.read_parquet(paths.alerts).head(2).to_parquet(paths.alerts, index=False)
    scored = pd.read_parquet(paths.augmented)
    scored.loc[0, "final_risk"] = 0.1
    scored.to_parquet(paths.augmented, index=False)
    return lake


def test_one_run_is_not_enough_to_compare(lake: Lake) -> None:
    write_small_run(lake.root)
    assert "One run is not enough to compare" in texts(show(view="compare"))


def test_the_run_in_view_is_compared_with_the_one_before_it(two: Lake) -> None:
    page = show(view="compare", run=RUN_ID)
    assert page.query_params["against"] == "before"
    figures = {metric.label: metric.value for metric in page.metric}
    assert (figures["Gained"], figures["Lost"], figures["Kept"]) == ("1", "0", "2")
    gained = table(page, "Alert")
    assert gained["Alert"].tolist() == [f"alerts?run={RUN_ID}&alert=A000003"]
    assert "Ring" not in gained  # it is a lone transaction


def test_a_link_compares_the_other_way_round(two: Lake) -> None:
    page = show(run="before", against=RUN_ID)
    figures = {metric.label: metric.value for metric in page.metric}
    assert (figures["Gained"], figures["Lost"]) == ("0", "1")
    assert page.query_params["view"] == "compare"


def test_scores_and_figures_stand_side_by_side(two: Lake) -> None:
    page = show(run=RUN_ID, against="before")
    assert "16.7 % of the transactions (1)" in texts(page).replace("**", "")
    tables = [one.value for one in page.table]
    bands = next(one for one in tables if "Critical" in one.columns)
    assert bands.loc["Low", "Critical"] == "1"
    metrics = next(one for one in tables if "Difference" in one.columns)
    assert list(metrics.loc["ROC-AUC"]) == ["0.950", "0.900", "+0.050"]
    whole = next(one for one in tables if "Peak memory" in one.index)
    assert whole[RUN_ID].to_dict()["Peak memory"] == "314.6 MB"


def test_what_became_of_the_rings_is_counted(two: Lake) -> None:
    members = two.run("before").ring_accounts
    pd.read_parquet(members).drop(index=3).to_parquet(members, index=False)
    rings = two.run("before").rings
    table_ = pd.read_parquet(rings)
    table_["fingerprint"] = ["x" * 32, "e" * 32]
    table_.to_parquet(rings, index=False)
    rows = table(show(run=RUN_ID, against="before"), "What became of it")
    assert rows["What became of it"].tolist() == ["Grew"]
    assert rows["In the other run"].tolist() == ["rings?run=before&ring=R00001"]
    assert rows["Same accounts"].tolist() == [75.0]


def test_other_inputs_have_no_rows_in_common(two: Lake) -> None:
    source = read_json(two.run("before").manifest)["input"]
    tell(two, "before", input={**source, "sha256": "1" * 64, "name": "other.csv"})
    page = show(run=RUN_ID, against="before")
    assert "different inputs" in page.warning[0].value
    assert "no transaction to follow" in texts(page)


def test_a_run_that_is_gone_is_said_to_be(two: Lake) -> None:
    page = show(run=RUN_ID, against="gone")
    assert "gone" in page.warning[0].value
    assert page.query_params["against"] == "before"


def test_the_two_runs_are_exchanged_by_a_button(two: Lake) -> None:
    page = show(run=RUN_ID, against="before")
    page.button(key="runs_compare_swap").click().run()
    assert not page.exception
    assert (page.query_params["run"], page.query_params["against"]) == ("before", RUN_ID)


@pytest.mark.parametrize(
    ("params", "view"),
    [
        ({}, "history"),
        ({"against": "before"}, "compare"),
        ({"batch": "day-1"}, "batch"),
        ({"batch": "day-1", "view": "history"}, "history"),
    ],
)
def test_a_link_opens_the_view_that_shows_what_it_names(
    params: dict[str, str], view: str, two: Lake
) -> None:
    page = show(**params)
    assert page.query_params["view"] == view
    assert [name for name in ("against", "batch") if name in page.query_params] == (
        ["against"] if view == "compare" else [name for name in params if name == view]
    )

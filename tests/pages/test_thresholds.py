"""The Thresholds page: what is tried and its effect, a change by two people, a sample to label."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.ui import desk, run_settings, threshold_effect
from engine.config import Config
from engine.lake import Lake, read_json, write_json
from engine.query.threshold_alerts import Thresholds
from tests.judged_run import judged_run
from tests.pages.test_home import texts
from tests.small_run import RUN_ID, write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lake with the small run: ring R00002 (0.4) is below the line, 5 and 6 are unusual."""
    root = tmp_path / "lake"
    paths = write_small_run(root)
    frame = pd.read_parquet(paths.augmented)
    frame.assign(is_anomaly=frame["tx_id"].isin([5, 6])).to_parquet(paths.augmented, index=False)
    monkeypatch.setenv("RINGLEADER_LAKE", str(root))
    return root


def show() -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=60)
    page.switch_page("../pages/thresholds.py").run()
    assert not page.exception
    return page


def figures(page: AppTest) -> dict[str, tuple[str, str]]:
    table = next(one.value for one in page.dataframe if "What" in one.value.columns)
    return {row["What"]: (row["In force"], row["Tried"]) for row in table.to_dict("records")}


def try_ring(page: AppTest, score: float) -> AppTest:
    page.slider(key="bench_ring_alert_threshold").set_value(score)
    page.button(key="bench_show").click()
    page.run()
    assert not page.exception
    return page


def as_(role: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("RINGLEADER_DEMO", role)
    return show()


def test_without_a_run_the_page_says_how_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path / "empty"))
    assert "No run yet" in texts(show())


def test_a_lower_threshold_shows_what_it_gains_and_loses(lake: Path) -> None:
    page = try_ring(show(), 0.4)
    assert figures(page)["Alerts"] == ("3 (1 ring, 2 lone)", "3 (2 rings, 1 lone)")
    assert "1 alert gained, 1 lost" in texts(page)
    assert figures(page)["True alerts, expected"] == ("Not known", "Not known")


def test_the_team_s_time_is_counted_in_alerts_a_day(lake: Path) -> None:
    page = show()
    assert "36 alerts a day" in texts(page)
    page.number_input(key="bench_analysts").set_value(1).run()
    assert "12 alerts a day" in texts(page)


def test_the_threshold_that_fits_the_team_is_found(lake: Path) -> None:
    page = try_ring(show(), 0.9)
    page.button(key="bench_suggest").click().run()
    assert page.slider(key="bench_ring_alert_threshold").value == 0.0


def test_a_change_takes_two_people_and_is_then_what_runs_are_made_with(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = try_ring(as_("analyst", monkeypatch), 0.4)
    page.text_area(key="bench_why").set_value("Chains of two are missed")
    page.button(key="bench_propose_do").click().run()
    assert not page.exception
    assert "Version 1" in texts(page)
    assert "Chains of two are missed" in [one.value for one in page.text]
    keys = {button.key for button in page.button}
    assert "bench_approve_1" not in keys
    assert "bench_propose_do" not in keys
    assert page.slider(key="bench_ring_alert_threshold").value == 0.5

    page = as_("reviewer", monkeypatch)
    page.button(key="bench_approve_1").click().run()
    assert not page.exception
    assert "Approved by Demo reviewer" in texts(page)
    page.button(key="bench_apply_1").click().run()
    assert not page.exception
    assert "In force: **version 1**" in texts(page)
    assert "rings from a score of 0.40".capitalize() in texts(page)

    page.switch_page("../pages/home.py").run()
    assert "Alert thresholds of version 1: rings from a score of 0.40" in texts(page)


def test_who_cannot_read_the_reason_does_not_approve(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = try_ring(as_("analyst", monkeypatch), 0.4)
    page.text_area(key="bench_why").set_value("Chains of two are missed")
    page.button(key="bench_propose_do").click().run()

    page = as_("admin", monkeypatch)
    assert "*Show account ids* to read the reason" in texts(page)
    assert page.button(key="bench_approve_1").disabled
    page.toggle(key="account_ids_toggle").set_value(True).run()
    assert "Chains of two are missed" in [one.value for one in page.text]
    assert not page.button(key="bench_approve_1").disabled


def test_a_change_that_alters_no_alert_is_told_before_it_is_proposed(lake: Path) -> None:
    page = try_ring(show(), 0.6)
    assert "the change would alter nothing here" in page.warning[0].value
    assert not try_ring(page, 0.4).warning


def test_of_labels_left_aside_the_page_tells_nothing(lake: Path) -> None:
    paths = Lake.open(lake).run(RUN_ID)
    frame = pd.read_parquet(paths.augmented)
    frame.assign(label=frame["tx_id"].isin([1, 2, 3]).astype("int8")).to_parquet(
        paths.augmented, index=False
    )
    write_json(paths.manifest, read_json(paths.manifest) | {"labels": "auto"})
    assert figures(show())["True alerts, expected"][0] != "Not known"
    write_json(paths.manifest, read_json(paths.manifest) | {"labels": "ignore"})
    st.cache_data.clear()
    page = show()
    assert figures(page)["True alerts, expected"] == ("Not known", "Not known")
    assert "told to leave labels of the input aside, and so does this page" in texts(page)


def test_with_a_model_only_the_most_lone_alerts_can_be_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = judged_run(tmp_path / "lake")
    paths.prepped.parent.mkdir(parents=True, exist_ok=True)
    pd.read_parquet(paths.augmented).to_parquet(paths.prepped, index=False)
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path / "lake"))
    page = show()
    given = {name: page.number_input(key=f"bench_{name}") for name in
             ("lone_share", "min_lone", "max_lone")}  # fmt: skip
    assert [one.disabled for one in given.values()] == [True, True, False]
    assert "over its model's threshold" in texts(page)
    given["max_lone"].set_value(3)
    page.button(key="bench_show").click().run()
    assert not page.exception
    assert page.number_input(key="bench_min_lone").value == 3


@pytest.mark.parametrize(
    ("share", "words"), [(0.003, "0.3 %"), (1.0, "100.0 %"), (4.588, "4.6 × the team's time")]
)
def test_more_work_than_the_team_has_time_for_is_told_as_a_multiple(
    share: float, words: str
) -> None:
    assert threshold_effect.workload(share) == words


def test_who_proposes_nothing_new_is_not_asked_why(lake: Path) -> None:
    assert not [area for area in show().text_area if area.key == "bench_why"]


def test_a_sample_is_drawn_labelled_and_heard(lake: Path) -> None:
    page = show()
    page.button(key="bench_sample_draw").click().run()
    assert not page.exception
    assert "Ring R00002" in texts(page)
    page.button(key="bench_label_1").click().run()
    assert not page.exception
    assert "Every finding of the sample has a label" in page.success[0].value
    assert figures(page)["Missed money"][0] == "1k"


def test_applied_thresholds_are_the_settings_of_the_file_a_run_is_told(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied = Thresholds(ring_alert_threshold=0.7)
    change = type("Applied", (), {"thresholds": applied})
    monkeypatch.setattr(desk, "read", lambda function: change)
    path = run_settings.settings_file()
    assert path is not None
    assert Config.load(path).rings.ring_alert_threshold == 0.7
    assert run_settings.settings() == Config.load(path)

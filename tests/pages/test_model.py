"""The Model page: what is measured, what a threshold does, and what is said without labels."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.ui.model_drift import means_in_words
from app.ui.model_leaks import leaks_in_words
from engine.evaluation.feature_sets import FEATURE_SETS
from engine.lake import read_json, write_json
from tests.judged_run import judged_run
from tests.small_run import write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
    return tmp_path


def show(section: str | None = None) -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=60)
    page.run()
    page.switch_page("../pages/model.py")
    page.run()
    if section is not None:
        control = next(one for one in page.segmented_control if one.label == "Section")
        control.set_value(section).run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(str(element.value) for element in parts)


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: str(metric.value) for metric in page.metric}


def sections(page: AppTest) -> list[str]:
    return [one.label for one in page.segmented_control if one.label == "Section"] and list(
        next(one for one in page.segmented_control if one.label == "Section").options
    )


def test_without_a_run_the_page_says_how_to_start(lake: Path) -> None:
    assert "No run yet" in texts(show())


def test_figures_are_of_the_test_rows_and_say_so(lake: Path) -> None:
    judged_run(lake)
    page = show()
    assert metrics(page)["ROC-AUC"] == "0.9167"
    assert "last 20 % of the rows in time (10 transactions, 4 of them fraud)" in texts(page)


def test_a_threshold_that_is_moved_changes_the_confusion(lake: Path) -> None:
    judged_run(lake)
    page = show("threshold")
    assert metrics(page)["Precision"] == "75.0 %"
    page.select_slider[0].set_value(0.75).run()
    assert not page.exception
    shown = metrics(page)
    assert (shown["Precision"], shown["Recall"], shown["Missed"]) == ("100.0 %", "50.0 %", "80")
    assert page.table[0].value.to_dict("list") == {"Flagged": ["2", "0"], "Not flagged": ["2", "6"]}


def test_figures_by_type_amount_and_time(lake: Path) -> None:
    judged_run(lake)
    page = show("slices")
    assert set(page.dataframe[0].value["slice"]) == {"WIRE", "CASH"}
    by = next(one for one in page.segmented_control if one.label == "By")
    by.set_value("amount").run()
    assert list(page.dataframe[0].value["slice"]) == ["under 10", "10 to 100"]


def test_drift_is_told_against_the_rows_that_train(lake: Path) -> None:
    judged_run(lake)
    page = show("drift")
    found: pd.DataFrame = page.dataframe[0].value
    assert {"Unusualness", "Final risk", "The amount"} <= set(found["words"])
    assert "Siddiqi" in texts(page)


def test_means_far_apart_in_a_stable_distribution_are_explained() -> None:
    sides = ("Test rows", "Training rows")
    told = means_in_words(0.002958, 0.000721, 0.02, sides)
    assert told.startswith("Mean: Test rows 0.002958, Training rows 0.000721.")
    assert "stable all the same" in told
    assert "stable" not in means_in_words(0.002958, 0.000721, 0.3, sides)
    assert "stable" not in means_in_words(1.0, 0.9, 0.02, sides)


def test_a_run_without_balances_has_no_leaking_columns_to_compare(lake: Path) -> None:
    judged_run(lake)
    assert "its input has no balances" in texts(show("leaks"))


def test_what_may_leak_can_be_compared_by_a_click(lake: Path) -> None:
    judged_run(lake, sender_balance_after=1.0)
    page = show("leaks")
    assert [one.label for one in page.button if "Compare" in str(one.label)]
    assert "not been compared yet" in texts(page)


SET = {"roc_auc": 0.99991, "average_precision": 0.99889, "precision": 1.0, "recall": 0.9979}


def test_leaking_columns_that_change_no_figure_are_said_to_change_none() -> None:
    before, after = FEATURE_SETS["before"], FEATURE_SETS["all"]
    # The same four digits: what the table beside it shows.
    told = leaks_in_words({before: SET, after: SET | {"roc_auc": 0.99993}})
    assert "change nothing" in told
    assert "from" not in told


def test_leaking_columns_are_told_by_the_figures_that_they_change() -> None:
    before, after = FEATURE_SETS["before"], FEATURE_SETS["all"]
    told = leaks_in_words({before: SET | {"average_precision": 0.9, "recall": 0.8}, after: SET})
    assert "changes the PR-AUC from 0.9000 to 0.9989 and the recall from 0.8000 to 0.9979" in told


def test_an_unlabelled_run_says_what_can_be_told_and_what_not(lake: Path) -> None:
    write_small_run(lake)
    page = show()
    assert "told to leave them aside" in texts(page)
    assert "Cannot be told" in texts(page)
    assert "Curves" not in sections(page)
    assert not page.metric


def test_a_link_to_a_section_that_this_run_lacks_shows_its_first(lake: Path) -> None:
    write_small_run(lake)
    page = AppTest.from_file(MAIN, default_timeout=60)
    page.query_params["section"] = "Curves"
    page.run()
    page.switch_page("../pages/model.py")
    page.run()
    assert not page.exception
    assert "Cannot be told" in texts(page)


def test_another_run_in_view_without_labels_after_one_with_them(lake: Path) -> None:
    judged_run(lake)
    page = show("threshold")
    paths = write_small_run(lake, run_id="unlabelled")
    write_json(paths.manifest, read_json(paths.manifest) | {"started": "2026-01-06T00:00:00+00:00"})
    page.query_params["run"] = "unlabelled"
    page.run()
    assert not page.exception
    assert "Cannot be told" in texts(page)

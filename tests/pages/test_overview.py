"""The Overview page: figures of the run in view, and what it says when there are none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from engine.lake import read_json, write_json
from tests.small_run import RUN_ID, write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
    return tmp_path


def show(**params: str) -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=30)
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    page.switch_page("../pages/overview.py")
    page.run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    return "\n".join(
        str(element.value)
        for element in [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    )


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: str(metric.value) for metric in page.metric}


def test_without_a_run_the_page_says_how_to_start(lake: Path) -> None:
    page = show()
    assert "No run yet" in texts(page)
    assert not page.metric


def test_the_key_figures_of_the_run(lake: Path) -> None:
    write_small_run(lake)
    assert metrics(show()) == {
        "Transactions": "6",
        "Amount": "1.7k",
        "Accounts": "7",
        "Rings": "2",
        "Alerts": "3",
        "In alerts": "1.7k",
    }


def test_an_unlabelled_run_says_why_there_are_no_model_figures(lake: Path) -> None:
    write_small_run(lake)
    page = show()
    assert "no labels" in texts(page)
    assert "no model was trained" in texts(page)


def test_a_labelled_run_shows_what_was_measured(lake: Path) -> None:
    paths = write_small_run(lake)
    measured = {"roc_auc": 0.97, "average_precision": 0.8, "precision": 0.85, "recall": 0.7411}
    write_json(paths.manifest, read_json(paths.manifest) | {"metrics": measured})
    shown = metrics(show())
    assert (shown["ROC-AUC"], shown["PR-AUC"], shown["Recall"]) == ("0.9700", "0.8000", "0.7411")


def test_labels_that_measure_nothing_are_not_called_missing(lake: Path) -> None:
    paths = write_small_run(lake)
    write_json(paths.manifest, read_json(paths.manifest) | {"labels": "auto"})
    transactions = pd.read_parquet(paths.augmented)
    transactions.assign(label=[1, 0, 0, 0, 0, 0]).to_parquet(paths.augmented, index=False)
    assert "labels were not enough" in texts(show())


def test_notes_of_the_run_are_shown(lake: Path) -> None:
    paths = write_small_run(lake)
    write_json(paths.manifest, read_json(paths.manifest) | {"notes": ["12 rows share one id"]})
    assert "12 rows share one id" in texts(show())


def test_a_run_without_accounts_says_so_and_shows_no_account_table(lake: Path) -> None:
    write_small_run(lake, has_accounts=False)
    page = show()
    assert "names no accounts" in texts(page)
    assert metrics(page)["Rings"] == "–"
    assert not page.dataframe


def test_the_riskiest_account_is_on_top(lake: Path) -> None:
    write_small_run(lake)
    assert show().dataframe[0].value["account"].iloc[0] == "H"


def test_a_link_to_an_unknown_run_says_so_and_shows_the_newest(lake: Path) -> None:
    write_small_run(lake)
    page = AppTest.from_file(MAIN, default_timeout=30)
    page.query_params["run"] = "gone"
    page.run()
    assert "no finished run **gone**" in page.warning[0].value
    assert page.query_params["run"] == RUN_ID


def test_a_missing_file_is_named_without_a_traceback(lake: Path) -> None:
    write_small_run(lake).alerts.unlink()
    page = show()
    assert "alerts.parquet is missing" in page.error[0].value.replace("\\", "")


def test_a_model_that_reads_rings_stands_beside_the_causal_one(lake: Path) -> None:
    paths = write_small_run(lake)
    manifest = read_json(paths.manifest)
    own = {"family": "batch", "average_precision": 0.95, "precision": 0.9, "recall": 0.8}
    causal = {"average_precision": 0.61, "precision": 0.52, "recall": 0.43}
    write_json(paths.manifest, manifest | {"metrics": own | {"causal": causal}})
    page = show()
    assert metrics(page)["PR-AUC"] == "0.9500"
    assert "a PR-AUC of 0.6100, a precision of 0.5200, and a recall of 0.4300" in texts(page)

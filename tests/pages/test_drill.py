"""The Drill page: an order is started as a job, its result told ring by ring, and deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from engine.drill import work
from engine.drill.order import SIZES, Order, Planting
from engine.lake import Lake, write_json
from tests.pages.test_home import texts
from tests.small_run import RUN_ID, write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")

FOUND = {
    "ring": 0, "typology": "cycle", "members": ["A", "B", "H"], "n_accounts": 3,
    "n_transactions": 3, "amount": 900.0, "start": "2026-01-01T00:00:00",
    "end": "2026-01-02T00:00:00", "is_judged": True, "is_found": True, "overlap": 0.75,
    "found_as": "R00004", "found_typology": "chain", "score": 0.8, "rank": 2,
    "alerted_alone": 0, "why": "",
}  # fmt: skip
MISSED: dict[str, Any] = FOUND | {
    "ring": 1, "typology": "fan_in", "is_found": False, "overlap": 0.0, "found_as": None,
    "found_typology": None, "score": None, "rank": None,
    "why": "No detector proposed a ring with two of its accounts or more.",
}  # fmt: skip
RESULT = {
    "planted": 2, "judged": 2, "found": 1, "recall": 0.5, "interval": [0.0, 1.0], "alerts": 12,
    "threshold": 0.5, "notes": ["no labels: no model was trained"], "judged_on": "all rings",
    "by_typology": {
        "cycle": {"planted": 1, "judged": 1, "found": 1, "recall": 1.0},
        "fan_in": {"planted": 1, "judged": 1, "found": 0, "recall": 0.0},
    },
    "rings": [FOUND, MISSED],
}  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    write_small_run(tmp_path / "lake")
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path / "lake"))
    return Lake.open(tmp_path / "lake")


def done(lake: Lake) -> None:
    """Write a drill that is judged."""
    work.begin(lake, Order(RUN_ID, (Planting("cycle", 1, 3, 4),)), "first")
    paths = work.drill_paths(lake, "first")
    write_json(paths.manifest, {"run_id": "first", "status": "done", "outputs": {}})
    write_json(paths.root / "result.json", RESULT)


def show() -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=60)
    page.switch_page("../pages/drill.py").run()
    assert not page.exception
    return page


def test_an_order_is_kept_recorded_and_started(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(work, "start", lambda _, drill_id: started.append(drill_id))
    page = show()
    page.number_input(key="drill_amount").set_value(250.0)
    page.number_input(key="drill_seed").set_value(8)
    page.button(key="drill_start").click().run()
    assert not page.exception
    (drill,) = work.drills(lake)
    assert started == [drill.drill_id]
    assert (drill.order.source, drill.order.amount, drill.order.seed) == (RUN_ID, 250.0, 8)
    assert [one.typology for one in drill.order.plantings] == list(SIZES)
    assert (drill.order.start, drill.order.end) == ("2026-01-01", "2026-01-04")
    assert "The drill was not started yet" in texts(page)


def test_an_order_without_an_amount_takes_the_median_of_the_data(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "start", lambda *_: None)
    page = show()
    assert page.number_input(key="drill_amount").value is None
    page.button(key="drill_start").click().run()
    (drill,) = work.drills(lake)
    assert drill.order.amount is None


def test_an_order_learns_from_labels_where_the_run_did_and_else_says_that_it_differs(
    lake: Lake,
) -> None:
    paths = lake.run(RUN_ID)
    table = pd.read_parquet(paths.augmented)
    table.assign(label=[1] + [0] * (len(table) - 1)).to_parquet(paths.augmented, index=False)
    write_json(paths.manifest, lake.read_manifest(RUN_ID) | {"labels": "auto"})
    page = show()
    (learns,) = [box for box in page.checkbox if box.label == "Learn from the data's labels"]
    assert learns.value
    assert "not that of the run" not in texts(page)
    learns.uncheck().run()
    assert "the recall is not that of the run" in texts(page)


def test_a_result_is_told_by_typology_and_ring_by_ring(lake: Lake) -> None:
    done(lake)
    page = show()
    metrics = {metric.label: metric.value for metric in page.metric}
    assert (metrics["Planted"], metrics["Found"], metrics["Recall"]) == ("2", "1", "50 %")
    typologies, rings = (one.value for one in page.dataframe[:2])
    assert typologies["typology"].tolist() == ["Cycle", "Fan-in"]
    assert rings["outcome"].tolist() == ["Missed", "Found"]
    assert rings["why"].tolist() == ["No detector proposed it", "Found as R00004"]
    assert "None of it is in the queue" in texts(page)


def test_a_found_ring_is_drawn_with_its_accounts_and_the_planted_transfers(
    lake: Lake,
) -> None:
    done(lake)
    paths = work.drill_paths(lake, "first")
    write_small_run(paths.root, run_id="first")
    ring = pd.read_parquet(paths.rings).iloc[0]
    planted = FOUND | {"found_as": ring["ring_id"], "members": ["A", "B", "H", "P"]}
    truth = pd.DataFrame({"ring_id": [0], "rows": [[1, 2]]})
    (paths.root / "raw").mkdir(exist_ok=True)
    truth.to_parquet(paths.root / "raw" / "planted.rings.parquet")
    page = AppTest.from_function(_show_ring, args=("first", planted), default_timeout=60).run()
    assert not page.exception
    assert "It is in the drill's copy alone" in texts(page)
    members, transfers = (one.value for one in page.dataframe)
    assert {"Account", "Planted", "Role", "Risk"} == set(members.columns)
    assert transfers["tx_id"].tolist() == [1, 2]


def _show_ring(drill_id: str, ring: dict) -> None:  # type: ignore[type-arg]  # run by itself
    from app.ui import cache
    from app.ui.drill_ring import show_ring
    from engine.drill import work

    show_ring(work.read_drill(cache.lake(), drill_id), ring)


def test_another_drill_is_chosen_and_the_link_says_so(lake: Lake) -> None:
    done(lake)
    work.begin(lake, Order(RUN_ID, (Planting("cycle", 1, 3, 4),)), "second")
    page = show()
    page.selectbox(key="drill_picked").set_value("first").run()
    assert {metric.label for metric in page.metric} >= {"Planted", "Found"}
    assert page.query_params["drill"] in ("first", ["first"])
    page.selectbox(key="drill_picked").set_value("second").run()
    assert "The drill was not started yet" in texts(page)


def test_a_drill_is_in_no_list_of_runs_and_its_alerts_not_in_the_queue(lake: Lake) -> None:
    done(lake)
    page = show()
    page.switch_page("../pages/alerts.py").run()
    assert not page.exception
    page.switch_page("../pages/runs.py").run()
    assert page.dataframe[0].value["run_id"].tolist() == [RUN_ID]


def test_a_drill_is_deleted_whole(lake: Lake) -> None:
    done(lake)
    page = show()
    page.button(key="drill_delete").click().run()
    assert not page.exception
    assert work.drills(lake) == []
    assert not (lake.root / "drills" / "first").exists()


def test_a_drill_that_failed_says_why_and_can_be_started_again(lake: Lake) -> None:
    work.begin(lake, Order(RUN_ID, (Planting("cycle", 1, 3, 4),)), "bad")
    told = {"state": "failed", "pid": None, "process_started": None, "message": "no room",
            "started": "2026-01-05T00:00:00+00:00",
            "updated": "2026-01-05T00:00:01+00:00"}  # fmt: skip
    write_json(work.drill_paths(lake, "bad").progress, told)
    page = show()
    assert "The drill failed" in texts(page)
    assert page.code[0].value == "no room"
    assert page.button(key="drill_again")


def test_accounts_are_pseudonyms_where_ids_are_hidden(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(lake)
    monkeypatch.setenv("RINGLEADER_DEMO", "admin")
    page = show()
    assert page.dataframe[1].value["outcome"].tolist() == ["Missed", "Found"]


def test_data_without_accounts_take_no_ring(tmp_path: Path, lake: Lake) -> None:
    write_small_run(lake.root, has_accounts=False)
    assert "names no accounts" in texts(show())

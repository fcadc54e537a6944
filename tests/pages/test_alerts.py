"""The Alerts page: the queue, what it lists, and what is done with many at once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.ui import evidence
from engine.query.alert_detail import Reason
from engine.workbench import clock, take_next
from engine.workbench.errors import WorkbenchError
from engine.workbench.models import User
from tests.pages.alerts_page import (
    LARGE,
    LARGE_SNOOZED,
    RING,
    SMALL,
    Open,
    decide,
    figures,
    kept,
    listed,
    live_in,
    opener,
    press,
    show,
    texts,
)


@pytest.fixture
def open_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the Alerts page of the small run with query parameters."""
    return opener(tmp_path, monkeypatch)


def test_the_alerts_of_the_run_come_into_the_queue_by_themselves(open_page: Open) -> None:
    page = open_page()
    assert listed(page) == [RING, LARGE, SMALL]
    assert figures(page) == {
        "To do": "3",
        "Overdue": "0",
        "Mine": "0",
        "Amount": "1.7k",
        "Closed today": "0",
        "Confirmed": "– (none decided)",
    }


def test_a_page_of_the_queue_is_as_long_as_one_prefers(open_page: Open, tmp_path: Path) -> None:
    open_page()
    wanted = update(User).values(preferences={"queue_page_size": 2})
    kept(tmp_path).write(lambda session: session.execute(wanted))
    assert listed(open_page()) == [RING, LARGE]
    assert listed(open_page(page="2")) == [SMALL]


def test_why_next_found_nothing_is_no_markup(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_args: Any) -> None:
        raise WorkbenchError("*no* [way](out)")

    page = open_page()
    monkeypatch.setattr(take_next, "take_next", refused)
    press(page, "queue_next")
    assert page.info[0].value == r"\*no\* \[way\]\(out\)"


def test_a_second_look_takes_nothing_in_twice(open_page: Open) -> None:
    open_page()
    assert listed(open_page()) == [RING, LARGE, SMALL]


def test_a_period_is_of_days_in_the_zone_that_one_prefers(open_page: Open, tmp_path: Path) -> None:
    def active_on(day: int) -> list[str]:
        page = open_page()
        picked = date(2026, 1, day)
        return listed(page.date_input(key="period").set_value((picked, picked)).run())

    # The ring was last active when the second of January began in UTC, the large payment a day
    # later.
    assert active_on(2) == [RING]
    live_in(tmp_path, "America/St_Johns")  # three and a half hours behind
    assert active_on(1) == [RING]
    assert active_on(2) == [LARGE]
    assert "Last activity (America/St_Johns)" in {one.label for one in open_page().date_input}


@pytest.mark.parametrize(
    ("params", "left"),
    [
        ({"search": "AL-2"}, [LARGE]),
        ({"search": "payment"}, [LARGE, SMALL]),
        ({"band": "High"}, [RING, LARGE]),
        ({"typology": "fan_in"}, [RING]),
        ({"typology": "Fan-in"}, [RING]),
        ({"sort": "Largest amount"}, [LARGE, RING, SMALL]),
        ({"low": "600", "high": "700"}, [RING]),
        ({"show": "All"}, [RING, LARGE, SMALL]),
        ({"who": "Nobody"}, [RING, LARGE, SMALL]),
    ],
)
def test_the_address_says_what_is_listed(
    open_page: Open, params: dict[str, str], left: list[str]
) -> None:
    assert listed(open_page(**params)) == left


def test_a_filter_that_leaves_nothing_says_what_it_hides_and_goes_with_a_click(
    open_page: Open,
) -> None:
    page = open_page(search="nobody", band="High")
    assert "No alert passes these filters" in texts(page)
    assert "3 alerts would be here without: search “nobody”, risk High or more" in texts(page)
    press(page, "queue_unfilter")
    assert listed(page) == [RING, LARGE, SMALL]
    assert "search" not in page.query_params


def test_what_only_another_part_of_the_queue_has_is_one_click_away(open_page: Open) -> None:
    decide(open_page(alert=RING), RING, "false_positive", "payroll")
    page = open_page(search="AL-1")
    assert "1 alert passes them under *Show: All*" in texts(page)
    press(page, "queue_everywhere")
    assert listed(page) == [RING]


def test_when_all_is_done_the_queue_says_what_was_done_today(open_page: Open) -> None:
    page = open_page(has_accounts=False)
    for _ in range(2):
        press(page, "queue_next")
        alert = page.query_params["alert"]
        decide(page, alert[0] if isinstance(alert, list) else alert, "false_positive", "payroll")
    assert "Nothing is to do" in texts(page)
    assert "2 alerts were closed today, and none is left" in texts(page)
    press(page, "queue_show")
    assert len(listed(page)) == 2


def test_without_a_run_the_page_points_to_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
    assert "No run yet" in texts(show({}))


def test_a_run_that_found_nothing_says_where_alerts_come_from(open_page: Open) -> None:
    assert "A run that finds rings" in texts(open_page(found_nothing=True))


def test_a_view_keeps_the_filters_under_a_name(open_page: Open) -> None:
    page = open_page(band="High", sort="Largest amount")
    page.session_state["queue_views"] = True
    page.run()
    page.text_input(key="views_name").set_value("Big and risky").run()
    press(page, "views_save")
    page.selectbox(key="sort").set_value("Working order").run()
    page.selectbox(key="band").set_value(None).run()
    assert listed(page) == [RING, LARGE, SMALL]
    page.session_state["queue_views"] = True
    page.run()
    press(page, "view_1")
    assert listed(page) == [LARGE, RING]


# Several at once.


def test_an_action_on_the_ticked_says_what_was_refused_and_why(open_page: Open) -> None:
    other = open_page(role="analyst", alert=SMALL)
    press(other, "case_assign")
    page = open_page()
    assert "bulk_mine" not in {button.key for button in page.button}
    page.session_state["alerts_grid"] = {"ids": [LARGE, SMALL], "opened": None}
    page.run()
    assert "2 ticked" in texts(page)
    press(page, "bulk_mine")
    assert "Done with 1 of 2; 1 refused" in texts(page)
    assert "AL\\-3: Demo analyst has AL\\-3 open" in texts(page)
    assert figures(page)["Mine"] == "1"
    assert "2 ticked" not in texts(page)


def test_an_analyst_is_not_offered_what_leads_others(open_page: Open) -> None:
    page = open_page(role="analyst")
    page.session_state["alerts_grid"] = {"ids": [LARGE], "opened": None}
    page.run()
    keys = {button.key for button in page.button}
    assert {"bulk_mine", "bulk_snooze", "bulk_close"} <= keys
    assert keys.isdisjoint({"bulk_assign", "bulk_priority_1"})


def test_a_snooze_of_several_begins_at_the_click(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    page.session_state["alerts_grid"] = {"ids": [LARGE], "opened": None}
    page.run()
    click = clock.now() + timedelta(hours=5)
    monkeypatch.setattr(clock, "now", lambda: click)
    press(page, "bulk_snooze")
    (until,) = kept(tmp_path).read(lambda session: session.scalars(LARGE_SNOOZED).all())
    assert until == click + timedelta(days=1)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason("a", "", 7.0, 5.0, (1,)), "measured 7, threshold 5 · 1 transaction"),
        (Reason("a", "", 250000.0, None, (1, 2)), "2 transactions"),
        (Reason("a", "", 250000.0, 0.5, ()), "measured 250,000, threshold 0.5"),
        (Reason("a", "", None, None, ()), ""),
    ],
)
def test_a_reason_is_described_by_value_threshold_and_evidence(reason: Reason, text: str) -> None:
    assert evidence.describe_reason(reason) == text


def test_names_from_the_data_are_no_markup() -> None:
    assert evidence.escape("**A** [x](y) $1$") == "\\*\\*A\\*\\* \\[x\\]\\(y\\) \\$1\\$"

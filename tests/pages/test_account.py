"""The account page and the search that leads to it, on the small run and as a masked role."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.ui import account_chart, account_words
from engine.query.account_activity import Activity
from engine.query.account_peers import Peers
from engine.query.account_verdict import Condition
from tests.small_run import RUN_ID, moments, write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the account page of the small run with query parameters."""

    def opened(*, has_accounts: bool = True, role: str = "1", **params: str) -> AppTest:
        monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
        monkeypatch.setenv("RINGLEADER_DEMO", role)
        write_small_run(tmp_path, has_accounts=has_accounts)
        page = AppTest.from_file(MAIN, default_timeout=60).run()
        page.switch_page("../pages/account.py")
        for name, value in params.items():
            page.query_params[name] = value
        return page.run()

    return opened


def texts(page: AppTest) -> str:
    every = [*page.markdown, *page.caption, *page.error, *page.info]
    return "\n".join(str(element.value) for element in every)


def part(page: AppTest, name: str) -> AppTest:
    page.segmented_control(key="account_section").set_value(name).run()
    assert not page.exception
    return page


def search(page: AppTest, text: str) -> list[str]:
    page.text_input(key="search_everywhere").set_value(text).run()
    assert not page.exception
    return [link.proto.label for link in page.main.get("page_link") if _is_hit(link)]


def _is_hit(link: Any) -> bool:
    return bool(link.proto.query_string)


def test_without_an_account_the_riskiest_are_offered(open_page: Open) -> None:
    page = open_page()
    assert not page.exception
    assert list(page.dataframe[0].value["Account"])[:2] == ["H", "X"]
    assert "No account open" in texts(page)


def test_an_account_shows_what_it_moved_and_with_whom(open_page: Open) -> None:
    page = open_page(account="H")
    assert not page.exception
    told = texts(page)
    assert "350 in 3 transfers" in told
    assert "300 in 1 transfer" in told
    assert "**Alerted.**" in told
    dealings, entries = page.dataframe[0].value, page.dataframe[1].value
    assert list(dealings["Counterparty"]) == ["X", "A", "B"]
    assert list(dealings["Paid to"]) == [300.0, 0.0, 0.0]
    assert list(entries["tx_id"]) == [4, 3, 2, 1]


def test_an_account_that_the_run_lacks_is_told(open_page: Open) -> None:
    page = open_page(account="nobody")
    assert not page.exception
    assert "has no account" in texts(page)
    assert list(page.dataframe[0].value["Account"])[:2] == ["H", "X"]


def test_its_rings_and_alerts_are_a_part(open_page: Open) -> None:
    page = part(open_page(account="P"), "findings")
    assert list(page.dataframe[0].value["Alert"]) == ["Below the threshold"]
    assert "Alerts of single transactions" in texts(page)


def test_reasons_show_the_transactions_they_rest_on(open_page: Open) -> None:
    page = part(open_page(account="H"), "reasons")
    assert "no model" in texts(page)
    assert 4 in list(page.dataframe[len(page.dataframe) - 1].value["tx_id"])


def test_a_transaction_that_is_picked_tells_why_it_has_its_risk(open_page: Open) -> None:
    page = open_page(account="H")
    key = f"account_entries_{RUN_ID}_H_None_None"
    page.session_state[key] = {"selection": {"rows": [0], "columns": []}}
    page.session_state[f"risk_why_{RUN_ID}_4"] = True
    page.run()
    assert not page.exception
    assert "Risk **0.950**: unusualness 0.500 adds" in texts(page)


def test_peers_are_named_and_measured(open_page: Open) -> None:
    page = part(open_page(account="B"), "peers")
    assert "1 other account with the role payer and one transaction" in texts(page)
    assert next(iter(page.dataframe[0].value["Measure"])) == "Risk"


def test_why_there_is_no_alert_is_said_with_numbers(open_page: Open) -> None:
    page = part(open_page(account="Q"), "verdict")
    assert "scores 0.400; it takes 0.50" in texts(page)
    assert "a fan takes 4" in texts(page)


def test_data_without_accounts_have_no_account_page(open_page: Open) -> None:
    page = open_page(has_accounts=False)
    assert "names no accounts" in texts(page)
    assert search(page, "5") == ["Transaction 5"]


def test_the_search_finds_each_kind(open_page: Open) -> None:
    page = open_page()
    assert search(page, "H") == ["H", "Explore its network"]
    assert search(page, "R00002") == ["Ring R00002"]
    assert search(page, "A000001") == ["Alert A000001"]
    assert search(page, "#5") == ["Transaction 5"]


def test_what_was_found_goes_once_something_else_is_opened(open_page: Open) -> None:
    page = open_page()
    search(page, "R00002")
    page.query_params["account"] = "H"
    page.run()
    assert page.text_input(key="search_everywhere").value == ""


def test_the_search_says_where_nothing_is_called_so(open_page: Open) -> None:
    page = open_page()
    assert search(page, "zz") == []
    assert "Nothing in small is called zz" in texts(page)
    assert search(page, "AL-999") == []
    assert "No alert AL-999" in texts(page)


def test_a_role_that_sees_no_ids_searches_by_pseudonym_alone(open_page: Open) -> None:
    page = open_page(role="admin")
    shown = list(page.dataframe[0].value["Account"])
    assert all(one.startswith("acct-") for one in shown)
    assert search(page, shown[0]) == [
        shown[0].replace("-", "\\-"), "Explore its network",
    ]  # fmt: skip
    assert search(page, "H") == []
    assert "while account ids are hidden" in texts(page).lower()


def test_a_role_that_sees_no_ids_opens_an_account_by_its_pseudonym(open_page: Open) -> None:
    page = open_page(role="admin")
    shown = str(page.dataframe[0].value["Account"].iloc[0])
    page.query_params["account"] = shown
    page.run()
    assert not page.exception
    assert shown in texts(page).replace("\\-", "-")
    others = list(page.dataframe[0].value["Counterparty"])
    assert others
    assert all(one.startswith("acct-") for one in others)


def test_a_box_over_the_chart_is_the_period_of_whole_buckets() -> None:
    points = pd.DataFrame({"time": moments("2026-01-01", "2026-01-05")})
    start, end = points["time"].iloc[0].to_pydatetime(), points["time"].iloc[1].to_pydatetime()
    activity = Activity(points, "day", start, end)
    event = {"selection": {"points": [{"x": "2026-01-01"}, {"x": "2026-01-03 00:00"}]}}
    assert account_chart.picked_period(event, activity) == (
        pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-04"),
    )  # fmt: skip
    assert account_chart.picked_period({"selection": {"points": []}}, activity) is None


def test_conditions_in_words() -> None:
    said = account_words.describe(Condition("probability", False, 0.00001, 0.5, tx_id=7))
    assert "(tx 7) a probability of under 0.01 %, below the threshold of 50.00 %" in said
    lowered = Condition("ring_score", False, 0.4, 0.5, ring_id="R1", explained_by=("A family",))
    assert "an innocent explanation fits: a family" in account_words.describe(lowered)


def test_peers_in_words() -> None:
    none = Peers("sink", 4, 7, 0, 0, pd.DataFrame())
    assert account_words.of_peers(none) == "No other payee of this run has 4 to 7 transactions."
    some = Peers("sink", 1, 1, 900, 300, pd.DataFrame())
    assert "compared with 300 of them" in account_words.of_peers(some)

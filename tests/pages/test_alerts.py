"""The Alerts page: what it shows, and how filters, links, and picks change it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import evidence
from app.ui.alert_grid import display_rows, grid_options
from engine.query.alert_detail import Reason
from engine.query.alerts import AlertFilter, page_alerts
from tests.small_run import RUN_ID, write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the Alerts page of the small run with query parameters."""

    def opened(*, has_accounts: bool = True, found_nothing: bool = False, **params: str) -> AppTest:
        monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
        write_small_run(tmp_path, has_accounts=has_accounts, found_nothing=found_nothing)
        return show(params)

    return opened


def show(params: dict[str, str]) -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=30)
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    page.switch_page("../pages/alerts.py")
    for name, value in params.items():
        page.query_params[name] = value
    return page.run()


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: str(metric.value) for metric in page.metric}


def texts(page: AppTest) -> str:
    return "\n".join(str(element.value) for element in [*page.markdown, *page.caption])


def test_key_figures_cover_the_whole_queue_at_first(open_page: Open) -> None:
    page = open_page()
    assert not page.exception
    assert metrics(page) == {
        "Alerts": "3",
        "Ring alerts": "1",
        "Amount": "1.7k",
        "Median risk": "0.800",
        "Last activity": "2026-01-04",
    }


def test_a_filter_says_how_many_of_all_alerts_it_keeps(open_page: Open) -> None:
    page = open_page()
    page.text_input(key="search").set_value("payment").run()
    assert metrics(page)["Alerts"] == "2 of 3"


def test_a_filter_in_the_link_is_applied(open_page: Open) -> None:
    assert metrics(open_page(band="High"))["Alerts"] == "2 of 3"


@pytest.mark.parametrize("name", ["fan_in", "Fan-in"])
def test_a_link_may_name_a_typology_as_the_lake_or_as_the_page_does(
    open_page: Open, name: str
) -> None:
    assert metrics(open_page(typology=name))["Alerts"] == "1 of 3"


def test_a_filter_that_leaves_nothing_says_what_to_do(open_page: Open) -> None:
    page = open_page(search="nobody")
    assert "No alerts" in texts(page)
    assert "Take a filter away" in texts(page)


def test_without_an_alert_open_the_page_says_how_to_open_one(open_page: Open) -> None:
    assert "No alert open" in texts(open_page())


def test_a_link_opens_its_alert_with_reasons_and_evidence(open_page: Open) -> None:
    page = open_page(run=RUN_ID, alert="A000001")
    assert "Fan in to H" in texts(page)
    assert len(page.radio[0].options) == 3
    assert list(page.dataframe[0].value["tx_id"]) == [1, 2, 3, 4]


def test_picking_a_reason_shows_its_transactions_only(open_page: Open) -> None:
    page = open_page(alert="A000001")
    page.radio[0].set_value(1).run()
    assert list(page.dataframe[0].value["tx_id"]) == [4]


def test_reasons_that_rest_on_one_transaction_are_listed_without_a_choice(
    open_page: Open,
) -> None:
    page = open_page(alert="A000002")
    assert not page.radio
    assert "Among the riskiest transactions" in texts(page)
    assert "measured 0.8, threshold 0.5" in texts(page)


def test_a_lone_transaction_leads_to_the_alerts_of_its_accounts(open_page: Open) -> None:
    links = [link.proto.label for link in open_page(alert="A000002").get("page_link")]
    assert links == ["Alerts of P", "Alerts of Q"]


def test_a_run_with_one_typology_has_no_typology_to_pick(open_page: Open) -> None:
    assert "typology" not in {pills.key for pills in open_page(has_accounts=False).pills}
    assert "typology" in {pills.key for pills in open_page().pills}


def test_picking_a_row_opens_it_and_puts_it_in_the_address(open_page: Open) -> None:
    page = open_page()
    page.session_state["alerts_grid"] = {"ids": ["A000002"]}
    page.run()
    assert page.query_params["alert"] == "A000002"
    assert "Payment of 999" in texts(page)


def test_an_old_pick_does_not_win_over_a_newer_link(open_page: Open) -> None:
    page = open_page()
    page.session_state["alerts_grid"] = {"ids": ["A000002"]}
    page.run()
    page.query_params["alert"] = "A000003"
    page.session_state["alerts_grid"] = {"ids": ["A000002"]}
    page.run()
    assert "Payment of 10" in texts(page)


def test_the_open_alert_survives_a_change_of_page(open_page: Open) -> None:
    page = open_page(alert="A000001")
    page.switch_page("../pages/rings.py").run()
    page.switch_page("../pages/alerts.py").run()
    assert "Fan in to H" in texts(page)


def test_a_link_to_an_unknown_alert_says_so_and_is_forgotten(open_page: Open) -> None:
    page = open_page(alert="A999999")
    assert "no alert 'A999999'" in page.error[0].value
    assert "alert" not in page.query_params


def test_a_run_that_found_nothing_says_so_without_filters(open_page: Open) -> None:
    page = open_page(found_nothing=True)
    assert "No alerts in this run" in texts(page)
    assert not page.text_input


def test_a_run_without_accounts_shows_its_alerts_without_network(open_page: Open) -> None:
    page = open_page(has_accounts=False, alert="A000002")
    assert not page.exception
    assert metrics(page)["Ring alerts"] == "0"
    assert "sender" not in page.dataframe[0].value.columns


def test_without_a_run_the_page_points_to_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
    assert "No run yet" in texts(show({}))


def test_the_grid_gets_a_frame_of_its_own(tmp_path: Path) -> None:
    alerts = page_alerts(write_small_run(tmp_path), AlertFilter())
    before = alerts.copy(deep=True)
    rows = display_rows(alerts, "A000002", "INR")
    rows["amount_text"] = "changed"
    assert alerts.equals(before)
    assert list(rows["in_view"]) == [False, True, False]
    assert list(rows["band"]) == ["Critical", "High", "Medium"]


@pytest.mark.parametrize("is_whole", [True, False])
def test_the_headers_sort_and_filter_only_what_is_all_there(tmp_path: Path, is_whole: bool) -> None:
    alerts = page_alerts(write_small_run(tmp_path), AlertFilter())
    default = grid_options(alerts, None, is_whole=is_whole, dark=False)["defaultColDef"]
    assert (default["sortable"], default["filter"]) == (is_whole, is_whole)


def test_without_accounts_the_grid_has_no_column_for_them(tmp_path: Path) -> None:
    alerts = page_alerts(write_small_run(tmp_path, has_accounts=False), AlertFilter())
    columns = grid_options(alerts, None, is_whole=True, dark=False)["columnDefs"]
    assert "n_accounts" not in [column["field"] for column in columns]


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

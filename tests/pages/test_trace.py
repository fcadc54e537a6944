"""The page that follows the money: choosing a transfer, what is told of it, and what is clicked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine.trace import Limits
from tests.small_run import RUN_ID, write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the page for the small run with query parameters."""

    def opened(*, has_accounts: bool = True, found_nothing: bool = False, **params: str) -> AppTest:
        monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
        write_small_run(tmp_path, has_accounts=has_accounts, found_nothing=found_nothing)
        page = AppTest.from_file(MAIN, default_timeout=60).run()
        page.switch_page("../pages/trace.py")
        for name, value in {"run": RUN_ID, **params}.items():
            page.query_params[name] = value
        return page.run()

    return opened


def texts(page: AppTest) -> str:
    told = "\n".join(str(element.value) for element in [*page.markdown, *page.caption])
    return told.replace("\\", "")


def test_without_a_transfer_those_of_the_worst_alerts_are_offered(open_page: Open) -> None:
    page = open_page()
    assert not page.exception
    assert list(page.dataframe[0].value["tx_id"]) == [1, 5, 6]
    page.session_state[f"trace_alerted_{RUN_ID}"] = {"selection": {"rows": [0], "columns": []}}
    assert "Choose a transfer to follow" in texts(page)


def test_an_account_in_the_link_offers_the_transfers_into_it_and_out_of_it(
    open_page: Open,
) -> None:
    page = open_page(account="H")
    assert sorted(page.dataframe[0].value["tx_id"]) == [1, 2, 3]
    assert "The riskiest first. Click a row to follow its money." in texts(page)
    page.segmented_control(key="trace_side").set_value("Out of it").run()
    assert list(page.dataframe[0].value["tx_id"]) == [4]
    page.button(key="trace_forget_account").click().run()
    assert "account" not in page.query_params


def test_an_account_that_only_pays_or_is_unknown_says_so(open_page: Open) -> None:
    assert "No transfers into A" in texts(open_page(account="A"))
    assert "No account nobody in this run" in texts(open_page(account="nobody"))


def test_a_transaction_that_is_typed_is_followed(open_page: Open) -> None:
    page = open_page()
    page.text_input(key="trace_number").set_value("2").run()
    assert page.query_params["tx"] == "2"
    assert "Of **200** from **B**, **200** left **H** to **X** within 23 h" in texts(page)


def test_both_methods_stand_beside_each_other_where_they_differ(open_page: Open) -> None:
    page = open_page(tx="3")
    told = texts(page)
    assert "Of **50** from **A**, nothing left **H** within 3 d: all of it remains" in told
    assert "Of **50** from **A**, **42.85** left **H** to **X** within 22 h; **7.15** rem" in told
    assert len(page.get("echarts_chart")) == 2
    transfers = page.dataframe[0].value
    assert list(transfers["fifo"]) == [50.0, 0.0]
    assert list(transfers["proportional"]) == [50.0, 42.85]


def test_methods_that_agree_are_shown_once(open_page: Open) -> None:
    page = open_page(tx="5")
    assert "Both methods agree" in texts(page)
    assert len(page.get("echarts_chart")) == 1


def test_one_method_may_be_asked_for(open_page: Open) -> None:
    page = open_page(tx="3", trace_method="Proportional")
    assert len(page.get("echarts_chart")) == 1
    assert "First in, first out" not in texts(page)


def test_backward_tells_who_paid_it(open_page: Open) -> None:
    page = open_page(tx="4", trace_way="Where it came from", trace_method="First in, first out")
    assert "Of **300** from **H**, **300** had come from **B**, **A** within 1 d." in texts(page)
    ends = page.dataframe[1].value
    assert list(ends["why"]) == ["Not in the data", "Not in the data"]


def test_limits_in_the_link_hold(open_page: Open) -> None:
    page = open_page(tx="2", trace_gap="12.0")
    assert "nothing left **H** within 12 h. **H** paid **200** of it on after 23 h." in texts(page)


def test_a_button_widens_the_wait_to_what_was_paid_later(open_page: Open) -> None:
    page = open_page(tx="2", trace_gap="12.0")
    page.button(key="trace_wider_fifo").click().run()
    assert not page.exception
    assert not page.warning
    assert "**200** left **H** to **X** within 23 h" in texts(page)
    assert "at most 23 h on an account" in texts(page)
    assert page.query_params["trace_gap"] == "23.0"


def test_a_clicked_band_shows_its_transfers(open_page: Open) -> None:
    page = open_page(tx="4", trace_way="Where it came from", trace_method="First in, first out")
    [chart] = page.get("echarts_chart")
    links = json.loads(chart.proto.spec)["series"][0]["links"]
    at = next(i for i, link in enumerate(links) if link["tooltip"]["formatter"].startswith("A →"))
    selected = [{"series_index": 0, "data_type": "edge", "data_indices": [at]}]
    key = f"trace_flow_fifo_backward_4_{hash(Limits())}_0"
    page.session_state[key] = {"selection": {"selected": selected, "areas": []}}
    page.run()
    assert "Transfers of what is clicked" in texts(page)
    assert list(page.dataframe[0].value["tx_id"]) == [1]
    page.button(key="trace_clear").click().run()
    assert "Transfers of what is clicked" not in texts(page)
    assert sorted(page.dataframe[0].value["tx_id"]) == [1, 2, 4]


def test_the_page_leads_to_accounts_the_explorer_and_the_rings_of_the_transfer(
    open_page: Open,
) -> None:
    links = [one.proto.label.replace("\\", "") for one in open_page(tx="2").get("page_link")]
    assert {"B", "H", "Explore the network of H", "Ring R00001", "Explore ring R00001"} <= set(
        links
    )
    assert not any("ing R0" in one.proto.label for one in open_page(tx="6").get("page_link"))


def test_why_the_transfer_has_its_risk_is_told_once_it_is_asked_for(open_page: Open) -> None:
    page = open_page(tx="4")
    assert not any("Reason" in one.value for one in page.dataframe)
    page.session_state[f"risk_why_{RUN_ID}_4"] = True
    page.run()
    assert not page.exception
    assert "Risk **0.950**: unusualness 0.500 adds" in texts(page)
    [reasons] = [one.value["Reason"] for one in page.dataframe if "Reason" in one.value]
    assert "It proves the fan in ring R00001" in list(reasons)


def test_a_reason_leads_to_the_transactions_it_rests_on(open_page: Open) -> None:
    page = open_page(tx="4")
    key = f"risk_why_{RUN_ID}_4"
    page.session_state[key] = True
    page.session_state[f"{key}_reasons"] = {"selection": {"rows": [0], "columns": []}}
    page.run()
    assert not page.exception
    [proving] = [one.value for one in page.dataframe if "final_risk" in one.value]
    assert list(proving["tx_id"]) == [4]


@pytest.mark.parametrize(
    ("tx", "told"), [("99", "no transaction 99"), ("x", "not 'x'"), ("-1", "not '-1'")]
)
def test_a_link_to_an_unknown_transaction_says_so_and_is_forgotten(
    open_page: Open, tx: str, told: str
) -> None:
    page = open_page(tx=tx)
    assert told in page.error[0].value.replace("\\", "")
    assert "tx" not in page.query_params
    assert len(page.dataframe) == 1


def test_a_run_without_alerts_says_how_to_choose(open_page: Open) -> None:
    assert "Name a transaction by its row" in texts(open_page(found_nothing=True))


def test_a_run_without_accounts_says_why_there_is_no_money_to_follow(open_page: Open) -> None:
    assert "names no accounts" in open_page(has_accounts=False).info[0].value


def test_hidden_accounts_stay_hidden(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGLEADER_DEMO", "admin")
    page = open_page(tx="3", trace_method="Proportional")
    assert not page.exception
    [chart] = page.get("echarts_chart")
    shown = [texts(page), chart.proto.spec, *(one.value.to_csv() for one in page.dataframe)]
    assert all("acct-" in one for one in shown)
    for account in ("H", "X"):
        assert f"**{account}**" not in shown[0]
        assert f",{account}," not in "".join(shown[2:])
        assert f"{account}:" not in shown[1]

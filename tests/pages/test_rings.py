"""The Rings page: list, network, and tables in step with the account in view."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.ui import desk, evidence
from engine.lake import Lake
from engine.workbench.database import Workbench
from engine.workbench.take_in import take_in_all
from tests.small_run import RUN_ID, write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the Rings page of the small run with query parameters."""

    def opened(*, has_accounts: bool = True, found_nothing: bool = False, **params: str) -> AppTest:
        monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
        write_small_run(tmp_path, has_accounts=has_accounts, found_nothing=found_nothing)
        page = AppTest.from_file(MAIN, default_timeout=30).run()
        page.switch_page("../pages/rings.py")
        for name, value in params.items():
            page.query_params[name] = value
        return page.run()

    return opened


def texts(page: AppTest) -> str:
    return "\n".join(str(element.value) for element in [*page.markdown, *page.caption])


def test_rings_are_listed_the_riskiest_first(open_page: Open) -> None:
    page = open_page()
    assert not page.exception
    assert list(page.dataframe[0].value["Ring"]) == ["R00001", "R00002"]
    assert "No ring open" in texts(page)


def test_filters_narrow_the_list(open_page: Open) -> None:
    page = open_page()
    page.text_input(key="ring_search").set_value("Q").run()
    assert list(page.dataframe[0].value["Ring"]) == ["R00002"]


def test_a_transaction_that_is_picked_leads_on(open_page: Open) -> None:
    page = open_page(ring="R00001")
    key = f"ring_transactions_{RUN_ID}_R00001_None"
    page.session_state[key] = {"selection": {"rows": [3], "columns": []}}
    page.run()
    links = [one.proto.label for one in page.get("page_link")]
    assert {"H", "X", "Follow row 4"} <= set(links)


def test_a_filter_that_leaves_nothing_says_what_to_do(open_page: Open) -> None:
    assert "No rings" in texts(open_page(ring_search="nobody"))


def listed(page: AppTest) -> list[str]:
    return list(page.dataframe[0].value["Ring"]) if page.dataframe else []


@pytest.mark.parametrize(
    ("params", "kept"),
    [
        ({"ring_typology": "cycle"}, ["R00002"]),
        ({"ring_low": "700"}, ["R00002"]),
        ({"ring_high": "700"}, ["R00001"]),
        ({"ring_band": "High"}, ["R00001"]),
    ],
)
def test_a_filter_in_the_link_is_applied_and_told(
    open_page: Open, params: dict[str, str], kept: list[str]
) -> None:
    page = open_page(**params)
    assert listed(page) == kept
    assert "1 of 2 rings" in texts(page)


def test_the_period_keeps_rings_that_were_active_in_it(open_page: Open) -> None:
    page = open_page()
    page.date_input(key="ring_period").set_value((date(2026, 1, 2), date(2026, 1, 2))).run()
    assert listed(page) == ["R00001"]


def test_typologies_show_how_many_rings_pass_the_other_filters(open_page: Open) -> None:
    page = open_page(ring_low="700", ring_typology="cycle")
    [pills] = page.pills
    assert pills.options == ["Cycle :gray[1]", "Fan-in :gray[0]"]


def test_a_picked_typology_is_named_in_the_address(open_page: Open) -> None:
    page = open_page()
    page.pills[0].set_value(["cycle"]).run()
    assert listed(page) == ["R00002"]
    assert page.query_params["ring_typology"] == "cycle"
    page.pills[0].set_value([]).run()
    assert listed(page) == ["R00001", "R00002"]
    assert "ring_typology" not in page.query_params


def test_one_click_takes_all_filters_away(open_page: Open) -> None:
    page = open_page(ring_typology="cycle", ring_low="2000", ring_search="P", ring_band="High")
    assert listed(page) == []
    page.button(key="ring_reset").click().run()
    assert listed(page) == ["R00001", "R00002"]
    assert not {"ring_typology", "ring_low", "ring_search", "ring_band"} & set(page.query_params)


def test_a_link_opens_its_ring_with_network_members_and_transactions(open_page: Open) -> None:
    page = open_page(run=RUN_ID, ring="R00001")
    assert "ring_graph" in [one.key for one in page.get("bidi_component")]
    _, members, transactions = page.dataframe
    assert list(members.value["Account"]) == ["H", "X", "A", "B"]
    assert list(transactions.value["tx_id"]) == [1, 2, 3, 4]
    assert "ffffffffffff" in texts(page)


def test_the_account_in_view_narrows_the_transactions(open_page: Open) -> None:
    page = open_page(ring="R00001", account="A")
    assert list(page.dataframe[2].value["tx_id"]) == [1, 3]
    assert "Transactions of A" in texts(page)


def test_a_rings_alert_is_named_as_in_the_queue_once_it_is_there(
    open_page: Open, tmp_path: Path
) -> None:
    page = open_page(ring="R00001")
    assert "Alert A000001" in linked(page)
    bench = Workbench.open(desk.address())
    take_in_all(bench, Lake.open(tmp_path))
    bench.close()
    assert "AL-1" in linked(page.run())


def linked(page: AppTest) -> list[str]:
    return [link.proto.label for link in page.get("page_link")]


def test_a_ring_leads_to_the_explorer(open_page: Open) -> None:
    assert "Open in the explorer" in linked(open_page(ring="R00001"))


def test_a_ring_under_the_threshold_has_no_alert_to_link_to(open_page: Open) -> None:
    assert "Below the alert threshold" in texts(open_page(ring="R00002"))
    assert "Below the alert threshold" not in texts(open_page(ring="R00001"))


def test_a_link_to_an_unknown_ring_says_so_and_is_forgotten(open_page: Open) -> None:
    page = open_page(ring="R99999")
    assert "no ring 'R99999'" in page.error[0].value
    assert "ring" not in page.query_params


def test_a_run_that_found_nothing_says_so_without_filters(open_page: Open) -> None:
    page = open_page(found_nothing=True)
    assert "No rings in this run" in texts(page)
    assert [box.key for box in page.text_input] == ["search_everywhere"]


def test_a_run_without_accounts_says_why_there_is_no_graph(open_page: Open) -> None:
    page = open_page(has_accounts=False)
    assert "names no accounts" in page.info[0].value
    assert not page.dataframe


def test_a_download_holds_no_text_that_a_spreadsheet_would_run() -> None:
    frame = pd.DataFrame({"account": ["=1+1", "A", None], "amount": [-1.0, 2.0, 3.0]})
    assert evidence.csv_bytes(frame).decode().splitlines() == [
        "account,amount", "'=1+1,-1.0", "A,2.0", ",3.0",
    ]  # fmt: skip


def pick(page: AppTest, section: str) -> AppTest:
    page.session_state["ring_section"] = section
    return page.run()


def test_the_score_is_put_into_words(open_page: Open) -> None:
    page = pick(open_page(ring="R00001"), "why")
    said = texts(page)
    assert "at or above 0\\.5, where alerts begin" in said
    assert "2 new counterparties in a day" in said.replace("\\", "")


def test_a_ring_tells_what_happened_and_what_its_typology_means(open_page: Open) -> None:
    said = texts(open_page(ring="R00001")).replace("\\", "")
    assert "**H** received **350.00** from 2 accounts within 24 hours." in said
    assert "Many accounts pay one account" in said


def test_innocent_explanations_are_listed_with_their_evidence(
    open_page: Open, tmp_path: Path
) -> None:
    page = open_page(ring="R00001")
    path = Lake.open(tmp_path).run(RUN_ID).rings
    rings = pd.read_parquet(path)
    checks = [
        {
            "code": "payroll",
            "title": "Payroll",
            "innocent": fits,
            "text": text,
            "value": 1.0,
            "limit": 0.5,
        }
        for fits, text in ((True, "paid on the same day"), (False, "no other dates"))
    ]
    rings["checks"] = json.dumps(checks)
    rings.to_parquet(path)
    st.cache_data.clear()
    said = texts(pick(page, "checks")).replace("\\", "")
    assert "1 of 2 innocent explanations fit" in said
    assert "Paid on the same day" in said
    assert "does not fit" in said


def test_without_an_earlier_run_the_tab_says_what_it_would_tell(open_page: Open) -> None:
    assert "There is no earlier run" in texts(pick(open_page(ring="R00001"), "lineage"))


def test_a_ring_is_traced_in_an_earlier_run(open_page: Open, tmp_path: Path) -> None:
    page = open_page(ring="R00001")
    copy_run(Lake.open(tmp_path), RUN_ID, "earlier")
    said = texts(pick(page, "lineage")).replace("\\", "")
    assert "Unchanged" in said
    assert "100% of the accounts are the same" in said


def test_two_rings_are_compared(open_page: Open) -> None:
    page = pick(open_page(ring="R00001"), "compare")
    assert not page.exception
    assert page.selectbox(key="ring_other_R00001").value == "R00002"
    assert "No account is in both" in texts(page)
    assert list(page.table[0].value.columns) == ["R00001", "R00002"]


def copy_run(lake: Lake, run_id: str, name: str) -> None:
    """Copy a run under another id, as one that began earlier."""
    old, new = lake.run(run_id), lake.run(name)
    for part in ("rings", "ring_accounts", "ring_transactions", "manifest"):
        source, target = getattr(old, part), getattr(new, part)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    manifest = json.loads(new.manifest.read_text()) | {"run_id": name, "started": "2020-01-01"}
    new.manifest.write_text(json.dumps(manifest))

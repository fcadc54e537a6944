"""The explorer's page: what opens, what a step does, what the tables and the address say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import desk
from tests.small_run import RUN_ID, write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the explorer of the small run with query parameters."""

    def opened(*, has_accounts: bool = True, found_nothing: bool = False, **params: str) -> AppTest:
        monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
        write_small_run(tmp_path, has_accounts=has_accounts, found_nothing=found_nothing)
        page = AppTest.from_file(MAIN, default_timeout=60).run()
        page.switch_page("../pages/explorer.py")
        for name, value in params.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception
        return page

    return opened


def texts(page: AppTest) -> str:
    return "\n".join(str(one.value) for one in [*page.markdown, *page.caption, *page.error])


def canvases(page: AppTest) -> list[Any]:
    return [one for one in page.get("bidi_component") if one.key != "early_charts"]


def graph(page: AppTest) -> dict[str, Any]:
    """Return what the canvas was given to draw."""
    [component] = canvases(page)
    data: dict[str, Any] = json.loads(component.proto.json)
    return data


def drawn(page: AppTest) -> list[str]:
    return sorted(node["id"] for node in graph(page)["nodes"])


def table(page: AppTest) -> Any:
    return page.dataframe[0].value


def test_nothing_is_open_at_first_and_rings_are_offered(open_page: Open) -> None:
    page = open_page()
    assert list(table(page)["Ring"]) == ["R00001", "R00002"]
    assert not canvases(page)


def test_without_rings_an_account_can_be_opened(open_page: Open) -> None:
    page = open_page(found_nothing=True)
    assert "Begin with an account" in texts(page)
    page.text_input(key="explorer_start_account").set_value(" A ").run()
    assert drawn(page) == ["@A", "@H", "@Z"]
    assert page.query_params["start"] == "A"
    assert page.query_params["steps"] == "eA"


def test_a_run_without_accounts_says_so(open_page: Open) -> None:
    assert "names no accounts" in open_page(has_accounts=False).info[0].value


def test_a_link_opens_a_ring_with_its_accounts_in_table_and_picture(open_page: Open) -> None:
    page = open_page(run=RUN_ID, ring="R00001")
    assert drawn(page) == ["@A", "@B", "@H", "@X"]
    assert list(table(page)["Account"]) == ["H", "X", "A", "B"]
    assert list(table(page)["Role"]) == ["Collector", "Exit", "Source", "Source"]
    assert "4 accounts, 3 links" in texts(page)


def test_a_step_an_undo_and_a_redo(open_page: Open) -> None:
    page = open_page(ring="R00001", selected="A")
    page.button(key="explorer_expand").click().run()
    assert "@Z" in drawn(page)
    assert page.query_params["steps"] == "eA"
    page.button(key="explorer_undo").click().run()
    assert "@Z" not in drawn(page)
    assert page.query_params["steps"] == "none"
    page.button(key="explorer_redo_step").click().run()
    assert "@Z" in drawn(page)
    page.button(key="explorer_collapse").click().run()
    assert "@Z" not in drawn(page)
    assert page.query_params["steps"] == "eA~cA"


def test_the_tables_tell_the_state_as_of_a_moment(open_page: Open) -> None:
    page = open_page(ring="R00001", asof="2026-01-01T01:00:00")
    assert "Links and transfers as of 2026-01-01 01:00 UTC" in texts(page)
    [choice] = [one for one in page.segmented_control if one.key == "explorer_table"]
    assert choice.options == ["Accounts 4", "Links 2", "Transfers 2"]


def test_as_of_a_moment_sums_are_of_all_transfers_also_of_those_not_played(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.explorer.build.MOST_EVENTS", 2)
    page = open_page(run=RUN_ID, ring="R00001", asof="2026-01-01T02:00:00")
    page.segmented_control(key="explorer_table").set_value("links").run()
    links = table(page)
    paid = zip(links["From"], links["To"], links["Sum"], links["n"], strict=True)
    assert set(paid) == {("A", "H", "150", 2), ("B", "H", "200", 1)}
    assert "the 2 largest of 4 transfers" in texts(page)
    assert graph(page)["unplayed"] == 2


def test_an_account_that_is_picked_leads_to_its_page_and_to_its_money(open_page: Open) -> None:
    page = open_page(ring="R00001", selected="A")
    labels = [link.proto.label for link in page.get("page_link")]
    assert {"Account page", "Follow the money"} <= set(labels)


def test_a_step_beyond_the_most_is_refused_and_said(open_page: Open) -> None:
    page = open_page(ring="R00001", selected="A", steps="~".join(["eA"] * 100))
    page.button(key="explorer_collapse").click().run()
    assert "100 steps" in page.toast[0].value
    assert page.query_params["steps"].count("~") == 99


def test_the_one_account_that_a_search_finds_leads_to_the_explorer(open_page: Open) -> None:
    page = open_page(ring="R00001")
    page.text_input(key="search_everywhere").set_value("A").run()
    labels = [link.proto.label for link in page.get("page_link")]
    assert "Explore its network" in labels


def test_a_filter_in_the_link_is_applied_and_told(open_page: Open) -> None:
    page = open_page(ring="R00001", amount="150")
    assert "Only transfers of at least 150" in texts(page)
    assert len(graph(page)["edges"]) == 2


def test_what_the_run_does_not_have_is_said_and_something_else_offered(open_page: Open) -> None:
    page = open_page(ring="R99")
    assert "no ring 'R99'" in texts(page)
    assert list(table(page)["Ring"]) == ["R00001", "R00002"]
    page = open_page(start="nobody")
    assert "no such account" in texts(page)


def test_where_ids_are_hidden_there_are_pseudonyms_only(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGLEADER_DEMO", "admin")
    page = open_page(ring="R00001")
    assert all(node.startswith("@acct-") for node in drawn(page))
    for name in ("sender", "receiver"):
        assert all(edge["card"][name].startswith("acct-") for edge in graph(page)["edges"])
    cards = [node["card"] for node in graph(page)["nodes"]]
    [open_to_more] = [
        card["account"] for card in cards if card["shown_counterparties"] < card["counterparties"]
    ]
    page = open_page(ring="R00001", selected=open_to_more)
    page.button(key="explorer_expand").click().run()
    assert page.query_params["steps"] == f"e{open_to_more}"
    assert len(drawn(page)) == 5
    assert all(node.startswith("@acct-") for node in drawn(page))
    page = open_page(start="A")
    assert "While account ids are hidden" in texts(page)


def test_a_note_does_not_tell_whose_pseudonym_a_link_has(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGLEADER_DEMO", "admin")
    open_page(ring="R00001")
    by = desk._masker(desk.address())
    pseudonym, other = by.account("Q"), by.account("ELSEWHERE-7")
    page = open_page(start=f"{by.account('B')},{other}", steps=f"e{pseudonym}")
    told = texts(page).replace("\\", "")
    assert f"A step about account {pseudonym} was left out" in told
    assert f"The run has no account {other}." in told
    assert "ELSEWHERE" not in told
    assert "account Q " not in told

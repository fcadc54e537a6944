"""What who may not see account ids can find out on the pages: nothing of how an account is called.

An admin comes with the small run, whose accounts are called A, B, H, P, Q, X and Z.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.ui import desk
from engine.lake import Lake
from engine.workbench.database import Workbench, default_url
from engine.workbench.migrations import upgrade
from engine.workbench.staff import list_people
from tests.small_run import RUN_ID, write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")


@pytest.fixture(autouse=True)
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """The workbench of a demo's admin."""
    monkeypatch.setenv("RINGLEADER_DEMO", "admin")
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
    write_small_run(tmp_path)
    workbench = Workbench.open(default_url(tmp_path))
    upgrade(workbench)
    return workbench


def show(name: str, **params: str) -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=60)
    for key, value in (("run", RUN_ID), *params.items()):
        page.query_params[key] = value
    page.run()
    for key, value in params.items():
        page.query_params[key] = value
    page.switch_page(f"../pages/{name}.py").run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    parts = [*page.error, *page.warning, *page.info]
    return "\n".join(str(one.value).replace("\\", "") for one in parts)


def some_pseudonym() -> str:
    return str(show("overview").dataframe[0].value["account"].iloc[0])


@pytest.mark.parametrize(("name", "param"), [("alerts", "alert"), ("rings", "ring")])
def test_a_link_that_is_none_is_named_as_it_came(name: str, param: str) -> None:
    pseudonym = some_pseudonym()
    by = desk._masker(desk.address())
    told = said(show(name, **{param: pseudonym}))
    assert pseudonym in told
    assert f"'{by.original(pseudonym)}'" not in told
    assert f" {by.original(pseudonym)} " not in told


@pytest.mark.parametrize("name", ["account", "trace", "rings", "explorer"])
def test_a_link_with_an_id_is_refused_whether_there_is_such_an_account_or_not(name: str) -> None:
    told = []
    for named in ("H", "nobody", "acct-aaaaaaaa"):
        params = {"start": named} if name == "explorer" else {"account": named, "ring": "R00001"}
        page = show(name, **params)
        told.append(said(page).replace(named, "NAMED"))
        assert "an account is asked for by a pseudonym that a page has shown" in told[-1]
        assert "account" not in page.query_params
    assert len(set(told)) == 1


def test_an_account_that_a_page_has_shown_is_opened() -> None:
    pseudonym = some_pseudonym()
    for name in ("account", "trace"):
        page = show(name, account=pseudonym)
        assert not page.error
        assert page.query_params["account"] == pseudonym


def test_a_name_that_reads_like_a_pseudonym_is_kept_as_it_is(bench: Workbench) -> None:
    pseudonym = some_pseudonym()
    page = show("people")
    page.text_input("people_new_login").input("newcomer")
    page.text_input("people_new_name").input(pseudonym)
    next(one for one in page.button if one.label == "Make the user").click()
    page.run()
    names = {one.login: one.name for one in bench.read(list_people)}
    assert names["newcomer"] == pseudonym


def test_the_search_takes_no_account_for_a_ring_and_no_ring_for_an_account(tmp_path: Path) -> None:
    paths = Lake.open(tmp_path).run(RUN_ID)
    moved, known = pd.read_parquet(paths.augmented), pd.read_parquet(paths.accounts)
    names = {"Z": "R00077", "Q": "5"}
    for column in ("sender", "receiver"):
        moved[column] = moved[column].replace(names)
    moved.to_parquet(paths.augmented)
    known.assign(account=known["account"].replace(names)).to_parquet(paths.accounts)
    page = show("account")
    by = desk._masker(desk.address())
    assert found(page, "R00077") == []
    assert found(page, by.account("R00077")) == [by.account("R00077")]
    assert found(page, by.account("5")) == [by.account("5")]
    assert found(page, "#5") == ["Transaction 5"]


def found(page: AppTest, text: str) -> list[str]:
    page.text_input(key="search_everywhere").set_value(text).run()
    assert not page.exception
    links = [one.proto for one in page.main.get("page_link") if one.proto.query_string]
    labels = [one.label.replace("\\", "") for one in links]
    return [label for label in labels if label != "Explore its network"]


@pytest.mark.parametrize(("name", "key"), [("alerts", "search"), ("rings", "ring_search")])
def test_a_search_for_a_part_is_refused_with_what_can_be_searched_for(name: str, key: str) -> None:
    page = show(name)
    box = next(one for one in page.text_input if one.key == key)
    box.input("A").run()
    assert not page.exception
    assert "While account ids are hidden, the search takes a whole pseudonym" in said(page)
    box = next(one for one in page.text_input if one.key == key)
    box.input(some_pseudonym()).run()
    assert "the search takes" not in said(page)

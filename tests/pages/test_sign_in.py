"""Signing in, and that no page shows anything before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from app.ui import desk, oidc
from engine.lake import Lake
from engine.workbench import clock, logins, sign_in, users
from engine.workbench.database import Workbench, default_url
from engine.workbench.migrations import upgrade
from engine.workbench.models import AuditEntry, User
from engine.workbench.permissions import Role
from tests.small_run import RUN_ID, write_small_run

ROOT = Path(__file__).parents[2]
MAIN = str(ROOT / "app" / "main.py")
PAGES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))
PASSWORD = "three words in a row"

SignIn = Callable[[str], None]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """The workbench of an app that asks who comes, and whose lake holds the small run."""
    monkeypatch.delenv("RINGLEADER_DEMO")
    monkeypatch.setattr(desk, "token", lambda: None)
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
    write_small_run(tmp_path)
    workbench = Workbench.open(default_url(tmp_path))
    upgrade(workbench)
    return workbench


@pytest.fixture
def sign_in_as(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> SignIn:
    """Return a function by which the browser gets the cookie of a user."""

    def signed_in(login: str) -> None:
        user_id = bench.read(id_of, login)
        redeemed = bench.write(logins.redeem, bench.write(logins.issue_ticket, user_id))
        assert redeemed is not None
        monkeypatch.setattr(desk, "token", lambda: redeemed[0])

    return signed_in


def add(bench: Workbench, login: str, role: Role, *, must_change: bool = False) -> None:
    def added(session: Session) -> None:
        user = users.add_user(session, login, login.capitalize(), role, PASSWORD)
        user.must_change_password = must_change

    bench.write(added)


def id_of(session: Session, login: str) -> int:
    return session.scalars(select(User.id).where(User.login == login)).one()


def last_entry(bench: Workbench) -> tuple[str, str]:
    latest = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)
    entry = bench.read(lambda session: session.scalars(latest).one())
    return entry.actor, entry.action


def show(name: str = "home.py") -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=60).run()
    if name != "home.py":
        page.switch_page(f"../pages/{name}").run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.title, *page.error, *page.warning]
    return "\n".join(str(part.value).replace("\\", "") for part in parts)


def submit(page: AppTest, login: str, password: str) -> AppTest:
    page.text_input("sign_in_login").input(login)
    page.text_input("sign_in_password").input(password)
    next(button for button in page.button if button.label == "Sign in").click()
    return page.run()


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize("name", PAGES)
def test_no_page_shows_anything_before_sign_in(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_args: object) -> Lake:
        raise AssertionError("the lake was opened")

    monkeypatch.setattr(Lake, "open", opened)
    page = show(name)
    assert [one.label for one in page.text_input] == ["Login", "Password"]
    assert texts(page).startswith("First start")
    assert not page.title
    assert not page.dataframe
    assert not page.sidebar.selectbox


@pytest.mark.usefixtures("bench")
def test_the_first_start_tells_the_terminal_a_password_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show()
    told = capsys.readouterr().out
    assert "login      admin" in told
    (password,) = [line.split()[1] for line in told.splitlines() if "password   " in line]
    assert sign_in.authenticate(desk.bench(), "admin", password).role == "admin"
    show()
    assert capsys.readouterr().out == ""


def test_a_right_password_gives_a_ticket_and_is_not_kept(bench: Workbench) -> None:
    add(bench, "anna", "analyst")
    page = submit(show(), "anna", PASSWORD)
    ticket = page.session_state["sign_in_ticket"]
    assert bench.write(logins.redeem, ticket) is not None
    assert "Signing in" in texts(page)
    assert PASSWORD not in str(page.session_state)


@pytest.mark.parametrize(("login", "password"), [("anna", "wrong"), ("nobody", PASSWORD)])
def test_wrong_ones_are_told_alike(bench: Workbench, login: str, password: str) -> None:
    add(bench, "anna", "analyst")
    page = submit(show(), login, password)
    assert [error.value for error in page.error] == ["Login or password is wrong"]
    assert "sign_in_ticket" not in page.session_state
    assert page.text_input("sign_in_login").value == login
    assert page.text_input("sign_in_password").value == ""


def test_who_is_signed_in_sees_the_page_and_can_leave(bench: Workbench, sign_in_as: SignIn) -> None:
    add(bench, "anna", "analyst")
    sign_in_as("anna")
    page = show("overview.py")
    assert page.title[0].value == "Overview"
    assert "Anna" in texts(page)
    page.button("sign_out").click().run()
    assert not page.title
    assert [one.label for one in page.text_input] == ["Login", "Password"]
    page.run()
    assert not page.title


def test_a_sign_in_that_an_admin_ended_holds_no_longer(
    bench: Workbench, sign_in_as: SignIn
) -> None:
    add(bench, "anna", "analyst")
    sign_in_as("anna")
    page = show("overview.py")
    bench.write(lambda session: logins.end_all(session, id_of(session, "anna")))
    page.run()
    assert not page.title
    assert page.text_input("sign_in_login").label == "Login"


def test_a_password_made_by_an_admin_is_changed_before_anything_else(
    bench: Workbench, sign_in_as: SignIn
) -> None:
    add(bench, "anna", "analyst", must_change=True)
    sign_in_as("anna")
    page = show("overview.py")
    assert not page.title
    assert "Choose your own password" in texts(page)

    def change(old: str, new: str, again: str) -> None:
        for field, value in (("old", old), ("new", new), ("again", again)):
            page.text_input(f"first_password_{field}").input(value)
        next(one for one in page.button if one.label == "Change password").click()
        page.run()

    change(PASSWORD, "short", "short")
    assert "at least 12 characters" in page.error[0].value
    change(PASSWORD, "four words in a row", "five words in a row")
    assert "two different ways" in page.error[0].value
    change("not the one", "four words in a row", "four words in a row")
    assert "present password is not right" in page.error[0].value
    change(PASSWORD, "four words in a row", "four words in a row")
    assert page.title[0].value == "Overview"
    assert sign_in.authenticate(bench, "anna", "four words in a row").login == "anna"


def test_links_to_people_and_audit_are_for_those_who_may(
    bench: Workbench, sign_in_as: SignIn
) -> None:
    add(bench, "anna", "analyst")
    sign_in_as("anna")
    assert "an admin" in texts(show("people.py"))
    assert "a reviewer or an admin" in texts(show("audit.py"))


def test_an_admin_sees_pseudonyms_until_they_ask_for_the_ids(
    bench: Workbench, sign_in_as: SignIn
) -> None:
    add(bench, "olga", "admin")
    sign_in_as("olga")
    page = show("overview.py")
    accounts = page.dataframe[0].value["account"]
    assert accounts.str.fullmatch(r"acct-[a-z2-7]{8}").all()
    page.toggle("account_ids_toggle").set_value(True).run()
    assert set("ABHPQXZ") == set(page.dataframe[0].value["account"])
    assert last_entry(bench) == ("olga", "reveal_accounts")
    page.toggle("account_ids_toggle").set_value(False).run()
    assert list(page.dataframe[0].value["account"]) == list(accounts)


def test_the_account_that_an_admin_clicks_is_found_by_its_pseudonym(
    bench: Workbench, sign_in_as: SignIn
) -> None:
    add(bench, "olga", "admin")
    sign_in_as("olga")
    page = AppTest.from_file(MAIN, default_timeout=60)
    page.query_params["run"], page.query_params["ring"] = RUN_ID, "R00001"
    page.run()
    page.switch_page("../pages/rings.py").run()
    members = page.dataframe[1].value
    source = members.loc[members["Paid in ring"] == "200", "Account"].item()
    page.session_state["ring_graph"] = {"selected": source}
    page.session_state["in_view_account"] = source
    page.run()
    sent = page.dataframe[2].value
    assert list(sent["amount"]) == [200.0]
    assert list(sent["sender"]) == [source]
    assert source != "B"


def test_numbers_and_moments_read_as_one_chose(bench: Workbench, sign_in_as: SignIn) -> None:
    add(bench, "anna", "analyst")
    sign_in_as("anna")
    page = show("me.py")
    assert "started 2026-01-05 00:00 UTC" in texts(page)
    page.radio[0].set_value("indian")
    next(one for one in page.selectbox if one.label == "Time zone").set_value("Asia/Kolkata")
    next(one for one in page.button if one.label == "Save").click()
    page.run()
    assert "started 2026-01-05 05:30 UTC+05:30" in texts(page)
    assert "started 2026-01-05 05:30 UTC+05:30" in texts(show("overview.py"))


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize(
    "reachable_by",
    [
        None,
        {"X-Forwarded-For": "10.0.0.9"},
        {"X-Forwarded-Proto": "https"},
        {"Forwarded": "for=10.0.0.9"},
        {"Via": "1.1 proxy"},
        {"Host": "rings.example.com"},
        {"Host": "127.0.0.1:8501", "Origin": "http://evil.example:8501"},
    ],
)
def test_the_demo_is_refused_where_others_can_reach_the_app(
    monkeypatch: pytest.MonkeyPatch, reachable_by: dict[str, str] | None
) -> None:
    monkeypatch.setenv("RINGLEADER_DEMO", "1")
    if reachable_by is None:
        asked = st.get_option
        monkeypatch.setattr(
            st, "get_option", lambda name: "0.0.0.0" if name == "server.address" else asked(name)
        )
    else:
        monkeypatch.setattr(type(st.context), "headers", property(lambda _self: reachable_by))
    page = show("overview.py")
    assert not page.title
    assert "works only where the app listens on 127.0.0.1" in texts(page).replace("\\", "")


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "127.0.0.1:8501", "Origin": "http://127.0.0.1:8501"},
        {"Host": "localhost:8501", "Origin": "http://localhost:8501"},
        {"Host": "[::1]:8501"},
    ],
)
def test_the_demo_works_where_the_browser_is_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setenv("RINGLEADER_DEMO", "1")
    monkeypatch.setattr(type(st.context), "headers", property(lambda _self: headers))
    assert show("overview.py").title[0].value == "Overview"


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize("value", ["0", "", " "])
def test_no_demo_is_a_first_start_as_any(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("RINGLEADER_DEMO", value)
    desk._open.clear()
    page = show("overview.py")
    assert [one.label for one in page.text_input] == ["Login", "Password"]
    admin = select(User.id).where(User.login == "admin")
    assert desk.bench().read(lambda session: session.scalar(admin)) is not None


def test_what_one_person_typed_and_revealed_is_not_there_for_the_next(
    bench: Workbench, sign_in_as: SignIn
) -> None:
    for login in ("olga", "otto"):
        add(bench, login, "admin")
    sign_in_as("olga")
    page = show("overview.py")
    page.toggle("account_ids_toggle").set_value(True).run()
    page.session_state["case_3_note"] = "between us"
    assert set("ABHPQXZ") == set(page.dataframe[0].value["account"])
    sign_in_as("otto")
    page.run()
    assert "Otto" in texts(page)
    assert page.dataframe[0].value["account"].str.startswith("acct-").all()
    assert "case_3_note" not in page.session_state


def test_the_demo_says_that_it_is_one(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGLEADER_DEMO", "1")
    page = show("overview.py")
    assert page.title[0].value == "Overview"
    assert "Demo" in texts(page)
    assert not [one for one in page.button if one.label == "Sign out"]
    assert "Demo reviewer" in texts(page)
    act_as = next(one for one in page.sidebar.selectbox if one.label == "Act as")
    act_as.set_value("admin").run()
    assert "Demo admin" in texts(page)
    assert page.dataframe[0].value["account"].str.startswith("acct-").all()


def test_a_workbench_of_ones_own_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RINGLEADER_LAKE", "s3://bucket/deep")
    assert desk.address().startswith(f"sqlite:///{tmp_path}/data-home/ringleader/")
    assert not desk.is_shared()
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/cases")
    assert desk.address() == "postgresql://somewhere/cases"
    assert desk.is_shared()


def test_who_the_provider_vouches_for_in_vain_stands_in_the_audit(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims: dict[str, object] = {
        "iss": "https://id",
        "sub": "9",
        "email": "o@x.org",
        "email_verified": False,
    }
    claims["iat"] = clock.now().timestamp()
    monkeypatch.setattr(oidc, "is_at_provider", lambda: True)
    monkeypatch.setattr(st, "user", SimpleNamespace(to_dict=lambda: claims))
    for _ in range(2):
        page = show()
        assert "did not send a verified e-mail address" in texts(page).replace("\\", "")
    assert last_entry(bench) == ("system", "sign_in_failed")
    found = select(AuditEntry).where(AuditEntry.action == "sign_in_failed")
    (entry,) = bench.read(lambda session: session.scalars(found).all())
    assert '"provider":"https://id"' in entry.after

"""People and Audit: what an admin does there, what others see, and how each step is confirmed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from app.ui.people_words import PERMISSION_WORDS, ROLE_WORDS, SIGNS_IN_WORDS
from engine.workbench import audit, passwords, staff
from engine.workbench.database import Workbench, default_url
from engine.workbench.migrations import upgrade
from engine.workbench.permissions import PERMISSIONS, ROLES, Role
from engine.workbench.settings import current
from engine.workbench.sign_in import authenticate
from engine.workbench.staff import Person, list_people
from tests.pages.test_home import texts

ROOT = Path(__file__).parents[2]
MAIN = str(ROOT / "app" / "main.py")
SIT = Callable[[Role], None]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """The workbench of a lake without runs, with three people in it."""
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    made = Workbench.open(default_url(tmp_path))
    upgrade(made)
    for login, role in (("root", "admin"), ("anna", "analyst"), ("rita", "reviewer")):
        wanted: Any = role
        made.write(staff.enlist, "test", login, login.capitalize(), wanted)
    return made


@pytest.fixture
def sit(monkeypatch: pytest.MonkeyPatch) -> SIT:
    """Say which role the demo's person has."""
    return lambda role: monkeypatch.setenv("RINGLEADER_DEMO", role)


def opened(page: str, person: str = "") -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=30)
    if person:
        app.query_params["person"] = person
    app.switch_page(f"../pages/{page}.py")
    app.run()
    assert not app.exception
    return app


def person(bench: Workbench, login: str) -> Person:
    return next(one for one in bench.read(list_people) if one.login == login)


@pytest.mark.parametrize("role", ["analyst", "reviewer"])
def test_people_is_for_admins(bench: Workbench, sit: SIT, role: Role) -> None:
    sit(role)
    page = opened("people")
    assert f"You are a{'n' * (role == 'analyst')} {role}; to make users" in texts(page)
    assert not page.dataframe


def test_the_audit_is_not_for_analysts(bench: Workbench, sit: SIT) -> None:
    sit("analyst")
    page = opened("audit")
    assert "to read the audit takes a reviewer or an admin" in texts(page)
    assert not page.dataframe


def test_the_users_are_listed_and_nobody_is_chosen_at_first(bench: Workbench, sit: SIT) -> None:
    sit("admin")
    page = opened("people")
    table = page.dataframe[0].value
    assert list(table["Login"]) == ["anna", "demo-admin", "rita", "root"]
    assert list(table["State"]) == ["Active"] * 4
    assert list(table["Last sign-in"]) == ["never"] * 4
    assert "Nobody chosen" in texts(page)


def test_a_new_user_is_made_and_their_password_shown_once(bench: Workbench, sit: SIT) -> None:
    sit("admin")
    page = opened("people")
    page.text_input(key="people_new_login").input("Ben")
    page.text_input(key="people_new_name").input("Ben <b>B</b>")
    page.radio(key="people_new_role").set_value("reviewer")
    _submit(page, "Make the user").run()
    assert not page.exception
    password = page.code[0].value
    assert authenticate(bench, "ben", password).role == "reviewer"
    assert page.text_input(key="people_new_login").value == ""
    page.run()
    assert password not in texts(page) + str([one.value for one in page.code])


def test_a_login_that_is_taken_is_told(bench: Workbench, sit: SIT) -> None:
    sit("admin")
    page = opened("people")
    page.text_input(key="people_new_login").input("anna")
    page.text_input(key="people_new_name").input("Anna Berg")
    page.radio(key="people_new_role").set_value("reviewer")
    _submit(page, "Make the user").run()
    assert "login anna is taken" in page.error[0].value
    assert page.text_input(key="people_new_name").value == "Anna Berg"
    assert page.radio(key="people_new_role").value == "reviewer"
    assert len(bench.read(list_people)) == 4


def test_a_role_is_changed_after_a_question(bench: Workbench, sit: SIT) -> None:
    sit("admin")
    page = opened("people", "anna")
    page.radio(key="people_role_anna_analyst").set_value("reviewer")
    _submit(page, "Change role").run()
    assert person(bench, "anna").role == "analyst"
    page.button(key="people_confirm").click().run()
    assert person(bench, "anna").role == "reviewer"
    assert "Anna is reviewer now" in page.success[0].value


def test_the_last_admin_stays_one(bench: Workbench, sit: SIT) -> None:
    sit("admin")
    page = opened("people", "root")
    page.button(key="people_deactivate").click().run()
    page.button(key="people_confirm").click().run()
    assert "the last active admin" in page.error[0].value
    assert person(bench, "root").is_active


def test_somebody_is_deactivated_and_let_in_again(bench: Workbench, sit: SIT) -> None:
    sit("admin")
    page = opened("people", "anna")
    page.button(key="people_deactivate").click().run()
    assert person(bench, "anna").is_active
    page.button(key="people_confirm").click().run()
    assert not person(bench, "anna").is_active
    assert list(page.dataframe[0].value["Login"])[-1] == "anna"
    page.button(key="people_activate").click().run()
    assert person(bench, "anna").is_active


def test_a_new_password_is_shown_once(bench: Workbench, sit: SIT) -> None:
    sit("admin")
    page = opened("people", "anna")
    page.button(key="people_reset").click().run()
    page.button(key="people_confirm").click().run()
    assert authenticate(bench, "anna", page.code[0].value).login == "anna"
    page.run()
    assert not page.code


def test_every_permission_and_role_has_words() -> None:
    assert set(PERMISSION_WORDS) == set(PERMISSIONS)
    assert set(ROLE_WORDS) == set(ROLES)
    assert set(SIGNS_IN_WORDS) == {"password", "provider", "demo"}


def test_the_matrix_is_shown_in_words(bench: Workbench, sit: SIT) -> None:
    sit("admin")
    page = opened("people")
    page.session_state["people_tab"] = "Roles"
    page.run()
    shown = texts(page)
    assert "| See account ids at once | :material/check: yes | :material/check: yes | – |" in shown
    assert "| Approve decisions of others | – | :material/check: yes |" in shown


def test_settings_are_saved_all_at_once(bench: Workbench, sit: SIT) -> None:
    sit("admin")
    page = opened("people")
    page.session_state["people_tab"] = "Settings"
    page.run()
    hours = [page.number_input(key=f"people_setting_sla_hours_{i}").label for i in range(4)]
    assert hours == ["1 Urgent", "2 High", "3 Normal", "4 Low"]  # as the queue calls them
    page.number_input(key="people_setting_lock_minutes").set_value(30)
    page.number_input(key="people_setting_reopen_growth").set_value(50)
    page.number_input(key="people_setting_sla_hours_0").set_value(8.0)
    _submit(page, "Save settings").run()
    assert not page.exception
    found = bench.read(current)
    assert (found.lock_minutes, found.reopen_growth) == (30, 0.5)
    assert found.sla_hours == (8.0, 72.0, 168.0, 336.0)


def test_jurisdiction_and_cap_of_models_are_set_in_the_form(bench: Workbench, sit: SIT) -> None:
    sit("admin")
    page = opened("people")
    page.session_state["people_tab"] = "Settings"
    page.run()
    assert page.selectbox(key="people_setting_jurisdiction").options == ["India", "United States"]
    page.selectbox(key="people_setting_jurisdiction").set_value("in")
    page.number_input(key="people_setting_model_usd_per_day").set_value(2.5)
    _submit(page, "Save settings").run()
    assert not page.exception
    found = bench.read(current)
    assert (found.jurisdiction, found.model_usd_per_day) == ("in", 2.5)


def test_deadlines_that_fall_are_refused_and_nothing_is_saved(bench: Workbench, sit: SIT) -> None:
    sit("admin")
    before = bench.read(current)
    page = opened("people")
    page.session_state["people_tab"] = "Settings"
    page.run()
    page.number_input(key="people_setting_lock_minutes").set_value(30)
    page.number_input(key="people_setting_sla_hours_0").set_value(100.0)
    _submit(page, "Save settings").run()
    assert "must not fall" in page.error[0].value
    assert bench.read(current) == before


def test_the_audit_reads_in_words_and_filters(bench: Workbench, sit: SIT) -> None:
    sit("reviewer")
    page = opened("audit")
    table = page.dataframe[0].value
    assert list(table["What"])[-1] == "made the user root (Root), admin"
    page.text_input(key="audit_subject").input("user anna").run()
    assert list(page.dataframe[0].value["What"]) == ["made the user anna (Anna), analyst"]
    page.text_input(key="audit_subject").input("no such thing").run()
    assert "No entries" in texts(page)


def test_the_chain_is_verified_and_tampering_told(bench: Workbench, sit: SIT) -> None:
    sit("reviewer")
    page = opened("audit")
    _submit(page, "Verify the chain").run()
    assert "The chain holds" in page.success[0].value
    assert len(page.code[0].value) == 64

    def tamper(session: Any) -> None:
        session.execute(text("DROP TRIGGER audit_no_update"))
        session.execute(text("UPDATE audit SET actor = 'mallory' WHERE seq = 2"))

    bench.write(tamper)
    _submit(page, "Verify the chain").run()
    assert "tampered with" in page.error[0].value
    assert "entry 2 was changed" in page.error[0].value


def test_an_admin_reads_pseudonyms_in_the_audit(bench: Workbench, sit: SIT) -> None:
    note = {"account": "C0001", "reason_code": "payroll", "comment": "C0001 pays wages"}
    bench.write(audit.append, "anna", "suppress", "suppression 1", None, note)
    sit("reviewer")
    assert "C0001" in str(opened("audit").dataframe[0].value.to_dict())
    sit("admin")
    shown = str(opened("audit").dataframe[0].value.to_dict())
    assert "C0001" not in shown
    assert "acct-" in shown


def _submit(page: AppTest, label: str) -> Any:
    return next(button for button in page.button if button.label == label).click()

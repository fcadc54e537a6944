"""Signing in: who gets in, what is said to those who do not, and what the audit keeps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.workbench import audit, audit_log, clock, passwords, staff, users
from engine.workbench.audit_log import AuditFilter
from engine.workbench.database import Workbench
from engine.workbench.errors import SignInError
from engine.workbench.models import AuditEntry, User
from engine.workbench.permissions import Actor, Role
from engine.workbench.sign_in import authenticate, note_refusal
from engine.workbench.strangers import MOST_A_MINUTE
from tests.workbench.staff import hire

pytestmark = pytest.mark.usefixtures("quick_hashing")

START = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
WRONG = "login or password is wrong"


class Clock:
    """A clock that a test sets."""

    moment = START

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    watch = Clock()
    monkeypatch.setattr(clock, "now", watch)
    monkeypatch.setattr(audit, "now", watch)
    return watch


def anna(workbench: Workbench, role: Role = "analyst") -> str:
    return workbench.write(staff.enlist, "test", "anna", "Anna", role)


def entries(workbench: Workbench, action: str) -> list[AuditEntry]:
    return workbench.read(
        lambda session: list(
            session.scalars(
                select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)
            )
        )
    )


def refusal(workbench: Workbench, login: str, password: str) -> str:
    with pytest.raises(SignInError) as refused:
        authenticate(workbench, login, password)
    return str(refused.value)


def user(workbench: Workbench, login: str = "anna") -> User:
    return workbench.read(lambda session: session.scalars(
        select(User).where(User.login == login)
    ).one())  # fmt: skip


def test_the_right_password_lets_in_as_who_one_is_now(workbench: Workbench, time: Clock) -> None:
    password = anna(workbench, "reviewer")
    found = authenticate(workbench, " Anna ", password)
    assert found == Actor(user(workbench).id, "anna", "Anna", "reviewer")
    assert user(workbench).last_login_at == START
    (entry,) = entries(workbench, "sign_in")
    assert (entry.actor, entry.subject) == ("anna", "user anna")


@pytest.mark.parametrize("login", ["anna", "nobody", "", "system", "demo-reviewer", "two words"])
def test_the_same_is_said_of_a_wrong_password_and_of_an_unknown_login(
    workbench: Workbench, login: str
) -> None:
    anna(workbench)
    assert refusal(workbench, login, "not the password") == WRONG


@pytest.mark.parametrize("login", ["anna", "nobody"])
def test_after_five_wrong_passwords_a_login_is_locked_whether_there_is_one_or_not(
    workbench: Workbench, time: Clock, login: str
) -> None:
    password = anna(workbench)
    said = [refusal(workbench, login, "not the password") for _ in range(6)]
    assert said[:4] == [WRONG] * 4
    assert said[4] == said[5]
    assert "locked until 09:15 UTC after 5 wrong passwords" in said[4]
    assert refusal(workbench, login, password) == said[4]
    assert len(entries(workbench, "sign_in_failed")) == 5
    time.moment = START + timedelta(minutes=15)
    assert refusal(workbench, login, "not the password") == WRONG


def test_when_the_lock_is_over_the_right_password_lets_in(
    workbench: Workbench, time: Clock
) -> None:
    password = anna(workbench)
    for _ in range(5):
        refusal(workbench, "anna", "not the password")
    time.moment = START + timedelta(minutes=15, seconds=1)
    assert authenticate(workbench, "anna", password).login == "anna"
    assert user(workbench).locked_out_until is None


def test_a_sign_in_forgives_the_failures_before(workbench: Workbench) -> None:
    password = anna(workbench)
    for _ in range(3):
        for _ in range(4):
            assert refusal(workbench, "anna", "not the password") == WRONG
        authenticate(workbench, "anna", password)


def test_a_failure_is_saved_and_audited_though_it_is_raised(workbench: Workbench) -> None:
    anna(workbench)
    refusal(workbench, "anna", "not the password")
    assert user(workbench).failed_logins == 1
    (entry,) = entries(workbench, "sign_in_failed")
    assert (entry.actor, entry.subject) == ("system", "user anna")
    assert json.loads(entry.after) == {"reason": "wrong password", "locked_until": None}


def test_the_audit_never_holds_what_was_typed(workbench: Workbench) -> None:
    password = anna(workbench)
    refusal(workbench, "hunter2hunter2", "Tr0ub4dor&3 horse")  # a password typed as a login
    authenticate(workbench, "anna", password)

    def texts(session: Session) -> str:
        rows = session.scalars(select(AuditEntry))
        return " ".join(f"{r.actor} {r.subject} {r.before} {r.after}" for r in rows)

    kept = workbench.read(texts)
    for secret in ("hunter2", "Tr0ub4dor", password, "$argon2"):
        assert secret not in kept


def test_logins_that_nobody_has_do_not_fill_the_audit(workbench: Workbench, time: Clock) -> None:
    for number in range(MOST_A_MINUTE + 7):
        assert refusal(workbench, f"nobody{number}", "not the password") == WRONG
    assert len(entries(workbench, "sign_in_failed")) == MOST_A_MINUTE
    # One that is not written down is locked as any.
    said = [refusal(workbench, "nobody99", "not the password") for _ in range(5)]
    assert said[:4] == [WRONG] * 4
    assert "locked until 09:15 UTC" in said[4]
    time.moment = START + timedelta(minutes=1)
    refusal(workbench, "nobody", "not the password")
    latest = entries(workbench, "sign_in_failed")[-1]
    assert json.loads(latest.after) == {"reason": "unknown login", "left_out": 12}
    root = hire(workbench, "root", "admin")
    line = workbench.read(audit_log.page_entries, root, AuditFilter())[0]
    assert line.what.endswith("the login that was typed; 12 more were not written down")
    anna(workbench)
    refusal(workbench, "anna", "not the password")
    assert entries(workbench, "sign_in_failed")[-1].subject == "user anna"


def test_whom_a_provider_vouches_for_in_vain_stands_in_the_audit(
    workbench: Workbench, time: Clock
) -> None:
    workbench.write(users.from_provider, "https://id", "7", "olga", "Olga", "analyst")
    for _ in range(3):
        note_refusal(workbench, "https://id", "7", "olga is deactivated")
        note_refusal(workbench, "https://id", "8", "no verified address")
    known, unknown = entries(workbench, "sign_in_failed")
    assert (known.actor, known.subject) == ("system", "user olga")
    assert json.loads(known.after) == {"reason": "olga is deactivated", "provider": "https://id"}
    assert unknown.subject.startswith("unknown login ")
    root = hire(workbench, "root", "admin")
    lines = workbench.read(audit_log.page_entries, root, AuditFilter(action="sign_in_failed"))
    assert [line.what for line in lines] == [
        f"refused {unknown.subject}, who came by https://id: no verified address",
        "refused olga, who came by https://id: olga is deactivated",
    ]
    time.moment = START + timedelta(minutes=1)
    note_refusal(workbench, "https://id", "7", "olga is deactivated")
    assert len(entries(workbench, "sign_in_failed")) == 3


def test_an_unknown_login_takes_a_hash_as_a_known_one_does(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna(workbench)
    checked: list[str | None] = []
    real = passwords.fits

    def fits(kept: str | None, password: str) -> bool:
        checked.append(kept)
        return real(kept, password)

    monkeypatch.setattr(passwords, "fits", fits)
    for login in ("anna", "nobody", "two words"):
        refusal(workbench, login, "not the password")
    assert [kept is None for kept in checked] == [False, True, True]


def test_only_who_knows_the_password_learns_that_a_user_is_deactivated(
    workbench: Workbench,
) -> None:
    password = anna(workbench)
    workbench.write(staff.enlist, "test", "root", "", "admin")
    root = users.as_actor(user(workbench, "root"))
    workbench.write(staff.deactivate, root, "anna")
    assert refusal(workbench, "anna", "not the password") == WRONG
    assert "deactivated; ask an admin" in refusal(workbench, "anna", password)


def test_nobody_signs_in_as_a_person_without_a_password(workbench: Workbench) -> None:
    workbench.write(users.demo_actor)
    workbench.write(users.from_provider, "https://id", "7", "olga", "Olga", "analyst")
    for login in ("olga", "demo-reviewer"):
        for password in ("", "nobody"):
            assert refusal(workbench, login, password) == WRONG


def test_a_hash_of_less_work_is_made_anew_at_the_next_sign_in(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = anna(workbench)
    before = user(workbench).password_hash
    assert before is not None
    authenticate(workbench, "anna", password)
    assert user(workbench).password_hash == before
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(2, 8, 1))
    authenticate(workbench, "anna", password)
    assert str(user(workbench).password_hash).startswith("$argon2id$v=19$m=8,t=2,p=1$")
    assert authenticate(workbench, "anna", password).login == "anna"


def test_a_password_changed_while_it_was_checked_no_longer_lets_in(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = anna(workbench)
    real = passwords.fits

    def fits(kept: str | None, typed: str) -> bool:
        result = real(kept, typed)
        workbench.write(staff.renew_password, "test", "anna")
        return result

    monkeypatch.setattr(passwords, "fits", fits)
    assert refusal(workbench, "anna", password) == WRONG


def test_the_fifth_of_guesses_made_at_once_locks_the_right_one_out_too(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = anna(workbench)
    real = passwords.fits

    def fits(kept: str | None, typed: str) -> bool:
        if typed == password:
            for _ in range(5):
                refusal(workbench, "anna", "another guess")
        return real(kept, typed)

    monkeypatch.setattr(passwords, "fits", fits)
    assert "locked until" in refusal(workbench, "anna", password)

"""Sign-ins: tickets that work once, tokens that expire, and what the database keeps of either."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.workbench import audit, clock, logins, settings
from engine.workbench.database import Workbench
from engine.workbench.models import LoginSession
from engine.workbench.permissions import Actor
from tests.workbench.staff import hire

START = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.fixture
def anna(workbench: Workbench) -> Actor:
    return hire(workbench, "anna")


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)
    monkeypatch.setattr(audit, "now", lambda: moment)


def rows(workbench: Workbench) -> list[LoginSession]:
    return workbench.read(
        lambda session: list(session.scalars(select(LoginSession).order_by(LoginSession.id)))
    )


def test_a_ticket_is_changed_once_for_a_token_of_its_user(
    workbench: Workbench, anna: Actor
) -> None:
    ticket = workbench.write(logins.issue_ticket, anna.user_id)
    redeemed = workbench.write(logins.redeem, ticket)
    assert redeemed is not None
    token, _ = redeemed
    assert workbench.read(logins.session_user, token) == anna.user_id
    assert workbench.write(logins.redeem, ticket) is None
    assert workbench.write(logins.redeem, token) is None
    assert workbench.read(logins.session_user, ticket) is None


@pytest.mark.parametrize("made_up", ["", "x", "Ω" * 1000, "' OR 1=1 --"])
def test_a_made_up_ticket_or_token_is_nothing(workbench: Workbench, made_up: str) -> None:
    assert workbench.write(logins.redeem, made_up) is None
    assert workbench.read(logins.session_user, made_up) is None
    workbench.write(logins.end, made_up)


def test_of_two_who_redeem_a_ticket_at_once_one_gets_in(workbench: Workbench, anna: Actor) -> None:
    ticket = workbench.write(logins.issue_ticket, anna.user_id)
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda _: workbench.write(logins.redeem, ticket), range(4)))
    assert sum(one is not None for one in got) == 1


def test_only_hashes_are_kept(workbench: Workbench, anna: Actor) -> None:
    ticket = workbench.write(logins.issue_ticket, anna.user_id)
    (row,) = rows(workbench)
    assert row.ticket_hash not in (None, ticket)
    redeemed = workbench.write(logins.redeem, ticket)
    assert redeemed is not None
    (row,) = rows(workbench)
    assert (row.ticket_hash, len(str(row.token_hash))) == (None, 64)
    assert len(redeemed[0]) >= 43
    assert redeemed[0] != row.token_hash


def test_a_ticket_holds_for_a_minute(
    workbench: Workbench, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, START)
    ticket = workbench.write(logins.issue_ticket, anna.user_id)
    at(monkeypatch, START + timedelta(seconds=60))
    assert workbench.write(logins.redeem, ticket) is None


def test_a_sign_in_holds_as_long_as_the_setting_says(
    workbench: Workbench, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbench.write(settings.change_setting, hire(workbench, "root", "admin"), "login_hours", 2)
    at(monkeypatch, START)
    redeemed = workbench.write(logins.redeem, workbench.write(logins.issue_ticket, anna.user_id))
    assert redeemed is not None
    token, expires = redeemed
    assert expires == START + timedelta(hours=2)
    at(monkeypatch, expires - timedelta(seconds=1))
    assert workbench.read(logins.session_user, token) == anna.user_id
    at(monkeypatch, expires)
    assert workbench.read(logins.session_user, token) is None


def test_signing_out_ends_this_sign_in_alone_and_is_audited_once(
    workbench: Workbench, anna: Actor
) -> None:
    tickets = [workbench.write(logins.issue_ticket, anna.user_id) for _ in range(2)]
    tokens = [r[0] for r in (workbench.write(logins.redeem, ticket) for ticket in tickets) if r]
    workbench.write(logins.end, tokens[0])
    workbench.write(logins.end, tokens[0])
    assert workbench.read(logins.session_user, tokens[0]) is None
    assert workbench.read(logins.session_user, tokens[1]) == anna.user_id
    (entry,) = workbench.read(audit.history, ["user anna"])
    assert (entry.actor, entry.action) == ("anna", "sign_out")


def test_what_expired_a_month_ago_is_forgotten(
    workbench: Workbench, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, START)
    workbench.write(logins.issue_ticket, anna.user_id)
    at(monkeypatch, START + timedelta(days=31))
    workbench.write(logins.issue_ticket, anna.user_id)
    assert [row.created_at for row in rows(workbench)] == [START + timedelta(days=31)]

"""Suppressions: what they hide, for how long, and what lifting one brings back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.errors import InputError
from engine.workbench import audit, clock
from engine.workbench.database import Workbench
from engine.workbench.decisions import decide, reopen
from engine.workbench.errors import NotFoundError
from engine.workbench.models import Alert
from engine.workbench.permissions import Actor
from engine.workbench.run_alerts import account_key
from engine.workbench.settings import change_setting
from engine.workbench.suppressions import COLUMNS, Scope, lift, list_suppressions, suppress
from engine.workbench.take_in import take
from tests.workbench.runs import Payment, RingOf, RunOf
from tests.workbench.staff import hire

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
WEEK, MONTH = NOW + timedelta(days=7), NOW + timedelta(days=30)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def anna(workbench: Workbench) -> Actor:
    """Anna, and four alerts: two cycles, a fan-in and a payment."""
    found = [RingOf("ABC"), RingOf("AXYZ"), RingOf("KLM", typology="fan_in")]
    workbench.write(take, RunOf("run-0", 0, found, [Payment("A", "Q")]).alerts())
    return hire(workbench, "anna")


def hide(workbench: Workbench, actor: Actor, until: datetime = WEEK, **scope: Any) -> int:
    return workbench.write(suppress, actor, Scope(**scope), "payroll", "", until)


def hidden(workbench: Workbench) -> dict[int, datetime | None]:
    rows = workbench.read(
        lambda session: session.execute(select(Alert.id, Alert.suppressed_until)).all()
    )
    return {alert_id: until for alert_id, until in sorted(rows) if until is not None}


@pytest.mark.parametrize(("scope", "fits"), [
    ({"account": "A"}, [1, 2, 4]),
    ({"account": "Q"}, [4]),
    ({"account": "a"}, []),
    ({"typology": "cycle"}, [1, 2]),
    ({"account": "A", "typology": "cycle"}, [1, 2]),
    ({"account": "A", "typology": "transaction"}, [4]),
    ({"account": "K", "typology": "cycle"}, []),
    ({"typology": "cycle", "data_set": "march.csv"}, [1, 2]),
    ({"typology": "cycle", "data_set": "april.csv"}, []),
])  # fmt: skip
def test_a_scope_fits_by_account_and_typology_and_data_set(
    workbench: Workbench, anna: Actor, scope: dict[str, Any], fits: list[int]
) -> None:
    hide(workbench, anna, **scope)
    assert hidden(workbench) == dict.fromkeys(fits, WEEK)


def test_those_that_keep_one_alert_out_are_told(workbench: Workbench, anna: Actor) -> None:
    on_account = hide(workbench, anna, account="A")
    of_kind = hide(workbench, anna, MONTH, typology="cycle")
    hide(workbench, anna, typology="fan_in")
    told = {
        alert_id: list(workbench.read(list_suppressions, anna, alert_id=alert_id)["id"])
        for alert_id in (1, 4)
    }
    assert told == {1: [on_account, of_kind], 4: [on_account]}


def test_the_latest_expiry_counts_and_lifting_leaves_what_others_fit(
    workbench: Workbench, anna: Actor
) -> None:
    on_account = hide(workbench, anna, MONTH, account="A")
    on_typology = hide(workbench, anna, WEEK, typology="cycle")
    assert hidden(workbench) == {1: MONTH, 2: MONTH, 4: MONTH}
    workbench.write(lift, anna, on_account)
    assert hidden(workbench) == {1: WEEK, 2: WEEK}
    workbench.write(lift, anna, on_typology)
    assert hidden(workbench) == {}


def test_what_a_later_run_brings_is_hidden_too(workbench: Workbench, anna: Actor) -> None:
    hide(workbench, anna, account="N")
    found = [RingOf("ABC"), RingOf("NOP"), RingOf("KLMN", typology="fan_in")]
    counts = workbench.write(take, RunOf("run-1", 1, found).alerts())
    assert counts["suppressed"] == 2
    assert hidden(workbench) == {3: WEEK, 5: WEEK}


def test_an_account_that_left_a_ring_hides_it_no_longer(workbench: Workbench, anna: Actor) -> None:
    hide(workbench, anna, account="Z")
    assert hidden(workbench) == {2: WEEK}
    workbench.write(take, RunOf("run-1", 1, [RingOf("AXY")]).alerts())
    assert hidden(workbench) == {}


def test_an_account_of_ten_thousand_characters_can_be_suppressed(
    workbench: Workbench, anna: Actor
) -> None:
    name = "".join(f"{number:05d}" for number in range(2000))
    assert len(account_key(name)) == 417
    assert account_key(name) != account_key(name[:-1] + "x")
    hide(workbench, anna, account=name)
    assert workbench.read(list_suppressions, anna)["account"][0] == account_key(name)


def test_closed_alerts_are_left_alone(workbench: Workbench, anna: Actor) -> None:
    workbench.write(lambda session: setattr(session.get_one(Alert, 1), "status", "closed"))
    hide(workbench, anna, account="A")
    assert hidden(workbench) == {2: WEEK, 4: WEEK}


@pytest.mark.parametrize(("scope", "reason", "comment", "until", "said"), [
    ({}, "payroll", "", WEEK, "name an account, a typology or both"),
    ({"data_set": "march.csv"}, "payroll", "", WEEK, "not all alerts can be suppressed"),
    ({"account": "  "}, "payroll", "", WEEK, "name an account"),
    ({"account": "A"}, "", "", WEEK, "Suppression: choose a reason, “Wages or pensions”, "),
    ({"account": "A"}, "layering", "", WEEK, "has no reason 'layering'"),
    ({"account": "A"}, "other", " ", WEEK, "names the other reason"),
    ({"account": "A"}, "payroll", "", NOW, "a suppression ends in the future"),
    ({"account": "A"}, "payroll", "", NOW + timedelta(days=366), "lasts 365 days at most"),
    ({"account": "A"}, "payroll", "", WEEK.replace(tzinfo=None), "has no time zone"),
    ({"account": "A"}, "payroll", "x" * 10_001, WEEK, "the comment has 10,001 characters"),
    ({"typology": "cy\0cle"}, "payroll", "", WEEK, r"no typology is named 'cy\\x00cle'"),
    ({"account": "A", "data_set": "a\ud800"}, "payroll", "", WEEK, "no data set is named"),
    ({"account": "A\ud800"}, "payroll", "", WEEK, "no account is named"),
])  # fmt: skip
def test_what_is_incomplete_is_refused(
    workbench: Workbench, anna: Actor, scope: dict[str, str], reason: str, comment: str,
    until: datetime, said: str,
) -> None:  # fmt: skip
    with pytest.raises(InputError, match=said):
        workbench.write(suppress, anna, Scope(**scope), reason, comment, until)
    assert hidden(workbench) == {}


def test_comments_are_kept_as_both_databases_can(workbench: Workbench, anna: Actor) -> None:
    until = WEEK
    number = workbench.write(suppress, anna, Scope(account="A\0"), "other", "x\0y", until)
    workbench.write(lift, anna, number, "z\ud800")
    (one,) = workbench.read(list_suppressions, anna, include_ended=True).itertuples()
    assert (one.account, one.comment) == ("A\ufffd", "x\ufffdy")
    lifted = workbench.read(audit.history, [f"suppression {number}"])[0]
    assert json.loads(lifted.after)["comment"] == "z\ufffd"
    other = hide(workbench, anna, account="A")
    with pytest.raises(InputError, match="the comment has 10,001 characters"):
        workbench.write(lift, anna, other, "x" * 10_001)


def test_what_was_lifted_while_an_alert_was_closed_hides_it_no_more(
    workbench: Workbench, anna: Actor
) -> None:
    rita = hire(workbench, "rita", "reviewer")
    number = hide(workbench, anna, account="K")
    workbench.write(decide, anna, 3, None, "false_positive", "payroll")
    workbench.write(lift, anna, number)
    workbench.write(reopen, rita, 3, None, "look again")
    assert hidden(workbench) == {}


def test_what_was_suppressed_while_an_alert_was_closed_hides_it_when_it_is_opened(
    workbench: Workbench, anna: Actor
) -> None:
    rita = hire(workbench, "rita", "reviewer")
    workbench.write(decide, anna, 3, None, "false_positive", "payroll")
    hide(workbench, anna, WEEK, account="K")
    hide(workbench, anna, MONTH, typology="fan_in")
    assert hidden(workbench) == {}
    workbench.write(reopen, rita, 3, None, "look again")
    assert hidden(workbench) == {3: MONTH}


@pytest.mark.parametrize("is_lifted", [True, False])
def test_what_a_run_opens_again_waits_by_the_suppressions_of_then(
    workbench: Workbench, anna: Actor, *, is_lifted: bool
) -> None:
    number = hide(workbench, anna, account="K")
    workbench.write(decide, anna, 3, None, "false_positive", "payroll")
    if is_lifted:
        workbench.write(lift, anna, number)
    grown = RingOf("KLMNOP", typology="fan_in")
    assert workbench.write(take, RunOf("run-1", 1, [grown]).alerts())["reopened"] == 1
    assert hidden(workbench) == ({} if is_lifted else {3: WEEK})


def test_the_longest_time_is_a_setting(workbench: Workbench, anna: Actor) -> None:
    root = hire(workbench, "root", "admin")
    workbench.write(change_setting, root, "suppression_days_max", 7)
    hide(workbench, anna, WEEK, account="A")
    with pytest.raises(InputError, match="lasts 7 days at most"):
        hide(workbench, anna, MONTH, account="A")


def test_one_that_ended_cannot_be_lifted(
    workbench: Workbench, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = hide(workbench, anna, account="A")
    workbench.write(lift, anna, number)
    with pytest.raises(InputError, match=f"suppression {number} has ended already"):
        workbench.write(lift, anna, number)
    with pytest.raises(NotFoundError, match="there is no suppression 99"):
        workbench.write(lift, anna, 99)
    other = hide(workbench, anna, account="A")
    monkeypatch.setattr(clock, "now", lambda: WEEK)
    with pytest.raises(InputError, match="has ended already"):
        workbench.write(lift, anna, other)


def test_the_audit_says_what_was_hidden_and_what_came_back(
    workbench: Workbench, anna: Actor
) -> None:
    number = hide(workbench, anna, account="A")
    workbench.write(lift, anna, number, "customer left")
    lifted, made = workbench.read(audit.history, [f"suppression {number}"])
    assert (made.actor, made.action, lifted.action) == ("anna", "suppress", "lift")
    after = json.loads(made.after)
    assert (after["account"], after["reason_code"], after["hidden"]) == ("A", "payroll", 3)
    assert after["expires_at"] == WEEK.isoformat()
    assert json.loads(lifted.after) == {"comment": "customer left", "back_in_queue": 3}


def test_the_list_shows_those_in_force_and_on_request_the_others(
    workbench: Workbench, anna: Actor
) -> None:
    first = hide(workbench, anna, MONTH, account="A")
    second = hide(workbench, anna, WEEK, typology="fan_in")
    listed = workbench.read(list_suppressions, anna)
    assert list(listed["id"]) == [second, first]
    assert list(listed["alerts"]) == [1, 3]
    assert list(listed["created_by"]) == ["Anna", "Anna"]
    workbench.write(lift, anna, second)
    assert list(workbench.read(list_suppressions, anna)["id"]) == [first]
    listed = workbench.read(list_suppressions, anna, include_ended=True)
    assert list(listed["is_active"]) == [False, True]
    assert listed["lifted_by"].iloc[0] == "Anna"
    assert {name: str(kind) for name, kind in listed.dtypes.items()} == COLUMNS


def test_no_suppression_is_an_empty_list_of_the_same_columns(
    workbench: Workbench, anna: Actor
) -> None:
    listed = workbench.read(list_suppressions, anna)
    assert {name: str(kind) for name, kind in listed.dtypes.items()} == COLUMNS

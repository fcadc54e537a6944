"""How an alert ends, and that four eyes are four."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import audit
from engine.workbench.case import alert_record
from engine.workbench.database import Workbench
from engine.workbench.decisions import approve, decide, reopen, withdraw
from engine.workbench.dispositions import DISPOSITIONS
from engine.workbench.errors import ConflictError, NotFoundError
from engine.workbench.models import Alert, User
from engine.workbench.permissions import Actor, NotAllowedError
from engine.workbench.take_next import hold
from tests.workbench.alerts import START, add_alert, add_evidence
from tests.workbench.conftest import Watch
from tests.workbench.staff import hire

REPORT = ("suspicious_reported", "layering", "in and out within the hour")


def proposed(workbench: Workbench, actor: Actor) -> int:
    workbench.write(add_alert)
    return workbench.write(decide, actor, 1, 1, *REPORT)


def test_a_decision_closes_an_alert(workbench: Workbench, watch: Watch, anna: Actor) -> None:
    workbench.write(add_alert, snoozed_until=START + timedelta(days=1))
    workbench.write(hold, anna, 1)
    assert workbench.write(decide, anna, 1, 1, "false_positive", "payroll") == 2
    found = workbench.read(alert_record, anna, 1)
    assert (found.status, found.disposition, found.reason_code) == (
        "closed", "false_positive", "payroll",
    )  # fmt: skip
    assert (found.closed_at, found.snoozed_until, found.lock) == (START, None, None)
    (decision,) = found.decisions
    assert (decision.decided_by.name, decision.decided_at) == ("Anna", START)
    assert (decision.approval, decision.approved_by) == ("not_needed", None)
    assert found.history[0].text == "Anna closed it as false positive (wages or pensions)"


@pytest.mark.parametrize("name", [n for n in DISPOSITIONS if n not in ("duplicate", REPORT[0])])
def test_every_other_disposition_closes_at_once(
    workbench: Workbench, anna: Actor, name: str
) -> None:
    workbench.write(add_alert)
    reason = next(iter(DISPOSITIONS[name].reasons))
    workbench.write(decide, anna, 1, 1, name, reason, "because")
    assert workbench.read(alert_record, anna, 1).status == "closed"


@pytest.mark.parametrize(
    ("disposition", "reason", "comment", "told"),
    [
        ("confirmed_fraud", "mule_account", " ", "write a comment"),
        ("false_positive", "other", "", "names the other reason"),
        ("false_positive", "layering", "", "has no reason 'layering'"),
        ("false_positive", "", "", "choose a reason"),
        ("guilty", "other", "x", "there is no disposition 'guilty'"),
    ],
)
def test_an_incomplete_decision_is_refused(
    workbench: Workbench, anna: Actor, disposition: str, reason: str, comment: str, told: str
) -> None:
    workbench.write(add_alert)
    with pytest.raises(InputError, match=told):
        workbench.write(decide, anna, 1, 1, disposition, reason, comment)
    assert workbench.read(alert_record, anna, 1).status == "open"


def test_a_report_waits_for_a_second_person(
    workbench: Workbench, watch: Watch, anna: Actor, rita: Actor
) -> None:
    assert proposed(workbench, anna) == 2
    found = workbench.read(alert_record, anna, 1)
    assert (found.status, found.disposition, found.closed_at) == (
        "awaiting_approval", "suspicious_reported", None,
    )  # fmt: skip
    assert found.pending is not None
    assert found.history[0].what.startswith("asked to close it as suspicious, reported (money is")
    watch.passes(hours=1)
    assert workbench.write(approve, rita, 1, 2, accept=True, comment="agreed") == 3
    found = workbench.read(alert_record, anna, 1)
    assert (found.status, found.closed_at) == ("closed", START + timedelta(hours=1))
    (decision,) = found.decisions
    assert (decision.approval, decision.approval_comment) == ("approved", "agreed")
    assert decision.approved_by is not None
    assert decision.approved_by.login == "rita"
    assert found.history[0].text == "Rita approved the decision: agreed; it is closed"


def test_who_decided_does_not_approve_whatever_role_they_have_had(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    proposed(workbench, rita)
    for accept in (True, False):
        with pytest.raises(NotAllowedError, match="another person has to agree"):
            workbench.write(approve, rita, 1, 2, accept=accept, comment="mine")

    def promoted(session: Session) -> None:
        session.get_one(User, rita.user_id).role = "admin"

    workbench.write(promoted)
    with pytest.raises(NotAllowedError, match="another person has to agree"):
        workbench.write(approve, Actor(rita.user_id, "rita", "Rita", "admin"), 1, 2, accept=True)
    found = workbench.read(alert_record, anna, 1)
    assert (found.status, found.version) == ("awaiting_approval", 2)


def test_an_analyst_does_not_approve(workbench: Workbench, anna: Actor, ben: Actor) -> None:
    proposed(workbench, anna)
    with pytest.raises(NotAllowedError, match="this takes a reviewer or admin"):
        workbench.write(approve, ben, 1, 2, accept=True)


def test_what_is_sent_back_is_in_review_with_the_comment(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    proposed(workbench, anna)
    with pytest.raises(InputError, match="the comment to what is sent back is empty"):
        workbench.write(approve, rita, 1, 2, accept=False)
    workbench.write(approve, rita, 1, 2, accept=False, comment="which account pays?")
    found = workbench.read(alert_record, anna, 1)
    assert (found.status, found.disposition, found.reason_code) == ("in_review", None, None)
    assert found.pending is None
    assert getattr(found.assignee, "login", None) == "anna"
    assert found.undone == found.decisions[0]
    assert found.history[0].text == "Rita sent the decision back: which account pays?"
    workbench.write(decide, anna, 1, 3, *REPORT)
    workbench.write(approve, rita, 1, 4, accept=True)
    approvals = [one.approval for one in workbench.read(alert_record, anna, 1).decisions]
    assert approvals == ["approved", "rejected"]


def test_what_is_sent_back_is_nobodys_where_who_decided_no_longer_works(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    proposed(workbench, anna)

    def left(session: Session) -> None:
        session.get_one(User, anna.user_id).is_active = False

    workbench.write(left)
    workbench.write(approve, rita, 1, 2, accept=False, comment="which account pays?")
    assert workbench.read(alert_record, rita, 1).assignee is None


def test_a_decision_is_withdrawn_by_who_made_it(
    workbench: Workbench, anna: Actor, ben: Actor, rita: Actor
) -> None:
    proposed(workbench, anna)
    for other in (ben, rita):
        with pytest.raises(NotAllowedError, match="somebody else's"):
            workbench.write(withdraw, other, 1, 2)
    assert workbench.write(withdraw, anna, 1, 2, "too early") == 3
    found = workbench.read(alert_record, anna, 1)
    assert (found.status, found.disposition) == ("in_review", None)
    assert [one.approval for one in found.decisions] == ["withdrawn"]
    with pytest.raises(ConflictError, match="is not decided"):
        workbench.write(approve, rita, 1, 3, accept=True)


def test_a_decided_alert_is_not_decided_again(
    workbench: Workbench, anna: Actor, ben: Actor
) -> None:
    proposed(workbench, anna)
    with pytest.raises(ConflictError, match="waits for approval"):
        workbench.write(decide, ben, 1, 2, "false_positive", "payroll")


def test_a_decision_rests_on_the_evidence_in_force(workbench: Workbench, anna: Actor) -> None:
    workbench.write(add_alert)

    def runs(session: Session) -> list[int]:
        alert = session.get_one(Alert, 1)
        alert.run_id = "run-3"
        newest = add_evidence(session, alert, state="same")
        # An older run that was taken in after the newer one.
        return [newest, add_evidence(session, alert, run_id="run-2")]

    newest, _ = workbench.write(runs)
    workbench.write(decide, anna, 1, 1, "false_positive", "payroll")
    assert workbench.read(alert_record, anna, 1).decisions[0].evidence_id == newest


def test_a_duplicate_names_the_alert_that_goes_on(workbench: Workbench, anna: Actor) -> None:
    for _ in range(3):
        workbench.write(add_alert)
    workbench.write(decide, anna, 2, 1, "duplicate", "same_activity", duplicate_of=1)
    found = workbench.read(alert_record, anna, 2)
    assert (found.status, found.duplicate_of) == ("closed", 1)
    assert found.history[0].what == (
        "closed it as duplicate of AL-1 (another alert shows the same transactions)"
    )
    assert workbench.read(alert_record, anna, 1).duplicates == (2,)
    with pytest.raises(InputError, match="AL-2 is itself a duplicate of AL-1"):
        workbench.write(decide, anna, 1, 1, "duplicate", "same_activity", duplicate_of=2)


@pytest.mark.parametrize(
    ("disposition", "other", "error", "told"),
    [
        ("duplicate", None, InputError, "name the other alert"),
        ("duplicate", 1, InputError, "no duplicate of itself"),
        ("duplicate", 9, NotFoundError, "there is no alert AL-9"),
        ("inconclusive", 2, InputError, "only a duplicate names another alert"),
    ],
)
def test_a_duplicate_of_nothing_is_refused(
    workbench: Workbench, anna: Actor, disposition: str, other: int | None,
    error: type[Exception], told: str,
) -> None:  # fmt: skip
    for _ in range(2):
        workbench.write(add_alert)
    with pytest.raises(error, match=told):
        workbench.write(decide, anna, 1, 1, disposition, "other", "because", duplicate_of=other)


def test_a_closed_alert_is_opened_again_and_its_clock_begins_anew(
    workbench: Workbench, watch: Watch, anna: Actor, rita: Actor
) -> None:
    for _ in range(2):
        workbench.write(add_alert)
    workbench.write(decide, anna, 1, 1, "duplicate", "same_activity", duplicate_of=2)
    watch.passes(days=30)
    with pytest.raises(InputError, match="says why"):
        workbench.write(reopen, rita, 1, 2, " ")
    assert workbench.write(reopen, rita, 1, 2, "new complaint") == 3
    found = workbench.read(alert_record, anna, 1)
    assert (found.status, found.disposition, found.duplicate_of, found.closed_at) == (
        "in_review", None, None, None,
    )  # fmt: skip
    assert found.due_at == START + timedelta(days=30, hours=168)
    assert found.overdue_by is None
    assert len(found.decisions) == 1


def test_the_audit_tells_of_a_decision_only_what_changed(
    workbench: Workbench, watch: Watch, anna: Actor
) -> None:
    workbench.write(add_alert)
    workbench.write(decide, anna, 1, 1, "false_positive", "payroll", "every month")
    (entry,) = workbench.read(audit.history, ["alert 1"])
    assert json.loads(entry.before) == {"disposition": None, "reason_code": None, "status": "open"}
    assert json.loads(entry.after) == {
        "comment": "every month", "disposition": "false_positive", "evidence": 1,
        "reason_code": "payroll", "status": "closed", "version": 2,
    }  # fmt: skip


def test_four_eyes_hold_when_two_reviewers_decide_and_approve(workbench: Workbench) -> None:
    first, second = (hire(workbench, login, "reviewer") for login in ("rani", "rolf"))
    proposed(workbench, first)
    assert workbench.write(approve, second, 1, 2, accept=True) == 3

"""A change of thresholds: proposed, approved by somebody else, applied; nothing out of turn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.errors import EngineError, InputError
from engine.query.threshold_alerts import Thresholds
from engine.workbench import audit_log, thresholds
from engine.workbench.audit_log import AuditFilter
from engine.workbench.database import Workbench
from engine.workbench.errors import ConflictError, NotFoundError
from engine.workbench.permissions import Actor, NotAllowedError

NOW = Thresholds()
HIGHER = replace(NOW, ring_alert_threshold=0.6)
EFFECT = {"before": 44, "after": 40, "gained": 0, "lost": 4}


def propose(workbench: Workbench, actor: Actor, wanted: Thresholds = HIGHER) -> int:
    return workbench.write(
        thresholds.propose, actor, wanted, NOW, "run-1", EFFECT, "More than we can work"
    )


def approve(workbench: Workbench, actor: Actor, version: int) -> None:
    workbench.write(thresholds.review, actor, version, accept=True)


def status(workbench: Workbench, actor: Actor, version: int) -> str:
    changes = workbench.read(thresholds.list_changes, actor)
    return next(one.status for one in changes if one.version == version)


def test_nothing_is_in_force_until_a_change_is_applied(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    version = propose(workbench, anna)
    assert workbench.read(thresholds.in_force, anna) is None
    approve(workbench, rita, version)
    assert workbench.read(thresholds.in_force, anna) is None
    assert workbench.write(thresholds.apply, anna, version) == HIGHER
    found = workbench.read(thresholds.in_force, anna)
    assert found is not None
    assert (found.version, found.thresholds, found.effect) == (version, HIGHER, EFFECT)
    assert (found.proposed_by_name, found.reviewed_by_name) == ("Anna", "Rita")


def test_nobody_approves_their_own_proposal(workbench: Workbench, rita: Actor, ada: Actor) -> None:
    version = propose(workbench, rita)
    with pytest.raises(NotAllowedError, match="your own"):
        approve(workbench, rita, version)
    approve(workbench, ada, version)
    assert status(workbench, rita, version) == "approved"


def test_an_analyst_approves_nothing(workbench: Workbench, anna: Actor, ben: Actor) -> None:
    version = propose(workbench, anna)
    with pytest.raises(NotAllowedError, match="this takes a reviewer or admin"):
        approve(workbench, ben, version)


def test_what_is_not_approved_is_not_applied(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    version = propose(workbench, anna)
    with pytest.raises(ConflictError, match="is proposed already"):
        workbench.write(thresholds.apply, anna, version)
    workbench.write(thresholds.review, rita, version, accept=False, comment="Too many are missed")
    with pytest.raises(ConflictError, match="is rejected already"):
        workbench.write(thresholds.apply, anna, version)


def test_who_sends_back_says_why(workbench: Workbench, anna: Actor, rita: Actor) -> None:
    version = propose(workbench, anna)
    with pytest.raises(InputError, match="the reason is empty"):
        workbench.write(thresholds.review, rita, version, accept=False, comment=" ")


def test_a_proposal_measured_against_other_thresholds_is_not_applied_over_them(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    first, second = (
        propose(workbench, anna, replace(NOW, ring_alert_threshold=share)) for share in (0.6, 0.7)
    )
    for version in (first, second):
        approve(workbench, rita, version)
    workbench.write(thresholds.apply, anna, first)
    changes = {one.version: one for one in workbench.read(thresholds.list_changes, anna)}
    assert (changes[first].is_stale, changes[second].is_stale) == (False, True)
    with pytest.raises(ConflictError, match="propose it anew"):
        workbench.write(thresholds.apply, anna, second)


def test_who_proposed_it_can_take_it_back(
    workbench: Workbench, anna: Actor, ben: Actor, rita: Actor
) -> None:
    version = propose(workbench, anna)
    with pytest.raises(NotAllowedError, match="only who proposed it"):
        workbench.write(thresholds.withdraw_change, ben, version)
    approve(workbench, rita, version)
    workbench.write(thresholds.withdraw_change, anna, version)
    assert status(workbench, anna, version) == "withdrawn"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ring_alert_threshold": 1.5}, "between 0 and 1"),
        ({"lone_share": 0.0}, "lone_share is 0.0"),
        ({"min_lone": 10, "max_lone": 5}, "the first is not above the second"),
        ({}, "the thresholds that are in force"),
    ],
)
def test_what_no_run_could_mean_is_not_proposed(
    workbench: Workbench, anna: Actor, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(EngineError, match=message):
        propose(workbench, anna, replace(NOW, **changes))


def test_a_version_that_is_not_there(workbench: Workbench, rita: Actor) -> None:
    with pytest.raises(NotFoundError, match="no version 7"):
        approve(workbench, rita, 7)


def test_the_audit_tells_each_step(workbench: Workbench, anna: Actor, rita: Actor) -> None:
    version = propose(workbench, anna)
    approve(workbench, rita, version)
    workbench.write(thresholds.apply, anna, version)
    lines = workbench.read(audit_log.page_entries, rita, AuditFilter(subject="thresholds"))
    assert [line.action for line in lines][::-1] == [
        "propose_thresholds", "approve_thresholds", "apply_thresholds",
    ]  # fmt: skip
    assert [line.what for line in lines][::-1] == [
        f"proposed version {version} of the thresholds: ring threshold 0.5 → 0.6: "
        "More than we can work",
        f"approved version {version} of the thresholds",
        f"put in force version {version} of the thresholds",
    ]

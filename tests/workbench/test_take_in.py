"""Taking runs in: what becomes of alerts over the runs of a data set, computed by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import RunError
from engine.lake import Lake, write_json
from engine.workbench import audit, clock
from engine.workbench.database import Workbench
from engine.workbench.models import Alert, AlertAccount, Decision, Evidence, TakenRun
from engine.workbench.permissions import Actor
from engine.workbench.take_in import take, take_in, take_in_all, untaken
from tests.workbench.runs import Payment, RingOf, RunOf
from tests.workbench.staff import hire

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def runs(workbench: Workbench, *of_days: Sequence[RingOf | Payment]) -> list[dict[str, int]]:
    """Take in a run a day, each of what it found; return the counts of each."""
    counts = []
    for day, found in enumerate(of_days):
        run = RunOf(
            f"run-{day}", day, [one for one in found if isinstance(one, RingOf)],
            [one for one in found if isinstance(one, Payment)],
        )  # fmt: skip
        counts.append(workbench.write(take, run.alerts()))
    return counts


def alerts(workbench: Workbench) -> list[Alert]:
    return workbench.read(lambda session: list(session.scalars(select(Alert).order_by(Alert.id))))


def evidence(workbench: Workbench, alert_id: int) -> list[Evidence]:
    wanted = select(Evidence).where(Evidence.alert_id == alert_id).order_by(Evidence.id)
    return workbench.read(lambda session: list(session.scalars(wanted)))


def accounts(workbench: Workbench, alert_id: int, *, current: bool = True) -> str:
    wanted = select(AlertAccount.account).where(
        AlertAccount.alert_id == alert_id, AlertAccount.is_current == current
    )
    return "".join(sorted(workbench.read(lambda session: list(session.scalars(wanted)))))


def change(workbench: Workbench, alert_id: int, **columns: Any) -> None:
    def do(session: Session) -> None:
        alert = session.get_one(Alert, alert_id)
        for name, value in columns.items():
            setattr(alert, name, value)

    workbench.write(do)


def close(workbench: Workbench, actor: Actor, alert_id: int, disposition: str = "false_positive",
          approval: str = "not_needed") -> None:  # fmt: skip
    """Decide on the newest evidence of an alert."""

    def do(session: Session) -> None:
        alert = session.get_one(Alert, alert_id)
        newest = select(func.max(Evidence.id)).where(Evidence.alert_id == alert_id)
        waits = approval == "pending"
        alert.status = "awaiting_approval" if waits else "closed"
        alert.disposition, alert.reason_code = disposition, "payroll"
        alert.closed_at = None if waits else NOW
        session.add(
            Decision(
                alert_id=alert_id, evidence_id=session.scalar(newest), disposition=disposition,
                reason_code="payroll", comment="", decided_by_id=actor.user_id, decided_at=NOW,
                approval=approval,
            )
        )  # fmt: skip

    workbench.write(do)


def test_a_new_ring_opens_an_alert_with_its_accounts_and_its_clock(workbench: Workbench) -> None:
    (counts,) = runs(workbench, [RingOf("ABCD", amount=4000.0, score=0.93)])
    assert counts == {"alerts": 1, "born": 1, "suppressed": 0}
    (alert,) = alerts(workbench)
    assert (alert.data_set, alert.kind, alert.run_id, alert.run_alert_id, alert.ring_id) == (
        "march.csv", "ring", "run-0", "A000001", "R00001",
    )  # fmt: skip
    assert (alert.status, alert.priority, alert.currency, alert.version) == ("open", 1, "INR", 1)
    assert (alert.opened_at, alert.due_at) == (NOW, NOW + timedelta(hours=24))
    assert accounts(workbench, alert.id) == "ABCD"
    (first,) = evidence(workbench, alert.id)
    assert (first.state, first.gained, first.amount) == ("born", ["A", "B", "C", "D"], 4000.0)


@pytest.mark.parametrize(("score", "priority", "hours"), [
    (1.0, 1, 24), (0.9, 1, 24), (0.89, 2, 72), (0.75, 2, 72), (0.5, 3, 168), (0.49, 4, 336),
])  # fmt: skip
def test_the_priority_is_the_band_of_the_score(
    workbench: Workbench, score: float, priority: int, hours: int
) -> None:
    runs(workbench, [RingOf("ABC", score=score)])
    (alert,) = alerts(workbench)
    assert (alert.priority, alert.due_at - alert.opened_at) == (priority, timedelta(hours=hours))


def test_a_lone_transaction_is_the_same_where_its_content_is(workbench: Workbench) -> None:
    counts = runs(
        workbench, [Payment("P", "Q"), Payment("P", "R")], [Payment("X", "Y"), Payment("P", "Q")]
    )
    assert counts[1] == {"alerts": 2, "same": 1, "born": 1, "dormant": 1, "suppressed": 0}
    first, second, third = alerts(workbench)
    assert (first.run_id, first.run_alert_id, first.version) == ("run-1", "A000002", 1)
    assert (second.lineage, second.run_id, second.status) == ("dormant", "run-0", "open")
    assert third.lineage == "born"
    assert accounts(workbench, first.id) == "PQ"


def test_the_same_ring_is_one_alert_with_two_rows_of_evidence(workbench: Workbench) -> None:
    runs(workbench, [RingOf("ABC")], [RingOf("XYZ"), RingOf("ABC")])
    first, second = alerts(workbench)
    assert (first.lineage, first.run_id, first.ring_id, first.version) == (
        "same", "run-1", "R00002", 1,
    )  # fmt: skip
    assert second.lineage == "born"
    assert [row.state for row in evidence(workbench, first.id)] == ["born", "same"]


def test_a_ring_that_grew_says_what_it_gained(workbench: Workbench) -> None:
    counts = runs(workbench, [RingOf("ABC", 1000)], [RingOf("ABCDE", 1500, score=0.95)])
    assert counts[1] == {"alerts": 1, "grew": 1, "suppressed": 0}
    (alert,) = alerts(workbench)
    assert (alert.lineage, alert.n_accounts, alert.amount, alert.version) == ("grew", 5, 1500, 2)
    assert (alert.priority, alert.due_at) == (1, NOW + timedelta(hours=24))
    assert accounts(workbench, alert.id) == "ABCDE"
    newest = evidence(workbench, alert.id)[-1]
    assert (newest.gained, newest.lost) == (["D", "E"], [])


def test_a_ring_that_shrank_keeps_who_left_as_former(workbench: Workbench) -> None:
    runs(workbench, [RingOf("ABCD")], [RingOf("ABC")])
    (alert,) = alerts(workbench)
    assert (alert.lineage, evidence(workbench, alert.id)[-1].lost) == ("shrank", ["D"])
    assert accounts(workbench, alert.id) == "ABC"
    assert accounts(workbench, alert.id, current=False) == "D"
    runs(workbench)  # nothing
    workbench.write(take, RunOf("run-9", 9, [RingOf("ABCD")]).alerts())
    assert accounts(workbench, alert.id) == "ABCD"
    assert evidence(workbench, alert.id)[-1].gained == ["D"]


def test_a_priority_set_by_hand_stays(workbench: Workbench) -> None:
    anna = hire(workbench, "anna")
    runs(workbench, [RingOf("ABC", score=0.6)])
    change(workbench, 1, priority=4, priority_set_by_id=anna.user_id)
    workbench.write(take, RunOf("run-1", 1, [RingOf("ABC", score=0.99)]).alerts())
    (alert,) = alerts(workbench)
    assert (alert.score, alert.priority) == (0.99, 4)


def test_rings_that_merge_go_on_as_the_one_that_is_worked_on(workbench: Workbench) -> None:
    anna = hire(workbench, "anna")
    runs(workbench, [RingOf("ABCDE"), RingOf("PQR")])
    change(workbench, 2, status="in_review", assignee_id=anna.user_id)
    counts = workbench.write(take, RunOf("run-1", 1, [RingOf("ABCDEPQR", 9000)]).alerts())
    assert counts == {"alerts": 1, "merged": 1, "absorbed": 1, "suppressed": 0}
    first, second = alerts(workbench)
    assert (second.status, second.assignee_id, second.lineage, second.n_accounts) == (
        "in_review", anna.user_id, "merged", 8,
    )  # fmt: skip
    assert evidence(workbench, 2)[-1].gained == ["A", "B", "C", "D", "E"]
    assert (first.status, first.disposition, first.reason_code, first.merged_into_id) == (
        "closed", "duplicate", "merged", 2,
    )  # fmt: skip
    (entry,) = workbench.read(audit.history, ["alert 1"])
    assert (entry.actor, entry.action) == ("system", "run_merges")
    assert json.loads(entry.after) == {
        "run_id": "run-1", "lineage": "merged", "status": "closed", "disposition": "duplicate",
        "reason_code": "merged", "duplicate_of": 2,
    }  # fmt: skip


def test_an_absorbed_alert_is_not_merged_again_by_the_next_run(workbench: Workbench) -> None:
    whole = RingOf("ABCDEFGH")
    counts = runs(workbench, [RingOf("ABCDE"), RingOf("FGH")], [whole], [RingOf("ABCDEFGHI")])
    assert counts[2] == {"alerts": 1, "grew": 1, "suppressed": 0}
    assert [alert.merged_into_id for alert in alerts(workbench)] == [None, 1]


def test_a_decision_that_waits_ends_where_its_alert_merges_into_another(
    workbench: Workbench,
) -> None:
    anna = hire(workbench, "anna")
    runs(workbench, [RingOf("ABCDE"), RingOf("PQR")])
    for alert_id in (1, 2):
        close(workbench, anna, alert_id, "suspicious_reported", "pending")
    workbench.write(take, RunOf("run-1", 1, [RingOf("ABCDEPQR")]).alerts())
    found = workbench.read(
        lambda session: session.execute(
            select(Decision.alert_id, Decision.approval).order_by(Decision.alert_id)
        ).all()
    )
    assert [tuple(row) for row in found] == [(1, "pending"), (2, "rejected")]
    assert [alert.status for alert in alerts(workbench)] == ["awaiting_approval", "closed"]


def test_the_largest_part_of_a_split_goes_on_and_the_other_is_new(workbench: Workbench) -> None:
    counts = runs(workbench, [RingOf("ABCDEFGH")], [RingOf("FGH"), RingOf("ABCDE")])
    assert counts[1] == {"alerts": 2, "split": 2, "suppressed": 0}
    first, second = alerts(workbench)
    assert (first.run_alert_id, first.lineage, first.split_from_id) == ("A000002", "split", None)
    assert (second.lineage, second.split_from_id, second.status) == ("split", 1, "open")
    assert evidence(workbench, 1)[-1].lost == ["F", "G", "H"]


def test_the_parts_of_a_ring_closed_as_false_stay_closed(workbench: Workbench) -> None:
    anna = hire(workbench, "anna")
    runs(workbench, [RingOf("ABCDEFGH")])
    close(workbench, anna, 1)
    workbench.write(take, RunOf("run-1", 1, [RingOf("FGH", 300), RingOf("ABCDE", 700)]).alerts())
    assert [(alert.status, alert.disposition) for alert in alerts(workbench)] == [
        ("closed", "false_positive"), ("closed", "duplicate"),
    ]  # fmt: skip


def test_a_ring_not_found_again_is_dormant_once_and_wakes_when_it_is(workbench: Workbench) -> None:
    counts = runs(workbench, [RingOf("ABC")], [], [], [RingOf("ABC")])
    assert [each.get("dormant", 0) for each in counts] == [0, 1, 1, 0]
    (alert,) = alerts(workbench)
    assert (alert.lineage, alert.status, alert.run_id) == ("same", "open", "run-3")
    assert [row.state for row in evidence(workbench, 1)] == ["born", "dormant", "same"]


@pytest.mark.parametrize(("ring", "opens"), [
    (RingOf("ABCD", 1000), False),  # the same
    (RingOf("ABCDE", 1000), True),  # a fourth more accounts
    (RingOf("ABCD", 1249.99), False),
    (RingOf("ABCD", 1250), True),  # a fourth more money
    (RingOf("ABC", 1000), False),
    (RingOf("ABCD", 900, typology="fan_in"), True),
])  # fmt: skip
@pytest.mark.parametrize("disposition", ["false_positive", "confirmed_fraud"])
def test_a_closed_ring_opens_again_only_where_it_grew_or_shows_a_new_typology(
    workbench: Workbench, ring: RingOf, opens: bool, disposition: str
) -> None:
    anna = hire(workbench, "anna")
    runs(workbench, [RingOf("ABCD", 1000)])
    close(workbench, anna, 1, disposition)
    change(workbench, 1, assignee_id=anna.user_id, opened_at=NOW - timedelta(days=30))
    counts = workbench.write(take, RunOf("run-1", 1, [ring]).alerts())
    (alert,) = alerts(workbench)
    assert counts.get("reopened", 0) == opens == evidence(workbench, 1)[-1].reopened
    if opens:
        assert (alert.status, alert.disposition, alert.reason_code, alert.closed_at) == (
            "open", None, None, None,
        )  # fmt: skip
        assert (alert.assignee_id, alert.opened_at) == (None, NOW)
        (entry,) = workbench.read(audit.history, ["alert 1"])
        assert (entry.action, json.loads(entry.before)["disposition"]) == (
            "run_reopens", disposition,
        )  # fmt: skip
    else:
        assert (alert.status, alert.disposition) == ("closed", disposition)
    assert alert.amount == ring.amount


def test_growth_is_counted_from_what_was_decided_on(workbench: Workbench) -> None:
    anna = hire(workbench, "anna")
    runs(workbench, [RingOf("ABCD", 1000)])
    close(workbench, anna, 1)
    for day, amount in ((1, 1100), (2, 1200), (3, 1300)):  # a little each day
        workbench.write(take, RunOf(f"run-{day}", day, [RingOf("ABCD", amount)]).alerts())
        assert alerts(workbench)[0].status == ("open" if day == 3 else "closed")


def test_growth_wakes_a_snooze_and_nothing_else_does(workbench: Workbench) -> None:
    later = NOW + timedelta(days=7)
    runs(workbench, [RingOf("ABC", 1000)])
    change(workbench, 1, snoozed_until=later)
    workbench.write(take, RunOf("run-1", 1, [RingOf("ABC", 1000, score=0.99)]).alerts())
    assert alerts(workbench)[0].snoozed_until == later
    counts = workbench.write(take, RunOf("run-2", 2, [RingOf("ABC", 1001)]).alerts())
    assert (counts["woken"], alerts(workbench)[0].snoozed_until) == (1, None)


def test_a_run_taken_twice_changes_nothing(workbench: Workbench) -> None:
    run = RunOf("run-0", 0, [RingOf("ABC")], [Payment("P", "Q")]).alerts()
    first = workbench.write(take, run)
    before = workbench.read(audit.verify)
    assert workbench.write(take, run) == first
    assert workbench.read(audit.verify) == before
    assert len(alerts(workbench)) == 2


def test_an_older_run_adds_evidence_and_overwrites_nothing(workbench: Workbench) -> None:
    newer = RunOf("newer", 5, [RingOf("ABCDE", 5000)], [Payment("P", "Q")])
    workbench.write(take, newer.alerts())
    older = RunOf("older", 1, [RingOf("ABCD", 4000), RingOf("KLM")], [Payment("P", "Q")])
    counts = workbench.write(take, older.alerts())
    assert counts == {"alerts": 3, "same": 2, "born": 1, "suppressed": 0}
    ring, _, gone = alerts(workbench)
    assert (ring.run_id, ring.amount, ring.lineage, ring.version) == ("newer", 5000, "born", 1)
    assert accounts(workbench, ring.id) == "ABCDE"
    assert [row.run_id for row in evidence(workbench, ring.id)] == ["newer", "older"]
    # The newer run did not find it, and nobody has seen it yet.
    assert (gone.status, gone.lineage, gone.run_id) == ("open", "dormant", "older")


def test_parts_in_an_older_run_belong_to_what_they_became(workbench: Workbench) -> None:
    workbench.write(take, RunOf("newer", 5, [RingOf("ABCDEFGH")]).alerts())
    workbench.write(take, RunOf("older", 1, [RingOf("ABCDE"), RingOf("FGH")]).alerts())
    first, second = alerts(workbench)
    assert (first.status, first.n_accounts) == ("open", 8)
    assert (second.status, second.disposition, second.merged_into_id) == ("closed", "duplicate", 1)


def test_a_run_made_anew_under_its_old_name_is_another_run(workbench: Workbench) -> None:
    workbench.write(take, RunOf("nightly", 0, [RingOf("ABC")]).alerts())
    counts = workbench.write(take, RunOf("nightly", 1, [RingOf("ABCD"), RingOf("XYZ")]).alerts())
    assert counts == {"alerts": 2, "grew": 1, "born": 1, "suppressed": 0}
    rows = evidence(workbench, 1)
    assert [(row.run_id, row.made[:10]) for row in rows] == [
        ("nightly", "2026-04-01"), ("nightly", "2026-04-02"),
    ]  # fmt: skip


def test_data_sets_do_not_mix(workbench: Workbench) -> None:
    workbench.write(take, RunOf("march", 0, [RingOf("ABC")]).alerts())
    workbench.write(take, RunOf("april", 1, [RingOf("ABC")], data_set="april.csv").alerts())
    assert [(alert.data_set, alert.lineage) for alert in alerts(workbench)] == [
        ("march.csv", "born"), ("april.csv", "born"),
    ]  # fmt: skip


def test_each_run_has_one_entry_in_the_audit(workbench: Workbench) -> None:
    runs(workbench, [RingOf("ABC")], [RingOf("ABC")])
    entries = workbench.read(audit.history, ["run run-0", "run run-1"])
    assert [entry.action for entry in entries] == ["take_in", "take_in"]
    assert json.loads(entries[0].after) == {
        "data_set": "march.csv", "made": "2026-04-02T00:00:00+00:00",
        "counts": {"alerts": 1, "same": 1, "suppressed": 0},
    }  # fmt: skip
    assert workbench.read(audit.verify).problems == ()


def test_runs_of_a_lake_are_taken_in_the_oldest_first(workbench: Workbench, tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    RunOf("b-second", 1, [RingOf("ABCD")], [Payment("P", "Q")]).write(lake)
    RunOf("a-first", 0, [RingOf("ABC")], [Payment("P", "Q"), Payment("P", "Q")]).write(lake)
    write_json(lake.run("running").manifest, {"run_id": "running", "status": "running"})
    assert workbench.read(untaken, lake) == ["a-first", "b-second"]
    assert workbench.write(take_in, lake, "a-first") == {"alerts": 3, "born": 3, "suppressed": 0}
    assert workbench.read(untaken, lake) == ["b-second"]
    done = take_in_all(workbench, lake)
    assert done.problems == {}
    assert done.counts == {
        "b-second": {"alerts": 2, "grew": 1, "same": 1, "dormant": 1, "suppressed": 0}
    }
    assert workbench.write(take_in, lake, "b-second")["grew"] == 1
    ring = alerts(workbench)[0]
    assert (ring.run_id, ring.n_accounts, accounts(workbench, ring.id)) == ("b-second", 4, "ABCD")


def test_a_run_that_has_not_finished_or_lost_its_files_is_refused(
    workbench: Workbench, tmp_path: Path
) -> None:
    lake = Lake.open(tmp_path / "lake")
    write_json(lake.run("running").manifest, {"run_id": "running", "status": "running",
                                              "started": "2026-04-01T00:00:00+00:00"})  # fmt: skip
    with pytest.raises(RunError, match="run running is running; its alerts come"):
        workbench.write(take_in, lake, "running")
    lake.run(RunOf("lost", 1, [RingOf("ABC")]).write(lake)).alerts.unlink()
    RunOf("whole", 2, [RingOf("ABC")]).write(lake)
    done = take_in_all(workbench, lake)
    assert list(done.counts) == ["whole"]
    assert "alerts.parquet is missing" in done.problems["lost"]


def test_programs_that_take_the_same_run_at_once_take_it_once(
    workbench: Workbench, url: str
) -> None:
    run = RunOf("run-0", 0, [RingOf("ABC"), RingOf("XYZ")], [Payment("P", "Q")]).alerts()
    benches = [Workbench.open(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda bench: bench.write(take, run), benches))
    for bench in benches:
        bench.close()
    assert counts == [{"alerts": 3, "born": 3, "suppressed": 0}] * 4
    assert len(alerts(workbench)) == 3
    assert workbench.read(lambda session: session.scalar(select(func.count(TakenRun.run_id)))) == 1

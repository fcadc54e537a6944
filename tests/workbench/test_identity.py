"""Whatever runs come in whatever order: no alert twice, none lost, and none taken twice."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.workbench import audit
from engine.workbench.database import Workbench, default_url
from engine.workbench.identity import Known, Match, match
from engine.workbench.migrations import upgrade
from engine.workbench.models import Alert, AlertAccount, Evidence
from engine.workbench.run_alerts import Found, RunAlerts
from engine.workbench.take_in import take
from tests.workbench.runs import Payment, RingOf, RunOf

_MEMBERS = st.sets(st.sampled_from("ABCDEFGHIJ"), min_size=2, max_size=7).map(
    lambda members: "".join(sorted(members))
)
_RINGS = st.lists(
    st.builds(
        RingOf, _MEMBERS, st.sampled_from([100.0, 110.0, 200.0]),
        st.sampled_from(["cycle", "fan_in"]), st.sampled_from([0.5, 0.8, 0.95]),
    ),
    max_size=4, unique_by=lambda ring: ring.accounts,
)  # fmt: skip
_PAYMENTS = st.lists(
    st.builds(Payment, st.sampled_from("PQ"), st.sampled_from("RS")),
    max_size=3, unique_by=lambda one: (one.sender, one.receiver),
)  # fmt: skip
_RUNS = st.lists(
    st.tuples(st.integers(0, 5), _RINGS, _PAYMENTS), max_size=5, unique_by=lambda run: run[0]
)


@given(_RUNS, st.sets(st.integers(1, 8)))
@settings(max_examples=60, deadline=None)
def test_any_runs_in_any_order(
    drawn: list[tuple[int, list[RingOf], list[Payment]]], closed: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench.open(default_url(Path(folder)))
        upgrade(bench)
        for day, rings, payments in drawn:
            run = RunOf(f"run-{day}", day, rings, payments).alerts()
            bench.write(take, run)
            bench.read(_check_run, run)
            before = bench.read(_everything)
            bench.write(take, run)
            assert bench.read(_everything) == before
            bench.write(_close, closed)
        assert bench.read(audit.verify).problems == ()
        bench.close()


def _check_run(session: Session, run: RunAlerts) -> None:
    open_ones = session.scalars(
        select(Alert.kind + Alert.fingerprint).where(Alert.status != "closed")
    )
    assert max(Counter(open_ones).values(), default=1) == 1
    there = session.scalars(
        select(Evidence.run_alert_id).where(
            Evidence.run_id == run.run_id, Evidence.run_alert_id.is_not(None)
        )
    )
    assert sorted(map(str, there)) == [one.run_alert_id for one in run.found]
    for alert in session.scalars(select(Alert)):
        current = session.scalars(
            select(AlertAccount.account).where(
                AlertAccount.alert_id == alert.id, AlertAccount.is_current
            )
        ).all()
        assert len(current) == alert.n_accounts
        assert (alert.merged_into_id is None) or alert.status == "closed"


def _everything(session: Session) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for model in (Alert, AlertAccount, Evidence):
        rows += [tuple(row) for row in session.execute(select(*model.__table__.columns))]
    return rows


def _close(session: Session, alert_ids: set[int]) -> None:
    for alert in session.scalars(select(Alert).where(Alert.id.in_(alert_ids))):
        alert.status, alert.disposition = "closed", "false_positive"


def known(alert_id: int, accounts: str, effort: int = 0, score: float = 0.5) -> Known:
    return Known(alert_id, "ring", f"of {accounts}", score, effort, frozenset(accounts))


def found(*rings: str) -> list[Found]:
    return list(RunOf("run", 0, [RingOf(accounts) for accounts in rings]).alerts().found)


def told(matches: tuple[Match, ...]) -> list[tuple[str, int | None, tuple[int, ...], int | None]]:
    return [(one.state, one.alert_id, one.absorbed, one.split_from) for one in matches]


def test_half_of_all_accounts_in_common_is_the_same_ring() -> None:
    # 3 of 6 accounts are shared, then 2 of 6.
    assert told(match([known(1, "ABCD")], found("BCDEF")).matches) == [("grew", 1, (), None)]
    result = match([known(1, "ABCD")], found("CDEF"))
    assert (told(result.matches), result.dormant) == ([("born", None, (), None)], (1,))


def test_of_merging_alerts_the_one_worked_on_goes_on_else_the_larger() -> None:
    whole = found("ABCDEFGH")
    assert told(match([known(1, "ABCDE"), known(2, "FGH", effort=2)], whole).matches) == [
        ("merged", 2, (1,), None)
    ]
    assert told(match([known(1, "FGH"), known(2, "ABCDE")], whole).matches) == [
        ("merged", 2, (1,), None)
    ]
    assert told(match([known(1, "ABCD"), known(2, "EFGH", score=0.9)], whole).matches) == [
        ("merged", 2, (1,), None)
    ]


def test_of_the_parts_of_a_split_the_larger_goes_on() -> None:
    assert told(match([known(7, "ABCDEFGH")], found("FGH", "ABCDE")).matches) == [
        ("split", None, (), 7), ("split", 7, (), None),
    ]  # fmt: skip


def test_ids_of_ten_and_more_are_numbers_not_texts() -> None:
    result = match([known(9, "ABC"), known(10, "XYZ")], found("XYZ"))
    assert (told(result.matches), result.dormant) == ([("same", 10, (), None)], (9,))


def test_an_empty_queue_and_an_empty_run() -> None:
    assert match([], []).matches == ()
    assert match([known(1, "ABC")], []).dormant == (1,)
    assert told(match([], found("ABC")).matches) == [("born", None, (), None)]

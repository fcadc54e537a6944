"""An account of the small run by hand: over time, its rings and alerts, its peers, its verdict.

A pays H 100, 50 and Z 10; B pays H 200; H pays X 300 on the next day; P pays Q 999 two days later.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from engine.errors import InputError
from engine.lake import RunPaths, read_json, write_json
from engine.query import account_peers
from engine.query.account_activity import account_activity
from engine.query.account_entries import account_entries, riskiest_accounts, transactions_by_id
from engine.query.account_findings import account_findings
from engine.query.account_verdict import Condition, account_verdict
from tests.small_run import write_small_run


@pytest.fixture
def paths(tmp_path: Path) -> RunPaths:
    return write_small_run(tmp_path)


def change_manifest(paths: RunPaths, **values: Any) -> None:
    write_json(paths.manifest, {**read_json(paths.manifest), **values})


def conditions(paths: RunPaths, account: str) -> dict[str, Condition]:
    verdict = account_verdict(paths, account)
    return {one.rule: one for one in (*verdict.alerting, *verdict.shape)}


def test_activity_sums_up_by_the_hour_in_a_short_period(paths: RunPaths) -> None:
    activity = account_activity(paths, "H")
    assert activity.bucket == "hour"
    assert activity.points["received"].tolist() == [100.0, 200.0, 50.0, 0.0]
    assert activity.points["paid"].tolist() == [0.0, 0.0, 0.0, 300.0]
    assert (activity.start, activity.end) == (datetime(2026, 1, 1), datetime(2026, 1, 2))
    assert activity.points["balance"].isna().all()


def test_activity_of_a_longer_period_is_by_the_day_with_the_last_balance(paths: RunPaths) -> None:
    moved = pd.read_parquet(paths.augmented)
    moved.loc[moved["tx_id"] == 6, "time"] = datetime(2026, 1, 9)
    moved["sender_balance_before"] = 1000.0
    moved["sender_balance_after"] = 1000.0 - moved["amount"]
    moved["receiver_balance_before"], moved["receiver_balance_after"] = 0.0, moved["amount"]
    moved.to_parquet(paths.augmented)
    activity = account_activity(paths, "A")
    assert activity.bucket == "day"
    assert activity.points["time"].tolist() == [datetime(2026, 1, 1), datetime(2026, 1, 9)]
    assert activity.points["paid"].tolist() == [150.0, 10.0]
    assert activity.points["n_out"].tolist() == [2, 1]
    assert activity.points["balance"].tolist() == [950.0, 990.0]


def test_weeks_begin_on_mondays(paths: RunPaths) -> None:
    moved = pd.read_parquet(paths.augmented)
    moved.loc[moved["tx_id"] == 6, "time"] = datetime(2027, 6, 9)
    moved.to_parquet(paths.augmented)
    activity = account_activity(paths, "A")
    assert activity.bucket == "week"
    assert activity.points["time"].tolist() == [datetime(2025, 12, 29), datetime(2027, 6, 7)]


def test_an_account_that_the_run_lacks_is_refused(paths: RunPaths) -> None:
    for read in (account_activity, account_verdict, account_peers.account_peers):
        with pytest.raises(InputError, match="has no account 'nobody'"):
            read(paths, "nobody")


def test_entries_are_the_latest_first_and_can_be_narrowed(paths: RunPaths) -> None:
    assert account_entries(paths, "H")["tx_id"].tolist() == [4, 3, 2, 1]
    assert account_entries(paths, "H", limit=2)["tx_id"].tolist() == [4, 3]
    assert account_entries(paths, "H", counterparty="A")["tx_id"].tolist() == [3, 1]
    late = account_entries(paths, "H", start=datetime(2026, 1, 1, 2), limit=None)
    assert late["tx_id"].tolist() == [4, 3]


def test_transactions_by_id_come_in_time_order_with_scores(paths: RunPaths) -> None:
    found = transactions_by_id(paths, [5, 1])
    assert found["tx_id"].tolist() == [1, 5]
    assert found["final_risk"].tolist() == [0.9, 0.8]


def test_the_riskiest_accounts_are_to_begin_with(paths: RunPaths) -> None:
    assert riskiest_accounts(paths, 2)["account"].tolist() == ["H", "X"]


def test_findings_are_rings_with_their_alerts_and_single_transactions(paths: RunPaths) -> None:
    found = account_findings(paths, "H")
    ring = found.rings.iloc[0]
    assert (ring["ring_id"], ring["role"], ring["alert_id"]) == ("R00001", "collector", "A000001")
    assert found.alerts.empty
    assert found.is_alerted


def test_a_ring_below_the_threshold_has_no_alert(paths: RunPaths) -> None:
    found = account_findings(paths, "P")
    assert found.rings["ring_id"].tolist() == ["R00002"]
    assert found.rings["alert_id"].isna().all()
    assert found.alerts["alert_id"].tolist() == ["A000002"]


def test_peers_have_the_role_and_about_as_many_transactions(paths: RunPaths) -> None:
    """A has three transactions: its peers are sources with two or three, and there is none."""
    assert account_peers.account_peers(paths, "A").count == 0
    peers = account_peers.account_peers(paths, "B")
    assert (peers.role, peers.fewest, peers.most, peers.count) == ("source", 1, 1, 1)
    measures = peers.measures.set_index("measure")
    # P, the only peer, paid 999 to B's 200, and has as large a PageRank.
    paid = measures.loc["out_amount"]
    assert (paid["value"], paid["median"], paid["below"]) == (200.0, 999.0, 0.0)
    assert measures.loc["pagerank", "below"] == 0.5
    assert measures.loc["risk", "below"] == 1.0


def test_of_many_peers_some_are_compared(paths: RunPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    known = pd.read_parquet(paths.accounts)
    more = pd.concat([known[known["account"] == "P"]] * 9).assign(account=list("cdefghijk"))
    pd.concat([known, more]).to_parquet(paths.accounts)
    monkeypatch.setattr(account_peers, "_MOST_COMPARED", 5)
    peers = account_peers.account_peers(paths, "B")
    assert peers.count == 10
    assert peers.compared == 5
    assert peers.measures["below"].iloc[0] == 1.0


def test_a_ring_over_the_threshold_alerts(paths: RunPaths) -> None:
    ring = conditions(paths, "H")["ring_score"]
    assert (ring.is_met, ring.value, ring.needed, ring.ring_id) == (True, 0.9, 0.5, "R00001")
    assert account_verdict(paths, "H").is_alerted


def test_a_ring_below_it_names_what_lowered_its_score(paths: RunPaths) -> None:
    rings = pd.read_parquet(paths.rings)
    checks = [
        {"title": "A family", "innocent": True}, {"title": "A payroll", "innocent": False},
    ]  # fmt: skip
    rings.assign(checks=json.dumps(checks)).to_parquet(paths.rings)
    ring = conditions(paths, "Q")["ring_score"]
    assert (ring.is_met, ring.value, ring.explained_by) == (False, 0.4, ("A family",))


def test_an_account_in_no_ring_says_so(paths: RunPaths) -> None:
    assert not conditions(paths, "Z")["no_ring"].is_met


def test_with_a_model_the_probability_is_compared_with_its_threshold(paths: RunPaths) -> None:
    moved = pd.read_parquet(paths.augmented)
    moved["fraud_probability"] = moved["tx_id"] / 10
    moved.to_parquet(paths.augmented)
    change_manifest(paths, metrics={"threshold": 0.35})
    assert conditions(paths, "B")["probability"].value == pytest.approx(0.2)
    assert not conditions(paths, "B")["probability"].is_met
    risky = conditions(paths, "H")["probability"]
    assert (risky.is_met, risky.tx_id) == (True, 4)


def test_without_a_model_the_last_single_alert_is_the_budget(paths: RunPaths) -> None:
    unusual = conditions(paths, "Z")["unusual"]
    assert unusual.value == pytest.approx(0.6)
    assert unusual.needed == 0.6


def test_where_only_rings_alert_that_is_said(paths: RunPaths) -> None:
    change_manifest(paths, notes=["no alerts of lone transactions: without labels …"])
    assert not conditions(paths, "Z")["no_lone"].is_met


def test_the_shape_of_a_ring_is_counted(paths: RunPaths) -> None:
    """H has three occasional counterparties: A (twice) and B paid it in 96 hours, X was paid."""
    found = conditions(paths, "H")
    assert (found["occasional"].is_met, found["occasional"].value) == (True, 3)
    assert (found["new_senders"].is_met, found["new_senders"].value) == (False, 2)
    assert found["new_senders"].hours == 96
    assert found["new_receivers"].value == 1
    assert found["passes_on"].is_met
    assert not conditions(paths, "X")["passes_on"].is_met


def test_standing_relations_are_no_part_of_a_ring(paths: RunPaths) -> None:
    moved = pd.read_parquet(paths.augmented)
    again = moved[moved["tx_id"] == 1].assign(tx_id=7)
    pd.concat([moved, again]).to_parquet(paths.augmented)
    assert conditions(paths, "H")["occasional"].value == 2

"""One alert of a run: its reasons, its accounts, and what proves it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from engine.errors import InputError, RunError
from engine.lake import RunPaths
from engine.query.alert_detail import (
    Reason,
    alert_of_ring,
    alert_transactions,
    get_alert,
    parse_reasons,
)
from tests.small_run import write_small_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    return write_small_run(tmp_path_factory.mktemp("lake"))


def test_an_alert_of_a_ring_names_its_accounts_period_and_reasons(run: RunPaths) -> None:
    alert = get_alert(run, "A000001")
    assert alert.accounts == ("A", "B", "H", "X")
    assert (alert.start, alert.end) == (datetime(2026, 1, 1), datetime(2026, 1, 2))
    assert alert.reasons[0] == Reason(
        "new_counterparties", "2 new counterparties in a day", 2.0, 1.0, (1, 2)
    )


def test_an_alert_of_a_lone_transaction_names_its_two_ends(run: RunPaths) -> None:
    alert = get_alert(run, "A000002")
    assert (alert.ring_id, alert.tx_id, alert.accounts) == (None, 5, ("P", "Q"))


def test_the_evidence_of_a_ring_is_all_its_transactions_in_time_order(run: RunPaths) -> None:
    found = alert_transactions(run, get_alert(run, "A000001"))
    assert list(found["tx_id"]) == [1, 2, 3, 4]
    assert list(found["final_risk"]) == [0.9, 0.8, 0.7, 0.95]


def test_a_reason_points_to_its_own_transactions(run: RunPaths) -> None:
    alert = get_alert(run, "A000001")
    found = alert_transactions(run, alert, tx_ids=alert.reasons[1].tx_ids)
    assert list(found["tx_id"]) == [4]


def test_a_lone_transaction_is_its_own_evidence_even_without_reasons(run: RunPaths) -> None:
    assert list(alert_transactions(run, get_alert(run, "A000003"))["tx_id"]) == [6]


def test_a_limit_keeps_the_earliest_evidence(run: RunPaths) -> None:
    assert list(alert_transactions(run, get_alert(run, "A000001"), 2)["tx_id"]) == [1, 2]
    assert len(alert_transactions(run, get_alert(run, "A000001"), None)) == 4


def test_the_alert_of_a_ring_is_found_and_a_ring_under_the_threshold_has_none(
    run: RunPaths,
) -> None:
    assert alert_of_ring(run, "R00001") == "A000001"
    assert alert_of_ring(run, "R00002") is None


def test_an_unknown_alert_is_an_input_error_that_names_it(run: RunPaths) -> None:
    with pytest.raises(InputError, match="no alert 'A999999'"):
        get_alert(run, "A999999")


@pytest.mark.parametrize("text", ["", "{}", '[{"code": "x"}]', "[1]", '[{"code":"a","text":1,'])
def test_unreadable_reasons_name_their_alert(text: str) -> None:
    if text == "{}":
        assert parse_reasons(text, "A000001") == ()
        return
    with pytest.raises(RunError, match="A000001"):
        parse_reasons(text, "A000001")


def test_a_run_without_an_alerts_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is missing"):
        get_alert(RunPaths(tmp_path, "none"), "A000001")


def test_an_alert_of_a_run_without_accounts_names_none(tmp_path: Path) -> None:
    run = write_small_run(tmp_path, has_accounts=False)
    assert get_alert(run, "A000002").accounts == ()

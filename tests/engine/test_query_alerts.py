"""The alert queue: what is kept, in which order, and what proves an alert."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError, RunError
from engine.lake import RunPaths
from engine.query.alert_detail import Reason, alert_transactions, get_alert, parse_reasons
from engine.query.alerts import (
    AlertFilter,
    alert_of_ring,
    alert_typologies,
    count_alerts,
    export_alerts,
    page_alerts,
    summarize_alerts,
)
from tests.small_run import write_small_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    return write_small_run(tmp_path_factory.mktemp("lake"))


def ids(run: RunPaths, **choices: Any) -> list[str]:
    return list(page_alerts(run, AlertFilter(**choices))["alert_id"])


def test_without_a_filter_the_riskiest_alert_comes_first(run: RunPaths) -> None:
    assert ids(run) == ["A000001", "A000002", "A000003"]


@pytest.mark.parametrize(
    ("choices", "kept"),
    [
        ({"typologies": ("fan_in",)}, ["A000001"]),
        ({"typologies": ("fan_in", "transaction"), "min_score": 0.7}, ["A000001", "A000002"]),
        ({"min_score": 0.8}, ["A000001", "A000002"]),
        ({"min_amount": 650.0, "max_amount": 650.0}, ["A000001"]),
        ({"start": datetime(2026, 1, 3), "end": datetime(2026, 1, 4)}, ["A000002"]),
        ({"search": "a000003"}, ["A000003"]),
        ({"search": "PAYMENT"}, ["A000002", "A000003"]),
        ({"search": " b "}, ["A000001"]),
        ({"search": "Q"}, ["A000002"]),
        ({"search": "'; DROP TABLE alerts --"}, []),
        ({"search": "%"}, []),
    ],
)
def test_each_part_of_the_filter_keeps_what_it_says(
    run: RunPaths, choices: dict[str, Any], kept: list[str]
) -> None:
    assert ids(run, **choices) == kept
    assert count_alerts(run, AlertFilter(**choices)) == len(kept)


def test_a_search_finds_a_ring_by_its_account_and_a_lone_transaction_by_its_ends(
    run: RunPaths,
) -> None:
    # X is only a member of the ring, Z only the receiver of the lone transaction 6.
    assert ids(run, search="X") == ["A000001"]
    assert ids(run, search="Z") == ["A000003"]


def test_order_can_be_turned_round(run: RunPaths) -> None:
    assert ids(run, sort="amount") == ["A000002", "A000001", "A000003"]
    assert ids(run, sort="amount", descending=False) == ["A000003", "A000001", "A000002"]


def test_equal_values_keep_the_order_of_the_ids(run: RunPaths) -> None:
    assert ids(run, sort="typology", descending=True) == ["A000002", "A000003", "A000001"]


def test_pages_follow_each_other_without_gap_or_overlap(run: RunPaths) -> None:
    pages = [list(page_alerts(run, AlertFilter(), page, 2)["alert_id"]) for page in (1, 2, 3)]
    assert pages == [["A000001", "A000002"], ["A000003"], []]


@pytest.mark.parametrize(("page", "size"), [(0, 10), (1, 0), (1, 501)])
def test_a_page_out_of_range_is_refused(run: RunPaths, page: int, size: int) -> None:
    with pytest.raises(InputError, match="pages count from 1"):
        page_alerts(run, AlertFilter(), page, size)


def test_the_summary_covers_the_filtered_alerts_only(run: RunPaths) -> None:
    summary = summarize_alerts(run, AlertFilter(min_score=0.7))
    assert (summary.alerts, summary.rings, summary.amount) == (2, 1, 1649.0)
    assert summary.median_score == pytest.approx(0.85)
    assert summary.latest == datetime(2026, 1, 3)


def test_the_summary_of_nothing_has_no_median_and_no_date(run: RunPaths) -> None:
    summary = summarize_alerts(run, AlertFilter(search="nobody"))
    assert (summary.alerts, summary.amount, summary.median_score, summary.latest) == (
        0, 0.0, None, None,
    )  # fmt: skip


def test_typologies_are_counted_the_most_frequent_first(run: RunPaths) -> None:
    assert alert_typologies(run).to_dict("list") == {
        "typology": ["transaction", "fan_in"],
        "alerts": [2, 1],
    }


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


def test_the_export_writes_the_reasons_out(run: RunPaths) -> None:
    exported = export_alerts(run, AlertFilter(typologies=("fan_in",)))
    assert list(exported["reasons"]) == ["2 new counterparties in a day; Most of it is passed on"]


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
        count_alerts(RunPaths(tmp_path, "none"), AlertFilter())


def test_a_run_without_accounts_still_has_a_queue(tmp_path: Path) -> None:
    run = write_small_run(tmp_path, has_accounts=False)
    assert ids(run, search="payment") == ["A000002", "A000003"]
    assert get_alert(run, "A000002").accounts == ()

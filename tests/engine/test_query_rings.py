"""The rings of a run: the list, one ring's members, its links, and its transactions."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from engine.errors import InputError, RunError
from engine.lake import RunPaths
from engine.query.ring_detail import get_ring
from engine.query.ring_list import (
    RingFilter,
    RingRanges,
    count_rings,
    page_rings,
    ring_ranges,
    ring_typologies,
)
from engine.query.rings import ring_edges, ring_members, ring_transactions
from tests.small_run import write_small_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    return write_small_run(tmp_path_factory.mktemp("lake"))


@pytest.mark.parametrize(
    ("choices", "kept"),
    [
        ({}, ["R00001", "R00002"]),
        ({"sort": "amount"}, ["R00002", "R00001"]),
        ({"sort": "start", "descending": False}, ["R00001", "R00002"]),
        ({"typologies": ("cycle",)}, ["R00002"]),
        ({"min_score": 0.5}, ["R00001"]),
        ({"search": "r00002"}, ["R00002"]),
        ({"search": "x"}, ["R00001"]),
        ({"search": "X", "whole": True}, ["R00001"]),
        ({"search": "x", "whole": True}, []),
        ({"search": "r00002", "whole": True}, []),
        ({"search": "r00002", "whole": True, "names_account": False}, ["R00002"]),
        ({"search": "R0000", "whole": True, "names_account": False}, []),
        ({"search": "X", "whole": True, "names_account": False}, []),
        ({"search": "Z"}, []),
        ({"search": "' OR 1=1 --"}, []),
        ({"min_amount": 650.0}, ["R00001", "R00002"]),
        ({"min_amount": 650.01}, ["R00002"]),
        ({"max_amount": 998.99}, ["R00001"]),
        ({"start": datetime(2026, 1, 2)}, ["R00001", "R00002"]),
        ({"start": datetime(2026, 1, 2, 1)}, ["R00002"]),
        ({"end": datetime(2026, 1, 3)}, ["R00001"]),
    ],
)
def test_each_part_of_the_filter_keeps_what_it_says(
    run: RunPaths, choices: dict[str, Any], kept: list[str]
) -> None:
    query = RingFilter(**choices)
    assert list(page_rings(run, query)["ring_id"]) == kept
    assert count_rings(run, query) == len(kept)


def test_pages_follow_each_other(run: RunPaths) -> None:
    pages = [list(page_rings(run, RingFilter(), page, 1)["ring_id"]) for page in (1, 2, 3)]
    assert pages == [["R00001"], ["R00002"], []]


@pytest.mark.parametrize(("page", "size"), [(0, 10), (1, 501)])
def test_a_page_out_of_range_is_refused(run: RunPaths, page: int, size: int) -> None:
    with pytest.raises(InputError, match="pages count from 1"):
        page_rings(run, RingFilter(), page, size)


def test_typologies_are_counted(run: RunPaths) -> None:
    assert ring_typologies(run).to_dict("list") == {
        "typology": ["cycle", "fan_in"],
        "rings": [1, 1],
    }


def test_typologies_are_counted_as_filtered_in_an_order_that_stays(run: RunPaths) -> None:
    query = RingFilter(min_score=0.5, typologies=("cycle",))
    assert ring_typologies(run, query).to_dict("list") == {
        "typology": ["cycle", "fan_in"],
        "rings": [0, 1],
    }


def test_ranges_span_all_rings(run: RunPaths) -> None:
    assert ring_ranges(run) == RingRanges(650.0, 999.0, datetime(2026, 1, 1), datetime(2026, 1, 3))


def test_a_page_names_the_explanations_that_fit(tmp_path: Path) -> None:
    run = write_small_run(tmp_path)
    assert list(page_rings(run, RingFilter())["explained_by"]) == ["", ""]
    checks = [{"title": title, "innocent": title != "Refunds"}
              for title in ("Payroll", "Merchant", "Refunds")]  # fmt: skip
    pd.read_parquet(run.rings).assign(checks=[json.dumps(checks), "[]"]).to_parquet(run.rings)
    assert list(page_rings(run, RingFilter())["explained_by"]) == ["Payroll, Merchant", ""]


def test_a_ring_tells_its_verdict_size_and_period(run: RunPaths) -> None:
    ring = get_ring(run, "R00001")
    assert (ring.typology, ring.score, ring.n_accounts, ring.amount) == ("fan_in", 0.9, 4, 650.0)
    assert (ring.start, ring.end) == (datetime(2026, 1, 1), datetime(2026, 1, 2))


def test_an_unknown_ring_is_an_input_error_that_names_it(run: RunPaths) -> None:
    with pytest.raises(InputError, match="no ring 'R99999'"):
        get_ring(run, "R99999")


def test_members_come_riskiest_first_with_flows_inside_the_ring_only(run: RunPaths) -> None:
    members = ring_members(run, "R00001").set_index("account")
    assert list(members.index) == ["H", "X", "A", "B"]
    assert list(members.loc["H", ["in_count", "in_amount", "out_count", "out_amount"]]) == [
        3, 350.0, 1, 300.0,
    ]  # fmt: skip
    # A's payment of 10 to Z is no evidence of this ring.
    assert list(members.loc["A", ["out_count", "out_amount"]]) == [2, 150.0]
    assert members.loc["X", "role"] == "exit"


def test_parallel_transfers_fold_to_one_link_with_count_sum_first_and_last(run: RunPaths) -> None:
    edges = ring_edges(run, "R00001")
    assert len(edges) == 3
    link = edges[(edges["sender"] == "A") & (edges["receiver"] == "H")].iloc[0]
    assert (link["transactions"], link["amount"], link["risk"]) == (2, 150.0, 0.9)
    assert link["first_time"] == pd.Timestamp("2026-01-01 00:00")
    assert link["last_time"] == pd.Timestamp("2026-01-01 02:00")


def test_links_and_transactions_hold_the_same_money(run: RunPaths) -> None:
    assert ring_edges(run, "R00001")["amount"].sum() == 650.0
    assert ring_transactions(run, "R00001")["amount"].sum() == 650.0


def test_transactions_of_one_account_are_those_it_sent_or_received(run: RunPaths) -> None:
    assert list(ring_transactions(run, "R00001", account="H")["tx_id"]) == [1, 2, 3, 4]
    assert list(ring_transactions(run, "R00001", account="A")["tx_id"]) == [1, 3]
    assert list(ring_transactions(run, "R00001", 1)["tx_id"]) == [1]


def test_a_run_without_a_graph_says_that_its_file_is_missing(tmp_path: Path) -> None:
    run = write_small_run(tmp_path, has_accounts=False)
    with pytest.raises(RunError, match="is missing"):
        count_rings(run, RingFilter())

"""The explorer: what a view draws, step by step, within its budget and without moving anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.explorer import scene
from engine.explorer.as_of import sums_by, until
from engine.explorer.build import HUB
from engine.explorer.picture import legend_of, network_of
from engine.explorer.scene import MAX_EDGES, MAX_NODES, Moments, Scene
from engine.explorer.view import Filters, Start, Step, View
from engine.lake import RunPaths
from engine.query import ledger
from tests.small_run import moments, write_small_run

RING = View(Start("R00001"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    return write_small_run(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    """A run in which 1,000 accounts P0000 to P0999 pay the hub, each later at a lower risk."""
    return write_busy_run(tmp_path_factory.mktemp("busy"), payers=1000)


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    """The busy run, in which each payer is also paid by two accounts of its own."""
    paths = write_busy_run(tmp_path_factory.mktemp("paired"), payers=1000)
    rows = pd.read_parquet(paths.augmented)
    more = [rows.head(300).assign(sender=[f"{end}{n:04d}" for n in range(300)]) for end in "QR"]
    for part in more:
        part["receiver"] = [f"P{n:04d}" for n in range(300)]
    rows = pd.concat([rows, *more], ignore_index=True).assign(tx_id=range(1600))
    rows.to_parquet(paths.augmented, index=False)
    accounts = pd.read_parquet(paths.accounts)
    others = [accounts.head(300).assign(account=part["sender"].to_numpy()) for part in more]
    pd.concat([accounts, *others], ignore_index=True).to_parquet(paths.accounts, index=False)
    return paths


def write_busy_run(root: Path, payers: int) -> RunPaths:
    paths = write_small_run(root)
    names = [f"P{number:04d}" for number in range(payers)]
    augmented = pd.read_parquet(paths.augmented).head(1)
    rows = augmented.loc[[0] * payers].reset_index(drop=True)
    rows["tx_id"] = range(payers)
    rows["time"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(range(payers), unit="min")
    rows["time"] = rows["time"].astype("datetime64[us]")
    rows["sender"], rows["receiver"] = names, "HUB"
    rows["final_risk"] = [1 - number / payers for number in range(payers)]
    rows.to_parquet(paths.augmented, index=False)
    accounts = pd.read_parquet(paths.accounts).head(1).loc[[0] * (payers + 1)]
    accounts["account"] = ["HUB", *names]
    accounts["role"] = ["sink"] + ["source"] * payers
    accounts.to_parquet(paths.accounts, index=False)
    return paths


def edges_of(found: Scene) -> dict[tuple[str, str], tuple[int, float]]:
    columns = (found.edges[name] for name in ("sender", "receiver", "transactions", "amount"))
    return {(a, b): (n, amount) for a, b, n, amount in zip(*columns, strict=True)}


def places_of(found: Scene) -> dict[str, tuple[float, float]]:
    columns = (found.nodes[name] for name in ("account", "x", "y"))
    return {account: (x, y) for account, x, y in zip(*columns, strict=True)}


def test_a_ring_opens_with_its_accounts_and_parallel_transfers_folded(run: RunPaths) -> None:
    found = scene(run, RING)
    roles = dict(zip(found.nodes["account"], found.nodes["role"], strict=True))
    assert roles == {"A": "source", "B": "source", "H": "collector", "X": "exit"}
    assert edges_of(found) == {
        ("H", "X"): (1, 300.0), ("B", "H"): (1, 200.0), ("A", "H"): (2, 150.0),
    }  # fmt: skip
    assert dict(zip(found.edges["sender"], found.edges["proving"], strict=True)) == {
        "H": 1, "B": 1, "A": 2,
    }  # fmt: skip
    assert list(found.events["tx_id"]) == [1, 2, 3, 4]
    assert found.rollups.empty
    assert found.notes == ()


def test_a_node_tells_how_many_of_its_counterparties_are_drawn(run: RunPaths) -> None:
    nodes = scene(run, RING).nodes.set_index("account")
    assert list(nodes.loc["A", ["counterparties", "shown_counterparties"]]) == [2, 1]
    assert list(nodes.loc["A", ["out_count", "out_amount"]]) == [3, 160.0]
    assert nodes["in_ring"].all()
    assert not nodes["is_hub"].any()


def test_an_expansion_brings_in_who_is_not_drawn_and_moves_nobody(run: RunPaths) -> None:
    before, after = scene(run, RING), scene(run, replace(RING, steps=(Step("expand", "A"),)))
    assert list(after.nodes["account"].tail(1)) == ["Z"]
    assert not after.nodes["in_ring"].iloc[-1]
    assert places_of(before).items() <= places_of(after).items()
    assert ("A", "Z") in edges_of(after)


@pytest.mark.parametrize("layout", ["force", "flow", "circle"])
def test_no_layout_moves_anybody_or_puts_two_in_one_place(busy: RunPaths, layout: str) -> None:
    view = View(Start(accounts=("HUB",)), layout=layout)  # type: ignore[arg-type]
    known: dict[str, tuple[float, float]] = {}
    for n_steps in range(5):
        steps = (Step("expand", "HUB", budget=20),) * n_steps
        found = scene(busy, replace(view, steps=steps))
        places = places_of(found)
        assert known.items() <= places.items()
        rests = list(zip(found.rollups["x"], found.rollups["y"], strict=True))
        assert len({*places.values(), *rests}) == len(places) + len(rests)
        known = places


def test_a_hub_opens_with_its_riskiest_and_the_rest_rolled_up(busy: RunPaths) -> None:
    found = scene(busy, View(Start(accounts=("HUB",)), (Step("expand", "HUB"),)))
    assert sorted(found.nodes["account"]) == ["HUB", *(f"P{n:04d}" for n in range(15))]
    [rest] = found.rollups.to_dict("records")
    assert (rest["id"], rest["counterparties"], rest["transactions"]) == ("+HUB", 985, 985)
    assert rest["amount"] == 985 * 100.0
    assert found.nodes.set_index("account").loc["HUB", "is_hub"]
    assert HUB < 1000


def test_expanding_again_brings_in_the_next_ones(busy: RunPaths) -> None:
    steps = (Step("expand", "HUB", budget=2), Step("expand", "HUB", budget=3))
    found = scene(busy, View(Start(accounts=("HUB",)), steps))
    assert list(found.nodes["account"]) == ["HUB", "P0000", "P0001", "P0002", "P0003", "P0004"]


@pytest.mark.parametrize(
    ("step", "best"),
    [
        (Step("expand", "HUB", 1), "P0000"),
        (Step("expand", "HUB", 1, "time"), "P0000"),
        (Step("expand", "HUB", 1, filters=Filters(start=datetime(2026, 1, 1, 1))), "P0060"),
        (Step("expand", "HUB", 1, "time", Filters(start=datetime(2026, 1, 1, 2))), "P0120"),
    ],
)
def test_an_expansion_takes_the_best_in_its_order_within_its_filters(
    busy: RunPaths, step: Step, best: str
) -> None:
    found = scene(busy, View(Start(accounts=("HUB",)), (step,)))
    assert list(found.nodes["account"]) == ["HUB", best]


def test_never_are_more_than_300_marks_drawn_and_the_scene_says_so(busy: RunPaths) -> None:
    steps = (Step("expand", "HUB", budget=50),) * 8
    found = scene(busy, View(Start(accounts=("HUB",)), steps))
    assert len(found.nodes) + len(found.rollups) == MAX_NODES
    assert any("300 marks are drawn" in note for note in found.notes)
    assert len(found.edges) <= MAX_EDGES


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.integers(240, 300))
def test_no_roll_up_goes_beyond_300_marks(paired: RunPaths, data: st.DataObject, n: int) -> None:
    starts = ["HUB", *(f"P{number:04d}" for number in range(n - 1))]
    opened = data.draw(st.lists(st.sampled_from(starts), min_size=30, max_size=80))
    steps = tuple(Step("expand", account, budget=1) for account in opened)
    found = scene(paired, View(Start(accounts=tuple(starts)), steps))
    assert len(found.nodes) + len(found.rollups) <= MAX_NODES
    if len(found.nodes) == MAX_NODES:
        assert any("300 marks are drawn" in note for note in found.notes)


def test_a_full_picture_looks_for_no_more_counterparties(
    busy: RunPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    look = ledger.counterparties

    def counted(paths: RunPaths, accounts: list[str], **how: Any) -> pd.DataFrame:
        asked.extend(accounts)
        return look(paths, accounts, **how)

    monkeypatch.setattr(ledger, "counterparties", counted)
    # 49 at a time, so that no other test has kept these steps.
    steps = (Step("expand", "HUB", budget=49),) * 40
    found = scene(busy, View(Start(accounts=("HUB",)), steps))
    assert len(found.nodes) + len(found.rollups) == MAX_NODES
    assert len(asked) == 7


def test_a_collapse_takes_away_what_the_account_brought_in(busy: RunPaths) -> None:
    opened = View(Start(accounts=("HUB",)), (Step("expand", "HUB"),))
    found = scene(busy, replace(opened, steps=(*opened.steps, Step("collapse", "HUB"))))
    assert list(found.nodes["account"]) == ["HUB"]
    assert found.rollups.empty


def test_a_collapse_goes_on_to_what_those_brought_in(run: RunPaths) -> None:
    steps = (Step("expand", "Z"), Step("expand", "A"), Step("expand", "H"))
    view = View(Start(accounts=("Z",)), steps)
    assert set(scene(run, view).nodes["account"]) == {"Z", "A", "H", "B", "X"}
    collapsed = replace(view, steps=(*steps, Step("collapse", "A")))
    assert list(scene(run, collapsed).nodes["account"]) == ["Z", "A"]


def test_what_a_step_brought_in_stays_when_filters_change(busy: RunPaths) -> None:
    view = View(Start(accounts=("HUB",)), (Step("expand", "HUB", budget=3),))
    narrow = scene(busy, replace(view, filters=Filters(start=datetime(2026, 1, 1, 0, 2))))
    assert places_of(narrow) == places_of(scene(busy, view))
    assert list(narrow.edges["sender"]) == ["P0002"]
    # P0000 and P0001 are in view; of the others all pass.
    assert narrow.rollups["counterparties"].tolist() == [997]


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(min_amount=100.0), [1, 2, 4]),
        (Filters(min_risk=0.85), [1, 4]),
        (Filters(start=datetime(2026, 1, 1, 1), end=datetime(2026, 1, 2)), [2, 3]),
        (Filters(types=("TRANSFER",)), [1, 2, 3, 4]),
        (Filters(types=("CASH_OUT",)), []),
    ],
)
def test_each_filter_keeps_the_transfers_it_says(
    run: RunPaths, filters: Filters, kept: list[int]
) -> None:
    found = scene(run, replace(RING, filters=filters))
    assert list(found.events["tx_id"]) == kept
    assert found.edges["transactions"].sum() == len(kept)
    assert len(found.nodes) == 4


def test_a_step_about_an_account_that_is_not_in_view_is_left_out_and_told(run: RunPaths) -> None:
    found = scene(run, replace(RING, steps=(Step("expand", "Q"), Step("expand", "A"))))
    assert "Z" in set(found.nodes["account"])
    assert found.notes == ("A step about account Q was left out: it is not in view.",)


def test_what_the_run_does_not_have_is_told(run: RunPaths) -> None:
    found = scene(run, View(Start(accounts=("A", "nobody"))))
    assert list(found.nodes["account"]) == ["A"]
    assert found.notes == ("The run has no account nobody.",)
    with pytest.raises(InputError, match=r"no such account .*'nobody'.*search for one"):
        scene(run, View(Start(accounts=("nobody",))))
    with pytest.raises(InputError, match="no ring 'R9'"):
        scene(run, View(Start("R9")))


def test_frames_of_the_replay_are_before_the_peak_and_at_the_exit(run: RunPaths) -> None:
    # H holds 350 from the third payment on, until it passes 300 on.
    assert scene(run, RING).moments == Moments(
        before=datetime(2025, 12, 31, 23, 59, 59),
        peak=datetime(2026, 1, 1, 2),
        exit=datetime(2026, 1, 2),
    )


def test_as_of_a_moment_links_hold_what_was_paid_by_then(run: RunPaths) -> None:
    found = until(scene(run, RING), datetime(2026, 1, 1, 1))
    assert edges_of(found) == {("A", "H"): (1, 100.0), ("B", "H"): (1, 200.0)}
    assert list(found.events["tx_id"]) == [1, 2]
    assert len(found.nodes) == 4
    assert until(scene(run, RING), None).edges["amount"].sum() == 650.0


def test_the_picture_has_every_mark_where_the_scene_says(busy: RunPaths) -> None:
    found = scene(busy, View(Start(accounts=("HUB",)), (Step("expand", "HUB"),)))
    nodes, edges, *_ = network_of(found).get_network_data()
    assert {node["id"] for node in nodes} == {
        "+HUB", *("@" + account for account in found.nodes["account"]),
    }  # fmt: skip
    assert (nodes[0]["x"], nodes[0]["y"]) == places_of(found)["HUB"]
    assert len(edges) == len(found.edges) + 1
    assert {style.name: n for style, n in legend_of(found).items()} == {
        "Payer": 15, "Busy": 1, "Not drawn": 1,
    }  # fmt: skip


def test_a_run_that_is_made_anew_is_read_anew(tmp_path: Path) -> None:
    paths = write_small_run(tmp_path)
    assert len(scene(paths, RING).events) == 4
    augmented = pd.read_parquet(paths.augmented)
    augmented.loc[augmented["tx_id"] == 2, "receiver"] = "Z"
    augmented["time"] = moments(*augmented["time"].astype("str"))
    augmented.to_parquet(paths.augmented, index=False)
    paths.manifest.write_text(paths.manifest.read_text().replace('"seconds": 1.0', '"seconds": 2'))
    assert list(scene(paths, RING).events["tx_id"]) == [1, 3, 4]


def test_as_of_a_moment_sums_are_of_the_whole_ledger_also_where_a_replay_is_cut(
    run: RunPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime(2026, 1, 1, 2)
    by_then = replace(RING, as_of=moment)
    whole = scene(run, RING)
    monkeypatch.setattr("engine.explorer.build.MOST_EVENTS", 2)
    cut = scene(run, RING)
    assert (cut.unplayed, whole.unplayed) == (2, 0)
    exact = until(cut, moment, sums_by(run, by_then))
    assert edges_of(exact) == edges_of(until(whole, moment))
    assert exact.notes == cut.notes
    # Without the ledger they are too small, and the scene says so.
    assert edges_of(until(cut, moment)) == {("B", "H"): (1, 200.0)}
    assert "of those transfers alone" in until(cut, moment).notes[-1]

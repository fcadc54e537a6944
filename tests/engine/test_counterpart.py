"""Where a frozen view would begin in another run: rings are found by their accounts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from engine.errors import InputError
from engine.explorer.counterpart import counterpart
from engine.explorer.view import Start, Step, View
from engine.lake import RunPaths
from tests.small_run import write_small_run

RING = ("A", "B", "H", "X")
VIEW = View(
    start=Start(ring_id="R00007"),
    steps=(Step("expand", "H"), Step("expand", "gone"), Step("arrange")),
    layout="flow",
    selected="H",
)


@pytest.fixture
def later(tmp_path: Path) -> RunPaths:
    """A run whose ring of A, B, H and X is called R00001."""
    return write_small_run(tmp_path)


def test_a_ring_is_found_by_its_accounts_whatever_it_is_called(later: RunPaths) -> None:
    found = counterpart(later, VIEW, RING)
    assert found.view == replace(
        VIEW, start=Start(ring_id="R00001"), steps=(Step("expand", "H"), Step("arrange"))
    )
    assert (found.jaccard, found.unknown) == (1.0, 0)


def test_a_ring_that_grew_is_the_same_ring(later: RunPaths) -> None:
    found = counterpart(later, VIEW, ("A", "B", "H"))
    assert (found.view.start, found.jaccard) == (Start(ring_id="R00001"), 0.75)


def test_accounts_beside_the_ring_stay_beside_it(later: RunPaths) -> None:
    view = replace(VIEW, start=Start("R00007", ("Q", "gone")))
    assert counterpart(later, view, RING).view.start == Start("R00001", ("Q",))


def test_a_ring_that_is_none_any_more_is_shown_by_its_accounts(later: RunPaths) -> None:
    found = counterpart(later, VIEW, ("A", "Z", "gone"))
    # A alone is of the ring: 1 of 6 accounts.
    assert found.view.start == Start(accounts=("A", "Z"))
    assert (found.jaccard, found.unknown) == (None, 1)


def test_a_view_of_accounts_stays_one(later: RunPaths) -> None:
    view = replace(VIEW, start=Start(accounts=RING), selected="gone")
    found = counterpart(later, view, RING)
    assert (found.view.start, found.view.selected) == (Start(accounts=RING), None)


def test_a_run_of_other_data_is_refused(later: RunPaths) -> None:
    with pytest.raises(InputError, match="run small has none of the accounts of this view"):
        counterpart(later, VIEW, ("E", "F"))


def test_a_run_without_rings_shows_the_accounts(tmp_path: Path) -> None:
    nothing = write_small_run(tmp_path, found_nothing=True)
    assert pd.read_parquet(nothing.ring_accounts).empty
    assert counterpart(nothing, VIEW, RING).view.start == Start(accounts=RING)

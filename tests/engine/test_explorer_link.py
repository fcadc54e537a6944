"""A view travels in a link and comes back as it was; nonsense in a link is left out."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.explorer.link import PARAMS, view_from_params, view_to_params
from engine.explorer.view import Filters, Start, Step, View

#: Accounts as data may name them: with every sign that separates parts of a link.
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
MOMENTS = st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1))
FILTERS = st.builds(
    Filters,
    min_amount=st.floats(0, 1e9).map(lambda amount: round(amount, 2)),
    start=MOMENTS,
    end=MOMENTS,
    types=st.lists(NAMES, max_size=3).map(tuple),
    min_risk=st.floats(0, 1).map(lambda risk: round(risk, 3)),
)
STEPS = st.builds(
    Step,
    action=st.sampled_from(["expand", "collapse"]),
    account=NAMES,
    budget=st.integers(1, 50),
    order=st.sampled_from(["risk", "amount", "time"]),
    filters=FILTERS,
) | st.just(Step("arrange"))
VIEWS = st.builds(
    View,
    start=st.builds(
        Start,
        ring_id=st.none() | st.just("R00012"),
        accounts=st.lists(NAMES, max_size=4, unique=True).map(tuple),
    ),
    steps=st.lists(STEPS, max_size=5).map(tuple),
    filters=FILTERS,
    layout=st.sampled_from(["force", "flow", "circle"]),
    as_of=MOMENTS,
    selected=st.none() | NAMES,
)


@given(VIEWS)
def test_a_view_comes_back_from_its_link(view: View) -> None:
    params = view_to_params(view)
    assert set(params) <= set(PARAMS)
    assert view_from_params(params) == view


def test_a_usual_link_is_short_and_can_be_read() -> None:
    steps = (Step("expand", "C17"), Step("expand", "C20", 30, "amount"), Step("collapse", "C17"))
    assert view_to_params(View(Start("R00012"), steps, Filters(min_amount=500), "flow")) == {
        "ring": "R00012", "steps": "eC17~eC20:30a~cC17", "layout": "flow", "amount": "500",
    }  # fmt: skip


@pytest.mark.parametrize(
    "nonsense",
    [
        {"steps": "hello~e~:~e17:999999r~x17"},
        {"layout": "spiral"},
        {"amount": "many"},
        {"amount": "nan"},
        {"amount": "-5"},
        {"from": "yesterday"},
        {"until": "2026-01-01T00:00+05:30"},
        {"risk": "inf"},
        {"asof": "0"},
        {"asof": "0001-01-01"},
        {"asof": "9999-12-31T23:59:59"},
        {"until": "0001-01-01"},
        {"from": "2201-01-01"},
        {"start": ",,,"},
        {"ring": ""},
    ],
)
def test_nonsense_in_a_link_is_left_out(nonsense: dict[str, str]) -> None:
    assert view_from_params(nonsense) == View()


def test_a_link_asks_for_no_more_than_there_may_be() -> None:
    view = view_from_params({"start": ",".join(map(str, range(9999))), "steps": "e1~" * 9999})
    assert len(view.start.accounts) == 50
    assert len(view.steps) == 100
    assert view_from_params({"steps": "e1:999r"}).steps[0].budget == 50
    assert view_from_params({"risk": "7"}).filters.min_risk == 1.0


@given(st.dictionaries(st.sampled_from(PARAMS), st.text(max_size=40)))
def test_no_link_breaks_the_page(params: dict[str, str]) -> None:
    view = view_from_params(params)
    assert view_from_params(view_to_params(view)) == view

"""The picture of a ring: who is drawn, where, and that it asks no other host for anything."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.network import RingPicture, build_network, standalone_html


def members(accounts: list[str], risks: list[float | None] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account": accounts,
            "role": "mule",
            "risk": pd.Series(risks or [0.5] * len(accounts), dtype="float64"),
            "in_count": 1,
            "in_amount": 10.0,
            "out_count": 1,
            "out_amount": 10.0,
        }
    )


def edges(pairs: list[tuple[str, str]], amounts: list[float] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sender": [sender for sender, _ in pairs],
            "receiver": [receiver for _, receiver in pairs],
            "transactions": 1,
            "amount": amounts or [10.0] * len(pairs),
            "first_time": pd.Timestamp("2026-01-01"),
            "last_time": pd.Timestamp("2026-01-02"),
        }
    )


def positions(picture: RingPicture) -> dict[str, tuple[float, float]]:
    return {node["id"][1:]: (node["x"], node["y"]) for node in picture.network.nodes}


CYCLE = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")]


def test_a_cycle_is_drawn_on_a_circle_in_the_order_of_the_money() -> None:
    # The members come in another order than the money goes.
    points = positions(build_network(members(["a", "c", "b", "d"]), edges(CYCLE), typology="cycle"))
    radii = [math.hypot(*point) for point in points.values()]
    assert radii == pytest.approx([radii[0]] * 4, rel=0.01)
    sides = [math.dist(points[sender], points[receiver]) for sender, receiver in CYCLE]
    assert sides == pytest.approx([sides[0]] * 4, rel=0.01)
    assert math.dist(points["a"], points["c"]) > 1.3 * sides[0]


def test_the_collector_of_a_fan_stands_in_the_middle() -> None:
    pairs = [(name, "hub") for name in "abcdef"]
    points = positions(build_network(members(["a", "b", "c", "d", "e", "f", "hub"]), edges(pairs),
                                     typology="fan_in"))  # fmt: skip
    distances = [math.dist(points["hub"], points[name]) for name in "abcdef"]
    assert distances == pytest.approx([distances[0]] * 6, rel=0.01)


def test_layers_read_from_left_to_right() -> None:
    pairs = [("source", mule) for mule in "abc"] + [(mule, "exit") for mule in "abc"]
    points = positions(build_network(members(["a", "b", "c", "source", "exit"]), edges(pairs),
                                     typology="scatter_gather"))  # fmt: skip
    assert all(points["source"][0] < points[mule][0] < points["exit"][0] for mule in "abc")


@pytest.mark.parametrize("typology", ["cycle", "fan_in", "stack", "community"])
def test_the_same_ring_always_looks_the_same(typology: str) -> None:
    first, second = (
        positions(build_network(members(list("abcd")), edges(CYCLE), typology=typology))
        for _ in range(2)
    )
    assert first == second
    assert len(set(first.values())) == 4


def test_of_a_large_ring_the_riskiest_accounts_and_the_largest_sums_are_drawn() -> None:
    ring = build_network(
        members(list("abc"), [0.1, 0.9, None]),
        edges([("a", "b"), ("b", "a"), ("a", "c")], [1.0, 5.0, 99.0]),
        max_nodes=2,
        max_edges=1,
    )
    assert {node["id"] for node in ring.network.nodes} == {"@a", "@b"}
    assert [(edge["from"], edge["to"]) for edge in ring.network.edges] == [("@b", "@a")]
    assert (ring.shown_accounts, ring.accounts, ring.shown_edges, ring.edges) == (2, 3, 1, 3)
    assert not ring.is_complete


def test_accounts_are_drawn_as_plain_text_with_shape_by_role() -> None:
    ring = build_network(members(["<b onclick=x>a</b> href"]).assign(role="collector"), edges([]))
    (node,) = ring.network.nodes
    assert node["shape"] == "square"
    # At the letters "href" pyvis would show the tooltip as HTML instead of text.
    assert "href" not in node["title"]
    assert node["label"] == "<b onclick=x>a<…"
    assert ring.is_complete


def test_an_unknown_role_is_drawn_as_a_member() -> None:
    ring = build_network(members(["a"]).assign(role="new role"), edges([]))
    assert [style.name for style in ring.roles] == ["Member"]


def test_the_standalone_page_loads_nothing_from_elsewhere_and_keeps_names_as_data() -> None:
    hostile = "</script><script>alert(1)</script>"
    html = standalone_html(build_network(members([hostile, "b"]), edges([(hostile, "b")])).network)
    assert not re.findall(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", html)
    assert hostile not in html
    assert '"b"' in html


def test_a_transfer_to_oneself_moves_no_account() -> None:
    accounts = ["a", "b", "c"]
    plain = build_network(members(accounts), edges([("a", "b"), ("b", "c")]), typology="stack")
    looped = [("a", "b"), ("b", "b"), ("b", "c")]
    ring = build_network(members(accounts), edges(looped), typology="stack")
    assert positions(ring) == positions(plain)
    assert ring.shown_edges == 3


names = st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=12, unique=True)


@settings(max_examples=25, deadline=None)
@given(names, st.integers(0, 2**16), st.sampled_from(["cycle", "fan_out", "stack", ""]))
def test_every_account_gets_one_finite_position(
    accounts: list[str], seed: int, typology: str
) -> None:
    rng = np.random.default_rng(seed)
    ends = rng.integers(len(accounts), size=(len(accounts), 2))
    pairs = sorted({(accounts[a], accounts[b]) for a, b in ends})
    ring = build_network(members(accounts), edges(pairs), typology=typology)
    points = positions(ring)
    assert set(points) == set(accounts)
    assert all(math.isfinite(x) and math.isfinite(y) for x, y in points.values())
    assert ring.shown_edges == len(pairs)

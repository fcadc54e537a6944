"""What became of a scene, on scenes small enough to compare by eye."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from engine.explorer.difference import compare
from engine.explorer.picture import with_role_names
from tests.engine.scenes import scene


def test_a_scene_does_not_differ_from_itself() -> None:
    found = compare(scene(), scene())
    assert found.is_empty
    assert (found.same_accounts, found.same_edges) == (3, 2)


def test_what_came_what_went_and_what_changed() -> None:
    before = scene(("A", "B", "C"), [("A", "B", 100.0), ("B", "C", 99.0)])
    now = scene(("A", "B", "D"), [("A", "B", 130.0), ("B", "D", 99.0)])
    found = compare(before, now)
    edges = found.edges[["sender", "receiver", "change", "amount", "amount_now"]]
    told = edges.astype("object").where(edges.notna(), None).values.tolist()
    assert told == [
        ["B", "D", "new", None, 99.0],
        ["B", "C", "gone", 99.0, None],
        ["A", "B", "changed", 100.0, 130.0],
    ]
    assert found.accounts[["account", "change"]].values.tolist() == [["D", "new"], ["C", "gone"]]
    assert (found.same_accounts, found.same_edges) == (2, 0)
    assert (found.count("edges", "new"), found.count("accounts", "changed")) == (1, 0)


def test_a_role_or_a_risk_that_changed_is_a_change_and_a_last_digit_is_not() -> None:
    before = scene()
    nodes = before.nodes.assign(
        role=["source", "hub", "exit"], risk=[0.2, 0.75, 0.75], in_amount=1000.5 + 1e-9
    )
    found = compare(before, replace(before, nodes=nodes))
    # The risk of A was unknown; only the role of B is another.
    assert found.accounts["account"].tolist() == ["A", "B"]
    assert found.accounts["change"].tolist() == ["changed", "changed"]
    assert found.accounts["role_now"].tolist() == ["source", "hub"]
    assert pd.isna(found.accounts["risk"].iloc[0])
    assert found.same_accounts == 1


def test_one_direction_is_another_link_than_the_other() -> None:
    found = compare(scene(pairs=[("A", "B", 1.0)]), scene(pairs=[("B", "A", 1.0)]))
    assert found.edges["change"].tolist() == ["new", "gone"]


def test_an_empty_scene_compares() -> None:
    empty = replace(scene(), nodes=scene().nodes[:0], edges=scene().edges[:0])
    found = compare(empty, scene())
    assert (found.count("accounts", "new"), found.count("edges", "new")) == (3, 2)
    assert compare(empty, empty).is_empty


def test_roles_are_compared_in_the_words_of_the_picture() -> None:
    nodes = scene().nodes.assign(role=["source", "sink", "exit"], in_ring=[True, False, True])
    before = with_role_names(replace(scene(), nodes=nodes))
    now = with_role_names(replace(scene(), nodes=nodes.assign(role=["mule", "sink", "exit"])))
    found = compare(before, now)
    assert found.accounts[["role", "role_now"]].values.tolist() == [["Source", "Mule"]]
    assert before.nodes["role"].tolist() == ["Source", "Payee", "Exit"]

"""A scene as a file: all of it is there, and no name in it does anything."""

from __future__ import annotations

import io
import json
import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.explorer.export import Sheet, account_table, graphml, link_table, page, png, svg
from engine.explorer.scene import Scene
from tests.engine.scenes import nodes, scene
from tests.hostile import ELSEWHERE, NAMES, SENTINEL

SHEET = Sheet("Ring R000001 of run march", ("Frozen by Anna", "SHA-256 " + "ab" * 32))
SVG = "{http://www.w3.org/2000/svg}"


def hostile() -> tuple[Scene, Sheet]:
    names = list(dict.fromkeys(NAMES))
    pairs = [(a, b, 10.0) for a, b in pairwise(names)]
    return scene(names, [*pairs, (names[0], names[0], 5.0)], hub=names[3]), Sheet(names[0], NAMES)


def test_a_picture_has_every_account_link_role_and_line() -> None:
    root = ET.fromstring(svg(scene(), SHEET))
    texts = [one.text for one in root.iter(f"{SVG}text")]
    assert texts[:3] == [SHEET.title, *SHEET.lines]
    assert {"A", "B", "C", "+7", "100", "99", "Source 1", "Mule 1", "Exit 1", "Not drawn 1"} <= set(
        texts
    )
    titles = [str(one.text) for one in root.iter(f"{SVG}title")]
    assert "A → B · 1 transfer, 100.25 · 2026-03-01 10:30" in titles
    assert sum(title.startswith("B · Mule, risk 0.750") for title in titles) == 1
    # Both links have an arrow's head; the line to the rest has none.
    heads = [one for one in root.iter(f"{SVG}path") if str(one.get("d")).endswith("Z")]
    assert len(heads) == 2


def test_everything_lies_on_the_paper() -> None:
    wide = replace(scene(), nodes=nodes(["A", "B", "C"]).assign(x=[-900, 0, 700], y=[-50, 0, 400]))
    root = ET.fromstring(svg(wide, SHEET))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    (group,) = (one for one in root.iter(f"{SVG}g") if "transform" in one.attrib)
    right, down = map(float, re.findall(r"[-\d.]+", group.attrib["transform"]))
    for mark in group.iter(f"{SVG}text"):
        assert 0 < float(mark.attrib["x"]) + right < width
        assert 0 < float(mark.attrib["y"]) + down < height


def test_opposite_links_do_not_lie_on_each_other() -> None:
    both = scene(pairs=[("A", "B", 1.0), ("B", "A", 1.0)])
    root = ET.fromstring(svg(both, SHEET))
    bent = [one.attrib["d"] for one in root.iter(f"{SVG}path") if "Q" in one.attrib["d"]]
    ys = [float(re.findall(r"Q[-\d.]+ ([-\d.]+)", path)[0]) for path in bent]
    assert ys[0] * ys[1] < 0


@pytest.mark.parametrize("write", [svg, lambda *of: graphml(*of).decode()])
def test_hostile_names_are_text_in_xml(write: Callable[[Scene, Sheet], str]) -> None:
    root = ET.fromstring(write(*hostile()))
    names = {one.tag.rsplit("}", 1)[-1] for one in root.iter()}
    assert names.isdisjoint({"script", "image", "a", "iframe", "foreignObject", "style", "img"})
    attributes = {name for one in root.iter() for name in one.attrib}
    assert not [name for name in attributes if name.startswith("on") or "href" in name]
    # The values of attributes are this program's, but for the title.
    told = [value for one in root.iter() for name, value in one.attrib.items()
            if name != "aria-label"]  # fmt: skip
    assert not [value for value in told if ELSEWHERE in value or SENTINEL in value]


class Elements(HTMLParser):
    """The elements of a page as a browser would make them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_page_asks_nobody_for_anything_and_keeps_names_as_data() -> None:
    html = page(*hostile())
    found = Elements(html).found
    assert {tag for tag, _ in found} <= {
        "html", "head", "meta", "title", "center", "h1", "style", "body", "header", "p", "ul",
        "li", "span", "div", "script",
    }  # fmt: skip
    attributes = {name for _, given in found for name in given}
    assert attributes <= {
        "charset",
        "class",
        "content",
        "http-equiv",
        "id",
        "lang",
        "style",
        "type",
    }
    policy = [given["content"] for _, given in found if "http-equiv" in given]
    assert str(policy[0]).startswith("default-src 'none'; script-src 'unsafe-inline';")
    assert html.index("Content-Security-Policy") < html.index("<script")


def test_a_page_has_every_account_link_and_the_rest() -> None:
    html = page(scene(), SHEET)
    drawn = json.loads(re.findall(r"nodes = new vis\.DataSet\((\[.*?\])\);", html)[0])
    assert [one["id"] for one in drawn] == ["@A", "@B", "@C", "+B"]
    assert [(one["x"], one["y"]) for one in drawn[:3]] == [(0, 0), (95, 0), (190, 0)]
    links = json.loads(re.findall(r"edges = new vis\.DataSet\((\[.*?\])\);", html)[0])
    assert [(one["from"], one["to"]) for one in links] == [("@A", "@B"), ("@B", "@C"), ("@B", "+B")]
    assert "<title>Ring R000001 of run march</title>" in html
    assert "Not drawn 1</li>" in html


def test_a_picture_in_pixels_is_twice_as_large() -> None:
    root = ET.fromstring(svg(scene(), SHEET))
    written = png(scene(), SHEET)
    assert written[:8] == b"\x89PNG\r\n\x1a\n"
    size = struct.unpack(">II", written[16:24])
    assert size == (2 * int(root.attrib["width"]), 2 * int(root.attrib["height"]))


def test_a_picture_of_a_huge_scene_has_no_endless_number_of_pixels() -> None:
    tall = replace(scene(), nodes=nodes(["A", "B", "C"]).assign(y=[0, 10_000, 20_000]))
    _, height = struct.unpack(">II", png(tall, SHEET)[16:24])
    assert height <= 8_001


def test_many_links_are_drawn_thin_so_that_they_do_not_hide_each_other() -> None:
    accounts = [f"A{number}" for number in range(21)]
    crowded = scene(
        accounts, [(a, b, 1.0) for a in accounts for b in accounts if a < b][:200], hub="A1"
    )
    few, many = (ET.fromstring(svg(one, SHEET)) for one in (scene(), crowded))

    def widest(root: ET.Element) -> float:
        return max(float(one.get("stroke-width", 0)) for one in root.iter(f"{SVG}path"))

    # 200 links: the root of a half of the full width.
    assert (widest(few), widest(many)) == (5.0, 3.54)


def test_hostile_names_are_drawn() -> None:
    assert png(*hostile())[:4] == b"\x89PNG"


def test_other_programs_read_the_graph() -> None:
    graph = nx.read_graphml(io.BytesIO(graphml(scene(), SHEET)))
    assert graph.is_directed()
    accounts = {key: one["account"] for key, one in graph.nodes(data=True)
                if one["kind"] == "account"}  # fmt: skip
    assert accounts == {"n0": "A", "n1": "B", "n2": "C"}
    assert graph.nodes["n1"]["in_amount"] == 1000.5
    assert "risk" not in graph.nodes["n0"]
    assert graph.edges["n0", "n1"]["amount"] == 100.25
    assert graph.edges["n0", "n1"]["first_time"] == "2026-03-01T10:30:00"
    assert graph.edges["n1", "r0"]["kind"] == "rest"
    assert graph.graph["title"] == SHEET.title


def test_tables_list_what_is_drawn() -> None:
    shown = scene(pairs=[("A", "B", 5.0), ("B", "C", 9.0)])
    assert account_table(shown)["account"].tolist() == ["B", "C", "A"]
    assert link_table(shown)["amount"].tolist() == [9.0, 5.0]
    assert {"x", "y"}.isdisjoint(account_table(shown).columns)


def test_a_role_in_a_table_is_the_word_of_the_legend() -> None:
    shown = scene(pairs=[("A", "B", 5.0)])
    shown = replace(shown, nodes=shown.nodes.assign(
        in_ring=False, is_hub=shown.nodes["account"] == "B", role="intermediary"
    ))  # fmt: skip
    told = account_table(shown).set_index("account")["role"]
    assert told.to_dict() == {"A": "intermediary", "B": "busy", "C": "intermediary"}


def test_an_empty_scene_is_a_file_too() -> None:
    empty = replace(scene(), nodes=nodes([]), rollups=scene().rollups[:0], edges=scene().edges[:0])
    assert ET.fromstring(svg(empty, SHEET)).tag == f"{SVG}svg"
    assert png(empty, SHEET)[:4] == b"\x89PNG"
    assert "new vis.DataSet([])" in page(empty, SHEET)
    assert len(nx.read_graphml(io.BytesIO(graphml(empty, SHEET)))) == 0


names = st.lists(st.text(min_size=1, max_size=10), min_size=2, max_size=4, unique=True)


@settings(max_examples=30, deadline=None)
@given(names, st.text(max_size=40))
def test_whatever_a_name_is_the_xml_can_be_read(accounts: list[str], title: str) -> None:
    shown = scene(accounts, [(accounts[0], accounts[1], 3.0)], hub=accounts[0])
    ET.fromstring(svg(shown, Sheet(title, tuple(accounts))))
    assert len(nx.read_graphml(io.BytesIO(graphml(shown, Sheet(title))))) == len(accounts) + 1


def test_graphml_tells_long_names_and_hidden_characters_apart() -> None:
    long = "A" * 200
    names = [f"{long}1", f"{long}2", "B\u202e", "B", "two  spaces", "two spaces", "\uffff"]
    written = nx.read_graphml(
        io.BytesIO(graphml(scene(names, [*((a, b, 1.0) for a, b in pairwise(names))]), SHEET))
    )
    accounts = [data["account"] for _, data in written.nodes(data=True) if "account" in data]
    told = [f"{long}1", f"{long}2", "B⟨U+202E⟩", "B", "two  spaces", "two spaces", "⟨U+FFFF⟩"]
    assert set(accounts) == set(told)
    links = [data for *_, data in written.edges(data=True) if "sender" in data]
    assert [(one["sender"], one["receiver"]) for one in links] == list(pairwise(told))

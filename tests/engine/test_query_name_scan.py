"""Names that have a text in them, against a look at each name by itself."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.query import name_scan
from engine.query.name_scan import Named, scan

LETTERS = st.text("aAé1", max_size=6)


def plainly(names: list[str], text: str) -> Named:
    begin = [name for name in names if name.startswith(text)]
    # One that begins with it and has it again is listed under both.
    inside = [name for name in names if text in name[1:]]
    return Named(sorted(begin), sorted(inside))


@given(st.lists(LETTERS, max_size=30), st.text("aAé1", min_size=1, max_size=6))
def test_the_names_are_those_that_have_it(names: list[str], text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(name_scan, "_CHUNK", 4)
        assert scan(pa.array(names, pa.large_string()), text, 100) == plainly(names, text)


def test_a_text_over_two_names_is_in_neither() -> None:
    assert scan(pa.array(["C12", "34"], pa.large_string()), "123", 9) == Named([], [])


def test_so_many_are_enough() -> None:
    names = pa.array([f"C{n}" for n in range(10, 60)], pa.large_string())
    assert len(scan(names, "C1", 3).begin) == 3
    assert len(scan(names, "1", 3).inside) == 3

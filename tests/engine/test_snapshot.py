"""The content of a snapshot: nothing is lost in it, and the same view is the same text."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.explorer import snapshot
from engine.explorer.frames import from_plain, to_plain
from engine.explorer.view import Filters, Start, Step, View
from tests.engine.scenes import MANIFEST, VIEW, scene


def test_what_is_read_is_what_was_frozen() -> None:
    shown = scene()
    frozen = snapshot.read(snapshot.freeze(MANIFEST, VIEW, shown, "INR"))
    assert frozen.view == VIEW
    assert (frozen.scene.moments, frozen.scene.notes) == (shown.moments, shown.notes)
    for name in ("nodes", "rollups", "edges", "events"):
        pd.testing.assert_frame_equal(getattr(frozen.scene, name), getattr(shown, name))
    assert (frozen.origin.run_id, frozen.origin.currency) == ("march", "INR")
    assert frozen.origin.versions == {"python": "3.11.7", "numpy": "2.4.6"}


def test_the_same_view_is_the_same_text_and_each_difference_another_hash() -> None:
    content = snapshot.freeze(MANIFEST, VIEW, scene())
    assert content == snapshot.freeze(dict(reversed(MANIFEST.items())), VIEW, scene())
    assert content.isascii()
    others = [
        snapshot.freeze(MANIFEST, replace(VIEW, layout="circle"), scene()),
        snapshot.freeze(MANIFEST | {"config": {}}, VIEW, scene()),
        snapshot.freeze(MANIFEST, VIEW, scene(pairs=[("A", "B", 100.26), ("B", "C", 99.0)])),
    ]
    assert len({snapshot.sha256(one) for one in [content, *others]}) == 4


def test_the_hash_is_that_of_the_text_as_anybody_can_compute_it() -> None:
    # printf '%s' '{}' | sha256sum
    known = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert snapshot.sha256("{}") == known


@pytest.mark.parametrize(
    "broken", ["", "null", "[]", "{}", '{"format":1}', '{"format":1,"view":3}']
)
def test_what_is_no_snapshot_is_refused(broken: str) -> None:
    with pytest.raises(InputError, match="no content of a snapshot"):
        snapshot.read(broken)


def test_a_snapshot_of_a_later_program_is_not_misread() -> None:
    later = json.loads(snapshot.freeze(MANIFEST, VIEW, scene())) | {"format": 2}
    with pytest.raises(InputError, match="format 2, and this program reads 1"):
        snapshot.read(json.dumps(later))


def test_a_layout_that_is_none_is_refused() -> None:
    content = snapshot.freeze(MANIFEST, VIEW, scene()).replace('"flow"', '"spiral"')
    with pytest.raises(InputError, match="'spiral' is none of force, flow, circle"):
        snapshot.read(content)


texts = st.text(max_size=8)
moments = st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1))
filters = st.builds(
    Filters,
    min_amount=st.floats(0, 1e12),
    start=moments,
    end=moments,
    types=st.lists(texts, max_size=2).map(tuple),
    min_risk=st.floats(0, 1),
)
views = st.builds(
    View,
    start=st.builds(Start, ring_id=st.none() | texts, accounts=st.lists(texts).map(tuple)),
    steps=st.lists(st.builds(Step, account=texts, filters=filters), max_size=3).map(tuple),
    filters=filters,
    layout=st.sampled_from(["force", "flow", "circle"]),
    as_of=moments,
    selected=st.none() | texts,
)


@settings(max_examples=50, deadline=None)
@given(views)
def test_every_view_survives(view: View) -> None:
    read = snapshot.read(snapshot.freeze(MANIFEST, view, scene())).view
    assert [getattr(read, one.name) for one in fields(View)] == [
        getattr(view, one.name) for one in fields(View)
    ]


def test_gaps_stay_gaps_and_kinds_stay_kinds() -> None:
    frame = pd.DataFrame(
        {
            "text": pd.Series(["a", None], dtype="str"),
            "real": [1.5, None],
            "whole": pd.Series([1, None], dtype="Int64"),
            "flag": [True, False],
            "moment": pd.Series(
                [datetime(2026, 3, 1, microsecond=1), None], dtype="datetime64[us]"
            ),
        }
    )
    assert to_plain(frame)["rows"] == [
        ["a", 1.5, 1, True, "2026-03-01T00:00:00.000001"], [None, None, None, False, None],
    ]  # fmt: skip
    pd.testing.assert_frame_equal(from_plain(to_plain(frame)), frame)
    pd.testing.assert_frame_equal(from_plain(to_plain(frame[:0])), frame[:0], check_dtype=False)

"""A trace in words and as a diagram: the sentence, and texts from the data as they are."""

from __future__ import annotations

import pandas as pd

from app.ui.trace_chart import clicked, fit_beside, sankey
from app.ui.trace_options import in_words, usual_gap
from app.ui.trace_words import agree, end_meaning, money, tell
from engine.trace import Limits, Trace, beyond_the_wait, follow
from engine.trace.diagram import diagram_of
from tests.engine.test_trace import FAR, Row, bank, transfer

#: Of 9.8 lakh 8.91 leave within 5 h 12 min, the largest part to C.
PASSED_ON: list[Row] = [
    (1, 0, "A", "B", 980_000.0),
    (2, 1, "B", "C", 500_000.0),
    (3, 2, "B", "D", 300_000.0),
    (4, 5.2, "B", "E", 91_000.0),
]


def traced(rows: list[Row], tx_id: int, **asked: object) -> Trace:
    given = {"limits": FAR, **asked}
    return follow(transfer(rows, tx_id), bank(rows), **given)  # type: ignore[arg-type]


def plain(text: str) -> str:
    return text.replace("\\", "").replace("**", "")


def test_the_sentence_says_what_left_to_whom_how_fast_and_what_remains() -> None:
    assert plain(tell(traced(PASSED_ON, 1), "INR")) == (
        "Of ₹9,80,000 from A, ₹8,91,000 left B to C, D, E within 5 h 12 min; ₹89,000 remains."
    )


def test_many_receivers_are_counted() -> None:
    rows: list[Row] = [(1, 0, "A", "B", 50.0)]
    rows += [(2 + at, 1, "B", name, 10.0) for at, name in enumerate("CDEFG")]
    assert "to C, D, E and 2 other accounts within 1 h; nothing" in plain(
        tell(traced(rows, 1), None)
    )


def test_more_than_a_step_tells_where_it_ended() -> None:
    rows: list[Row] = [(1, 0, "A", "B", 9.5), (2, 0, "B", "C", 9.0), (3, 2, "C", "D", 8.0)]
    assert plain(tell(traced(rows, 1), None)) == (
        "Of 9.50 from A, 9 left B to C at the same moment; 0.50 remains. In up to 2 steps it "
        "ended at 2 accounts, the most with 8 at D."
    )


def test_backward_tells_what_was_there_and_what_the_data_do_not_show() -> None:
    rows: list[Row] = [(1, 0, "X", "B", 4.0), (2, 1, "B", "C", 10.0)]
    told = plain(tell(traced(rows, 2, direction="backward"), None))
    assert told == (
        "Of 10 from B, 4 had come from X within 1 h; 6 came by no transfer in the data."
    )
    near = traced(rows, 2, direction="backward", limits=Limits(max_gap_hours=0.5))
    assert plain(tell(near, None)) == (
        "Of 10 from B, nothing came in within 30 min before: 4 was there before and 6 came by no "
        "transfer in the data."
    )


def test_money_that_rests_only_for_the_wait_limit_is_told_with_its_later_way() -> None:
    rows: list[Row] = [(1, 0, "A", "B", 775.57), (2, 192, "B", "C", 729.03)]
    near = traced(rows, 1, limits=Limits())
    assert plain(tell(near, None, beyond_the_wait(near, bank(rows)))) == (
        "Of 775.57 from A, nothing left B within 3 d. B paid 729.03 of it on after 8 d."
    )
    rows.append((3, 1, "B", "D", 46.54))
    near = traced(rows, 1, limits=Limits())
    assert plain(tell(near, None, beyond_the_wait(near, bank(rows)))) == (
        "Of 775.57 from A, 46.54 left B to D within 1 h; 729.03 lay there for more than 3 d. "
        "B paid 729.03 of it on after 8 d."
    )


def test_a_wait_is_as_long_as_the_longest_ring_lasts_and_says_so() -> None:
    rings = pd.DataFrame({"ring_id": ["R1", "R2"], "hours": [30.0, 190.0]})
    assert usual_gap(rings) == 192
    assert usual_gap(rings[:1]) == usual_gap(rings[:0]) == 72
    told = in_words(Limits(max_gap_hours=192), rings)
    assert told.startswith("at most 8 d on an account (as long as ring R2 lasts), 6 steps")
    assert "ring" not in in_words(Limits(), rings)


def test_amounts_have_a_point_only_where_they_need_one() -> None:
    assert (money(98_000_000, "INR"), money(12_345, None)) == ("₹9,80,000", "123.45")


def test_an_end_names_the_limit_that_it_comes_from() -> None:
    limits = Limits(max_gap_hours=12, min_pass_through=0.8)
    assert "less than 80 % of it within 12 h" in end_meaning("pass_through", limits, forward=True)


def test_methods_agree_where_there_is_no_other_money() -> None:
    assert agree([traced(PASSED_ON, 1), traced(PASSED_ON, 1, method="proportional")])
    rows = [(0, 0, "X", "B", 1.0), *PASSED_ON]
    assert not agree([traced(rows, 1), traced(rows, 1, method="proportional")])


def test_names_from_the_data_are_drawn_as_they_are() -> None:
    rows: list[Row] = [(1, 0, "{b}<b>", "B\nC\u202e", 9.0)]
    found = traced(rows, 1)
    series = sankey(diagram_of(found), FAR, None, forward=True, dark=False)["series"][0]
    assert [node["label"]["formatter"] for node in series["data"][:2]] == [
        "(b)<b>", "B C⟨U+202E⟩",
    ]  # fmt: skip
    assert series["links"][0]["tooltip"]["formatter"] == "(b)<b> → B C⟨U+202E⟩: 9 in 1 transfer"


def test_a_click_on_an_account_or_a_band_finds_its_transfers() -> None:
    found = traced(PASSED_ON, 1)
    diagram = diagram_of(found)

    def of(kind: str, at: int) -> list[int] | None:
        rows = clicked([{"data_type": kind, "data_indices": [at]}], diagram, found)
        return None if rows is None else rows["tx_id"].tolist()

    accounts = diagram.nodes["account"].tolist()
    assert of("node", accounts.index("B")) == [1, 2, 3, 4]
    assert of("node", accounts.index("D")) == [3]
    assert of("edge", 0) == [1]
    # Money that ended is no transfer, and a click of an earlier diagram may be out of range.
    assert of("edge", len(diagram.links) - 1) is None
    assert of("edge", 99) is None
    assert clicked([], diagram, found) is None


def test_deep_traces_take_the_whole_width() -> None:
    assert fit_beside([traced(PASSED_ON, 1)])
    rows: list[Row] = [(1, 0, "A", "B", 9.0), (2, 1, "B", "C", 9.0), (3, 2, "C", "D", 9.0)]
    assert not fit_beside([traced(rows, 1)])

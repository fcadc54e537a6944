"""A ring tells what happened and why it scored, in sentences that are true of its figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from app.ui import ring_story, ring_words
from app.ui.typologies import TYPOLOGIES
from engine.query.ring_detail import RingDetail
from engine.query.ring_flow import Flow, Party
from engine.rings.lookalikes import Check

RING = RingDetail(
    ring_id="R1", typology="fan_in", score=0.93, n_accounts=6, n_transactions=5, amount=500.0,
    start=datetime(2026, 1, 1), end=datetime(2026, 1, 11), fingerprint="f", surprise=3.0,
    expected=0.4, mean_risk=0.6, unexplained_score=0.93,
)  # fmt: skip
FLOW = Flow(
    senders=2, passers=3, receivers=4, sent=500.0, received=400.0, pairs=7,
    into=Party("H", 5, 500.0), out_of=Party("S", 3, 450.0), origin="S", returned=350.0,
)  # fmt: skip
PAYROLL = Check("payroll", "Payroll", True, "paid monthly", 1.0, 0.5)


def story(typology: str, flow: Flow = FLOW) -> str:
    told = ring_story.tell(replace(RING, typology=typology), flow, "USD")
    return told.replace("*", "").replace("\\", "")


@pytest.mark.parametrize(
    ("typology", "told"),
    [
        ("fan_in", "H received $500.00 from 5 accounts within 10 days. At its usual rate, 0.4 new "
                   "counterparties were to be expected in that time."),
        ("fan_out", "S paid $450.00 to 3 accounts within 10 days. At its usual rate, 0.4 new "
                    "counterparties were to be expected in that time."),
        ("scatter_gather", "S paid $450.00 to 3 accounts, and $500.00 reached H from 5 accounts "
                           "within 10 days."),
        ("cycle", "5 payments lead from S round 6 accounts and back within 10 days: $350.00 came "
                  "back."),
        ("chain", "$500.00 went in and $400.00 came out at the other end, through 3 accounts in "
                  "between, within 10 days."),
        ("inferred_chain", "$100.00 was moved 5 times within 10 days, each time between other "
                           "accounts. That it is the same money is inferred from equal amounts and "
                           "times; no record names the link."),
        ("bipartite", "2 accounts paid $500.00 to the same 4 accounts within 10 days: 7 of 8 "
                      "possible pairs of a sender and a receiver did."),
        ("stack", "2 accounts paid $500.00 to 3 accounts in the middle, and $400.00 reached 4 "
                  "accounts behind them within 10 days."),
        ("structuring", "5 payments of H, $500.00 in all, stay just below the reporting threshold "
                        "one by one within 10 days."),
        ("community", "6 accounts are tied together by 5 payments of $500.00 in all within 10 "
                      "days."),
    ],
)  # fmt: skip
def test_each_typology_tells_its_own_story(typology: str, told: str) -> None:
    assert story(typology) == told


def test_a_gather_scatter_tells_what_share_went_out_again() -> None:
    hub = replace(FLOW, out_of=Party("H", 4, 450.0))
    assert story("gather_scatter", hub) == (
        "H received $500.00 from 5 accounts and paid $450.00 to 4 accounts within 10 days: 90 % of "
        "it went out again."
    )


def test_a_gather_scatter_without_one_hub_claims_none() -> None:
    assert story("gather_scatter") == story("community")


def test_a_typology_of_a_later_version_still_tells_a_story() -> None:
    assert story("new_kind") == story("community")


@pytest.mark.parametrize("typology", sorted(set(TYPOLOGIES) - {"transaction"}))
def test_account_names_are_no_markup(typology: str) -> None:
    party = Party("[x](http://a)", 5, 500.0)
    told = ring_story.tell(
        replace(RING, typology=typology),
        replace(FLOW, into=party, out_of=party, origin=party.account),
        None,
    )
    assert "[x](" not in told


@pytest.mark.parametrize(
    ("surprise", "told"),
    [
        (9.5, "less than once in a billion data sets of 10,000 accounts"),
        (3.0, "once in 1,000 data sets of 10,000 accounts"),
        (0.1, "once in 1.3 data sets of 10,000 accounts"),
        (-0.5, "3.2 times in every data set of 10,000 accounts"),
    ],
)
def test_a_surprise_is_the_number_of_chance_matches_per_10000_accounts(
    surprise: float, told: str
) -> None:
    assert ring_words.how_often(surprise) == told


@pytest.mark.parametrize(
    ("surprise", "told"),
    [(3.0, "about 0.012 times"), (6.0, "fewer than 0.001 times"), (-1.0, "about 120 times")],
)
def test_chance_is_also_told_for_a_run_of_this_size(surprise: float, told: str) -> None:
    assert told in ring_words.verdict(replace(RING, surprise=surprise), 120_000)


def test_a_learned_ring_without_a_shape_says_nothing_of_chance() -> None:
    said = ring_words.verdict(replace(RING, learned=True, surprise=0.0), 120_000)
    assert "recognised from the labelled rings of the past" in said
    assert "chance" not in said.lower()


def test_a_learned_ring_of_a_known_shape_says_both() -> None:
    said = ring_words.verdict(replace(RING, learned=True), None)
    assert "recognised from the labelled rings" in said
    assert "once in 1,000 data sets" in said


def test_a_community_rests_on_risk_alone() -> None:
    said = ring_words.verdict(replace(RING, typology="community", surprise=0.0), None)
    assert "the risk of its transactions alone" in said


def test_roles_are_counted_in_the_order_of_the_money() -> None:
    roles = ["collector", "source", "hub", "source", "new_role"]
    assert ring_words.roles_in_words(roles) == "5: 2 sources, 1 hub, 1 collector, 1 new_role"


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ((5, 20), "Both were active from 2026-01-05 to 2026-01-11 (UTC)."),
        ((13, 20), "R1 ended 2 d before R2 began."),
        ((11, 20), "Both were active on 2026-01-11 (UTC)."),
    ],
)
def test_two_rings_tell_how_their_periods_lie(days: tuple[int, int], told: str) -> None:
    start, end = (datetime(2026, 1, day) for day in days)
    other = replace(RING, ring_id="R2", start=start, end=end)
    assert ring_words.together(RING, other) == told
    assert ring_words.together(other, RING) == told


@pytest.mark.parametrize(
    ("score", "told"),
    [(0.9, "That lowered the score from 0.900 to 0.270"), (None, "lowered the score to 0.270")],
)
def test_innocence_tells_what_it_did_to_the_score(score: float | None, told: str) -> None:
    ring = replace(RING, score=0.27, unexplained_score=score, checks=(PAYROLL,))
    assert told in ring_words.innocence(ring)
    assert "1 of 1 innocent explanations fit" in ring_words.innocence(ring)


def test_an_explanation_that_fits_tells_what_the_score_would_be_without() -> None:
    explained = replace(RING, score=0.27, unexplained_score=0.9, checks=(PAYROLL,))
    said = ring_words.verdict(explained, None)
    assert "Its risk of 0.270 is below 0.5" in said
    assert "It would be 0.900, but an innocent explanation fits (payroll)." in said

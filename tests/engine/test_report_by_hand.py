"""An edited narrative: each sentence is the draft's, somebody's, or one that no fact bears out."""

from __future__ import annotations

from engine.narrative.ledger import Fact, Ledger, sha256
from engine.narrative.verdict import Line, Narrative, Part
from engine.report.by_hand import paragraphs

LEDGER = Ledger(
    "run", "A1", "R1", "fan_in", "INR", "0" * 64, "1" * 64, "cpu",
    (
        Fact("F1", "ring.amount", "amount", 65_000, "INR", "money that moved", "what", True),
        Fact("F2", "ring.transfers", "count", 3, "", "transfers", "what"),
    ),
)  # fmt: skip
DRAFT = Narrative(
    "template",
    (Part("what", (Line("₹650 moved.", ("F1",), "template"),
                   Line("There were 3 transfers.", ("F2",), "template"))),),
    sha256(LEDGER), 1.0, 2,
)  # fmt: skip


def told(text: str) -> list[list[tuple[str, tuple[str, ...], bool]]]:
    """Return the sentences of an edited text: facts, and whether one has problems."""
    found = paragraphs(text, DRAFT, LEDGER)
    return [[(one.text, one.fact_ids, bool(one.problems)) for one in some] for some in found]


def test_a_text_that_is_the_draft_cites_its_facts() -> None:
    assert told(DRAFT.text()) == [
        [("₹650 moved.", ("F1",), False), ("There were 3 transfers.", ("F2",), False)]
    ]


def test_a_sentence_in_which_somebody_wrote_cites_nothing() -> None:
    assert told("In all, ₹650 moved.") == [[("In all, ₹650 moved.", (), False)]]


def test_a_figure_that_is_in_no_fact_is_a_problem_also_where_the_rest_is_the_drafts() -> None:
    assert told("₹651 moved.\n\nThe branch was asked.") == [
        [("₹651 moved.", (), True)], [("The branch was asked.", (), False)],
    ]  # fmt: skip

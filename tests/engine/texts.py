"""A small ledger and a narrative of it, for tests of what is done with narratives."""

from __future__ import annotations

from engine.narrative.ledger import Fact, Ledger, sha256
from engine.narrative.verdict import Line, Narrative, Part, Rejected

LEDGER = Ledger(
    "run-1", "A000001", "R-3", "cycle", "USD", "in", "conf", "cpu",
    (
        Fact("F1", "ring.id", "text", "R-3", "", "the ring", "how", is_key=True),
        Fact("F2", "ring.amount", "amount", 100_000, "USD", "money moved", "what", is_key=True),
        Fact("F3", "exit", "account", "B", "", "the exit", "who", subjects=("A1",)),
    ),
)  # fmt: skip

NARRATIVE = Narrative(
    "template",
    (
        Part("introduction", (Line("Ring R-3 came to notice.", ("F1",), "template"),)),
        Part("what", (Line("It moved $1,000 among 3 accounts.", ("F2",), "template"),)),
        Part("who", (Line("The money left by B.", ("F3",), "template"),)),
        Part("conclusion", (Line("The alert is under review.", ("F1",), "template"),)),
    ),
    sha256(LEDGER),
    1.0,
    5,
    (Rejected("who", "C999 is guilty.", ("C999 is in no fact",), "model"),),
)

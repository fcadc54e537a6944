"""The narrative of the program alone: written from the ledger, and verified against it."""

from __future__ import annotations

from engine.formats import PLAIN, Style
from engine.narrative.ledger import Ledger
from engine.narrative.verdict import Narrative


def narrate_by_template(ledger: Ledger, style: Style = PLAIN) -> Narrative:
    """Write the template narrative of a ledger, verified like any other.

    Raises
    ------
    RuntimeError
        If a sentence is not borne out by the facts that it cites: an error of the program.
    """
    raise NotImplementedError

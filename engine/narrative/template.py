"""Write a narrative from a ledger by fixed sentences: complete, always the same, without a model."""

from __future__ import annotations

from engine.formats import PLAIN, Style
from engine.narrative.draft import Draft
from engine.narrative.ledger import Ledger


def write(ledger: Ledger, style: Style = PLAIN) -> Draft:
    """Write a ledger's narrative: introduction, body in the order of time, conclusion.

    Parameters
    ----------
    ledger
        From :func:`engine.narrative.gather.gather`.
    style
        How amounts, counts, and moments are written.
    """
    raise NotImplementedError

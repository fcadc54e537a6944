"""A narrative by a language model where one can be had, by the template where not."""

from __future__ import annotations

from collections.abc import Callable

from aws.bedrock.settings import Settings
from aws.bedrock.store import Cache, Spend
from engine.formats import PLAIN, Style
from engine.narrative.ledger import Ledger
from engine.narrative.verdict import Narrative


def narrate(
    ledger: Ledger, style: Style = PLAIN, *, on_text: Callable[[str], None] | None = None,
    cache: Cache | None = None, spend: Spend | None = None, settings: Settings | None = None,
) -> Narrative:  # fmt: skip
    """Have a model write the narrative of a ledger, and verify every sentence of it.

    Parameters
    ----------
    ledger
        With accounts as they are; the model sees pseudonyms only.
    on_text
        Told, whenever there is more, all that the model has written so far: prose, UNVERIFIED,
        with pseudonyms. A new try begins from an empty text.
    cache
        Answers of models for the same facts; ``None``: the model is asked always.
    spend
        The account of the money with its daily cap; ``None``: no cap.
    settings
        Which models; ``None``: from the environment, and none where it names none.

    Returns
    -------
    Narrative
        Verified in every line. Where no model wrote any of it, ``source`` is ``template`` and
        ``why_template`` says why: nothing that happens to the model is an error here.
    """
    raise NotImplementedError

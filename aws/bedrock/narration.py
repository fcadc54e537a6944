"""A narrative by a language model where one can be had, by the template where not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from aws.bedrock.settings import Settings
from aws.bedrock.store import Cache, Spend
from engine.errors import InputError
from engine.formats import PLAIN, Style
from engine.narrative.ledger import Ledger
from engine.narrative.narrate import narrate_by_template
from engine.narrative.verdict import Narrative, Usage


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

    Notes
    -----
    At most ``settings.seconds`` and one silence of the model, with every try, repair, and model.
    """
    try:
        chosen = settings or Settings.read()
    except InputError as error:
        return _by_template(ledger, style, str(error), None)
    if not chosen.models:
        return _by_template(ledger, style, "no language model is set up", None)
    # boto3 is imported where a model is asked, and only there.
    from aws.bedrock.writing import Unwritten, written

    outcome = written(ledger, style, chosen, on_text, cache, spend)
    if isinstance(outcome, Unwritten):
        return _by_template(ledger, style, outcome.why, outcome.usage)
    return outcome


def _by_template(ledger: Ledger, style: Style, why: str, usage: Usage | None) -> Narrative:
    return replace(narrate_by_template(ledger, style), why_template=why, usage=usage)

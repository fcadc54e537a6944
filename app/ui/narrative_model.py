"""A narrative by a language model: asked for on demand, shown while it comes as unchecked."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from app.ui import background, case_act, desk, narrative_edit, narrative_source
from app.ui import format as fmt
from app.ui.background import Tell, Work
from app.ui.desk import Errand
from app.ui.evidence import escape
from aws.bedrock import narrate
from aws.bedrock.settings import Settings
from engine.errors import EngineError
from engine.formats import Style
from engine.plain_text import as_written
from engine.workbench import narratives
from engine.workbench.case_record import AlertRecord
from engine.workbench.model_use import ModelBooks, spending
from engine.workbench.narratives import Kept

if TYPE_CHECKING:
    from aws.bedrock.lifecycle import Health

#: How often a text that comes is drawn, in seconds.
_DRAW_SECONDS = 0.5


def is_set_up() -> bool:
    """Tell whether a model is named that could write."""
    return bool(Settings.read().models)


def offer(alert: AlertRecord) -> None:
    """Offer to have a model write the narrative."""
    if not is_set_up() or not desk.may("work"):
        return
    st.button(
        "Ask a model", icon=":material/neurology:", key="narrative_ask", on_click=_begin,
        args=(alert,), disabled=background.find(_key(alert)) is not None,
        help="A language model writes it from the facts, without account ids; every number is "
        "checked, and what is not borne out is replaced",
    )  # fmt: skip


def watch(alert: AlertRecord) -> None:
    """Show a text that is being written, beside what there is; nothing of it is checked yet."""
    if background.find(_key(alert)) is not None:
        st.fragment(_coming, run_every=_DRAW_SECONDS)(alert)


def _coming(alert: AlertRecord) -> None:
    work = background.find(_key(alert))
    if work is None or work.is_over:
        if work is not None:
            _take(alert, work)
        # All of the alert is drawn anew, with what came of it.
        st.rerun()
    with st.container(border=True, key="narrative_coming", gap="xsmall"):
        st.badge("Being written, not checked yet", icon=":material/pending:", color="orange")
        st.text(as_written(work.told[-1] if work.told else "Waiting for the model …"))


def _take(alert: AlertRecord, work: Work) -> None:
    """Put away what is over: the change that it made to the alert was asked for here."""
    background.put_away(_key(alert))
    try:
        case_act.see_own_change(alert.alert_id, work.result().version)
    except EngineError as error:
        st.session_state[narrative_edit.TROUBLE] = str(error)


def show_books() -> None:
    """Say what models cost today, what they may, and until when they are there."""
    if not is_set_up():
        return
    today = desk.read(spending)
    about = "about " if today.is_partly_assumed else ""
    st.caption(
        f"Models today: {about}\\${today.cost_usd:.4f} of \\${today.cap_usd:.2f}, "
        f"{fmt.count(today.uses)} text{'s' * (today.uses != 1)}."
    )
    if st.toggle("Until when are the models there?", key="narrative_health"):
        _show_health()


def _show_health() -> None:
    """Say until when the models are there; asking takes a moment."""
    for one in _health(Settings.read()):
        mark = ":green[:material/check_circle:]" if one.is_right else ":orange[:material/warning:]"
        st.caption(f"{mark} {escape(one.model_id)}: {escape(one.words)}")


@st.cache_data(ttl="1h", max_entries=4, show_spinner="Asking for the models")
def _health(settings: Settings) -> tuple[Health, ...]:
    # boto3 takes a while to import: only where models are asked for.
    from aws.bedrock.lifecycle import health

    return health(settings)


def _key(alert: AlertRecord) -> Hashable:
    return "narrative", desk.address(), alert.alert_id, alert.run_id


def _begin(alert: AlertRecord) -> None:
    errand, style = replace(desk.errand(), masker=None), fmt.current()
    background.begin(_key(alert), lambda tell: _write(errand, alert, style, tell))


def _write(errand: Errand, alert: AlertRecord, style: Style, tell: Tell) -> Kept:
    """Have a model write, with account ids as they are on this side of it, and keep the text."""
    found = narrative_source.facts_for(errand, alert)
    books = ModelBooks(errand.read, errand.write)
    written = narrate(found.ledger, style, on_text=tell, cache=books, spend=books)
    return errand.write(narratives.keep, alert.alert_id, found.ledger, written)

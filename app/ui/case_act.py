"""Doing something to the open alert: what was seen of it, what went wrong, what was said.

Actions run in callbacks, before the page is drawn: it is drawn once, as it is then. An action says
which version of the alert was on the screen, so that nobody overwrites what they did not see.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import streamlit as st

from app.ui import desk
from engine.errors import EngineError
from engine.workbench import clock
from engine.workbench.errors import ConflictError

_SEEN = "case_seen"
_TROUBLE = "case_trouble"
_SAID = "case_said"
_PANEL = "case_panel"
_STALE = "queue_stale"
_LEFT = "case_left"


@dataclass(frozen=True, slots=True)
class Seen:
    """Which version of an alert is on the screen, and since when."""

    alert_id: int
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an action was not done; ``changes`` is what others did meanwhile."""

    alert_id: int
    text: str
    changes: Sequence[str] = ()


def look_at(alert_id: int, version: int) -> Seen:
    """Return what was seen of an alert; one that was not on the screen is seen from now on."""
    seen: Seen | None = st.session_state.get(_SEEN)
    if seen is None or seen.alert_id != alert_id:
        seen = Seen(alert_id, version, clock.now())
        st.session_state[_SEEN] = seen
        st.session_state.pop(_PANEL, None)
    return seen


def look_again(alert_id: int, version: int) -> None:
    """Take what changed since as seen."""
    st.session_state[_SEEN] = Seen(alert_id, version, clock.now())
    st.session_state.pop(_TROUBLE, None)


def act(function: Callable[..., int], alert_id: int, *args: Any, said: str, **kwargs: Any) -> bool:
    """Do ``function(session, actor, alert_id, version, …)``, which returns the new version.

    Parameters
    ----------
    function
        An action of ``engine.workbench``.
    alert_id
        The alert.
    args, kwargs
        What the action takes after the version.
    said
        What to say when it is done.
    """
    seen: Seen | None = st.session_state.get(_SEEN)
    version = seen.version if seen is not None and seen.alert_id == alert_id else None
    try:
        now_version = desk.write(function, alert_id, version, *args, **kwargs)
    except EngineError as error:
        _remember(alert_id, error)
        return False
    st.session_state[_SEEN] = Seen(alert_id, now_version, clock.now())
    finish(said)
    return True


def do(function: Callable[..., int], alert_id: int, *args: Any, said: str, **kwargs: Any) -> None:
    """Do as :func:`act` does, where nothing more depends on its success."""
    act(function, alert_id, *args, said=said, **kwargs)


def do_anyway(function: Callable[..., Any], alert_id: int, *args: Any, said: str) -> None:
    """Do as :func:`try_to` does, where nothing more depends on its success."""
    try_to(function, alert_id, *args, said=said)


def add(function: Callable[..., int], alert_id: int, *args: Any, said: str) -> bool:
    """Do ``function(session, actor, alert_id, …)``, which adds to whatever the alert has become.

    The queue shows nothing of it, and is not drawn anew.

    It returns the new version. That is seen only by who saw the one before: a change that somebody
    else made meanwhile is still told.
    """
    try:
        now_version = desk.write(function, alert_id, *args)
    except EngineError as error:
        _remember(alert_id, error)
        return False
    see_own_change(alert_id, now_version)
    finish(said, in_queue=False)
    return True


def see_own_change(alert_id: int, now_version: int) -> None:
    """Take one's own addition to an alert as seen, but not what others changed before it."""
    seen: Seen | None = st.session_state.get(_SEEN)
    if seen is not None and (seen.alert_id, seen.version + 1) == (alert_id, now_version):
        st.session_state[_SEEN] = replace(seen, version=now_version)


def try_to(function: Callable[..., Any], alert_id: int, *args: Any, said: str) -> bool:
    """Do ``function(session, actor, …)``, which does not ask what was seen of the alert."""
    try:
        desk.write(function, *args)
    except EngineError as error:
        _remember(alert_id, error)
        return False
    finish(said)
    return True


def forget_seen(changed: Collection[int]) -> None:
    """Forget which version was seen where one's own action on several alerts made another one."""
    seen: Seen | None = st.session_state.get(_SEEN)
    if seen is not None and seen.alert_id in changed:
        st.session_state.pop(_SEEN)


def leave(alert_id: int) -> None:
    """Be done with an alert: it is not kept from others until it is opened again."""
    st.session_state[_LEFT] = alert_id


def has_left(alert_id: int) -> bool:
    """Tell whether the viewer is done with the alert on the screen."""
    return bool(st.session_state.get(_LEFT) == alert_id)


def come_back() -> None:
    """Begin anew with the alert that is opened."""
    st.session_state.pop(_LEFT, None)


def finish(said: str, *, in_queue: bool = True) -> None:
    """Close the panel, forget former trouble, and say what was done; the queue may show it too."""
    st.session_state.pop(_TROUBLE, None)
    st.session_state.pop(_PANEL, None)
    st.session_state[_SAID] = said
    if in_queue:
        queue_changed()


def say() -> None:
    """Say once what was done."""
    said = st.session_state.pop(_SAID, None)
    if said:
        st.toast(said, icon=":material/check:")


def queue_changed() -> None:
    """Note that the queue has to be drawn anew too."""
    st.session_state[_STALE] = True


def is_queue_stale() -> bool:
    """Tell once whether what was done shows in the queue too."""
    return bool(st.session_state.pop(_STALE, False))


def trouble(alert_id: int) -> Trouble | None:
    """Return what went wrong with an alert last."""
    found: Trouble | None = st.session_state.get(_TROUBLE)
    return found if found is not None and found.alert_id == alert_id else None


def open_panel() -> str | None:
    """Return which panel of the case is open."""
    return st.session_state.get(_PANEL)


def toggle(panel: str) -> None:
    """Open a panel, or close it; what was typed there stays."""
    st.session_state[_PANEL] = None if st.session_state.get(_PANEL) == panel else panel
    st.session_state.pop(_TROUBLE, None)


def cancel_button(panel: str) -> None:
    """Offer to close a panel, from inside its form; what was typed there stays."""
    st.form_submit_button("Cancel", key=f"case_{panel}_cancel", on_click=toggle, args=(panel,))


def _remember(alert_id: int, error: EngineError) -> None:
    changes = error.changes if isinstance(error, ConflictError) else ()
    st.session_state[_TROUBLE] = Trouble(alert_id, str(error), changes)

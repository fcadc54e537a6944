"""Counts over the queue, asked once for each state of it: a click in the page changes none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import streamlit as st

from app.ui import desk
from app.ui import format as fmt
from engine.workbench import clock
from engine.workbench.queue_filter import QueueFilter
from engine.workbench.revision import intake, revision

R = TypeVar("R")


def midnight() -> datetime:
    """Return the moment at which the day began where the reader is."""
    here = clock.now().astimezone(ZoneInfo(fmt.zone()))
    return here.replace(hour=0, minute=0, second=0, microsecond=0)


def ask(function: Callable[..., R], chosen: QueueFilter, *args: datetime) -> R:
    """Return ``function(session, actor, chosen, …)`` of the workbench, cached until it changes.

    What is due or wakes with the time of day is found by the next full minute.
    """
    minute = clock.now().replace(second=0, microsecond=0)
    changes = desk.read(revision, with_notes=bool(chosen.search))
    return _cached(function, chosen, changes, minute, args)


def ask_of_intake(function: Callable[..., R], chosen: QueueFilter) -> R:
    """Do as :func:`ask`, for what only a run's intake changes."""
    return _cached(function, chosen, desk.read(intake), None, ())


def _cached(
    function: Callable[..., R],
    chosen: QueueFilter,
    changes: int,
    minute: datetime | None,
    args: tuple[datetime, ...],
) -> R:
    actor = desk.actor()
    name = f"{function.__module__}.{function.__qualname__}"
    state = (desk.address(), actor.user_id, actor.role, changes, minute)
    result: R = _ask(name, chosen.to_params(), state, args, function, chosen)
    return result


@st.cache_data(ttl=120, max_entries=300, show_spinner=False)
def _ask(
    name: str,
    params: dict[str, Any],
    state: tuple[str, int, str, int, datetime | None],
    args: tuple[datetime, ...],
    _function: Callable[..., Any],
    _chosen: QueueFilter,
) -> Any:
    return desk.read(_function, _chosen, *args)

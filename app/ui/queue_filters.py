"""The filter row of the queue: widgets bound to the address, in and a filter out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from app.ui import days, state
from app.ui import format as fmt
from app.ui.filters import accept_names, search_box, whole_days
from app.ui.theme import RISK_BANDS
from engine.workbench.queue_filter import ME, NOBODY, Order, QueueFilter, Show, Status

#: What the list shows, by the word for it.
SHOWN: dict[str, tuple[Show, tuple[Status, ...]]] = {
    "To do": ("working", ()),
    "Awaiting approval": ("working", ("awaiting_approval",)),
    "Snoozed": ("snoozed", ()),
    "Suppressed": ("suppressed", ()),
    "Closed": ("closed", ()),
    "All": ("all", ()),
}

ORDERS: dict[str, tuple[Order, bool]] = {
    "Working order": ("queue", True),
    "Due first": ("due_at", False),
    "Highest risk": ("score", True),
    "Largest amount": ("amount", True),
    "Most accounts": ("n_accounts", True),
    "Latest activity": ("last_activity", True),
    "Newest in queue": ("opened_at", True),
    "Last closed": ("closed_at", True),
}

EVERYONE = "Everyone"
_OWN = {EVERYONE: None, "Me": ME, "Nobody": NOBODY}

_SEARCH, _TYPOLOGY, _BAND = state.ALERTS_SEARCH, state.ALERTS_TYPOLOGY, state.ALERTS_BAND
_WHO, _SHOW, _SORT, _SET = "who", "show", "sort", "set"
_LOW, _HIGH, _PERIOD, _LATE = "low", "high", "period", "overdue"

THIS_SET = "This data set"
_ALL_SETS = "All data sets"

#: What each widget holds when it lets every alert through.
_OPEN: dict[str, Any] = {
    _SEARCH: "", _TYPOLOGY: [], _BAND: None, _WHO: EVERYONE, _SHOW: "To do", _SORT: "Working order",
    _SET: THIS_SET, _LOW: None, _HIGH: None, _PERIOD: [], _LATE: False,
}  # fmt: skip


def queue_filters(
    data_set: str, typologies: Callable[[str | None], list[str]], people: dict[str, str]
) -> QueueFilter:
    """Draw the filter row and return what it asks for.

    Parameters
    ----------
    data_set
        That of the run in view.
    typologies
        Returns the typologies that the alerts of a data set have.
    people
        Names of those who may work on alerts, by login.
    """
    sets = {THIS_SET: data_set, _ALL_SETS: None}
    chosen_set = sets.get(st.session_state.get(_SET) or THIS_SET, data_set)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        search = search_box("Alert, account, note", _SEARCH, width=170)
        kinds = _typology_box(typologies(chosen_set))
        floor = _risk_box()
        assignee = _who_box(people)
        show, statuses = SHOWN[_box("Show", list(SHOWN), _SHOW, 148)]
        sort, descending = ORDERS[_box("Sort by", list(ORDERS), _SORT, 142)]
        with st.popover("More", icon=":material/tune:", help="Amount, period, overdue, data set"):
            more = _more(list(sets))
    low, high, period, late = more
    start, end = whole_days(period)
    return QueueFilter(
        data_set=chosen_set, show=show, statuses=statuses, typologies=kinds, min_score=floor,
        min_amount=low, max_amount=high, start=start, end=end, search=search, assignee=assignee,
        overdue=late, sort=sort, descending=descending,
    )  # fmt: skip


def put(chosen: QueueFilter) -> None:
    """Set the widgets to a filter; to be called before they are drawn (from a callback)."""
    values = _OPEN | {
        _SEARCH: chosen.search,
        _TYPOLOGY: list(chosen.typologies),
        _BAND: next((b.name for b in RISK_BANDS if b.floor == chosen.min_score > 0), None),
        _WHO: next((w for w, key in _OWN.items() if key == chosen.assignee), chosen.assignee),
        _SHOW: _word(SHOWN, (chosen.show, chosen.statuses), "To do"),
        _SORT: _word(ORDERS, (chosen.sort, chosen.descending), "Working order"),
        _SET: _ALL_SETS if chosen.data_set is None else THIS_SET,
        _LOW: chosen.min_amount,
        _HIGH: chosen.max_amount,
        _PERIOD: _days(chosen.start, chosen.end),
        _LATE: chosen.overdue,
    }
    for key, value in values.items():
        st.session_state[key] = value
    st.session_state[state.ALERTS_PAGE] = 1


def unfiltered(chosen: QueueFilter) -> QueueFilter:
    """Return a filter that shows the same part of the queue, in the same order, but all of it."""
    return QueueFilter(
        data_set=chosen.data_set, show=chosen.show, statuses=chosen.statuses, sort=chosen.sort,
        descending=chosen.descending,
    )  # fmt: skip


def is_narrowed(chosen: QueueFilter) -> bool:
    """Tell whether a filter hides something of the part of the queue that is shown."""
    return chosen != unfiltered(chosen)


def in_words(chosen: QueueFilter) -> str:
    """Name the filters that hide something, e.g. ``search “acme”, risk High or more``."""
    band = next((b.name for b in RISK_BANDS if b.floor == chosen.min_score > 0), None)
    parts = [
        f"search “{chosen.search}”" if chosen.search else "",
        f"typology {', '.join(map(fmt.typology, chosen.typologies))}" if chosen.typologies else "",
        f"risk {band} or more" if band else "",
        f"who: {_who_word(chosen.assignee)}" if chosen.assignee else "",
        "amount" if chosen.min_amount is not None or chosen.max_amount is not None else "",
        "period" if chosen.start or chosen.end else "",
        "overdue only" if chosen.overdue else "",
    ]
    return ", ".join(filter(None, parts))


def _who_word(assignee: str) -> str:
    return next((word.lower() for word, key in _OWN.items() if key == assignee), assignee)


def _word(words: dict[str, Any], wanted: Any, otherwise: str) -> str:
    return next((word for word, value in words.items() if value == wanted), otherwise)


def _days(start: datetime | None, end: datetime | None) -> list[Any]:
    if start is None:
        return []
    # The range ends before its end; in another zone than that of who saved it, within a day.
    last = [days.day_of(end - timedelta(microseconds=1))] if end else []
    return [days.day_of(start), *last]


def _box(label: str, options: list[str], key: str, width: int, **kwargs: Any) -> str:
    picked: str = st.selectbox(label, options, key=key, bind="query-params", width=width, **kwargs)
    return picked


def _typology_box(names: list[str]) -> tuple[str, ...]:
    """Let typologies be picked; a queue with a single one leaves nothing to pick."""
    if len(names) < 2:
        return ()
    accept_names(_TYPOLOGY, names)
    chosen = st.multiselect(
        "Typology", names, format_func=fmt.typology, key=_TYPOLOGY, bind="query-params",
        placeholder="Any", width=170,
    )  # fmt: skip
    return tuple(chosen)


def _risk_box() -> float:
    floors = {band.name: band.floor for band in RISK_BANDS if band.floor > 0}
    name = st.selectbox(
        "Risk at least", list(floors), index=None, placeholder="Any", key=_BAND,
        bind="query-params", width=130,
    )  # fmt: skip
    return floors[name] if name else 0.0


def _who_box(people: dict[str, str]) -> str | None:
    words = {**_OWN, **{login: login for login in people}}
    word = _box(
        "Who", list(words), _WHO, 118, format_func=lambda one: people.get(one, one),
        help="Alerts assigned to anybody or nobody, to you, or to one person",
    )  # fmt: skip
    return words[word]


def _more(sets: list[str]) -> tuple[float | None, float | None, Any, bool]:
    low = st.number_input("Amount from", min_value=0.0, value=None, key=_LOW, bind="query-params")
    high = st.number_input("Amount to", min_value=0.0, value=None, key=_HIGH, bind="query-params")
    period = st.date_input(
        f"Last activity ({fmt.zone()})", value=[], key=_PERIOD, bind="query-params"
    )
    late = st.toggle("Overdue only", key=_LATE, bind="query-params")
    st.segmented_control(
        "Alerts of", sets, default=THIS_SET, key=_SET, bind="query-params", required=True
    )
    return low, high, period, bool(late)

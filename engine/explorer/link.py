"""A view as the parameters of a link, and back.

A link may be cut, typed, or of another run: what cannot be meant is left out, and what is left is
a view.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from math import isfinite
from typing import Any, TypeVar, cast, get_args
from urllib.parse import quote, unquote

from engine.explorer.view import (
    BUDGET,
    MOST_BUDGET,
    Action,
    Filters,
    Layout,
    Order,
    Start,
    Step,
    View,
)

T = TypeVar("T")

#: Every parameter that a view may take.
PARAMS = (
    "ring", "start", "steps", "layout", "amount", "from", "until", "types", "risk", "asof",
    "selected",
)  # fmt: skip
#: More would be no exploration but a joke.
MOST_STEPS = 100
_MOST_STARTS = 50
#: Years of moments, as in input; beyond them no zone could tell them.
_YEARS = range(1970, 2201)

_ACTIONS: dict[str, Action] = {"e": "expand", "c": "collapse", "a": "arrange"}
_ORDERS: dict[str, Order] = {"r": "risk", "a": "amount", "t": "time"}
_FILTERS = {"amount": "m", "from": "f", "until": "u", "types": "t", "risk": "r"}
_STEP = re.compile(r"([eca])([^:]*)(?::(\d{1,3})([rat])(?::(.*))?)?")


def view_to_params(view: View) -> dict[str, str]:
    """Write a view as parameters of a link; what is as usual is left out."""
    params = {
        "ring": view.start.ring_id or "",
        "start": ",".join(map(_quoted, view.start.accounts)),
        "steps": "~".join(map(_step_text, view.steps)),
        "layout": "" if view.layout == "force" else view.layout,
        **_filter_texts(view.filters),
        "asof": _moment_text(view.as_of),
        "selected": view.selected or "",
    }
    return {name: text for name, text in params.items() if text}


def view_from_params(params: Mapping[str, str]) -> View:
    """Read the view that parameters of a link name; nonsense in them is left out."""
    layout = params.get("layout", "")
    starts = [unquote(one) for one in params.get("start", "").split(",") if one]
    steps = [_read_step(one) for one in params.get("steps", "").split("~")[:MOST_STEPS] if one]
    return View(
        start=Start(params.get("ring") or None, tuple(dict.fromkeys(starts[:_MOST_STARTS]))),
        steps=tuple(step for step in steps if step is not None),
        filters=_read_filters(params),
        layout=cast(Layout, layout) if layout in get_args(Layout) else "force",
        as_of=_read(_moment, params.get("asof"), None),
        selected=params.get("selected") or None,
    )


def _step_text(step: Step) -> str:
    letter = next(key for key, action in _ACTIONS.items() if action == step.action)
    text = letter + _quoted(step.account)
    filters = ";".join(
        f"{_FILTERS[name]}{_quoted(value)}"
        for name, value in _filter_texts(step.filters).items()
        if value
    )
    if (step.budget, step.order) == (BUDGET, "risk") and not filters:
        return text
    order = next(key for key, order in _ORDERS.items() if order == step.order)
    return f"{text}:{step.budget}{order}" + (f":{filters}" if filters else "")


def _read_step(text: str) -> Step | None:
    found = _STEP.fullmatch(text)
    if found is None or not (found[2] or found[1] == "a"):
        return None
    named = {name: key for key, name in _FILTERS.items()}
    given = [one for one in (found[5] or "").split(";") if one and one[0] in named]
    return Step(
        action=_ACTIONS[found[1]],
        account=unquote(found[2]),
        budget=min(max(int(found[3] or BUDGET), 1), MOST_BUDGET),
        order=_ORDERS[found[4] or "r"],
        filters=_read_filters({named[one[0]]: unquote(one[1:]) for one in given}),
    )


def _filter_texts(filters: Filters) -> dict[str, str]:
    return {
        "amount": f"{filters.min_amount:.15g}" if filters.min_amount else "",
        "from": _moment_text(filters.start),
        "until": _moment_text(filters.end),
        "types": ",".join(map(_quoted, filters.types)),
        "risk": f"{filters.min_risk:.15g}" if filters.min_risk else "",
    }


def _read_filters(params: Mapping[str, str]) -> Filters:
    types = tuple(unquote(one) for one in params.get("types", "").split(",") if one)
    return Filters(
        min_amount=max(_read(_number, params.get("amount"), 0.0), 0.0),
        start=_read(_moment, params.get("from"), None),
        end=_read(_moment, params.get("until"), None),
        types=types,
        min_risk=min(max(_read(_number, params.get("risk"), 0.0), 0.0), 1.0),
    )


def _quoted(text: str) -> str:
    """Quote what separates steps and accounts in a link."""
    return quote(text, safe="").replace("~", "%7E")


def _moment_text(moment: datetime | None) -> str:
    if moment is None:
        return ""
    text = moment.isoformat()
    return text.removesuffix("T00:00:00")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError("moments in links have no zone")
    if moment.year not in _YEARS:
        raise ValueError("no run has transfers of that year")
    return moment


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("not a number")
    return number


def _read(read: Callable[[str], Any], text: str | None, missing: T) -> T:
    with suppress(ValueError, OverflowError):
        if text:
            found: T = read(text)
            return found
    return missing

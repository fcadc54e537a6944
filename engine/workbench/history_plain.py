"""Entries of the audit that are not about an alert, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.workbench import history_bench
from engine.workbench.dispositions import DISPOSITIONS

#: Longest text of somebody's that a line repeats.
MAX_QUOTED = 200

Values = Mapping[str, Any]


def plainly(action: str, subject: str, before: Any, after: Any) -> str:
    """Say what somebody did to a subject, e.g. ``set setting lock_minutes: 15 → 20``."""
    tell = _SENTENCES.get(action)
    if tell is not None:
        return tell(subject, _as_dict(before), _as_dict(after))
    changed = _changed(before, after)
    did = f"{words(action)} {subject}"
    return f"{did}: {changed}" if changed else did


def value(one: Any) -> str:
    """Write a value of an entry for people."""
    if one is None:
        return "none"
    if isinstance(one, bool):
        return "yes" if one else "no"
    if isinstance(one, dict):
        return ", ".join(f"{words(key)} {value(each)}" for key, each in one.items())
    if isinstance(one, list):
        return ", ".join(value(each) for each in one) or "none"
    if isinstance(one, float):
        return f"{one:,.2f}"
    return quoted(one) if isinstance(one, str) else str(one)


def quoted(text: str) -> str:
    """Write somebody's text in one line that is not long."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_QUOTED else f"{line[: MAX_QUOTED - 1]}…"


def words(name: str) -> str:
    """Write a name of the database as words."""
    return name.replace("_", " ")


def _changed(before: Any, after: Any) -> str:
    if not isinstance(before, dict) and not isinstance(after, dict):
        return _values(before, after)
    old, new = _as_dict(before), _as_dict(after)
    return "; ".join(
        f"{words(key)} {_values(old.get(key), new.get(key))}"
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    )


def _as_dict(one: Any) -> Values:
    return one if isinstance(one, dict) else {}


def _values(before: Any, after: Any) -> str:
    if before is None and after is None:
        return ""
    return value(after) if before is None else f"{value(before)} → {value(after)}"


def _saved_view(subject: str, before: Values, after: Values) -> str:
    did = "changed the filters of the view" if before else "saved the view"
    return f"{did} “{value(after.get('name'))}”"


def _shared_view(subject: str, before: Values, after: Values) -> str:
    whose = "shared {} with all" if after.get("is_shared") else "no longer shares {}"
    return whose.format(subject)


def _deleted_view(subject: str, before: Values, after: Values) -> str:
    return f"deleted the view “{value(before.get('name'))}”"


def _preferred(subject: str, before: Values, after: Values) -> str:
    return f"changed their own settings: {_changed(before, after)}"


def _downloaded(subject: str, before: Values, after: Values) -> str:
    of = "the queue" if subject == "queue" else subject
    ids = "account ids" if after.get("account_ids") else "pseudonyms"
    return f"downloaded {words(value(after.get('what')))} of {of}, with {ids}"


def _suppressed(subject: str, before: Values, after: Values) -> str:
    reasons = DISPOSITIONS["false_positive"].reasons
    code = after.get("reason_code")
    because = reasons.get(code, code) if isinstance(code, str) else value(code)
    comment = f": {quoted(after['comment'])}" if after.get("comment") else ""
    return f"suppressed {_scope(after)} ({because[:1].lower()}{because[1:]}){comment}"


def _lifted(subject: str, before: Values, after: Values) -> str:
    number = after.get("back_in_queue", 0)
    back = f"{number} alert{'s' * (number != 1)} came back into the queue"
    return f"lifted the suppression of {_scope(before)}; {back}"


def _scope(about: Values) -> str:
    parts = [
        f"{words(about['typology'])} alerts" if about.get("typology") else "alerts",
        f"on account {quoted(about['account'])}" if about.get("account") else "",
        f"of {quoted(about['data_set'])}" if about.get("data_set") else "of all data sets",
    ]
    return " ".join(filter(None, parts))


_SENTENCES: Mapping[str, Callable[[str, Values, Values], str]] = {
    "save_view": _saved_view,
    "share_view": _shared_view,
    "delete_view": _deleted_view,
    "set_preferences": _preferred,
    "download": _downloaded,
    "suppress": _suppressed,
    "lift": _lifted,
    **history_bench.SENTENCES,
}

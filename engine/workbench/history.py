"""What the audit says of an alert, in words: the one place that turns an entry into a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.workbench import history_texts
from engine.workbench.dispositions import DISPOSITIONS
from engine.workbench.history_plain import plainly, quoted, value, words
from engine.workbench.models import AuditEntry, Evidence
from engine.workbench.names import alert_name

_READER: ContextVar[Callable[[Any], Any]] = ContextVar("reader", default=lambda value: value)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Who did what, when; ``what`` goes on a sentence that begins with ``who``.

    ``action`` is the audit's word for it, empty where the audit does not tell of it.
    """

    at: datetime
    who: str
    what: str
    action: str = ""

    @property
    def text(self) -> str:
        """The whole sentence, without its moment."""
        return f"{self.who} {self.what}"


@dataclass(frozen=True, slots=True)
class _Told:
    """An entry as the sentences read it."""

    actor: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    names: Mapping[str, str]

    def name(self, login: str) -> str:
        return self.names.get(login, login)


def lines(entries: Iterable[AuditEntry], names: Mapping[str, str]) -> list[HistoryLine]:
    """Put entries of the audit into words, in their order.

    Parameters
    ----------
    entries
        Of the audit.
    names
        Names of people by login.
    """
    return [
        HistoryLine(
            datetime.fromisoformat(entry.at),
            names.get(entry.actor, entry.actor),
            sentence(entry, names),
            entry.action,
        )
        for entry in entries
    ]


def of_run(evidence: Evidence) -> HistoryLine:
    """Put what a run knew of an alert into words."""
    again = "; it was opened again" if evidence.reopened else ""
    known = _STATES.get(evidence.state, f"found it again ({evidence.state})")
    return HistoryLine(
        evidence.added_at, f"Run {evidence.run_id}", f"{known}{_moved(evidence)}{again}"
    )


_STATES = {
    "born": "found it",
    "same": "found it again as it was",
    "grew": "found it again: it grew",
    "shrank": "found it again: it shrank",
    "merged": "found it again, merged with others",
    "split": "found a part of it",
    "dormant": "did not find it any more",
}


def _moved(evidence: Evidence) -> str:
    number = len({"grew": evidence.gained, "shrank": evidence.lost}.get(evidence.state, []))
    return f", by {number} account{'s' * (number != 1)}" if number else ""


@contextmanager
def read_as(reader: Callable[[Any], Any]) -> Iterator[None]:
    """Let ``reader`` change what entries hold before it is put into words, e.g. mask accounts."""
    former = _READER.set(reader)
    try:
        yield
    finally:
        _READER.reset(former)


def values(entry: AuditEntry) -> tuple[Any, Any]:
    """Return what an entry holds of before and after, as whoever reads now may see it."""
    reader = _READER.get()
    return reader(json.loads(entry.before)), reader(json.loads(entry.after))


def sentence(entry: AuditEntry, names: Mapping[str, str]) -> str:
    """Say what an entry tells of, without who and when, e.g. ``set the priority to 1``."""
    before, after = values(entry)
    of_text = history_texts.SENTENCES.get(entry.action)
    if of_text is not None and isinstance(after, dict):
        return of_text(after)
    tell = _SENTENCES.get(entry.action)
    if tell is not None and isinstance(after, dict):
        return tell(_Told(entry.actor, before or {}, after, names))
    return plainly(entry.action, entry.subject, before, after)


def _assigned(told: _Told) -> str:
    former, login = told.before.get("assignee"), told.after.get("assignee")
    if login == told.actor:
        return "took it" if former is None else f"took it over from {told.name(former)}"
    if login is not None:
        return f"assigned it to {told.name(login)}"
    if former == told.actor:
        return "gave it back to the queue"
    return f"took it from {told.name(former or '')} and gave it back to the queue"


def _prioritised(told: _Told) -> str:
    return f"set the priority to {told.after.get('priority')}"


def _noted(told: _Told) -> str:
    return f"wrote a note: {quoted(told.after.get('text', ''))}"


def _froze(told: _Told) -> str:
    accounts, links = told.after.get("n_accounts", 0), told.after.get("n_edges", 0)
    shown = f"{accounts:,} account{'s' * (accounts != 1)}, {links:,} link{'s' * (links != 1)}"
    run, number = told.after.get("run_id"), told.after.get("snapshot")
    return f"froze a view of run {run}: {shown} (snapshot {number}){_because(told)}"


def _snoozed(told: _Told) -> str:
    until = _moment(told.after.get("snoozed_until"))
    return f"snoozed it until {until}{_because(told)}"


def _woken(told: _Told) -> str:
    return "ended its snooze"


def _decided(told: _Told) -> str:
    name, code = told.after.get("disposition", ""), told.after.get("reason_code", "")
    known = DISPOSITIONS.get(name)
    words = known.words if known else name
    reason = known.reasons.get(code, code) if known else code
    other = told.after.get("duplicate_of")
    of = "" if other is None else f" of {alert_name(other)}"
    waits = told.after.get("status") == "awaiting_approval"
    did = "asked to close it as" if waits else "closed it as"
    return f"{did} {_lowered(words)}{of} ({_lowered(reason)}){_because(told)}"


def _approved(told: _Told) -> str:
    return f"approved the decision{_because(told)}; it is closed"


def _rejected(told: _Told) -> str:
    return f"sent the decision back{_because(told)}"


def _withdrew(told: _Told) -> str:
    return f"withdrew the decision{_because(told)}"


def _reopened(told: _Told) -> str:
    return f"opened it again{_because(told)}"


def _released(told: _Told) -> str:
    return f"freed it, which {told.name(told.before.get('locked_by', ''))} had open"


def _run_woke(told: _Told) -> str:
    scored = f"; {_run_rescored(told)}" if "priority" in told.after else ""
    return f"ended its snooze: run {told.after.get('run_id')} found more{scored}"


def _run_rescored(told: _Told) -> str:
    return (
        f"set the priority from {told.before.get('priority')} to {told.after.get('priority')}, "
        f"due {_moment(told.after.get('due_at'))}: run {told.after.get('run_id')} changed its score"
    )


def _run_settled(told: _Told) -> str:
    return (
        f"closed it as it came, as a duplicate: run {told.after.get('run_id')} found it to be a "
        "part of another alert"
    )


def _run_reopened(told: _Told) -> str:
    names = ("n_accounts", "amount", "typology")
    grown = ", ".join(
        f"{_LABELS[name]} {value(told.before.get(name))} → {value(told.after.get(name))}"
        for name in names
        if told.before.get(name) != told.after.get(name)
    )
    return f"opened it again: run {told.after.get('run_id')} found more ({grown})"


def _run_merged(told: _Told) -> str:
    into = alert_name(told.after.get("duplicate_of") or 0)
    return f"merged it into {into}: run {told.after.get('run_id')} found them to be one ring"


def _taken_in(told: _Told) -> str:
    counts = told.after.get("counts") or {}
    found = ", ".join(f"{number} {words(what)}" for what, number in counts.items() if number)
    return f"took its alerts into the queue: {found or 'none'}"


_LABELS = {"n_accounts": "accounts", "amount": "amount", "typology": "typology"}

_SENTENCES: dict[str, Callable[[_Told], str]] = {
    "assign": _assigned,
    "set_priority": _prioritised,
    "note": _noted,
    "freeze": _froze,
    "snooze": _snoozed,
    "wake": _woken,
    "decide": _decided,
    "approve": _approved,
    "reject": _rejected,
    "withdraw": _withdrew,
    "reopen": _reopened,
    "release": _released,
    "take_in": _taken_in,
    "run_wakes": _run_woke,
    "run_rescores": _run_rescored,
    "run_settles": _run_settled,
    "run_reopens": _run_reopened,
    "run_merges": _run_merged,
}


def _because(told: _Told) -> str:
    comment = told.after.get("comment") or ""
    return f": {quoted(comment)}" if comment.strip() else ""


def _moment(iso: str | None) -> str:
    return datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M UTC") if iso else "later"


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]

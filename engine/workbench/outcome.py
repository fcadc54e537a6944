"""What taking a run in changes: the rows to write, worked out without the database.

An alert goes on with what the run found, opens again, wakes, merges into another, or is dormant;
what nobody knew becomes a new one. A run that started before one already taken tells of the past:
it adds evidence and alerts, and changes none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter
from typing import Any

from engine.workbench.growth import Row, due_at, has_grown, is_larger, priority_of
from engine.workbench.identity import Match, Matches
from engine.workbench.run_alerts import Found, RunAlerts
from engine.workbench.taking import Change, Outcome, Taking

#: Columns whose change is one to who works on the alert; others say where its evidence lies.
_seen = itemgetter(
    "typology", "title", "score", "amount", "currency", "n_accounts", "status", "priority",
    "snoozed_until",
)  # fmt: skip

#: What the audit follows of an alert, by the names it uses: as :mod:`engine.workbench.changes`.
_AUDITED = {
    "status": "status", "priority": "priority", "assignee_id": "assignee",
    "snoozed_until": "snoozed_until", "due_at": "due_at", "disposition": "disposition",
    "reason_code": "reason_code", "merged_into_id": "duplicate_of",
}  # fmt: skip

#: What an alert has none of before anybody, or a run, has decided on it.
_UNDECIDED = dict.fromkeys(("status", "disposition", "reason_code", "merged_into_id"))

#: All that changes where a run finds the same transaction with the same score again.
_POINTERS = ("id", "run_id", "run_alert_id", "tx_id", "lineage")


def work_out(taking: Taking, matches: Matches, new_ids: Iterator[int]) -> Outcome:
    """Work out the changes of taking a run in.

    Parameters
    ----------
    taking
        The run, and what is known.
    matches
        What :func:`engine.workbench.identity.match` made of the two.
    new_ids
        Ids for new alerts, at least as many as there are.
    """
    outcome = Outcome(counts=Counter(alerts=len(taking.run.found)))
    for one in matches.matches:
        if one.alert_id is None:
            _add(taking, outcome, one, next(new_ids))
        elif taking.is_late:
            _recall(taking, outcome, one.found, one.alert_id)
        else:
            _go_on(taking, outcome, one, one.alert_id)
            for absorbed in one.absorbed:
                _absorb(taking, outcome, absorbed, one.alert_id)
    if not taking.is_late:
        for alert_id in matches.dormant:
            _fall_dormant(taking, outcome, alert_id)
    return outcome


def _add(taking: Taking, outcome: Outcome, one: Match, alert_id: int) -> None:
    found, now, state = one.found, taking.now, one.state
    priority = priority_of(found.score)
    alert = _figures(taking.run, found) | {
        "id": alert_id, "data_set": taking.run.data_set, "kind": found.kind,
        "lineage": "dormant" if taking.is_late else state, "status": "open",
        "priority": priority, "disposition": None, "reason_code": None, "opened_at": now,
        "due_at": due_at(now, priority, taking.settings), "closed_at": None,
        "merged_into_id": None, "split_from_id": one.split_from, "version": 1,
    }  # fmt: skip
    if one.split_from is not None and taking.is_late:
        # It was a ring of its own then, and is a part of the other one by now.
        state = "born"
        alert |= _closed(now, "merged")
        alert |= {"lineage": "merged", "merged_into_id": one.split_from, "split_from_id": None}
    elif one.split_from is not None and _is_settled(taking, one.split_from, found):
        alert |= _closed(now, "same_activity")
    if alert["status"] == "closed":
        _tell(taking, outcome, "run_settles", alert | _UNDECIDED, alert)
    outcome.added.append(alert)
    outcome.counts[state] += 1
    # A lone transaction never has more than its two accounts.
    gained = sorted(found.roles) if found.kind == "ring" else []
    outcome.evidence.append(_evidence(taking, found, alert_id, state, gained=gained))
    outcome.new_accounts += [
        {"alert_id": alert_id, "account": account, "role": role, "is_current": True}
        for account, role in found.roles.items()
    ]


def _is_settled(taking: Taking, alert_id: int, found: Found) -> bool:
    """Tell whether the decision on an alert covers what was found now."""
    basis = taking.bases.get(alert_id)
    return basis is not None and not has_grown(basis, found, taking.settings.reopen_growth)


def _recall(taking: Taking, outcome: Outcome, found: Found, alert_id: int) -> None:
    outcome.counts["same"] += 1
    outcome.evidence.append(_evidence(taking, found, alert_id, "same"))


def _go_on(taking: Taking, outcome: Outcome, one: Match, alert_id: int) -> None:
    found, before = one.found, taking.alerts[alert_id]
    figures = _figures(taking.run, found) | {"id": alert_id, "lineage": one.state}
    after = before | figures
    reopened = before["status"] == "closed" and not _is_settled(taking, alert_id, found)
    if reopened:
        _reopen(taking, outcome, after, before)
    elif before["status"] != "closed":
        _keep_working(taking, outcome, after, before)
    gained, lost = _account_changes(taking, outcome, found, alert_id)
    if gained or lost or _seen(after) != _seen(before):
        names = ("priority", "snoozed_until")
        figures |= {name: after[name] for name in names} | {"version": before["version"] + 1}
        outcome.update(figures)
    elif found.kind == "transaction":
        outcome.update({name: figures[name] for name in _POINTERS})
    else:
        outcome.update(figures)
    outcome.counts[one.state] += 1
    outcome.evidence.append(
        _evidence(taking, found, alert_id, one.state, gained=gained, lost=lost, reopened=reopened)
    )


def _keep_working(taking: Taking, outcome: Outcome, after: Row, before: Row) -> None:
    _set_priority(after)
    if after["priority"] != before["priority"]:
        after["due_at"] = due_at(before["opened_at"], after["priority"], taking.settings)
        outcome.update({name: after[name] for name in ("id", "due_at")})
    snoozed = before["snoozed_until"]
    wakes = snoozed is not None and snoozed > taking.now and is_larger(before, after)
    if wakes:
        after["snoozed_until"] = None
        outcome.counts["woken"] += 1
    if wakes or after["priority"] != before["priority"]:
        _tell(taking, outcome, "run_wakes" if wakes else "run_rescores", before, after)


def _reopen(taking: Taking, outcome: Outcome, after: Row, before: Row) -> None:
    _set_priority(after)
    opened = {
        "status": "open", "disposition": None, "reason_code": None, "closed_at": None,
        "merged_into_id": None, "assignee_id": None, "opened_at": taking.now,
        "due_at": due_at(taking.now, after["priority"], taking.settings),
    }  # fmt: skip
    outcome.update({"id": after["id"]} | opened)
    after |= opened | {"snoozed_until": None}
    outcome.counts["reopened"] += 1
    _tell(taking, outcome, "run_reopens", before, after, ("n_accounts", "amount", "typology"))


def _absorb(taking: Taking, outcome: Outcome, alert_id: int, into: int) -> None:
    before = taking.alerts[alert_id]
    merged = {
        "id": alert_id, "lineage": "merged", "merged_into_id": into,
        "version": before["version"] + 1, "locked_by_id": None, "locked_until": None,
    }  # fmt: skip
    if before["status"] != "closed":
        merged |= _closed(taking.now, "merged")
    outcome.update(merged)
    outcome.merged.append(alert_id)
    outcome.counts["absorbed"] += 1
    outcome.evidence.append(_as_it_was(taking, before, "merged"))
    _tell(taking, outcome, "run_merges", before, before | merged)


def _fall_dormant(taking: Taking, outcome: Outcome, alert_id: int) -> None:
    before = taking.alerts[alert_id]
    outcome.counts["dormant"] += 1
    if before["lineage"] != "dormant":
        outcome.update({"id": alert_id, "lineage": "dormant"})
        outcome.evidence.append(_as_it_was(taking, before, "dormant"))


def _account_changes(
    taking: Taking, outcome: Outcome, found: Found, alert_id: int
) -> tuple[list[str], list[str]]:
    if found.kind == "transaction":
        return [], []
    before, after = taking.roles.get(alert_id, {}), found.roles
    gained, lost = sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys())
    outcome.accounts += [
        {"alert_id": alert_id, "account": account, "role": role, "is_current": True}
        for account, role in after.items()
        if before.get(account) != role
    ]
    outcome.accounts += [
        {"alert_id": alert_id, "account": account, "role": before[account], "is_current": False}
        for account in lost
    ]
    return gained, lost


def _set_priority(alert: Row) -> None:
    if alert["priority_set_by_id"] is None:
        alert["priority"] = priority_of(alert["score"])


def _closed(now: datetime, reason_code: str) -> Row:
    return {
        "status": "closed", "disposition": "duplicate", "reason_code": reason_code,
        "closed_at": now,
    }  # fmt: skip


def _figures(run: RunAlerts, found: Found) -> Row:
    return {
        "fingerprint": found.fingerprint, "typology": found.typology, "title": found.title,
        "score": found.score, "amount": found.amount, "currency": run.currency,
        "n_accounts": found.n_accounts, "first_activity": found.first_activity,
        "last_activity": found.last_activity, "run_id": run.run_id,
        "run_alert_id": found.run_alert_id, "ring_id": found.ring_id, "tx_id": found.tx_id,
    }  # fmt: skip


def _evidence(
    taking: Taking,
    found: Found,
    alert_id: int,
    state: str,
    *,
    gained: list[str] | None = None,
    lost: list[str] | None = None,
    reopened: bool = False,
) -> Row:
    return {
        "alert_id": alert_id, "run_id": taking.run.run_id, "made": taking.run.made,
        "run_alert_id": found.run_alert_id, "ring_id": found.ring_id, "tx_id": found.tx_id,
        "state": state, "typology": found.typology, "score": found.score, "amount": found.amount,
        "n_accounts": found.n_accounts, "gained": gained or [], "lost": lost or [],
        "reopened": reopened, "added_at": taking.now,
    }  # fmt: skip


def _as_it_was(taking: Taking, alert: Row, state: str) -> Row:
    """Return evidence of a run that has nothing of its own on an alert."""
    return {
        "alert_id": alert["id"], "run_id": taking.run.run_id, "made": taking.run.made,
        "run_alert_id": None, "ring_id": None, "tx_id": None, "state": state,
        "typology": alert["typology"], "score": alert["score"], "amount": alert["amount"],
        "n_accounts": alert["n_accounts"], "gained": [], "lost": [], "reopened": False,
        "added_at": taking.now,
    }  # fmt: skip


def _tell(
    taking: Taking,
    outcome: Outcome,
    action: str,
    before: Row,
    after: Row,
    figures: tuple[str, ...] = (),
) -> None:
    """Tell the audit of all it follows that has changed, and of some figures that say why."""
    names = [name for name in _AUDITED if before.get(name) != after.get(name)]
    cause = {"run_id": taking.run.run_id, "lineage": after["lineage"]}
    was, now = (
        {_AUDITED[name]: _as_told(taking, name, row.get(name)) for name in names}
        | {name: row[name] for name in figures}
        for row in (before, after)
    )
    outcome.told.append(Change(action, after["id"], was, cause | now))


def _as_told(taking: Taking, name: str, value: Any) -> Any:
    return taking.logins.get(value) if name == "assignee_id" else value

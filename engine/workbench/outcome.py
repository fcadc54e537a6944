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

from engine.workbench.growth import Row, due_at, has_grown, is_larger, priority_of
from engine.workbench.identity import Match, Matches
from engine.workbench.run_alerts import Found, RunAlerts
from engine.workbench.taking import Change, Outcome, Taking

#: Columns whose change is one to who works on the alert; others say where its evidence lies.
_seen = itemgetter(
    "typology", "title", "score", "amount", "currency", "n_accounts", "status", "priority",
    "snoozed_until",
)  # fmt: skip

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
        due = due_at(before["opened_at"], after["priority"], taking.settings)
        outcome.update({"id": after["id"], "due_at": due})
    snoozed = before["snoozed_until"]
    if snoozed is not None and snoozed > taking.now and is_larger(before, after):
        after["snoozed_until"] = None
        outcome.counts["woken"] += 1
        _tell(taking, outcome, "run_wakes", before, after, ("snoozed_until",))


def _reopen(taking: Taking, outcome: Outcome, after: Row, before: Row) -> None:
    _set_priority(after)
    opened = {
        "status": "open", "disposition": None, "reason_code": None, "closed_at": None,
        "assignee_id": None, "opened_at": taking.now,
        "due_at": due_at(taking.now, after["priority"], taking.settings),
    }  # fmt: skip
    outcome.update({"id": after["id"]} | opened)
    after |= opened | {"snoozed_until": None}
    outcome.counts["reopened"] += 1
    names = ("status", "disposition", "n_accounts", "amount", "typology")
    _tell(taking, outcome, "run_reopens", before, after, names)


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
    names = ("status", "disposition", "merged_into_id")
    _tell(taking, outcome, "run_merges", before, before | merged, names)


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
    taking: Taking, outcome: Outcome, action: str, before: Row, after: Row, names: tuple[str, ...]
) -> None:
    told = {name: before[name] for name in names}, {name: after[name] for name in names}
    outcome.told.append(Change(action, after["id"], told[0], _cause(taking, after) | told[1]))


def _cause(taking: Taking, alert: Row) -> Row:
    return {"run_id": taking.run.run_id, "lineage": alert["lineage"]}

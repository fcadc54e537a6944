"""A page of the queue as the list shows it: texts for all that is read, and what marks a row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd

from app.ui import format as fmt
from app.ui import queue_words
from app.ui.theme import risk_band
from engine.workbench.names import alert_name


def display_rows(
    alerts: pd.DataFrame, in_view: int | None, own_login: str, now: datetime
) -> pd.DataFrame:
    """Return a fresh frame with what the grid shows: AG Grid changes the frame it is given."""
    clocks = [
        queue_words.clock(due, status, now)
        for due, status in zip(alerts["due_at"], alerts["status"], strict=True)
    ]
    statuses = _statuses(alerts, own_login, now)
    return pd.DataFrame(
        {
            "id": alerts["id"].astype("str"),
            "name": [alert_name(number) for number in alerts["id"]],
            "is_new": alerts["is_new_evidence"].astype(bool),
            "priority": alerts["priority"],
            "priority_text": [queue_words.priority(number) for number in alerts["priority"]],
            "risk": [fmt.score(score) for score in alerts["score"]],
            "band": [risk_band(score).name for score in alerts["score"]],
            "typology": [fmt.typology(name) for name in alerts["typology"]],
            "amount": [
                fmt.amount(value, None if pd.isna(currency) else currency)
                for value, currency in zip(alerts["amount"], alerts["currency"], strict=True)
            ],
            "amount_short": [
                fmt.compact_amount(value, None if pd.isna(currency) else currency)
                for value, currency in zip(alerts["amount"], alerts["currency"], strict=True)
            ],
            "n_accounts": [fmt.count(number) for number in alerts["n_accounts"]],
            "status": statuses,
            "due": [clock.text for clock in clocks],
            "urgency": [clock.urgency for clock in clocks],
            "due_at": [fmt.moment(value) for value in alerts["due_at"]],
            "is_held": [
                bool(holder) and holder != own_login
                for holder in alerts["locked_by_login"].fillna("")
            ],
            "activity": [fmt.date(value) for value in alerts["last_activity"]],
            "title": alerts["title"],
            "hint": [
                f"{status} · {title}"
                for status, title in zip(statuses, alerts["title"], strict=True)
            ],
            "in_view": alerts["id"] == in_view,
        }
    )


def file_rows(alerts: pd.DataFrame) -> pd.DataFrame:
    """Return the alerts of a download: with names of alerts, and words instead of codes."""
    ends = alerts["disposition"]
    written: dict[str, Any] = {
        "id": _mapped(alerts["id"], alert_name),
        "typology": _mapped(alerts["typology"], fmt.typology),
        "status": _mapped(alerts["status"], lambda one: queue_words.STATUSES.get(one, one)),
        "priority": _mapped(alerts["priority"], queue_words.priority),
        "disposition": _mapped(ends, queue_words.disposition),
        "reason_code": [
            None if pd.isna(code) else queue_words.reason(end, code)
            for end, code in zip(ends, alerts["reason_code"], strict=True)
        ],
        "merged_into_id": _mapped(alerts["merged_into_id"], alert_name),
        "split_from_id": _mapped(alerts["split_from_id"], alert_name),
    }
    names = {
        "id": "alert", "reason_code": "reason", "merged_into_id": "merged_into",
        "split_from_id": "split_from",
    }  # fmt: skip
    return alerts.assign(**written).rename(columns=names)


def _mapped(column: pd.Series, words: Callable[[Any], str]) -> list[str | None]:
    return [None if pd.isna(one) else words(one) for one in column]


def _statuses(alerts: pd.DataFrame, own_login: str, now: datetime) -> list[str]:
    columns = (
        "status", "assignee", "assignee_login", "locked_by", "locked_by_login", "disposition",
        "snoozed_until", "suppressed_until",
    )  # fmt: skip
    return [
        queue_words.status(
            row["status"],
            assignee="you" if row["assignee_login"] == own_login else row["assignee"],
            holder=None if row["locked_by_login"] == own_login else row["locked_by"],
            ended=row["disposition"],
            snoozed_until=row["snoozed_until"],
            suppressed_until=row["suppressed_until"],
            now=now,
        )
        for row in alerts[list(columns)]
        .astype("object")
        .where(alerts.notna(), None)
        .to_dict("records")
    ]

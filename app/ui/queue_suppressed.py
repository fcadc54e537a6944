"""Suppressions in force: what they keep out of the queue, by whom and until when; and their end."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.ui import case_act, desk, queue_words
from app.ui import format as fmt
from app.ui.evidence import escape, safe, sentence
from engine.errors import EngineError
from engine.plain_text import one_line
from engine.workbench import suppressions
from engine.workbench.case_record import AlertRecord

_TROUBLE = "suppressions_trouble"
_MOST_COMMENT = 300


def show_popover() -> None:
    """Offer the list of all suppressions in force."""
    with st.popover(
        "", icon=":material/notifications_off:", key="queue_suppressions", on_change="rerun",
        help="Suppressions in force",
    ) as box:  # fmt: skip
        if not box.open:
            return
        if trouble := st.session_state.pop(_TROUBLE, None):
            st.warning(sentence(trouble), icon=":material/error:")
        found = rows(desk.read(suppressions.list_suppressions))
        if not found:
            st.caption("No suppression is in force. *Suppress* on an alert makes one.")
        for row in found:
            with st.container(border=True, gap="xsmall"):
                st.markdown(in_words(row))
                _lift_button(row["id"], "all", _lift, (row["id"],))


def show_of_alert(alert: AlertRecord) -> None:
    """Show which suppressions keep an alert out of the queue."""
    if alert.suppressed_until is None or alert.status == "closed":
        return
    found = rows(desk.read(suppressions.list_suppressions, alert_id=alert.alert_id))
    for row in found:
        with st.container(border=True, gap="xsmall", key=f"case_suppressed_{row['id']}"):
            st.markdown(f":material/notifications_off: Suppressed: {in_words(row)}")
            _lift_button(row["id"], "case", _lift_here, (alert.alert_id, row["id"]))


def rows(found: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the suppressions one by one, with ``None`` for what their scope leaves open."""
    records: list[Any] = found.astype("object").where(found.notna(), None).to_dict("records")
    return records


def in_words(row: dict[str, Any]) -> str:
    """Say what a suppression is about, why, by whom and until when, as Markdown."""
    scope = [
        f"account {escape(row['account'])}" if row["account"] else "",
        f"{fmt.typology(row['typology'])} alerts" if row["typology"] else "",
        escape(row["data_set"]) if row["data_set"] else "all data sets",
    ]
    reason = escape(queue_words.reason("false_positive", row["reason_code"]))
    comment = f": “{safe(one_line(row['comment'], _MOST_COMMENT))}”" if row["comment"] else ""
    number = row["alerts"]
    waits = "1 alert waits" if number == 1 else f"{fmt.count(number)} alerts wait"
    return (
        f"**{', '.join(filter(None, scope))}**  \n{reason}{comment}  \n"
        f":gray[By {escape(row['created_by'])}, until {fmt.moment(row['expires_at'])} · {waits}]"
    )


def _lift_button(number: int, place: str, do: Any, args: tuple[int, ...]) -> None:
    if desk.may("suppress"):
        st.button(
            "Lift", icon=":material/notifications_active:", key=f"lift_{place}_{number}",
            on_click=do, args=args, help="Its alerts come back into the queue now",
        )  # fmt: skip


def _lift(number: int) -> None:
    try:
        desk.write(suppressions.lift, number)
    except EngineError as error:
        st.session_state[_TROUBLE] = str(error)


def _lift_here(alert_id: int, number: int) -> None:
    case_act.do_anyway(suppressions.lift, alert_id, number, said="The suppression is lifted")

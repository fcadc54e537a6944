"""What became of the open alert: other alerts on its accounts, its runs, and who did what."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.ui import case_evidence, desk, queue_words, ring_words, state
from app.ui import format as fmt
from app.ui.evidence import escape
from engine.workbench import case
from engine.workbench.case_record import AlertRecord, CaseEvidence, EarlierAlerts
from engine.workbench.names import alert_name

#: What a run made of an alert, beside the states of rings.
_STATES = {
    "same": "Seen again",
    "born": "Found",
    "dormant": "Not found again",
    "merged": "Merged",
}


def show_earlier(alert: AlertRecord) -> None:
    """List the other alerts on the same accounts, each with what was decided, and its link."""
    found = desk.read(case.earlier_alerts, alert.alert_id)
    if not found.total:
        st.caption("No other alert is on the accounts of this one.")
        return
    st.dataframe(
        earlier_rows(found),
        hide_index=True,
        key="case_earlier",
        alt="Other alerts on the same accounts, with what was decided on each",
        column_config={
            "Open": st.column_config.LinkColumn("Alert", display_text=r"alert=(.+)", width=70),
            "Shared": st.column_config.NumberColumn(
                "Shared", help="Accounts that both have", width=58
            ),
            "Risk": st.column_config.NumberColumn(format="%.3f", width=58),
            "Amount": st.column_config.TextColumn(alignment="right", width=80),
        },
    )
    said = []
    if found.total > len(found.alerts):
        said.append(f"The first {len(found.alerts)} of {fmt.count(found.total)}.")
    if found.ignored_hubs:
        hubs = f"{found.ignored_hubs} account" + ("s" if found.ignored_hubs > 1 else "")
        said.append(f"{hubs} in very many alerts bring nothing together and were left out.")
    if said:
        st.caption(" ".join(said))


def earlier_rows(found: EarlierAlerts) -> pd.DataFrame:
    """Return the table of other alerts, as it is shown."""
    alerts = found.alerts
    return pd.DataFrame(
        {
            "Open": [f"?alert={alert_name(number)}" for number in alerts["id"]],
            "Shared": alerts["shared_accounts"],
            "Outcome": [
                _outcome(status, ended)
                for status, ended in zip(alerts["status"], alerts["disposition"], strict=True)
            ],
            "Typology": [fmt.typology(name) for name in alerts["typology"]],
            "Risk": alerts["score"],
            "Amount": [
                fmt.compact_amount(amount, None if pd.isna(currency) else currency)
                for amount, currency in zip(alerts["amount"], alerts["currency"], strict=True)
            ],
            "Closed": [fmt.date(moment) for moment in alerts["closed_at"]],
            "Title": alerts["title"],
        }
    )


def _outcome(status: str, ended: str | None) -> str:
    return queue_words.disposition(ended) if status == "closed" else queue_words.STATUSES[status]


def show_lineage(alert: AlertRecord) -> None:
    """Show what each run knew of the alert, the newest first, with the way into the run."""
    for one in reversed(alert.evidence):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(_state(one.state), color="blue" if one.gained or one.reopened else "gray")
            st.markdown(evidence_line(one, alert.currency), width="stretch")
            _link_to_run(one)
    related = [("Joined to", alert.duplicate_of), ("Split from", alert.split_from)]
    for word, other in related:
        if other is not None:
            st.markdown(f"{word} [{escape(alert_name(other))}](?alert={other})")
    if alert.duplicates:
        named = ", ".join(f"[{escape(alert_name(n))}](?alert={n})" for n in alert.duplicates)
        st.markdown(f"Joined to this one: {named}")


def evidence_line(one: CaseEvidence, currency: str | None) -> str:
    """Say what one run knew of the alert, as Markdown."""
    parts = [
        fmt.typology(one.typology),
        f"risk {fmt.score(one.score)}",
        fmt.compact_amount(one.amount, currency) + _difference(one.new_amount, currency),
        f"{fmt.count(one.n_accounts)} accounts" + _more_accounts(one.new_accounts),
    ]
    if one.reopened:
        parts.append("opened again")
    return f"{escape(' · '.join(parts))}  \n:gray[{fmt.moment(one.added_at)}]"


def show_history(alert: AlertRecord) -> None:
    """List who did what, the latest first."""
    for line in alert.history:
        st.markdown(
            f":gray[{fmt.moment(line.at)}]  **{escape(line.who)}** {escape(line.what)}",
        )


def _state(name: str) -> str:
    known = ring_words.STATES.get(name)
    return _STATES.get(name) or (known[0] if known else name)


def _link_to_run(one: CaseEvidence) -> None:
    run_state = case_evidence.run_state(one.run_id, one.made)
    if run_state != "there":
        st.caption(f"{escape(one.run_id)} ({run_state})")
        return
    if one.ring_id is None:
        st.page_link(
            state.page_path("overview"), label=escape(one.run_id),
            icon=":material/monitoring:", query_params={"run": one.run_id},
        )  # fmt: skip
        return
    st.page_link(
        state.page_path("rings"), label=f"{escape(one.ring_id)} of {escape(one.run_id)}",
        icon=":material/hub:", query_params={"run": one.run_id, "ring": one.ring_id},
    )  # fmt: skip


def _difference(value: float | None, currency: str | None) -> str:
    if value is None or abs(value) < 0.005:
        return ""
    return f" ({'+' if value > 0 else '−'}{fmt.compact_amount(abs(value), currency)})"


def _more_accounts(number: int | None) -> str:
    return f" ({'+' if number > 0 else '−'}{abs(number)})" if number else ""

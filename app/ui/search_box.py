"""The search above every page: what is typed becomes what it may mean, a click from its page."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from app.ui import account_ids, cache, desk, explorer_link, ledger_wait, state
from app.ui import format as fmt
from app.ui.evidence import escape, sentence
from app.ui.typologies import run_role
from engine.errors import EngineError
from engine.query import overview
from engine.query.search import MIN_PART, Hits, Search, find
from engine.workbench.case import alert_record
from engine.workbench.errors import NotFoundError
from engine.workbench.names import alert_name

_KEY = "search_everywhere"
_SEARCHED = "search_searched"
#: Pixels.
_WIDTH = 340
_ALERT = re.compile(r"AL-(\d{1,15})", re.IGNORECASE)


def show(page: str) -> None:
    """Draw the search, and what it found under it; nothing while no run is in view.

    Parameters
    ----------
    page
        The page in view. What was found goes away once something else comes into view.
    """
    run_id = state.run_in_view()
    if run_id is None:
        return
    _settle(page)
    with st.container(key="search_everywhere_top", horizontal_alignment="right", gap="small"):
        text = st.text_input(
            "Search",
            key=_KEY,
            placeholder="Account, tx, ring, alert",
            icon=":material/search:",
            label_visibility="collapsed",
            width=_WIDTH,
            help="An account or a part of its id (from three characters on), the number of a "
            "transaction, a ring such as R00012, an alert such as AL-12. Enter searches the run "
            "in view.",
        )
        if text and text.strip():
            with st.container(key="search_found", border=True, width=_WIDTH):
                try:
                    _show_found(run_id, text.strip())
                except EngineError as error:
                    st.caption(sentence(str(error)))


def _settle(page: str) -> None:
    """Empty the box once a hit, or anything else, was opened since the search."""
    text = st.session_state.get(_KEY)
    searched = {"text": text, "page": page, "params": st.query_params.to_dict()}
    before = st.session_state.get(_SEARCHED)
    if text and before is not None and before["text"] == text and before != searched:
        st.session_state[_KEY] = ""
    st.session_state[_SEARCHED] = searched


def _show_found(run_id: str, text: str) -> None:
    alert = _ALERT.fullmatch(text)
    if alert is not None:
        if not _show_queued(int(alert[1])):
            st.caption(f"No alert {alert_name(int(alert[1]))} in the queue.")
        return
    if cache.manifest(run_id)["has_accounts"]:
        ledger_wait.make_ready(run_id)
    hits = cache.query(find, run_id, Search(text))
    currency = cache.query(overview.currency, run_id)
    groups = {
        "Alerts": _shown_alerts(run_id, hits, currency),
        "Rings": _shown_rings(run_id, hits, currency),
        "Accounts": _shown_accounts(run_id, hits, currency),
        "Transactions": _shown_transactions(run_id, hits, currency),
    }
    for kind, hits_of_kind in groups.items():
        _show_group(kind, hits_of_kind)
    if hits.more_accounts:
        st.caption("More accounts have this in their ids: type more of one.")
    # While ids are hidden a bare number is asked for as an alert.
    is_alert = account_ids.are_hidden() and text.isdecimal() and _show_queued(int(text))
    if not any(groups.values()) and not is_alert:
        st.caption(_nothing(run_id, text))


def _show_group(kind: str, hits: list[Callable[[], None]]) -> None:
    if not hits:
        return
    with st.container(gap="xsmall"):
        st.caption(f"**{kind}**")
        for draw in hits:
            draw()


def _nothing(run_id: str, text: str) -> str:
    short = len(text) < MIN_PART and cache.manifest(run_id)["has_accounts"]
    more = f" Parts of an id are looked for from {MIN_PART} characters on." if short else ""
    return f"Nothing in {escape(run_id)} is called {escape(text)}.{more}"


def _show_queued(alert_id: int) -> bool:
    """Draw the link to an alert of the queue, if there is such a one."""
    try:
        found = desk.read(alert_record, alert_id)
    except NotFoundError:
        return False
    _hit(
        "alerts", {"alert": str(alert_id)}, f"Alert {alert_name(alert_id)}",
        f"{fmt.typology(found.typology)} · risk {fmt.score(found.score, decimals=2)} · "
        f"{fmt.compact_amount(found.amount, found.currency)}",
    )  # fmt: skip
    return True


def _shown_accounts(run_id: str, hits: Hits, currency: str | None) -> list[Callable[[], None]]:
    shown = [
        _drawn(
            "account", {"run": run_id, "account": account}, escape(account),
            f"in the run: {run_role(role).lower()} · risk {fmt.score(risk, decimals=2)} · "
            f"{fmt.compact_amount(amount, currency)} in {fmt.count(n)}",
        )
        for account, role, risk, n, amount in hits.accounts.itertuples(index=False)
    ]  # fmt: skip
    if len(shown) == 1:
        [account] = hits.accounts["account"]
        shown.append(lambda: explorer_link.of_account(run_id, account))
    return shown


def _shown_transactions(run_id: str, hits: Hits, currency: str | None) -> list[Callable[[], None]]:
    return [_transaction(run_id, one, currency) for one in hits.transactions.to_dict("records")]


def _transaction(run_id: str, tx: dict[Hashable, Any], currency: str | None) -> Callable[[], None]:
    told = f"{fmt.amount(tx['amount'], currency)} · {fmt.date(tx['time'])}"
    risk = f"risk {fmt.score(tx['final_risk'], decimals=2)}"
    params, label = {"run": run_id, "tx": str(tx["tx_id"])}, f"Transaction {tx['tx_id']}"
    if "sender" not in tx:
        return _drawn("score", params, label, f"{told} · {risk}")
    names = f"from {escape(tx['sender'])} to {escape(tx['receiver'])}"
    return _drawn("trace", params, label, f"{told} · {names} · {risk}")


def _shown_rings(run_id: str, hits: Hits, currency: str | None) -> list[Callable[[], None]]:
    return [
        _drawn(
            "rings", {"run": run_id, "ring": ring["ring_id"]}, f"Ring {ring['ring_id']}",
            f"{fmt.typology(ring['typology'])} · risk {fmt.score(ring['score'], decimals=2)} · "
            f"{fmt.count(ring['n_accounts'])} accounts, "
            f"{fmt.compact_amount(ring['amount'], currency)}",
        )
        for ring in hits.rings.to_dict("records")
    ]  # fmt: skip


def _shown_alerts(run_id: str, hits: Hits, currency: str | None) -> list[Callable[[], None]]:
    return [
        _drawn(
            "alerts", {"run": run_id, "alert": alert["alert_id"]}, f"Alert {alert['alert_id']}",
            f"{escape(alert['title'])} · risk {fmt.score(alert['score'], decimals=2)} · "
            f"{fmt.compact_amount(alert['amount'], currency)}",
        )
        for alert in hits.alerts.to_dict("records")
    ]  # fmt: skip


def _drawn(page: state.Page, params: dict[str, str], label: str, told: str) -> Callable[[], None]:
    return lambda: _hit(page, params, label, told)


def _hit(page: state.Page, params: dict[str, str], label: str, told: str) -> None:
    """Draw one hit: a link with its name, and what it is under it."""
    st.page_link(state.page_path(page), label=label, icon=_ICONS[page], query_params=params)
    st.caption(told)


_ICONS: dict[state.Page, str] = {
    "account": ":material/account_balance:",
    "score": ":material/bolt:",
    "trace": ":material/conversion_path:",
    "rings": ":material/hub:",
    "alerts": ":material/notifications:",
}

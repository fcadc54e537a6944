"""The queue as an AG Grid: one page of alerts in, the one just opened and those ticked out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st
from st_aggrid import AgGrid, DataReturnMode, JsCode, StAggridTheme

from app.ui import format as fmt
from app.ui import queue_words
from app.ui.theme import GRID_FONT_CSS, RISK_BANDS, grid_params, is_dark, palette, risk_band
from engine.workbench.names import alert_name

#: The default return sends every row back to the server; the ids are all a page needs. A click
#: carries its moment: the same row clicked again is opened again.
_IDS_ONLY = JsCode(
    "function({eventData}) {"
    " const column = eventData.column && eventData.column.getColId();"
    " if (eventData.type === 'cellClicked' && column !== 'ag-Grid-SelectionColumn')"
    "   window.opened = [eventData.data.id, Date.now()];"
    " return {ids: eventData.api.getSelectedRows().map((row) => row.id),"
    "         opened: window.opened || null}; }"
)
_ROW_ID = JsCode("function(params) { return params.data.id; }")
#: After a bulk action the ticks go (``round`` counts them); another alert that came into view is
#: scrolled to, but one that was clicked here is where the analyst looks already.
_FOLLOW = JsCode(
    "function({api}) {"
    " let inView = null, round = window.round;"
    " api.forEachNode((node) => { round = node.data.round;"
    "   if (node.data.in_view) inView = node; });"
    " if (window.round !== undefined && round !== window.round) api.deselectAll();"
    " window.round = round;"
    " const id = inView && inView.data.id;"
    " if (id && id !== window.shown && !(window.opened && window.opened[0] === id))"
    "   api.ensureNodeVisible(inView, 'middle');"
    " window.shown = id; }"
)
#: The row is marked at once; the server's answer takes a moment.
_MARK_CLICKED = JsCode(
    "function({api, node, column}) {"
    " if (column.getColId() === 'ag-Grid-SelectionColumn') return;"
    " api.forEachNode((other) => { if (other.data.in_view !== (other === node))"
    "   other.setData({...other.data, in_view: other === node}); }); }"
)
#: The grid lives in a frame: keys pressed there do not reach the page's shortcuts by themselves.
_PASS_KEYS_ON = JsCode(
    "function({event}) {"
    " if (event.ctrlKey || event.metaKey || event.altKey) return;"
    " if (event.key === 'Enter') event.target.click();"
    " else if (/^[a-z]$/i.test(event.key)) window.parent.document.dispatchEvent("
    "   new KeyboardEvent('keydown', {key: event.key, code: event.code, bubbles: true})); }"
)
#: Columns a narrow grid does without, each with the least width in pixels that has room for it.
_ROOM = {"status": 560, "amount": 640, "n_accounts": 760, "activity": 960, "title": 1080}
_FIT_COLUMNS = JsCode(
    "function({api, clientWidth}) {"
    f" Object.entries({json.dumps(_ROOM)}).forEach(([column, least]) =>"
    "   api.setColumnsVisible([column], clientWidth >= least)); }"
)


@dataclass(frozen=True, slots=True)
class GridAnswer:
    """What the analyst did: the alert clicked since the last run, and those ticked."""

    opened: int | None
    ticked: tuple[int, ...]


def alert_grid(
    alerts: pd.DataFrame,
    *,
    key: str,
    in_view: int | None,
    own_login: str,
    now: datetime,
    height: int = 622,
) -> GridAnswer:
    """Draw one page of the queue.

    Parameters
    ----------
    alerts
        A page from :func:`engine.workbench.queue.page`.
    key
        Key of the grid: its answer is ``st.session_state[key]``, with ``ids`` that are ticked and
        ``opened``, the id last clicked and when.
    in_view
        The alert that is open, marked if it is on this page.
    own_login
        Login of who looks: their own alerts read as "you".
    now
        The present moment, for the clocks.
    height
        Height in pixels.
    """
    rows = display_rows(alerts, in_view, own_login, now)
    rows["round"] = st.session_state.get(_round(key), 0)
    answer = AgGrid(
        rows,
        gridOptions=grid_options(is_dark()),
        data_return_mode=DataReturnMode.CUSTOM,
        custom_jscode_for_grid_return=_IDS_ONLY,
        update_on=["selectionChanged", "cellClicked"],
        allow_unsafe_jscode=True,
        theme=StAggridTheme(base="quartz").withParams(**grid_params(is_dark())),
        custom_css=_css(is_dark()),
        height=height,
        key=key,
    )
    return read_answer(key, answer, set(rows["id"]))


def clear_ticks(key: str) -> None:
    """Take all ticks away when the grid is drawn next; until it says so, they do not count."""
    st.session_state[_round(key)] = st.session_state.get(_round(key), 0) + 1
    st.session_state[_spent(key)] = (st.session_state.get(key) or {}).get("ids")


def read_answer(key: str, answer: Mapping[str, Any], shown: set[str]) -> GridAnswer:
    """Read the grid's answer; it repeats the last one on every run of the page.

    Parameters
    ----------
    key
        Key of the grid.
    answer
        ``ids`` and ``opened`` as the grid returned them.
    shown
        The ids on this page: what was ticked and has left the queue no longer counts.
    """
    ids, opened = answer.get("ids") or [], answer.get("opened")
    if ids == st.session_state.get(_spent(key)):
        ids = []
    else:
        st.session_state.pop(_spent(key), None)
    is_new = bool(opened) and opened != st.session_state.get(f"{key}_seen")
    st.session_state[f"{key}_seen"] = opened
    return GridAnswer(
        opened=int(opened[0]) if opened and is_new else None,
        ticked=tuple(int(one) for one in ids if one in shown),
    )


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


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as dictionaries in which what is missing is ``None``."""
    plain = frame.astype("object")
    rows: list[Any] = plain.where(plain.notna(), None).to_dict("records")
    return rows


def _round(key: str) -> str:
    return f"{key}_round"


def _spent(key: str) -> str:
    return f"{key}_spent"


def grid_options(dark: bool) -> dict[str, Any]:
    """Return AG Grid's options.

    The headers neither sort nor filter: over one page of many they would hide that the other pages
    are left out.
    """
    return {
        "columnDefs": _columns(dark),
        "defaultColDef": {
            "sortable": False,
            "filter": False,
            "resizable": True,
            "suppressHeaderMenuButton": True,
        },
        "rowSelection": {
            "mode": "multiRow",
            "checkboxes": True,
            "headerCheckbox": True,
            "enableClickSelection": False,
        },
        "selectionColumnDef": {"width": 38, "minWidth": 38, "resizable": False},
        "rowClassRules": {"in-view": "data.in_view", "held": "data.is_held"},
        "getRowId": _ROW_ID,
        "onGridSizeChanged": _FIT_COLUMNS,
        "onFirstDataRendered": _FOLLOW,
        "onRowDataUpdated": _FOLLOW,
        "onCellClicked": _MARK_CLICKED,
        "onCellKeyDown": _PASS_KEYS_ON,
        "animateRows": False,
        "tooltipShowDelay": 300,
        "ensureDomOrder": True,
        "suppressColumnVirtualisation": True,
        "suppressCellFocus": False,
    }


def _columns(dark: bool) -> list[dict[str, Any]]:
    bands = json.dumps({band.name: band.colour(dark) for band in RISK_BANDS})
    surface = palette(dark)
    urgencies = json.dumps(
        {
            "late": surface.alert,
            "soon": next(band for band in RISK_BANDS if band.name == "High").colour(dark),
            "calm": surface.text,
            "over": surface.muted,
        }
    )
    band_style = JsCode(
        f"function(p) {{ return {{color: {bands}[p.data.band], fontWeight: 600}}; }}"
    )
    due_style = JsCode(
        f"function(p) {{ return {{color: {urgencies}[p.data.urgency],"
        " fontWeight: p.data.urgency === 'late' ? 600 : 400}; }"
    )
    return [
        {
            "field": "priority", "headerName": "P", "width": 38, "minWidth": 38,
            "headerTooltip": "Priority: 1 comes first", "tooltipField": "priority_text",
        },
        {
            "field": "name", "headerName": "Alert", "width": 92, "minWidth": 80,
            "cellClassRules": {"has-new": "data.is_new"}, "tooltipField": "hint",
        },
        {
            "field": "risk", "headerName": "Risk", "width": 112, "minWidth": 104,
            "valueFormatter": JsCode("function(p) { return p.value + '  ' + p.data.band; }"),
            "cellStyle": band_style,
        },
        {
            "field": "typology", "headerName": "Typology", "width": 128, "minWidth": 124,
            "flex": 2, "tooltipField": "title",
        },
        {
            "field": "amount", "headerName": "Amount", "type": "rightAligned", "width": 116,
            "minWidth": 100,
        },
        {"field": "n_accounts", "headerName": "Accounts", "type": "rightAligned", "width": 84},
        {
            "field": "due", "headerName": "Due", "width": 120, "minWidth": 116,
            "cellStyle": due_style, "tooltipField": "due_at",
        },
        {
            "field": "status", "headerName": "Status", "minWidth": 130, "flex": 3,
            "tooltipField": "status",
        },
        {"field": "activity", "headerName": "Last activity", "width": 104},
        {
            "field": "title", "headerName": "Title", "minWidth": 160, "flex": 6,
            "tooltipField": "title",
        },
    ]  # fmt: skip


def _css(dark: bool) -> dict[str, dict[str, str]]:
    surface = palette(dark)
    return {
        **GRID_FONT_CSS,
        # As high as the page makes the frame: on a narrow page the list is low.
        "#gridContainer": {"height": "100vh !important"},
        ".ag-row.in-view, .ag-row.in-view.ag-row-hover": {
            "background-color": f"{surface.selected} !important",
            "box-shadow": f"inset 3px 0 0 {surface.primary}",
        },
        # The status says who has it; where there is no room for it, the row still looks taken.
        ".ag-row.held": {"color": surface.muted, "font-style": "italic"},
        ".has-new::after": {
            "content": "'new'",
            "margin-left": "6px",
            "font-size": "10.5px",
            "font-weight": "600",
            "color": surface.primary,
        },
    }

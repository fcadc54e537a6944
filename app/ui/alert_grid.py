"""The queue as an AG Grid: one page of alerts in, the one just opened and those ticked out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st
from st_aggrid import AgGrid, DataReturnMode, JsCode, StAggridTheme

from app.ui import queue_rows
from app.ui.theme import GRID_FONT_CSS, RISK_BANDS, grid_params, is_dark, palette

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
#: From this width on, in pixels, scores are told with their band and amounts to the last digit.
_WIDE = 640
#: Columns that not every grid has, each with the widths that have room for it.
_ROOM: dict[str, tuple[int, int | None]] = {
    "risk_short": (0, _WIDE), "risk": (_WIDE, None), "amount_short": (555, _WIDE),
    "amount": (_WIDE, None), "status": (760, None), "n_accounts": (845, None),
    "activity": (950, None), "title": (1108, None),
}  # fmt: skip
_FIT_COLUMNS = JsCode(
    "function({api, clientWidth}) {"
    f" Object.entries({json.dumps(_ROOM)}).forEach(([column, [least, below]]) =>"
    "   api.setColumnsVisible([column],"
    "     clientWidth >= least && (below === null || clientWidth < below))); }"
)

#: In pixels: the head, and as many whole rows as a small screen has room for.
_HEIGHT = 34 + 20 * 28


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
) -> None:
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
    """
    rows = queue_rows.display_rows(alerts, in_view, own_login, now)
    rows["round"] = st.session_state.get(_round(key), 0)
    AgGrid(
        rows,
        gridOptions=grid_options(is_dark()),
        data_return_mode=DataReturnMode.CUSTOM,
        custom_jscode_for_grid_return=_IDS_ONLY,
        update_on=["selectionChanged", "cellClicked"],
        allow_unsafe_jscode=True,
        theme=StAggridTheme(base="quartz").withParams(**grid_params(is_dark())),
        custom_css=_css(is_dark()),
        height=_HEIGHT,
        key=key,
    )


def clear_ticks(key: str) -> None:
    """Take all ticks away when the grid is drawn next; until it says so, they do not count."""
    st.session_state[_round(key)] = st.session_state.get(_round(key), 0) + 1
    st.session_state[_spent(key)] = (st.session_state.get(key) or {}).get("ids")


def read_answer(key: str) -> GridAnswer:
    """Read what the grid of a key has answered; it repeats the last answer on every run.

    It is read before the grid is drawn: drawn with what was open before, it would mark that.
    """
    answer = st.session_state.get(key) or {}
    ids, opened = answer.get("ids") or [], answer.get("opened")
    if ids == st.session_state.get(_spent(key)):
        ids = []
    else:
        st.session_state.pop(_spent(key), None)
    is_new = bool(opened) and opened != st.session_state.get(f"{key}_seen")
    st.session_state[f"{key}_seen"] = opened
    return GridAnswer(
        opened=int(opened[0]) if opened and is_new else None,
        ticked=tuple(int(one) for one in ids),
    )


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
            "field": "risk", "colId": "risk_short", "headerName": "Risk", "width": 64,
            "minWidth": 60, "hide": True, "cellStyle": band_style, "tooltipField": "band",
        },
        {
            "field": "typology", "headerName": "Typology", "width": 128, "minWidth": 114,
            "flex": 2, "tooltipField": "title",
        },
        {
            "field": "amount", "headerName": "Amount", "type": "rightAligned", "width": 116,
            "minWidth": 100,
        },
        {
            "field": "amount_short", "headerName": "Amount", "type": "rightAligned", "width": 90,
            "minWidth": 84, "hide": True, "tooltipField": "amount",
        },
        {"field": "n_accounts", "headerName": "Accounts", "type": "rightAligned", "width": 84},
        {
            "field": "due", "headerName": "Due", "width": 104, "minWidth": 102,
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

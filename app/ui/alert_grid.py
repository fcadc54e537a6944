"""The alert queue as an AG Grid: one page of alerts in, the id of a newly picked alert out."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import streamlit as st
from st_aggrid import AgGrid, DataReturnMode, JsCode, StAggridTheme

from app.ui import format as fmt
from app.ui.theme import GRID_FONT_CSS, RISK_BANDS, grid_params, is_dark, risk_band

#: The default return sends every row back to the server; the ids are all a page needs.
_IDS_ONLY = JsCode(
    "function({eventData}) {"
    " return {ids: eventData.api.getSelectedRows().map((row) => row.alert_id)}; }"
)
_ROW_ID = JsCode("function(params) { return params.data.alert_id; }")
#: After paging away and back, or a reload, the alert in view is marked again. A row that the
#: analyst has just picked is left alone.
_MARK_IN_VIEW = JsCode(
    "function({api}) {"
    " if (api.getSelectedNodes().length) return;"
    " api.forEachNode((node) => { if (node.data.in_view) {"
    "   node.setSelected(true, true); api.ensureNodeVisible(node, 'middle'); } }); }"
)
#: Columns a narrow grid does without, each with the least width in pixels that has room for it.
_ROOM = {"n_accounts": 512, "opened": 664, "title": 880}
_FIT_COLUMNS = JsCode(
    "function({api, clientWidth}) {"
    f" Object.entries({json.dumps(_ROOM)}).forEach(([column, least]) =>"
    "   api.setColumnsVisible([column], clientWidth >= least)); }"
)
_SCORE_TEXT = JsCode("function(p) { return p.value.toFixed(3) + '  ' + p.data.band; }")
_AMOUNT_TEXT = JsCode("function(p) { return p.data.amount_text; }")


def alert_grid(
    alerts: pd.DataFrame,
    *,
    key: str,
    in_view: str | None,
    currency: str | None,
    is_whole: bool,
    height: int = 560,
) -> str | None:
    """Draw one page of the alert queue.

    Parameters
    ----------
    alerts
        A page from :func:`engine.query.alerts.page_alerts`.
    key
        Key of the grid: its answer is ``st.session_state[key]``, ``{"ids": [...]}``.
    in_view
        The alert that is open, marked if it is on this page.
    currency
        ISO code of the amounts, if known.
    is_whole
        Whether the page holds all alerts. Only then can the headers sort and filter: over one
        page of many they would hide that the other pages are left out.
    height
        Height in pixels.

    Returns
    -------
    str or None
        The id of an alert that was picked since the last run, else ``None``.
    """
    answer = AgGrid(
        display_rows(alerts, in_view, currency),
        gridOptions=grid_options(alerts, in_view, is_whole=is_whole, dark=is_dark()),
        data_return_mode=DataReturnMode.CUSTOM,
        custom_jscode_for_grid_return=_IDS_ONLY,
        update_on=["selectionChanged"],
        allow_unsafe_jscode=True,
        theme=StAggridTheme(base="quartz").withParams(**grid_params(is_dark())),
        custom_css=GRID_FONT_CSS,
        height=height,
        key=key,
    )
    return _newly_picked(key, answer.get("ids") or [])


def display_rows(alerts: pd.DataFrame, in_view: str | None, currency: str | None) -> pd.DataFrame:
    """Return a fresh frame with what the grid shows: AG Grid changes the frame it is given."""
    return pd.DataFrame(
        {
            "alert_id": alerts["alert_id"],
            "score": alerts["score"],
            "band": [risk_band(score).name for score in alerts["score"]],
            "typology": [fmt.typology(name) for name in alerts["typology"]],
            "amount": alerts["amount"],
            "amount_text": [fmt.amount(value, currency) for value in alerts["amount"]],
            "n_accounts": alerts["n_accounts"],
            "opened": [fmt.moment(value).removesuffix(" UTC") for value in alerts["opened"]],
            "title": alerts["title"],
            "in_view": alerts["alert_id"] == in_view,
        }
    )


def _newly_picked(key: str, ids: list[str]) -> str | None:
    """Return the picked id once: the grid repeats its last answer on every run of the page."""
    seen = f"{key}_seen"
    picked = ids[0] if ids else None
    if picked is None or picked == st.session_state.get(seen):
        return None
    st.session_state[seen] = picked
    return picked


def grid_options(
    alerts: pd.DataFrame, in_view: str | None, *, is_whole: bool, dark: bool
) -> dict[str, Any]:
    """Return AG Grid's options; the arguments are those of :func:`alert_grid`."""
    columns = _columns(dark)
    if not alerts["n_accounts"].any():
        columns = [column for column in columns if column["field"] != "n_accounts"]
    return {
        "columnDefs": columns,
        "defaultColDef": {
            "sortable": is_whole,
            "filter": is_whole,
            "resizable": True,
            "suppressHeaderMenuButton": True,
        },
        "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
        "getRowId": _ROW_ID,
        "initialState": {"rowSelection": [in_view] if in_view else []},
        "onGridSizeChanged": _FIT_COLUMNS,
        "onFirstDataRendered": _MARK_IN_VIEW,
        "onRowDataUpdated": _MARK_IN_VIEW,
        "animateRows": False,
        "tooltipShowDelay": 300,
        "ensureDomOrder": True,
        "suppressColumnVirtualisation": True,
    }


def _columns(dark: bool) -> list[dict[str, Any]]:
    colours = json.dumps({band.name: band.colour(dark) for band in RISK_BANDS})
    score_style = JsCode(
        f"function(p) {{ return {{color: {colours}[p.data.band], fontWeight: 600}}; }}"
    )
    number = {"type": "rightAligned", "minWidth": 86}
    return [
        {
            "field": "alert_id",
            "headerName": "Alert",
            "width": 84,
            "filter": False,
        },
        {
            "field": "score",
            "headerName": "Risk",
            "width": 116,
            "valueFormatter": _SCORE_TEXT,
            "cellStyle": score_style,
        },
        {"field": "typology", "headerName": "Typology", "width": 122, "tooltipField": "title"},
        {
            "field": "amount",
            "headerName": "Amount",
            "width": 104,
            "valueFormatter": _AMOUNT_TEXT,
            "flex": 1,
            **number,
        },
        {"field": "n_accounts", "headerName": "Accounts", "width": 86, **number},
        {"field": "opened", "headerName": "Last activity", "width": 148},
        {
            "field": "title",
            "headerName": "Title",
            "minWidth": 210,
            "flex": 3,
            "tooltipField": "title",
        },
    ]

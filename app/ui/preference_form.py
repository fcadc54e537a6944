"""The form for how numbers and moments read."""

from __future__ import annotations

import streamlit as st

from app.ui import desk
from engine.workbench.preferences import (
    PAGE_SIZES,
    Numbers,
    Preferences,
    known_zones,
    save_preferences,
    time_zones,
)

_NUMBERS: dict[Numbers, str] = {
    "auto": "By currency (₹ in lakh and crore, others in m and bn)",
    "indian": "Indian: 18,40,000 · 18.4 lakh · 1.2 cr",
    "western": "Western: 1,840,000 · 1.8m · 12m",
}


#: Names that browsers still give to zones that were renamed.
_RENAMED = {
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Europe/Kiev": "Europe/Kyiv",
}


def browser_zone() -> str:
    """Return the time zone of who looks at the page, ``UTC`` where it cannot be told."""
    named = st.context.timezone or "UTC"
    zone = _RENAMED.get(named, named)
    return zone if zone in known_zones() else "UTC"


def show() -> None:
    """Show the form, filled with what was chosen before."""
    chosen = desk.seat().preferences
    zones = ["auto", "UTC", *(zone for zone in time_zones() if zone != "UTC")]
    with st.form("preferences", border=False):
        numbers = st.radio(
            "Numbers", list(_NUMBERS), index=list(_NUMBERS).index(chosen.numbers),
            format_func=_NUMBERS.__getitem__,
        )  # fmt: skip
        zone = st.selectbox(
            "Time zone", zones, index=zones.index(chosen.time_zone),
            format_func=_zone_label, help="Files are in UTC whatever you choose.",
        )  # fmt: skip
        size = st.selectbox(
            "Alerts on a page of the queue", PAGE_SIZES,
            index=PAGE_SIZES.index(chosen.queue_page_size),
        )  # fmt: skip
        if st.form_submit_button("Save", type="primary"):
            desk.write(save_preferences, Preferences(numbers, zone, size))
            st.session_state["preferences_saved"] = True
            st.rerun()
    if st.session_state.pop("preferences_saved", False):
        st.toast("Saved.")


def _zone_label(name: str) -> str:
    return f"That of my browser ({browser_zone()})" if name == "auto" else name

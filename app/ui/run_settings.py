"""The settings that runs start with: those of the app, with the thresholds in force over them."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from app.ui import cache, desk, engine_choice, format
from app.ui.state import page_path
from engine.config import Config
from engine.query.threshold_alerts import Thresholds
from engine.settings_file import write_settings
from engine.workbench import thresholds


def settings() -> Config:
    """Return the settings that a run started now is made with."""
    applied = desk.read(thresholds.in_force)
    plain = engine_choice.settings()
    return plain if applied is None else plain.override(applied.thresholds.overrides())


def settings_file() -> Path | None:
    """Return the file of these settings, for a run to be told; ``None`` where all are defaults."""
    base = os.environ.get("RINGLEADER_CONFIG")
    applied = desk.read(thresholds.in_force)
    if applied is None:
        return Path(base) if base else None
    return write_settings(base, applied.thresholds.overrides(), cache.lake().root / "settings")


def current() -> Thresholds:
    """Return the thresholds that a run started now is made with."""
    return Thresholds.of(settings())


def show_in_force() -> None:
    """Say which version of the thresholds a run started here is made with, if any is applied."""
    applied = desk.read(thresholds.in_force)
    if applied is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f":material/tune: Alert thresholds of version {applied.version}: "
            f"{in_words(applied.thresholds)}",
            width="content",
        )
        st.page_link(page_path("thresholds"), label="See and change them", width="content")


def in_words(found: Thresholds) -> str:
    """Write thresholds in a line."""
    return (
        f"rings from a score of {found.ring_alert_threshold:.2f}; lone transactions "
        f"{format.share(found.lone_share, decimals=2)} of all, {format.count(found.min_lone)} to "
        f"{format.count(found.max_lone)}"
    )

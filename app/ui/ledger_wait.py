"""The wait for a run's ledger: it is made once, on first use, and who waits is told why."""

from __future__ import annotations

import streamlit as st

from app.ui import cache
from app.ui import format as fmt
from engine.query import ledger

#: Measured on 6.4 million transactions between 9 million accounts, on one busy core.
_SECONDS_A_MILLION = 3.0
#: What is over before it could be read needs no words.
_SHORT = 1.0


def make_ready(run_id: str) -> None:
    """Make the ledger of a run unless it is there, with a message while it takes.

    Raises
    ------
    EngineError
        If the run names no accounts, or its files cannot be read.
    """
    paths = cache.lake().run(run_id)
    if ledger.is_ready(paths):
        return
    rows = int(cache.manifest(run_id)["counts"]["transactions"])
    seconds = _SECONDS_A_MILLION * rows / 1e6
    if seconds < _SHORT:
        ledger.prepare(paths)
        return
    told = (
        f"Sorting the {fmt.count(rows)} transactions of this run by account. It is done once for "
        f"everybody and takes about {fmt.duration(round(seconds))}."
    )
    with st.spinner(told):
        ledger.prepare(paths)

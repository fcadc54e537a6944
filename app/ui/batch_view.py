"""Runs on AWS Batch: follow their jobs, read their logs, cancel or retry them, see their cost."""

from __future__ import annotations

from app.ui import cache, messages, state
from app.ui.batch_panel import batch_panel
from app.ui.batch_runs import list_followed
from app.ui.batch_table import batch_table


def show_batch() -> None:
    """Show the latest runs on Batch and the selected one, or why there is none."""
    if cache.lake().remote is None:
        messages.no_batch()
        return
    runs = list_followed()
    if not runs:
        messages.no_batch_runs(cache.lake().address)
        return
    shown = batch_table(runs, state.read("batch"))
    state.write("batch", shown.chain.run_id)
    batch_panel(shown)

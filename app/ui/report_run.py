"""The summary of a run, to take away."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.ui import cache, desk
from app.ui import format as fmt
from engine.report.pdf import run_pdf
from engine.report.run_evidence import collect_run


def summary_button(run_id: str) -> None:
    """Offer a finished run's summary as PDF, made when it is clicked, to who sees account ids."""
    if not desk.may("export") or desk.masker() is not None:
        return
    paths = cache.lake().run(run_id)
    author, style = desk.actor().name, fmt.current()

    def make() -> bytes:
        return run_pdf(replace(collect_run(paths), author=author, style=style))

    st.download_button(
        "Summary as PDF", cache.noted(run_id, "summary as PDF", make),
        file_name=f"{run_id}-summary.pdf", mime="application/pdf",
        icon=":material/picture_as_pdf:", on_click="ignore", key="runs_summary",
        help="What was read, what was found, and how it was made",
    )  # fmt: skip

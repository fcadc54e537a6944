"""Empty and error states: what is missing or wrong, and the next step."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui.evidence import escape, sentence
from app.ui.state import page_path
from engine.errors import EngineError


def no_runs() -> None:
    """Say that no run is done, with the way to start one."""
    card = _empty(
        ":material/hub:",
        "No run yet",
        "Rings, alerts, and this page's figures appear when a run is done. "
        "The sample data take less than a minute.",
    )
    card.page_link(
        page_path("home"), label="Choose data and find rings", icon=":material/arrow_forward:"
    )


def no_batch() -> None:
    """Say why AWS Batch is no choice here, and what makes it one."""
    card = _empty(
        ":material/cloud_off:",
        "This lake is in a folder",
        "Runs are computed on this machine, and History lists them. Jobs on AWS Batch read and "
        "write a lake on S3: deploy the infrastructure once (*On AWS* in the README), then start "
        "the app with `RINGLEADER_LAKE=s3://BUCKET`.",
    )
    card.page_link(page_path("home"), label="Go to Home", icon=":material/arrow_forward:")


def no_batch_runs(lake: str) -> None:
    """Say that nothing was submitted yet, and the two ways to do it."""
    card = _empty(
        ":material/cloud_queue:",
        "No run on AWS Batch yet",
        "Choose a file on Home and *AWS Batch* as its engine: before it is submitted you see what "
        f"it will take and cost. Large files that arrive in `{lake}/raw/` are submitted by "
        "themselves.",
    )
    card.page_link(page_path("home"), label="Choose a file", icon=":material/arrow_forward:")


def no_other_run() -> None:
    """Say that a comparison takes two runs, with the way to a second one."""
    card = _empty(
        ":material/compare_arrows:",
        "One run is not enough to compare",
        "Run a later export, or the same file with other settings or labels: here you then see "
        "which alerts are new and which are gone, what became of each ring, and how risk moved.",
    )
    card.page_link(page_path("home"), label="Start a run on Home", icon=":material/arrow_forward:")


def no_scorer() -> None:
    """Say that nothing scores single transactions yet, and what makes it so."""
    card = _empty(
        ":material/bolt:",
        "Nothing to score with yet",
        "A finished run teaches what is usual, for all and for each account. Find rings in some "
        "transactions first; where the system is deployed, a finished job does the rest.",
    )
    card.page_link(
        page_path("home"), label="Choose data and find rings", icon=":material/arrow_forward:"
    )


def no_accounts(input_name: str) -> None:
    """Say why a run has no rings: its input names no accounts."""
    st.info(
        f"**{escape(input_name)}** names no accounts, so there is no network to search for rings. "
        "Its transactions are scored and the riskiest are listed as alerts.",
        icon=":material/info:",
    )


def no_labels() -> None:
    """Say why a run has no model figures."""
    st.caption(
        "The input has no labels (or the run ignored them), so no model was trained and nothing "
        "can be measured. Risk comes from rules, anomalies, and ring evidence."
    )


def nothing_found(what: str, next_step: str) -> None:
    """Say that a filter or search leaves nothing, and what to change."""
    _empty(":material/search_off:", f"No {what}", next_step)


def unknown_run(run_id: str, shown: str | None) -> None:
    """Say that the run a link asked for is not there."""
    then = f"Showing **{shown}** instead." if shown else "No other run is done yet."
    st.warning(
        f"The lake has no finished run **{escape(run_id)}**; it may have been deleted or still be "
        f"running. {then}",
        icon=":material/link_off:",
    )


def engine_error(error: EngineError) -> None:
    """Show an error the engine raised on purpose: its text says how to mend it."""
    st.error(sentence(str(error)), icon=":material/error:")


def try_again() -> None:
    """Offer to run the page once more; loading it anew would lose what was typed."""
    st.button("Try again", icon=":material/refresh:", help="What you typed here is kept")


def refusal(why: str) -> None:
    """Say why something was not done."""
    st.error(sentence(why), icon=":material/error:")


def own_workbench() -> None:
    """Say that others who use this lake do not see the work done here."""
    st.caption(
        ":material/person: People and alerts of this lake are kept on this machine alone; others "
        "do not see them. For all to share them, start the app with `DATABASE_URL` of a PostgreSQL."
    )


def _empty(icon: str, title: str, text: str) -> DeltaGenerator:
    card = st.container(border=True, horizontal_alignment="left")
    card.markdown(f"#### {icon} {title}")
    card.markdown(text)
    return card

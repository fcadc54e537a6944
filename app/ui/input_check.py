"""The check of a chosen input: its schema, its first rows, and what stands in the way of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from app.ui import account_ids, cache, format, state
from app.ui.evidence import escape
from app.ui.mapping_editor import mapping_editor, saved_mappings
from engine.intake import Preview, builtin_mappings
from engine.query.runs import runs_of_input

_SCHEMA = "home_schema"
_NEXT_SCHEMA = "home_next_schema"
_AUTO = "auto"


@dataclass(frozen=True, slots=True)
class CheckedInput:
    """An input that can be run: its path and the schema's name or file."""

    path: Path
    schema: str


def check_input(path: Path, schema: str, runs: pd.DataFrame) -> CheckedInput | None:
    """Draw the check of an input; return it once nothing stands in the way of a run."""
    seen = cache.file_preview(path, schema)
    _tell_schema(seen)
    _tell_duplicate(path, runs)
    if seen.problem is not None:
        st.error(seen.problem.replace(str(path), path.name), icon=":material/error:")
    _show_rows(seen)
    if seen.problem is None:
        return CheckedInput(path, schema)
    if seen.header and seen.canonical is None:
        saved = mapping_editor(seen.header, path.name.split(".")[0])
        if saved is not None:
            st.session_state[_NEXT_SCHEMA] = str(saved)
            st.rerun()
    return None


def choose_schema() -> str:
    """Draw the choice of a schema; return its name or file, or ``auto``."""
    options = [_AUTO, *builtin_mappings(), *(str(file) for file in saved_mappings())]
    if _NEXT_SCHEMA in st.session_state:
        st.session_state[_SCHEMA] = st.session_state.pop(_NEXT_SCHEMA)
    return str(
        st.selectbox(
            "Schema",
            options,
            key=_SCHEMA,
            persist_state="session",
            format_func=lambda name: "Detect it" if name == _AUTO else Path(name).stem,
            help="Which column holds what. Override it if the detected one is wrong.",
            width=150,
        )
    )


def _tell_schema(seen: Preview) -> None:
    if seen.mapping is None:
        return
    accounts = "" if seen.mapping.has_accounts else " · no accounts: no rings, transactions only"
    label = "label" in (seen.canonical.column_names if seen.canonical is not None else [])
    labels = " · with labels" if label else " · no labels"
    st.caption(
        f"Schema **{escape(seen.mapping.name)}** · {len(seen.header)} columns{labels}{accounts}"
    )


def _tell_duplicate(path: Path, runs: pd.DataFrame) -> None:
    earlier = runs_of_input(runs, cache.file_hash(path))
    if not earlier:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":blue[:material/info:] This very file was run before: `{earlier[0]}`",
            width="content",
        )
        st.page_link(
            state.page_path("overview"),
            label="Open it",
            icon=":material/arrow_forward:",
            query_params={"run": earlier[0]},
            width="content",
        )


def _show_rows(seen: Preview) -> None:
    if seen.raw is None:
        return
    as_read, as_given = st.tabs(["As read", "As received"])
    if seen.canonical is None:
        as_read.caption("Nothing can be read yet: choose a schema or tell what the columns hold.")
    else:
        as_rows = seen.canonical.to_pandas()
        as_read.dataframe(
            account_ids.shown(as_rows.assign(time=format.local(as_rows["time"]))),
            hide_index=True,
            height=230,
            key="home_canonical",
            column_config={
                "time": st.column_config.DatetimeColumn(
                    f"time ({format.zone()})", format="YYYY-MM-DD HH:mm:ss"
                ),
                "amount": st.column_config.NumberColumn("amount", format="localized"),
            },
            alt="First rows as canonical transactions",
        )
        as_read.caption(
            f"{format.count(seen.canonical.num_rows)} of the first "
            f"{format.count(seen.raw.num_rows)} rows can be read."
        )
    if account_ids.are_hidden():
        as_given.caption("Rows as received hold account ids, which your role does not see.")
        return
    as_given.dataframe(
        seen.raw.to_pandas(), hide_index=True, height=230, key="home_raw", alt="First rows as given"
    )

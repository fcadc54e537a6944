"""Every output of a run to take away: Parquet as it lies in the lake, small tables as CSV too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app.ui import account_ids, cache, desk, format
from app.ui.evidence import csv_bytes, escape
from engine.lake import RunPaths

_NAMES = {
    "alerts": "Alerts",
    "rings": "Rings",
    "ring_accounts": "Accounts of rings",
    "ring_transactions": "Transactions of rings",
    "accounts": "Accounts",
    "augmented": "Scored transactions",
    "prepped": "Cleaned transactions",
    "rejects": "Rejected rows",
}
_AS_CSV = ("alerts", "rings", "ring_accounts")
#: A download passes through this process's memory: larger files are named, not handed over.
_MOST_BYTES = 512 * 2**20


def run_downloads(manifest: Mapping[str, Any]) -> None:
    """Draw a button for each output of a finished run; a file is read when its button is pressed.

    Parameters
    ----------
    manifest
        ``run.json`` of the run.
    """
    if not desk.may("export"):
        st.caption("Your role does not hold downloads; a reviewer or an admin can say who has it.")
        return
    if account_ids.are_hidden():
        st.caption("The files hold account ids, which your role does not see: show them first.")
        return
    paths = cache.lake().run(str(manifest["run_id"]))
    files = {name: path for name, path in paths.outputs().items() if path.exists()}
    st.caption("Tables as Parquet")
    with st.container(horizontal=True, gap="small"):
        for name, title in _NAMES.items():
            if name in files and files[name].stat().st_size <= _MOST_BYTES:
                _parquet(paths, name, title)
    st.caption("Small tables as CSV, and the manifest")
    with st.container(horizontal=True, gap="small"):
        for name in _AS_CSV:
            if name in files:
                _csv(paths, name)
        if manifest["input"]["rejected"]:
            _csv(paths, "rejects")
        _button(paths, "run.json", paths.manifest.read_bytes, "run.json")
    for name, path in files.items():
        if path.stat().st_size > _MOST_BYTES:
            _too_large(name, path)


def _parquet(paths: RunPaths, name: str, title: str) -> None:
    path = paths.outputs()[name]
    size = format.file_size(path.stat().st_size)
    _button(paths, f"{title}, {size}", path.read_bytes, f"{name}.parquet")


def _csv(paths: RunPaths, name: str) -> None:
    def write() -> bytes:
        return csv_bytes(pd.read_parquet(paths.outputs()[name]))

    _button(paths, _NAMES[name], write, f"{name}.csv")


def _button(paths: RunPaths, label: str, data: Any, file_name: str) -> None:
    st.download_button(
        label,
        data=cache.noted(paths.run_id, file_name, data),
        file_name=f"{paths.run_id}-{file_name}",
        icon=":material/download:",
        on_click="ignore",
        key=f"runs_download_{file_name}",
    )


def _too_large(name: str, path: Path) -> None:
    lake = cache.lake()
    place = path.relative_to(lake.root).as_posix()
    st.caption(
        f"{_NAMES[name]} take {format.file_size(path.stat().st_size)}, too much for a browser: "
        f"copy {escape(f'{lake.address}/{place}')} instead."
    )

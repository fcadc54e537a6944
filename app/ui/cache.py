"""Cached engine calls: a page asks again and again, the lake is read once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import pandas as pd
import streamlit as st

from app.ui import account_ids, desk, pseudonyms
from aws import names
from engine.identity import sha256_of
from engine.intake import Preview, load_mapping, preview
from engine.lake import Lake, RunPaths
from engine.query.lineage import lineage as trace
from engine.storage import is_address
from engine.workbench.masked import masked_errors

P = ParamSpec("P")
R = TypeVar("R")


def lake() -> Lake:
    """Return the lake named by ``RINGLEADER_LAKE`` (default: the folder ``lake``)."""
    location = os.environ.get("RINGLEADER_LAKE", "lake")
    # What is known of a store is shared by all sessions; a folder is looked at afresh.
    return _remote_lake(location) if is_address(location) else Lake.open(location)


def only_batch() -> bool:
    """Return whether this app leaves all computing to AWS Batch, as the hosted one does."""
    return bool(os.environ.get(names.ONLY_BATCH))


def fetch_run(run_id: str) -> None:
    """Bring a finished run's files here where the lake is on S3; done once for each making."""
    if lake().remote is not None:
        _fetch_run(run_id, lake().run(run_id).manifest.stat().st_mtime_ns)


def manifest(run_id: str) -> dict[str, Any]:
    """Return ``run.json`` of a run; it is small and read afresh."""
    return lake().read_manifest(run_id)


def query(
    function: Callable[Concatenate[RunPaths, P], R], run_id: str, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Call ``function(paths, *args)`` of ``engine.query`` for a run, cached by its arguments.

    The manifest's time of change is part of the key: a run made anew is read anew. Where account
    ids are hidden, the result has pseudonyms, and the arguments may have them.
    """
    paths, by = lake().run(run_id), desk.masker()
    asked = pseudonyms.asked(function, args, kwargs, by, after=1)
    name = f"{function.__module__}.{function.__qualname__}"
    stamp = paths.manifest.stat().st_mtime_ns
    with masked_errors(by, asked.accounts):
        result: R = _query(
            name, str(paths.manifest), stamp, function, paths, asked.args, asked.kwargs
        )
        return account_ids.masked(paths, result, by, asked.accounts)


def download(
    function: Callable[Concatenate[RunPaths, P], R], run_id: str, *args: P.args, **kwargs: P.kwargs
) -> Callable[[], R]:
    """Return a call of ``function(paths, *args)`` that is made when a download is clicked.

    Nothing is cached. The download is recorded, and needs the permission for it at that moment;
    where account ids are hidden now, it has pseudonyms.
    """
    paths, by = lake().run(run_id), desk.masker()
    asked = pseudonyms.asked(function, args, kwargs, by, after=1)

    def make() -> R:
        with masked_errors(by, asked.accounts):
            made = function(paths, *asked.args, **asked.kwargs)
            return account_ids.masked(paths, made, by, asked.accounts)

    return noted(run_id, function.__name__, make)


def noted(run_id: str, what: str, make: Callable[[], R]) -> Callable[[], R]:
    """Return what makes a download of a run, recorded and permitted when it is clicked.

    ``make`` runs outside of the session: it cannot call ``query``, nor ask who is signed in.
    """
    note = account_ids.note_later(f"run {run_id}", what)

    def made() -> R:
        note()
        return make()

    return made


def lineage(run_id: str, previous: str) -> pd.DataFrame:
    """Return :func:`engine.query.lineage.lineage` of two runs, cached until one is made anew."""
    return compare(trace, run_id, previous)


def compare(function: Callable[[Lake, str, str], R], run_id: str, against: str) -> R:
    """Call a function of two runs, cached until one of them is made anew."""
    for name in (run_id, against):
        fetch_run(name)
    manifests = [lake().run(name).manifest for name in (run_id, against)]
    key = tuple((str(path), path.stat().st_mtime_ns) for path in manifests)
    name = f"{function.__module__}.{function.__qualname__}"
    result: R = _compare(name, key, function, run_id, against)
    return account_ids.masked(lake().run(run_id), result, desk.masker())


def file_preview(path: Path, schema: str) -> Preview:
    """Return the first rows of an input, read with a schema's name or file, or ``auto``."""
    return _preview(str(path), path.stat().st_mtime_ns, schema, _stamp(Path(schema)))


def file_hash(path: Path) -> str:
    """Return the SHA-256 of an input; a file that did not change is hashed once."""
    status = path.stat()
    return _hash(str(path), status.st_mtime_ns, status.st_size)


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


@st.cache_data(ttl="1h", max_entries=20, show_spinner=False)
def _preview(path: str, changed: int, schema: str, schema_changed: int) -> Preview:
    return preview(path, None if schema == "auto" else load_mapping(schema))


@st.cache_data(max_entries=100, show_spinner="Reading the file")
def _hash(path: str, changed: int, size: int) -> str:
    return sha256_of(Path(path))


@st.cache_data(max_entries=20, show_spinner="Comparing the runs")
def _compare(
    name: str,
    key: tuple[tuple[str, int], ...],
    _function: Callable[[Lake, str, str], Any],
    _run_id: str,
    _against: str,
) -> Any:
    return _function(lake(), _run_id, _against)


@st.cache_resource(max_entries=4, show_spinner=False)
def _remote_lake(address: str) -> Lake:
    return Lake.open(address)


@st.cache_resource(max_entries=100, show_spinner="Fetching the run from S3")
def _fetch_run(run_id: str, stamp: int) -> None:
    lake().fetch(run_id)


@st.cache_data(max_entries=300, show_spinner=False)
def _query(
    name: str,
    manifest: str,
    stamp: int,
    _function: Callable[..., Any],
    _paths: RunPaths,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    return _function(_paths, *args, **kwargs)

"""Where an input comes from: the samples, a file under an allowed folder, or an upload."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from app.ui import cache, format
from app.ui.messages import engine_error
from app.ui.state import ROOT
from engine.errors import EngineError, InputError
from engine.lake import Lake
from engine.storage import is_address

SAMPLES = ROOT / "assets" / "sample"

#: Endings of files that the engine reads; an ending of compression may follow.
ENDINGS = (".csv", ".tsv", ".txt", ".parquet")
_COMPRESSED = (".gz", ".zst")
#: The generator writes the true rings of a file beside it: no transactions.
_TRUTH = ".rings.parquet"
_MAX_LISTED = 500
_CHUNK = 1 << 20

_SAMPLE, _FILE, _UPLOAD, _S3 = "Sample data", "File on this machine", "Upload", "File on S3"


def choose_input() -> Path | None:
    """Draw the choice of an input; return the chosen file, ``None`` while there is none."""
    source = st.segmented_control(
        "Source",
        [_SAMPLE, _FILE, _UPLOAD] + ([_S3] if cache.lake().remote is not None else []),
        default=_SAMPLE,
        required=True,
        key="home_source",
        persist_state="session",
        label_visibility="collapsed",
    )
    if source == _SAMPLE:
        return _choose_sample()
    if source == _S3:
        return _choose_remote()
    return _choose_file() if source == _FILE else _choose_upload()


def data_folders(lake: Lake) -> list[Path]:
    """Return the folders inputs may be read from.

    ``RINGLEADER_DATA`` names them, separated as in ``PATH``; without it they are the lake's
    ``raw`` folder and the samples.
    """
    named = os.environ.get("RINGLEADER_DATA", "")
    folders = [Path(name) for name in named.split(os.pathsep) if name]
    return folders or [lake.raw, SAMPLES]


def list_files(folder: Path) -> list[Path]:
    """List the files of transactions in a folder and below, at most 500, by name.

    A link that leads out of the folder is left out.
    """
    inside = folder.resolve()
    found = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and _is_table(path) and path.resolve().is_relative_to(inside)
    ]
    return found[:_MAX_LISTED]


def save_upload(lake: Lake, name: str, stream: BinaryIO) -> Path:
    """Save an uploaded file in the lake's ``raw`` folder and return its path.

    The same bytes under the same name are kept once; other bytes get a name of their own.
    """
    clean = re.sub(r"[^A-Za-z0-9._-]+", "_", Path(name).name).lstrip(".") or "upload.csv"
    lake.raw.mkdir(parents=True, exist_ok=True)
    part = lake.raw / f".{clean}.{os.urandom(4).hex()}.part"
    try:
        sha256 = _copy(stream, part)
        final = lake.raw / clean
        if final.exists() and cache.file_hash(final) != sha256:
            stem, point, ending = clean.partition(".")
            final = lake.raw / f"{stem}-{sha256[:8]}{point}{ending}"
        part.replace(final)
    finally:
        part.unlink(missing_ok=True)
    return final


def _copy(stream: BinaryIO, target: Path) -> str:
    digest = hashlib.sha256()
    with target.open("wb") as file:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _choose_sample() -> Path | None:
    samples = list_files(SAMPLES)
    if not samples:
        st.info(
            "The sample data are not made yet: `make app` makes them. Choose a file or upload one.",
            icon=":material/info:",
        )
        return None
    return _pick(samples, SAMPLES, "home_sample")


def _choose_file() -> Path | None:
    folders = [folder for folder in data_folders(cache.lake()) if folder.is_dir()]
    files = {folder: list_files(folder) for folder in folders}
    filled = [folder for folder in folders if files[folder]]
    if not filled:
        looked = ", ".join(f"`{folder}`" for folder in data_folders(cache.lake()))
        st.info(
            f"No file of transactions in {looked}. Put a CSV or Parquet file there, or name "
            "other folders in `RINGLEADER_DATA` and start the app again.",
            icon=":material/folder_off:",
        )
        return None
    folder = filled[0]
    if len(filled) > 1:
        folder = st.selectbox("Folder", filled, key="home_folder", persist_state="session")
    return _pick(files[folder], folder, "home_file")


def _choose_remote() -> Path | None:
    """Choose a file under the lake's ``raw/``, or anywhere on S3, and fetch it."""
    lake = cache.lake()
    if lake.remote is None:
        return None
    raw = f"{lake.address}/raw/"
    entries = {
        f"{lake.address}/{entry.key}": entry
        for entry in lake.remote.inputs()[:_MAX_LISTED]
        if _is_table(Path(entry.key))
    }
    address = st.selectbox(
        "File",
        list(entries),
        index=0 if entries else None,
        key="home_remote",
        persist_state="session",
        accept_new_options=True,
        placeholder="s3://bucket/folder/transactions.csv",
        format_func=lambda name: (
            f"{name.removeprefix(raw)} · {format.file_size(entries[name].size)} · "
            f"{format.moment(entries[name].modified)}"
            if name in entries
            else name
        ),
        help=f"Files in {raw}, the newest first; or type the address of another one.",
    )
    if address is None:
        st.info(
            f"No file of transactions in `{raw}`. Put one there, e.g. "
            f"`aws s3 cp transactions.csv {raw}`, type the address of one, or choose *Upload*.",
            icon=":material/cloud_off:",
        )
        return None
    try:
        if not is_address(address):
            raise InputError(f"{address}: type the address of a file, s3://bucket/folder/file.csv")
        with st.spinner("Fetching the file from S3"):
            return lake.fetch_input(address)
    except EngineError as error:
        engine_error(error)
        return None


def _pick(files: list[Path], folder: Path, key: str) -> Path | None:
    return st.selectbox(
        "File",
        files,
        key=key,
        persist_state="session",
        format_func=lambda path: (
            f"{path.relative_to(folder)} · {format.file_size(path.stat().st_size)}"
        ),
    )


def _choose_upload() -> Path | None:
    upload = st.file_uploader(
        "CSV or Parquet, also compressed (.gz, .zst), up to 200 MB",
        type=[ending.removeprefix(".") for ending in (*ENDINGS, *_COMPRESSED)],
        key="home_upload",
        help="Larger files: put them in the lake's raw folder and choose File on this machine.",
    )
    if upload is None:
        return None
    key = f"home_upload_{upload.file_id}"
    if key not in st.session_state:
        st.session_state[key] = save_upload(cache.lake(), upload.name, upload)
    return Path(st.session_state[key])


def _is_table(path: Path) -> bool:
    name = path.name.lower()
    for ending in _COMPRESSED:
        name = name.removesuffix(ending)
    return name.endswith(ENDINGS) and not name.endswith(_TRUTH) and not name.startswith(".")

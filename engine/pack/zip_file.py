"""Files in a zip that proves itself: a manifest of their hashes, and a hash of the whole."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
VERIFIER = "verify_pack.py"

#: Of the manifest; a later one would be read by another verifier.
FORMAT = 1

#: Files bear no moment of their own: the same evidence is the same bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
_UNIX = 3


@dataclass(frozen=True, slots=True)
class Pack:
    """A zip, and the SHA-256 of its manifest, which stands for all files in it."""

    content: bytes
    seal: str


def packed(files: Mapping[str, bytes], about: Mapping[str, Any]) -> Pack:
    """Put files into a zip, with a manifest of their SHA-256s and the script that checks them.

    The zip's comment is the SHA-256 of all bytes before it, so that a byte that was changed
    anywhere is found. The same files give the same bytes with the same build of Python.

    Parameters
    ----------
    files
        Contents by name; they stand in the zip in the order of their names.
    about
        What else the manifest says.
    """
    verifier = Path(__file__).with_name(VERIFIER).read_bytes()
    every = dict(sorted({**files, VERIFIER: verifier}.items()))
    manifest = _manifest(every, about)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as pack:
        for name, content in [(MANIFEST, manifest), *every.items()]:
            pack.writestr(_entry(name), content, zipfile.ZIP_DEFLATED, 6)
        pack.comment = b"0" * 64
    whole = written.getvalue()[:-64]
    return Pack(whole + _sha256(whole).encode(), _sha256(manifest))


def _manifest(files: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    hashes = {name: _sha256(content) for name, content in files.items()}
    told = {**about, "format": FORMAT, "sha256": hashes}
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.create_system, entry.external_attr = _UNIX, _READABLE
    return entry


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

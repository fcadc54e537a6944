"""Which input is it, and which run: hashes that make a repeated command find its own run."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as lower-case hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def default_run_id(name: str, sha256: str, choices: dict[str, Any]) -> str:
    """Name a run after its input and settings, so that the same command names the same run.

    Parameters
    ----------
    name
        File name of the input.
    sha256
        Hash of the input's bytes.
    choices
        All that changes the outputs: schema, labels mode, engine, configuration.
    """
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", name.split(".")[0]).strip("-_")[:40] or "run"
    text = json.dumps({"sha256": sha256, **choices}, sort_keys=True, default=str)
    return f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"

"""The record of the last run on a real GPU, and whether the code has changed since."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
RECORD = Path(__file__).with_name("parity.json")
#: What a GPU's results depend on.
SOURCES = (
    "engine/backend",
    "engine/features",
    "engine/graph",
    "engine/scoring",
    "engine/parity.py",
)


def source_hashes() -> dict[str, str]:
    """Return the SHA-256 of each source that computes on a GPU."""
    found = {}
    for name in SOURCES:
        path = REPOSITORY / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            key = file.relative_to(REPOSITORY).as_posix()
            found[key] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def standing(record: dict[str, Any] | None, now: dict[str, str]) -> str:
    """Say in a sentence what is known of the GPU engine on a GPU."""
    if record is None:
        return (
            "the GPU engine has never run on a GPU: its calls are checked against the wheels and "
            "its code runs on stand-ins; `python -m tests.gpu.prove` shows the rest"
        )
    then = record["sources"]
    changed = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    shown = f"shown on {record['gpu']} on {record['date']}, {_held(record)}"
    if not changed:
        return f"the GPU engine was {shown}; its sources are the same"
    some = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
    return f"the GPU engine was {shown}; changed since: {some}"


def _held(record: dict[str, Any]) -> str:
    """Say whether all held, and else what did not."""
    if record["within"]:
        return "all bounds held"
    tests = record.get("tests") or {"passed": False, "summary": ["the tests did not run"]}
    said = [] if tests["passed"] else tests["summary"]
    for part in ("parity", "one_model"):
        for check in (record.get(part) or {}).get("beyond", []):
            said = [*said, f"{check['what']} {check['found']:.3g} ({check['rule']})"]
    return f"beyond the bounds of then: {'; '.join([*said, *record.get('failed', [])])}"


def read_record() -> dict[str, Any] | None:
    """Return the committed record, if there is one."""
    if not RECORD.exists():
        return None
    record: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return record

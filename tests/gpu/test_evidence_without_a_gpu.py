"""The record of a run on a GPU says what was shown, and what has changed since."""

from __future__ import annotations

from typing import Any

from tests.gpu.evidence import source_hashes, standing

RECORD: dict[str, Any] = {
    "gpu": "NVIDIA H200", "date": "2026-11-24", "within": True,
    "sources": {"a.py": "1", "b.py": "2"},
}  # fmt: skip


def test_without_a_record_it_says_that_nothing_was_shown() -> None:
    assert "has never run on a GPU" in standing(None, {})


def test_an_unchanged_source_keeps_what_was_shown() -> None:
    told = standing(RECORD, {"a.py": "1", "b.py": "2"})
    assert told.startswith("the GPU engine was shown on NVIDIA H200 on 2026-11-24")
    assert told.endswith("all bounds held; its sources are the same")


def test_what_did_not_hold_is_named() -> None:
    beyond = {"what": "scores", "rule": "at most 0.01", "found": 0.0123, "within": False}
    failed = {"passed": False, "summary": ["1 failed in 2.0s"]}
    record = {**RECORD, "within": False, "tests": failed, "parity": {"beyond": [beyond]}}
    told = standing(record, RECORD["sources"])
    assert "beyond the bounds of then: 1 failed in 2.0s; scores 0.0123 (at most 0.01);" in told
    told = standing({**record, "tests": {"passed": True}, "failed": ["memory"]}, {})
    assert "beyond the bounds of then: scores 0.0123 (at most 0.01); memory;" in told


def test_changed_new_and_removed_sources_are_named() -> None:
    assert standing(RECORD, {"a.py": "9", "c.py": "3"}).endswith("changed since: a.py, b.py, c.py")


def test_the_sources_that_compute_on_a_gpu_are_hashed() -> None:
    found = source_hashes()
    assert {"engine/backend/gpu/graph.py", "engine/features/history.py"} <= set(found)
    assert all(len(value) == 64 for value in found.values())

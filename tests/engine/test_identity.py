"""Hashes make a repeated command find its own run."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from engine.identity import default_run_id, sha256_of

CHOICES: dict[str, Any] = {"schema": "auto", "labels": "auto", "config": {"trees": 200}}


def test_a_files_hash_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    assert sha256_of(tmp_path / "f") == hashlib.sha256(b"abc").hexdigest()


def test_the_same_input_and_settings_name_the_same_run() -> None:
    turned = dict(reversed(CHOICES.items()))
    assert default_run_id("a.csv", "00", CHOICES) == default_run_id("a.csv", "00", turned)


@pytest.mark.parametrize(
    ("sha256", "choices"),
    [
        ("01", CHOICES),
        ("00", {**CHOICES, "labels": "ignore"}),
        ("00", {**CHOICES, "config": {"trees": 201}}),
    ],
)
def test_another_input_or_setting_names_another_run(sha256: str, choices: dict[str, Any]) -> None:
    assert default_run_id("a.csv", sha256, choices) != default_run_id("a.csv", "00", CHOICES)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("tx_log.csv.gz", "tx_log-"),
        ("März 2026 (1).csv", "M-rz-2026-1-"),
        (".csv", "run-"),
        ("日本.csv", "run-"),
        ("a" * 80 + ".csv", "a" * 40 + "-"),
    ],
)
def test_a_run_is_named_after_its_file(name: str, start: str) -> None:
    run_id = default_run_id(name, "00", CHOICES)
    assert run_id.startswith(start)
    assert len(run_id) == len(start) + 10

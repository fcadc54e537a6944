"""The tests of pages run in demo mode: nobody signs in, and everything that is kept is thrown away.

A test that is about another role sets ``RINGLEADER_DEMO`` to ``analyst`` or ``admin``.
"""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Be a reviewer of the demo, with a database of the test's own lake."""
    monkeypatch.setenv("RINGLEADER_DEMO", "1")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data-home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)

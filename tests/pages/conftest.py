"""The tests of pages run in demo mode: nobody signs in, and everything that is kept is thrown away.

A test that is about another role sets ``RINGLEADER_DEMO`` to ``analyst`` or ``admin``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner

from app.ui import queue_part


@pytest.fixture(autouse=True, scope="session")
def scanned_once() -> Iterator[None]:
    """Look for components among the installed packages once: each opened page would do it."""
    with pytest.MonkeyPatch.context() as patch:
        scan = manifest_scanner.scan_component_manifests
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(scan))
        yield


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Be a reviewer of the demo, with a database of the test's own lake."""
    monkeypatch.setenv("RINGLEADER_DEMO", "1")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data-home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture(autouse=True)
def whole_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the whole page where a browser draws a part of it.

    ``AppTest`` knows of no pages to link to where a fragment is drawn alone.
    """
    monkeypatch.setattr(queue_part, "draw_alone", lambda: None)

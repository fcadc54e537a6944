"""The browser and the database server that tests share, and what every test run says at its end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.gpu.evidence import read_record, source_hashes, standing

if TYPE_CHECKING:  # a GPU machine has neither, and its tests need neither
    from playwright.sync_api import Browser

    from tests.postgresql import PostgresServer

# Workers share the cores: threads of XGBoost that wait for others must sleep, not spin. Read when
# its library is loaded, here and in all programs that tests start.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

#: Whole runs of the engine compile its loops, which the jobs on the emulated AWS then find: on a
#: clean checkout these would wait a minute for them.
_LONGEST = ("tests/engine/test_pipeline.py", "tests/engine/test_learn", "tests/e2e/", "tests/aws/",
            "tests/engine/test_bench_", "tests/pages/", "tests/workbench/")  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    from tests.browser import started_browser

    with started_browser() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL server; each test makes a database of its own there."""
    from tests.postgresql import started_postgresql

    with started_postgresql() as server:
        yield server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest tests begin, so that several processes end at about the same time."""
    items.sort(key=lambda item: _turn(item.nodeid))


def _turn(nodeid: str) -> int:
    return next((i for i, start in enumerate(_LONGEST) if nodeid.startswith(start)), len(_LONGEST))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was shown of the GPU engine on a GPU, and whether that still holds."""
    terminalreporter.section("GPU")
    terminalreporter.write_line(standing(read_record(), source_hashes()))

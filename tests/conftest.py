"""The browser and the database server that tests share, and what every test run says at its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.gpu.evidence import read_record, source_hashes, standing

if TYPE_CHECKING:  # a GPU machine has neither, and its tests need neither
    from playwright.sync_api import Browser

    from tests.postgresql import PostgresServer


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
    """Put the tests on the emulated AWS last.

    Its jobs are processes beside each other; the compiled loops that they need, a minute of work on
    a clean checkout, are there by then.
    """
    items.sort(key=lambda item: item.nodeid.startswith("tests/aws/"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was shown of the GPU engine on a GPU, and whether that still holds."""
    terminalreporter.section("GPU")
    terminalreporter.write_line(standing(read_record(), source_hashes()))

"""The browser that tests share, and what every test run says at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import started_browser
from tests.gpu.evidence import read_record, source_hashes, standing


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with started_browser() as chromium:
        yield chromium


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was shown of the GPU engine on a GPU, and whether that still holds."""
    terminalreporter.section("GPU")
    terminalreporter.write_line(standing(read_record(), source_hashes()))

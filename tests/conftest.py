"""What every test run says at its end."""

from __future__ import annotations

import pytest

from tests.gpu.evidence import read_record, source_hashes, standing


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was shown of the GPU engine on a GPU, and whether that still holds."""
    terminalreporter.section("GPU")
    terminalreporter.write_line(standing(read_record(), source_hashes()))

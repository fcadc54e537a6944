"""The app with a lake of its own, and a page of it in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import Visit, started_app, visiting
from tests.small_run import write_small_run


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the running app, whose lake holds the small run."""
    lake = tmp_path_factory.mktemp("lake")
    write_small_run(lake)
    folder = tmp_path_factory.mktemp("app")
    with started_app(folder, {"RINGLEADER_LAKE": str(lake)}) as address:
        yield address


@pytest.fixture
def visit(app: str, browser: Browser) -> Iterator[Visit]:
    """A fresh page of the app."""
    with visiting(browser, app) as seen:
        yield seen

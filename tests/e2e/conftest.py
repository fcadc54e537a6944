"""Starts the app on a free port with a lake of its own, and a Chromium to drive it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.small_run import write_small_run

ROOT = Path(__file__).parents[2]
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Visit:
    """A browser page, and the requests it made to other hosts than the app's."""

    page: Page
    base: str
    elsewhere: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open a path of the app."""
        self.page.goto(f"{self.base}{path}")

    def note(self, request: Request) -> None:
        """Remember a request that leaves for another host."""
        address = urlsplit(request.url)
        if (
            address.scheme.startswith(("http", "ws"))
            and address.netloc != urlsplit(self.base).netloc
        ):
            self.elsewhere.append(request.url)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the running app, whose lake holds the small run."""
    lake = tmp_path_factory.mktemp("lake")
    write_small_run(lake)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("app") / "app.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app/main.py",
             f"--server.port={port}", "--server.headless=true"],
            cwd=ROOT, stdout=stream, stderr=stream,
            env={**os.environ, "RINGLEADER_LAKE": str(lake)},
        )  # fmt: skip
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; the tests fail, not skip, where there is none."""
    path = os.environ.get("RINGLEADER_CHROMIUM") or next(
        filter(None, map(shutil.which, _BROWSERS)), None
    )
    if path is None:
        pytest.fail(
            "no Chromium found for the browser tests: `apt-get install chromium`, or name one in "
            "RINGLEADER_CHROMIUM"
        )
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def visit(app: str, browser: Browser) -> Iterator[Visit]:
    """A fresh browser page of the app; at the end, no other host may have been asked."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(30_000)
    seen = Visit(page, app)
    page.on("request", seen.note)
    yield seen
    context.close()
    assert seen.elsewhere == []


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"the app did not start:\n{log.read_text(errors='replace')[-2000:]}")

"""The app on a free port, and a page of a headless Chromium that drives it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.ports import free_port

ROOT = Path(__file__).parents[1]
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


@contextmanager
def started_app(
    folder: Path, variables: Mapping[str, str], port: int | None = None
) -> Iterator[str]:
    """Run the app with some variables of its environment; give its address.

    It runs in demo mode unless the variables say ``RINGLEADER_DEMO=``; what it prints is in
    ``app.log`` of the folder.
    """
    port = port or free_port()
    log = folder / "app.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app/server.py",
             f"--server.port={port}", "--server.headless=true"],
            cwd=ROOT, stdout=stream, stderr=stream,
            env={**os.environ, "RINGLEADER_DEMO": "1", "XDG_DATA_HOME": str(folder),
                 **variables},
        )  # fmt: skip
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=60)


def chromium_path() -> str:
    """Return where Chromium is; the tests fail, not skip, where there is none."""
    path = os.environ.get("RINGLEADER_CHROMIUM") or next(
        filter(None, map(shutil.which, _BROWSERS)), None
    )
    if path is None:
        pytest.fail(
            "no Chromium found for the browser tests: `apt-get install chromium`, or name one in "
            "RINGLEADER_CHROMIUM"
        )
    return path


@contextmanager
def started_browser() -> Iterator[Browser]:
    """Run a headless Chromium."""
    # On a busy machine a page may take some seconds to draw.
    expect.set_options(timeout=60_000)
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@contextmanager
def visiting(browser: Browser, address: str) -> Iterator[Visit]:
    """Open a fresh page of the app; at the end, no other host may have been asked."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 1000}, timezone_id="UTC", locale="en-GB"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    seen = Visit(page, address)
    page.on("request", seen.note)
    yield seen
    context.close()
    assert seen.elsewhere == []


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120  # where much else runs, its imports take their time
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"the app did not start:\n{log.read_text(errors='replace')[-2000:]}")

"""The routes that give a browser its cookie and take it back, and the headers of every answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.ui import auth_routes, desk
from app.ui.security_headers import SecurityHeaders, policy
from app.ui.upload_guard import UploadGuard
from engine.workbench import clock, logins, users
from engine.workbench.database import Workbench, default_url
from engine.workbench.migrations import upgrade

HERE = "http://127.0.0.1:8501"
APP = Starlette(
    routes=[
        Route("/auth/session", auth_routes.start_session, methods=["POST"]),
        Route("/auth/sign-out", auth_routes.end_session, methods=["POST"]),
        Route(
            "/_stcore/upload_file/1/2", lambda _request: PlainTextResponse("ok"), methods=["PUT"]
        ),
        Route("/page", lambda _request: PlainTextResponse("ok")),
    ],
    middleware=[Middleware(SecurityHeaders), Middleware(UploadGuard)],
)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """The workbench that the routes use."""
    workbench = Workbench.open(default_url(tmp_path))
    upgrade(workbench)
    monkeypatch.setattr(desk, "bench", lambda: workbench)
    yield workbench
    workbench.close()


@pytest.fixture
def anna(bench: Workbench) -> int:
    return bench.write(
        lambda session: users.add_user(session, "anna", "Anna", "analyst", "a long password").id
    )


@pytest.fixture
def browser() -> TestClient:
    return TestClient(APP, base_url=HERE, headers={"Origin": HERE})


def test_a_ticket_becomes_a_cookie_that_scripts_cannot_read(
    bench: Workbench, anna: int, browser: TestClient
) -> None:
    ticket = bench.write(logins.issue_ticket, anna)
    answer = browser.post("/auth/session", json={"ticket": ticket})
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("ringleader_session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert answer.headers["cache-control"] == "no-store"
    token = browser.cookies["ringleader_session"]
    assert bench.read(logins.session_user, token) == anna
    assert ticket not in cookie


def test_behind_a_proxy_with_https_the_cookie_never_goes_out_unencrypted(
    bench: Workbench, anna: int, browser: TestClient
) -> None:
    ticket = bench.write(logins.issue_ticket, anna)
    answer = browser.post(
        "/auth/session", json={"ticket": ticket}, headers={"X-Forwarded-Proto": "https"}
    )
    assert "Secure" in answer.headers["set-cookie"].split("; ")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_a_ticket_is_good_once_and_for_a_minute(
    bench: Workbench, anna: int, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, late = (bench.write(logins.issue_ticket, anna) for _ in range(2))
    assert browser.post("/auth/session", json={"ticket": used}).status_code == 204
    assert browser.post("/auth/session", json={"ticket": used}).status_code == 401
    soon = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: soon)
    answer = browser.post("/auth/session", json={"ticket": late})
    assert answer.status_code == 401
    assert "sign in again" in answer.json()["error"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "127.0.0.1:8501"),
        ("http://127.0.0.1:9999", "127.0.0.1:8501"),
        ("", "127.0.0.1:8501"),
        ("null", "127.0.0.1:8501"),
        # A name that somebody made point here (DNS rebinding).
        ("http://evil.example:8501", "evil.example:8501"),
    ],
)
@pytest.mark.parametrize("path", ["/auth/session", "/auth/sign-out"])
def test_another_site_cannot_sign_a_browser_in_or_out(
    bench: Workbench, anna: int, browser: TestClient, path: str, origin: str, host: str
) -> None:
    ticket = bench.write(logins.issue_ticket, anna)
    answer = browser.post(path, json={"ticket": ticket}, headers={"Origin": origin, "Host": host})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"ticket": 5}', b"\xff\xfe", b'{"ticket": "' + b"a" * 2000 + b'"}']
)
@pytest.mark.usefixtures("bench")
def test_what_is_no_ticket_is_refused(browser: TestClient, body: bytes) -> None:
    assert browser.post("/auth/session", content=body).status_code == 400


def test_signing_out_ends_the_sign_in_and_takes_the_cookie_back(
    bench: Workbench, anna: int, browser: TestClient
) -> None:
    browser.post("/auth/session", json={"ticket": bench.write(logins.issue_ticket, anna)})
    token = browser.cookies["ringleader_session"]
    assert browser.post("/auth/sign-out").status_code == 204
    assert "ringleader_session" not in browser.cookies
    assert bench.read(logins.session_user, token) is None
    assert browser.post("/auth/sign-out").status_code == 204


@pytest.mark.usefixtures("bench")
def test_every_answer_tells_the_browser_to_load_nothing_from_elsewhere(
    browser: TestClient,
) -> None:
    for answer in (browser.get("/page"), browser.get("/nowhere"), browser.post("/auth/session")):
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        allowed = headers["content-security-policy"]
        assert "default-src 'self';" in allowed
        assert "frame-ancestors 'self'" in allowed
        assert "object-src 'none'" in allowed
        assert "connect-src 'self' ws://127.0.0.1:8501 wss://127.0.0.1:8501" in allowed
        assert "*" not in allowed


@pytest.mark.parametrize("host", [None, "", "a b", "x; script-src *", "evil.example, other"])
def test_a_strange_host_does_not_get_into_the_policy(host: str | None) -> None:
    assert policy(host).endswith("connect-src 'self'")


def test_only_who_is_signed_in_can_upload(
    bench: Workbench, anna: int, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RINGLEADER_DEMO", raising=False)
    path = "/_stcore/upload_file/1/2"
    assert browser.put(path, content=b"a,b").status_code == 403
    browser.post("/auth/session", json={"ticket": bench.write(logins.issue_ticket, anna)})
    assert browser.put(path, content=b"a,b").status_code == 200
    browser.post("/auth/sign-out")
    assert browser.put(path, content=b"a,b").status_code == 403
    monkeypatch.setenv("RINGLEADER_DEMO", "1")
    assert browser.put(path, content=b"a,b").status_code == 200
    for name, value in (
        ("X-Forwarded-Proto", "https"), ("Via", "1.1 proxy"), ("Host", "rings.example.com"),
        ("Origin", "https://evil.example"),
    ):  # fmt: skip
        assert browser.put(path, content=b"a,b", headers={name: value}).status_code == 403

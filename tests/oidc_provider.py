"""A small OpenID provider on this machine: whoever it is told to vouch for signs in at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.ports import free_port

CLIENT = "ringleader"


@dataclass
class Provider:
    """The provider, and the person it vouches for."""

    port: int
    claims: dict[str, Any] = field(default_factory=dict)
    asked: int = 0
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "test"}))
    nonces: dict[str, str] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """Its address, which names it in tokens."""
        return f"http://127.0.0.1:{self.port}"

    def app(self) -> Starlette:
        """Return its routes."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    def _configuration(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    def _authorize(self, request: Request) -> Response:
        self.asked += 1
        code = f"code-{self.asked}"
        self.nonces[code] = request.query_params["nonce"]
        answer = urlencode({"code": code, "state": request.query_params["state"]})
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{answer}")

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": self.nonces.pop(str(form["code"])), **self.claims,
        }  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "test"}, claims, self.key)
        return JSONResponse({"access_token": "none", "token_type": "Bearer", "id_token": token})

    def _keys(self, _request: Request) -> Response:
        public = self.key.as_dict(private=False) | {"use": "sig", "alg": "RS256"}
        return JSONResponse({"keys": [public]})


@contextmanager
def started_provider() -> Iterator[Provider]:
    """Run the provider."""
    provider = Provider(free_port())
    server = uvicorn.Server(uvicorn.Config(provider.app(), port=provider.port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield provider
    server.should_exit = True
    thread.join(timeout=10)

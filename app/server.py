"""The app's server: ``streamlit run app/server.py``.

It is Streamlit's own, with headers that keep a browser from running what is not the app's, and with
the two routes by which a browser gets and gives back the cookie of its sign-in.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

# `streamlit run` puts app/ on the path, not the repository.
if str(Path(__file__).resolve().parents[1]) not in sys.path:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import Route

from app.ui import auth_routes, desk, messages, warm_up
from app.ui.security_headers import SecurityHeaders
from app.ui.upload_guard import UploadGuard
from engine.errors import EngineError


@asynccontextmanager
async def made_ready(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Open the database before the first visit: the first start makes the admin then."""
    try:
        await run_in_threadpool(desk.bench)
    except EngineError as error:
        # The pages say so too, and work once it is mended.
        print(f"Ringleader: {error}", file=sys.stderr, flush=True)
    warming = asyncio.create_task(run_in_threadpool(warm_up.load_all))
    yield {}
    await warming


def told(error: Exception) -> bool:
    """Show an error that the engine raised on purpose in a callback or a fragment as in a page."""
    if not isinstance(error, EngineError):
        return False
    messages.engine_error(error)
    return True


app = st.App(
    "main.py",
    routes=[
        Route("/auth/session", auth_routes.start_session, methods=["POST"]),
        Route("/auth/sign-out", auth_routes.end_session, methods=["POST"]),
    ],
    middleware=[Middleware(SecurityHeaders), Middleware(UploadGuard)],
    lifespan=made_ready,
    on_script_error=told,
)

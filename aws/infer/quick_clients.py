"""boto3 clients that answer or give up within seconds; boto3 is imported when one is needed."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def quick_client(service: str, seconds: float = 2.0, attempts: int = 2) -> Any:
    """Return a client whose single calls take at most so many seconds."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        config=Config(
            connect_timeout=min(seconds, 1.0), read_timeout=seconds,
            retries={"mode": "standard", "total_max_attempts": attempts}, max_pool_connections=32,
        ),
    )  # fmt: skip

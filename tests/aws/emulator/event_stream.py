"""Frames of AWS's event streams (``application/vnd.amazon.eventstream``)."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any, Literal


def frame(
    kind: str, payload: dict[str, Any], message: Literal["event", "exception"] = "event"
) -> bytes:
    """Return one event, or an exception, as bytes."""
    headers = b"".join(
        _header(name, value)
        for name, value in (
            (":message-type", message),
            (f":{message}-type", kind),
            (":content-type", "application/json"),
        )
    )
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", 12 + len(headers) + len(body) + 4, len(headers))
    whole = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + body
    return whole + struct.pack("!I", zlib.crc32(whole))


def _header(name: str, value: str) -> bytes:
    # 7 is the type of a string.
    return (
        struct.pack("!B", len(name))
        + name.encode()
        + b"\x07"
        + struct.pack("!H", len(value))
        + value.encode()
    )

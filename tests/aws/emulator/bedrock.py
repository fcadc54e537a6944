"""A double of Amazon Bedrock's runtime: answers that tests choose, and its failures.

It speaks Converse and ConverseStream as boto3 does. What it shall answer is a list of
:class:`Reply`, taken one after the other; when none is left it gives a plain good answer. From
another process the list is set by ``POST /_emulator/replies``, and ``GET`` tells of the calls.
"""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.aws.emulator.event_stream import frame

_ROUTE = re.compile(r"/model/(?P<model>[^/]+)/(?P<operation>converse|converse-stream)")
_GOOD = "The accounts of this ring passed the money on within a day."
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(slots=True)
class Reply:
    """One answer.

    Attributes
    ----------
    text
        What the model writes; a function is given the request. None: a plain good answer.
    error, status
        An error instead, e.g. ``ThrottlingException`` with 429.
    seconds
        How long it takes.
    breaks_after
        In a stream: the error comes after so many pieces of text.
    """

    text: str | Callable[[dict[str, Any]], str] | None = None
    error: str = ""
    status: int = 429
    seconds: float = 0.0
    breaks_after: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request that came."""

    operation: str
    model: str
    request: dict[str, Any]


@dataclass(slots=True)
class Bedrock:
    """The double.

    Attributes
    ----------
    url
        Its endpoint.
    replies, calls
        What it will answer, and what it was asked.
    """

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self.replies.clear()
            self.calls.clear()

    def next(self, call: Call) -> Reply:
        """Note a call and take its answer."""
        with self._lock:
            self.calls.append(call)
            return self.replies.pop(0) if self.replies else Reply()


def wrong_numbers(request: dict[str, Any]) -> str:
    """Return the request's own text with every number changed, as a careless model would."""
    words = [part.get("text", "") for m in request["messages"] for part in m["content"]]
    return _NUMBER.sub(lambda found: f"9{found[0]}", " ".join(words))[:2000] or "42 accounts."


@contextmanager
def serve_bedrock() -> Iterator[Bedrock]:
    """Serve the double on a free port of this machine."""
    double = Bedrock()
    handler = type("Handler", (_Handler,), {"double": double})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: Bedrock

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        calls = [{"operation": call.operation, "model": call.model} for call in self.double.calls]
        self._send(200, calls)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/_emulator/replies":
            self.double.reset()
            self.double.replies.extend(Reply(**told) for told in json.loads(body))
            self._send(200, {})
            return
        found = _ROUTE.fullmatch(self.path)
        if found is None:
            self._send(404, {"message": "no such operation"}, "UnknownOperationException")
            return
        call = Call(found["operation"], urllib.parse.unquote(found["model"]), json.loads(body))
        reply = self.double.next(call)
        time.sleep(reply.seconds)
        if reply.error and reply.breaks_after is None:
            self._send(reply.status, {"message": f"injected: {reply.error}"}, reply.error)
        elif call.operation == "converse":
            self._send(200, _whole(call, reply))
        else:
            self._stream(_events(call, reply))

    def _send(self, status: int, told: Any, error: str = "") -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("x-amzn-requestid", str(uuid.uuid4()))
        if error:
            self.send_header("x-amzn-errortype", error)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, events: Iterator[bytes]) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/vnd.amazon.eventstream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in (*events, b""):
            self.wfile.write(b"%x\r\n" % len(event) + event + b"\r\n")
            self.wfile.flush()


def _text(call: Call, reply: Reply) -> str:
    if reply.text is None:
        return _GOOD
    return reply.text if isinstance(reply.text, str) else reply.text(call.request)


def _usage(call: Call, text: str) -> dict[str, int]:
    tokens_in, tokens_out = len(json.dumps(call.request)) // 4, max(len(text) // 4, 1)
    return {
        "inputTokens": tokens_in, "outputTokens": tokens_out,
        "totalTokens": tokens_in + tokens_out,
    }  # fmt: skip


def _whole(call: Call, reply: Reply) -> dict[str, Any]:
    text = _text(call, reply)
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
        "stopReason": "end_turn", "usage": _usage(call, text),
        "metrics": {"latencyMs": int(1000 * reply.seconds) + 1},
    }  # fmt: skip


def _events(call: Call, reply: Reply) -> Iterator[bytes]:
    text = _text(call, reply)
    yield frame("messageStart", {"role": "assistant"})
    for index, piece in enumerate(re.findall(r"\S+\s*", text)):
        if index == reply.breaks_after:
            yield frame(reply.error, {"message": f"injected: {reply.error}"}, "exception")
            return
        yield frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": piece}})
    yield frame("contentBlockStop", {"contentBlockIndex": 0})
    yield frame("messageStop", {"stopReason": "end_turn"})
    yield frame("metadata", {"usage": _usage(call, text), "metrics": {"latencyMs": 1}})

"""The double's server: HTTP on this machine, with AWS's routes, errors, and event streams."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.aws.bedrock_double.control import CONTROL
from tests.aws.bedrock_double.requests import Call
from tests.aws.bedrock_double.scenarios import SCENARIOS, Reply
from tests.aws.emulator.event_stream import frame

_ROUTE = re.compile(r"/model/(?P<model>[^/]+)/(?P<operation>converse|converse-stream)")
#: Letters of a piece of a stream.
_PIECE = 24


@dataclass(slots=True)
class Double:
    """A double that is being served.

    Attributes
    ----------
    url
        Its endpoint.
    scenario
        Name of what it does; may be changed at any time.
    calls
        What it was asked, oldest first.
    ended
        Set when it is shut down: slow answers end then.
    """

    url: str = ""
    scenario: str = "good"
    calls: list[Call] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def play(self, scenario: str) -> None:
        """Begin a scenario, and forget former calls."""
        if scenario not in SCENARIOS:
            raise ValueError(f"{scenario} is none of {', '.join(SCENARIOS)}")
        with self.lock:
            self.scenario = scenario
            self.calls.clear()

    def answer(self, operation: str, model: str, request: dict[str, Any]) -> tuple[Call, Reply]:
        """Note a call, and return what it is answered."""
        with self.lock:
            call = Call(operation, model, request, len(self.calls))
            self.calls.append(call)
            if call.fault():
                return call, Reply(error="ValidationException", message=call.fault())
            return call, SCENARIOS[self.scenario](call)


@contextmanager
def served(scenario: str = "good", port: int = 0) -> Iterator[Double]:
    """Serve the double on this machine; port 0 is any free one."""
    double = Double()
    double.play(scenario)
    handler = type("Handler", (_Handler,), {"double": double})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: Double

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        path = urllib.parse.unquote(self.path)
        if path == "/_double/calls":
            calls = self.double.calls
            told = [{"operation": one.operation, "model": one.model, "way": one.way,
                     "asked": one.asked} for one in calls]  # fmt: skip
            self._send(200, told)
            return
        for route, known in CONTROL.items():
            if path.startswith(route):
                name = path.removeprefix(route)
                found = known.get(name)
                missing = ("ResourceNotFoundException", f"{name} is not known")
                self._send(200, found) if found else self._send(404, *_error(*missing))
                return
        self._send(404, *_error("UnknownOperationException", "no such operation"))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/_double/scenario":
            try:
                self.double.play(body.decode().strip())
            except ValueError as error:
                self._send(400, {"message": str(error)})
                return
            self._send(200, {})
            return
        found = _ROUTE.fullmatch(self.path)
        if found is None:
            self._send(404, *_error("UnknownOperationException", "no such operation"))
            return
        model = urllib.parse.unquote(found["model"])
        call, reply = self.double.answer(found["operation"], model, json.loads(body))
        self.double.ended.wait(reply.seconds)
        if reply.error and reply.breaks_after is None:
            self._send(reply.status, *_error(reply.error, reply.message))
        elif call.operation == "converse":
            self._send(200, _whole(call, reply))
        else:
            self._stream(call, reply)

    def _send(self, status: int, told: Any, error: str = "") -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if error:
            self.send_header("x-amzn-errortype", error)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, call: Call, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/vnd.amazon.eventstream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        try:
            for count, (kind, payload) in enumerate(_events(call, reply)):
                if count == reply.breaks_after:
                    if reply.error:
                        self._chunk(frame(reply.error, {"message": reply.message}, "exception"))
                        break
                    if reply.is_corrupt:
                        self._chunk(frame(kind, payload)[:-1] + b"\0")
                    self.close_connection = True
                    return
                self._chunk(frame(kind, payload))
                time.sleep(reply.piece_seconds)
            self._chunk(b"")
        except (BrokenPipeError, ConnectionResetError):  # the client has had enough
            self.close_connection = True

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n" % len(data) + data + b"\r\n")
        self.wfile.flush()


def _error(code: str, message: str) -> tuple[dict[str, str], str]:
    return {"message": message}, code


def _usage(call: Call, reply: Reply) -> dict[str, int]:
    tokens_in = len(json.dumps(call.request, ensure_ascii=False)) // 4
    tokens_out = max((len(reply.text) + len(reply.thoughts)) // 4, 1)
    return {"inputTokens": tokens_in, "outputTokens": tokens_out,
            "totalTokens": tokens_in + tokens_out}  # fmt: skip


def _stop(call: Call, reply: Reply) -> str:
    calls_tool = call.way in ("tool", "offer") and reply.stop == "end_turn"
    return "tool_use" if calls_tool else reply.stop


def _whole(call: Call, reply: Reply) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    if reply.thoughts:
        content.append({"reasoningContent": {"reasoningText": {"text": reply.thoughts}}})
    if call.way in ("tool", "offer"):
        tool = {"toolUseId": "t-1", "name": "narrative", "input": json.loads(reply.text)}
        content.append({"toolUse": tool})
    else:
        content.append({"text": reply.text})
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": _stop(call, reply), "usage": _usage(call, reply), "metrics": {"latencyMs": 1},
    }  # fmt: skip


def _events(call: Call, reply: Reply) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "messageStart", {"role": "assistant"}
    index = 0
    if reply.thoughts:
        delta = {"reasoningContent": {"text": reply.thoughts}}
        yield "contentBlockDelta", {"contentBlockIndex": index, "delta": delta}
        yield "contentBlockStop", {"contentBlockIndex": index}
        index += 1
    is_tool = call.way in ("tool", "offer")
    if is_tool:
        start = {"toolUse": {"toolUseId": "t-1", "name": "narrative"}}
        yield "contentBlockStart", {"contentBlockIndex": index, "start": start}
    for begin in range(0, len(reply.text), _PIECE):
        piece = reply.text[begin : begin + _PIECE]
        told = {"toolUse": {"input": piece}} if is_tool else {"text": piece}
        yield "contentBlockDelta", {"contentBlockIndex": index, "delta": told}
    yield "contentBlockStop", {"contentBlockIndex": index}
    yield "messageStop", {"stopReason": _stop(call, reply)}
    yield "metadata", {"usage": _usage(call, reply), "metrics": {"latencyMs": 1}}

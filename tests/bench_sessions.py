"""An analyst without a browser: speaks to the app as a browser does, and draws nothing.

Ten browsers on the machine that runs the app would measure themselves. What an analyst waits for
the app is the time from the message of a click until the script has finished and all it shows is
here.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from urllib.parse import parse_qs

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

#: Seconds that an analyst thinks between two clicks.
THINKS = (1.0, 3.0)

_AGAIN = ForwardMsg.FINISHED_EARLY_FOR_RERUN


class Session:
    """One analyst's session with the app.

    Attributes
    ----------
    seconds
        By action, how long each took.
    """

    def __init__(self, connection: ClientConnection, chance: random.Random) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.chance = chance
        self._connection = connection
        self._query = ""
        self._page = ""
        self._pages: dict[str, str] = {}
        self._widgets: dict[str, tuple[str, str]] = {}

    @property
    def alert(self) -> str:
        """The number of the alert in view; empty where none is."""
        return parse_qs(self._query).get("alert", [""])[0]

    async def load(self, query: str) -> None:
        """Open the app, and its queue."""
        self._query = query
        await self._run("load", [])
        await self.go("alerts")

    async def go(self, page: str) -> None:
        """Change to a page."""
        self._page, self._query = self._pages[page], self._without_alert()
        self._widgets.clear()
        await self._run(f"page: {page.capitalize()}", [])

    async def press(self, key: str, name: str) -> None:
        """Press a button."""
        widget, fragment = self._widgets[key]
        await self._run(name, [WidgetState(id=widget, trigger_value=True)], fragment)

    async def note(self) -> None:
        """Write a note on the alert in view."""
        text, _ = self._widgets[f"case_{self.alert}_note"]
        button, fragment = self._widgets["case_note_add"]
        written = f"Seen, {self.chance.getrandbits(40):x}"
        states = [
            WidgetState(id=text, string_value=written),
            WidgetState(id=button, trigger_value=True),
        ]
        await self._run("add a note", states, fragment)

    async def _run(self, name: str, states: list[WidgetState], fragment: str = "") -> None:
        message = BackMsg()
        message.rerun_script.query_string = self._query
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.extend(states)
        began = time.perf_counter()
        await self._connection.send(message.SerializeToString())
        while not self._read(ForwardMsg.FromString(await self._received())):
            pass
        self.seconds[name].append(time.perf_counter() - began)

    async def _received(self) -> bytes:
        received = await asyncio.wait_for(self._connection.recv(decode=False), 120)
        assert isinstance(received, bytes)
        return received

    def _read(self, message: ForwardMsg) -> bool:
        """Take in what the app says; tell whether it has finished."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page = message.new_session.page_script_hash
        elif kind == "navigation":
            pages = message.navigation.app_pages
            self._pages = {one.url_pathname: one.page_script_hash for one in pages}
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "delta":
            self._see(message.delta)
        return kind == "script_finished" and message.script_finished != _AGAIN

    def _see(self, delta: Delta) -> None:
        """Remember what can be pressed or written to, by its key."""
        if not delta.HasField("new_element"):
            return
        kind = delta.new_element.WhichOneof("type")
        assert kind != "exception", delta.new_element.exception.message
        if kind in ("button", "text_area"):
            widget = getattr(delta.new_element, kind).id
            self._widgets[widget.split("-", 2)[2]] = widget, delta.fragment_id

    def _without_alert(self) -> str:
        return f"run={parse_qs(self._query)['run'][0]}"


async def work_together(
    address: str, tokens: list[str], run_id: str, minutes: float
) -> dict[str, list[float]]:
    """Let an analyst a token work at once, and return the seconds of all, by action."""
    ends = time.monotonic() + 60 * minutes
    found: dict[str, list[float]] = {"all": []}
    for session in await asyncio.gather(
        *(_work(address, token, run_id, number, ends) for number, token in enumerate(tokens))
    ):
        for name, values in session.seconds.items():
            found.setdefault(name, []).extend(values)
            found["all"] += values
    return found


async def _work(address: str, token: str, run_id: str, number: int, ends: float) -> Session:
    stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    cookie = {"Cookie": f"ringleader_session={token}"}
    async with connect(
        stream,
        additional_headers=cookie,
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
    ) as connection:
        session = Session(connection, random.Random(number))
        await session.load(f"run={run_id}")
        session.seconds.clear()
        while time.monotonic() < ends:
            await _one_alert(session)
    return session


async def _one_alert(session: Session) -> None:
    """Take an alert, work on it, look elsewhere, and come back to the queue."""
    await _think(session)
    await session.press("queue_next", "Next")
    await _think(session)
    await session.note()
    for name in ("take", "give back"):
        await _think(session)
        await session.press("case_assign", f"alert: {name}")
    await _think(session)
    await session.press("case_down", "one alert down")
    for page in ("overview", "alerts"):
        await _think(session)
        await session.go(page)


async def _think(session: Session) -> None:
    await asyncio.sleep(session.chance.uniform(*THINKS))

"""Free ports of this machine for servers that tests start."""

from __future__ import annotations

import os
import random
import socket

#: Below the ports that the system gives to connections, which come and go between asking for a
#: port and listening on it; each worker of pytest-xdist has a part of its own.
_FIRST, _PART, _PARTS = 20_000, 700, 18


def free_port() -> int:
    """Return a port that nobody listens on, and that no other worker is given.

    Raises
    ------
    OSError
        If all are taken.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _PARTS
    begin = _FIRST + worker * _PART
    for port in random.sample(range(begin, begin + _PART), _PART):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:  # taken
                continue
        return port
    raise OSError(f"all ports from {begin} to {begin + _PART - 1} are taken")

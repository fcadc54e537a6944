"""Which tests stay together where several processes run them (pytest-xdist)."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

_AWS = "tests/aws/"


class Scheduling(LoadFileScheduling):
    """A file stays together, as its fixtures do; so do all files on AWS: it is deployed once."""

    def _split_scope(self, nodeid: str) -> str:
        return _AWS if nodeid.startswith(_AWS) else super()._split_scope(nodeid)

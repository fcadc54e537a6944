"""Which requests fail, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Part of the user agent of those who only watch.
OBSERVER = "ringleader-observer"


@dataclass(slots=True)
class Rule:
    """What happens to some requests.

    Attributes
    ----------
    service, method, path
        Which requests: as SigV4 spells the service, e.g. ``s3``; a method; a pattern that is looked
        for in path and query or, for services of one path, in the operation's name.
    do
        ``answer`` an error, ``slow`` down and go on, ``cut`` the connection in the middle of the
        answer, ``lose`` the answer of a request that was carried out (500 comes instead), or
        ``kill`` or ``interrupt`` every running job before anything is carried out.
    skip, times, every
        Let so many pass first; then so many are hit, one in every so many.
    """

    service: str = ""
    method: str = ""
    path: str = ""
    do: str = "answer"
    status: int = 503
    code: str = "SlowDown"
    seconds: float = 0.0
    skip: int = 0
    times: int = 1
    every: int = 1
    met: int = 0
    hit: int = 0

    def takes(self, service: str, method: str, target: str) -> bool:
        """Whether a request is hit."""
        fits = self.service in ("", service) and self.method in ("", method)
        if not fits or not re.search(self.path, target):
            return False
        self.met += 1
        is_next = self.met > self.skip and (self.met - self.skip - 1) % self.every == 0
        is_hit = is_next and self.hit < self.times
        self.hit += is_hit
        return is_hit

"""The typology of a ring that was pieced together from labels, not found by a detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.rings.candidates import Candidate, Int32, Int64, Transfers
from engine.rings.overlap import Owners

#: A detector's match names a ring when they share at least this (Jaccard, transfers).
_SAME = 0.5
#: A hub takes part in at least this share of the pairs of a fan or gather-scatter.
_HUB = 0.7
#: Fewest counterparties on each side of a gather-scatter's hub, and fewest mules and layers.
_FEW = 2


class Namer:
    """Names rings after the detectors' matches that they resemble, else by their shape."""

    def __init__(self, transfers: Transfers, matches: Sequence[Candidate]) -> None:
        self._transfers, self._matches = transfers, matches
        self._owners = Owners()
        for number, match in enumerate(matches):
            self._owners.add(number, match.rows.tolist())

    def name(self, rows: Int64, score: float) -> Candidate:
        """Return a candidate with typology, hub, and the surprise of the match it resembles."""
        match = self._resembled(rows)
        if match is not None:
            return replace(match, rows=rows, score=score, learned=True)
        typology, hub = shape_of(self._transfers.sender[rows], self._transfers.receiver[rows])
        return Candidate(typology, rows, hub, 0.0, 0.0, score, learned=True)

    def _resembled(self, rows: Int64) -> Candidate | None:
        best, found = _SAME, None
        for number, shared in self._owners.shared(rows.tolist()).items():
            match = self._matches[number]
            overlap = shared / (len(rows) + len(match.rows) - shared)
            if overlap > best or (overlap == best and found is None):
                best, found = overlap, match
        return found


def shape_of(sender: Int32, receiver: Int32) -> tuple[str, int]:
    """Return the typology that a set of transfers looks most like, and its hub or -1.

    Definitions as those of the detectors, but without time, and with room for a missing transfer:
    a hub need only take part in most pairs.
    """
    pairs = np.unique(np.stack([sender, receiver], axis=1), axis=0)
    known, ends = np.unique(pairs, return_inverse=True)
    source, target = ends.reshape(pairs.shape).T
    out = np.bincount(source, minlength=len(known))
    into = np.bincount(target, minlength=len(known))
    passes = (out > 0) & (into > 0)
    hub = int(np.argmax(out + into))
    if min(out[hub], into[hub]) > _FEW and out[hub] + into[hub] >= _HUB * len(pairs):
        return "gather_scatter", int(known[hub])
    for typology, degree in (("fan_in", into), ("fan_out", out)):
        if degree.max() >= _HUB * len(pairs) and len(pairs) > _FEW:
            return typology, int(known[int(np.argmax(degree))])
    if out.max() == 1 and into.max() == 1:
        return ("cycle" if passes.all() else "chain"), -1
    if not passes.any():
        return "bipartite", -1
    ends_only = ~(passes[source] & passes[target])
    if ends_only.all() and passes.sum() >= _FEW:
        sources, sinks = int((into == 0).sum()), int((out == 0).sum())
        if sources == 1 and sinks == 1:
            return "scatter_gather", -1
        if min(sources, sinks) >= _FEW:
            return "stack", -1
    return "community", -1

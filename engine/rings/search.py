"""Run the typology detectors over the rare graph and put their matches on one scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from engine.config import RingConfig
from engine.progress import Progress, silent
from engine.rings.calibrate import calibrate
from engine.rings.candidates import Candidate, Float32, Float64, Int64, Transfers
from engine.rings.chains import find_chains
from engine.rings.cycles import find_cycles
from engine.rings.fans import find_fans, find_gather_scatter
from engine.rings.inferred import find_inferred_chains, names_persist
from engine.rings.layers import find_layers
from engine.rings.links import Links, find_links
from engine.rings.motifs import Motif
from engine.rings.rare import RareGraph, rare_graph, shuffled
from engine.rings.scatter_gather import find_scatter_gather
from engine.rings.structuring import find_structuring

Detector = Callable[[RareGraph, Links, RingConfig], list[Motif]]

DETECTORS: dict[str, Detector] = {
    "fans": find_fans,
    "gather_scatter": find_gather_scatter,
    "scatter_gather": find_scatter_gather,
    "layers": find_layers,
    "cycles": find_cycles,
    "chains": find_chains,
}
_NULL_SEED = 0
#: A match is explained by better ones when this share of its transfers is theirs.
EXPLAINED = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates of all typologies, doubles included, and sentences on what was bounded."""

    candidates: list[Candidate]
    notes: tuple[str, ...]


def search(transfers: Transfers, config: RingConfig, progress: Progress = silent) -> Found:
    """Find candidates of every typology.

    Returns
    -------
    Found
        Candidates carry the calibrated surprise: ``-log10`` of the matches of their detector that
        chance makes per 10,000 accounts.
    """
    inferred, inferred_notes = find_inferred_chains(transfers, config)
    candidates = [
        replace(found, score=ring_score(found.surprise, transfers.risk[found.rows]))
        for found in [*inferred, *find_structuring(transfers, config)]
    ]
    progress(0.1, f"{len(inferred):,} inferred chains")
    nameless = _why_no_shapes(transfers, config)
    if nameless:
        return Found(candidates, (*inferred_notes, nameless))
    graph = rare_graph(transfers, config)
    if graph.size == 0:
        return Found(candidates, inferred_notes)
    active = int(((graph.out.total + graph.into.total) > 0).sum())
    # The null is searched beside the real transfers: compiled loops leave the interpreter free.
    with ThreadPoolExecutor(1) as pool:
        by_chance = pool.submit(_null_surprises, graph, config)
        links = find_links(graph, config)
        progress(0.2, f"{len(links.first):,} links")
        matches = {}
        for step, (name, detect) in enumerate(DETECTORS.items(), start=1):
            matches[name] = detect(graph, links, config)
            progress(0.2 + 0.7 * step / len(DETECTORS), f"{len(matches[name]):,} {name}")
        null = by_chance.result()
    for name, motifs in matches.items():
        surprise = calibrate(np.array([m.surprise for m in motifs]), null[name], active)
        candidates += _candidates(transfers, graph, motifs, surprise)
    progress(1.0, f"{len(candidates):,} candidates")
    return Found(candidates, (*inferred_notes, *_notes(links, config)))


def _null_surprises(graph: RareGraph, config: RingConfig) -> dict[str, Float64]:
    """Return what each detector finds in the same transfers with shuffled times."""
    null = shuffled(graph, _NULL_SEED)
    links = find_links(null, config)
    return {
        name: np.array([m.surprise for m in unexplained(detect(null, links, config))])
        for name, detect in DETECTORS.items()
    }


def unexplained(motifs: Sequence[Motif]) -> list[Motif]:
    """Drop matches most of whose transfers prove a more surprising one."""
    kept = []
    taken: set[int] = set()
    for motif in sorted(motifs, key=lambda m: (-m.surprise, m.edges.tolist())):
        edges = motif.edges.tolist()
        if sum(edge in taken for edge in edges) < EXPLAINED * len(edges):
            taken.update(edges)
            kept.append(motif)
    return kept


def ring_score(surprise: Float64 | float, risk: Float32) -> float:
    """Put the calibrated surprise and the mean risk of the transactions on a scale of 0 to 1.

    A ring of which chance makes one in ten such inputs per 10,000 accounts scores one half; each
    further factor of ten doubles the odds or more. Risk moves the score by at most a twentieth,
    and never over the alert threshold by itself.
    """
    evidence = 1.0 / (1.0 + 10.0 ** (-(float(surprise) - 1.0) / 2.0))
    return float(evidence + 0.1 * evidence * (1 - evidence) * (float(risk.mean()) - 0.5))


def _why_no_shapes(transfers: Transfers, config: RingConfig) -> str | None:
    """Say why shapes of accounts are not looked for, where they mean nothing."""
    returning = names_persist(transfers.sender)
    if returning >= config.persistent_names:
        return None
    return (
        f"fans, paths and layers were not looked for: only {returning:.1%} of the transactions are "
        "from senders that come back, so every counterparty is new and hardly any money can be "
        "followed by account ([rings] persistent_names)"
    )


def _candidates(
    transfers: Transfers, graph: RareGraph, motifs: Sequence[Motif], surprise: Float64
) -> list[Candidate]:
    found = []
    for motif, value in zip(motifs, surprise.tolist(), strict=True):
        rows: Int64 = np.sort(graph.rows[motif.edges])
        score = ring_score(value, transfers.risk[rows])
        found.append(
            Candidate(motif.typology, rows, motif.hub, float(value), motif.expected, score)
        )
    return found


def _notes(links: Links, config: RingConfig) -> tuple[str, ...]:
    if not links.bounded:
        return ()
    return (
        f"the search was bounded at {links.bounded:,} transfers into busy accounts: after each "
        f"only the next {config.max_hub_scan} payments of the account were followed "
        "([rings] max_hub_scan)",
    )

"""What a drill caught: each planted ring with the alert that found it, or why none did."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from engine.config import RingConfig
from engine.evaluate import evaluate_run
from engine.evaluation.run_results import PredictedRings, judged_from, read_predicted, times
from engine.lake import Lake, RunPaths
from engine.rings.overlap import SAME_RING, Owners

_HOUR = 3_600_000_000

#: With fewer accounts in common two rings have nothing to do with each other.
_FEWEST_SHARED = 2


@dataclass(frozen=True, slots=True)
class _Found:
    """What a run said, and the alerts it raised."""

    predicted: PredictedRings
    ids: tuple[str, ...]
    rank: dict[str, int]
    alerted_tx: frozenset[int]
    threshold: float
    rings: RingConfig
    since: int | None


def judge(lake: Lake, run_id: str, truth_file: Path) -> dict[str, Any]:
    """Judge the run of a drill against what was planted.

    A planted ring is found if an alerted ring shares at least half of all accounts of both with it
    (Jaccard overlap of 0.5 or more), as in :func:`engine.evaluate.evaluate_run`, whose figures
    stand beside: both count the same.

    Returns
    -------
    dict
        Plain JSON types: ``by_typology`` (of each: ``planted, judged, found, recall``), ``found``,
        ``judged``, ``planted``, ``recall`` with its 95 % ``interval``, ``alerts`` of the run,
        ``threshold``, ``notes`` of the run, and ``rings``, one of each planted:
        ``ring, typology, members, n_accounts, n_transactions, amount, start, end, is_judged,
        is_found, overlap, found_as, found_typology, score, rank, alerted_alone, why``.
    """
    paths, manifest = lake.run(run_id), lake.read_manifest(run_id)
    report = evaluate_run(lake, run_id, str(truth_file))
    found = _read(paths, manifest)
    truth = pq.read_table(truth_file).to_pylist()
    rings = [_judged(found, ring) for ring in truth]
    main = report["rings"][str(SAME_RING)]
    return {
        "planted": len(rings),
        "judged": main["true"],
        "found": main["found"],
        "recall": main["ring_recall"],
        "interval": main["intervals"]["ring_recall"],
        "by_typology": _by_typology(rings, report["by_typology"][str(SAME_RING)]),
        "alerts": len(found.rank),
        "threshold": found.threshold,
        "notes": list(manifest["notes"]),
        "judged_on": report["judged_on"],
        "rings": rings,
    }


def _read(paths: RunPaths, manifest: dict[str, Any]) -> _Found:
    rings = pq.read_table(paths.rings, columns=["ring_id", "score"])
    order = np.argsort(-rings["score"].to_numpy(), kind="stable")
    alerts = pq.read_table(paths.alerts, columns=["alert_id", "ring_id", "tx_id"]).to_pylist()
    first = judged_from(paths, manifest)
    return _Found(
        read_predicted(paths),
        tuple(np.array(rings["ring_id"].to_pylist(), object)[order].tolist()),
        {alert["ring_id"] or f"tx {alert['tx_id']}": place
         for place, alert in enumerate(alerts, start=1)},
        frozenset(alert["tx_id"] for alert in alerts if alert["ring_id"] is None),
        float(manifest["config"]["ring_alert_threshold"]),
        RingConfig(**{name: value for name, value in manifest["config"]["rings"].items()
                      if name in RingConfig.__dataclass_fields__}),
        None if first is None else int(times(paths)[first]),
    )  # fmt: skip


def _by_typology(rings: list[dict[str, Any]], figures: dict[str, Any]) -> dict[str, Any]:
    planted: dict[str, int] = {}
    for ring in rings:
        planted[ring["typology"]] = planted.get(ring["typology"], 0) + 1
    return {
        name: {
            "planted": number,
            "judged": figures[name]["true"] if name in figures else 0,
            "found": figures[name]["found"] if name in figures else 0,
            "recall": figures[name]["ring_recall"] if name in figures else None,
        }
        for name, number in planted.items()
    }


def _judged(found: _Found, ring: dict[str, Any]) -> dict[str, Any]:
    members = frozenset(ring["members"])
    alerted = _best(found, members, only_alerts=True)
    any_ring = _best(found, members, only_alerts=False)
    start, end = (
        int(np.datetime64(ring[name], "us").astype(np.int64)) for name in ("start", "end")
    )
    is_found = alerted is not None and alerted[1] >= SAME_RING
    best = alerted if is_found else any_ring
    alone = len(found.alerted_tx & frozenset(ring["rows"]))
    told = {
        "ring": ring["ring_id"],
        "typology": ring["typology"],
        "members": sorted(members),
        "n_accounts": len(members),
        "n_transactions": ring["n_transactions"],
        "amount": ring["amount"],
        "start": ring["start"].isoformat(),
        "end": ring["end"].isoformat(),
        "is_judged": found.since is None or start >= found.since,
        "is_found": is_found,
        "alerted_alone": alone,
        "overlap": 0.0,
        "found_as": None,
        "found_typology": None,
        "score": None,
        "rank": None,
    }
    if best is not None:
        number, overlap = best
        told |= {
            "overlap": round(overlap, 4),
            "found_as": found.ids[number],
            "found_typology": found.predicted.typologies[number],
            "score": round(float(found.predicted.score[number]), 4),
            "rank": found.rank.get(found.ids[number]),
        }
    why = "" if is_found else _why(found, members, any_ring, (end - start) / _HOUR, alone)
    return told | {"why": why}


def _best(found: _Found, members: frozenset[str], *, only_alerts: bool) -> tuple[int, float] | None:
    """Return the ring with the largest overlap, the better one among equals.

    One that shares a single account with it is another ring.
    """
    owners = Owners()
    for number, other in enumerate(found.predicted.members):
        if not only_alerts or found.predicted.score[number] >= found.threshold:
            owners.add(number, members & other)
    best: tuple[int, float] | None = None
    for number, shared in sorted(owners.shared(members).items()):
        if shared < _FEWEST_SHARED:
            continue
        overlap = shared / (len(members) + len(found.predicted.members[number]) - shared)
        if best is None or overlap > best[1]:
            best = (number, overlap)
    return best


def _why(
    found: _Found,
    members: frozenset[str],
    best: tuple[int, float] | None,
    hours: float,
    alone: int,
) -> str:
    """Say in a sentence or two why a ring was missed."""
    said = [_nearest(found, members, best)]
    if hours > found.rings.window_hours:
        said.append(
            f"It lasts {hours / 24:.0f} days; detectors look at {found.rings.window_hours / 24:.0f}"
        )
    if alone:
        whose = "is an alert of its" if alone == 1 else "are alerts of their"
        said.append(f"{alone} of its transfers {whose} own")
    return ". ".join(said) + "."


def _nearest(found: _Found, members: frozenset[str], best: tuple[int, float] | None) -> str:
    if best is None:
        return "No detector proposed a ring with two of its accounts or more"
    number, overlap = best
    shared = len(members & found.predicted.members[number])
    more = len(found.predicted.members[number]) - shared
    score = float(found.predicted.score[number])
    name = found.ids[number]
    below = f"it scored {score:.2f}, below the alert threshold of {found.threshold:.2f}"
    if overlap >= SAME_RING:
        return f"It was seen as {name}, but {below}"
    part = f"{name} holds {shared} of its {len(members)} accounts"
    if more:
        part += f" and {more} other{'s' * (more != 1)}"
    part += f", an overlap of {overlap:.2f} where {SAME_RING} counts as found"
    return part if score >= found.threshold else f"{part}; {below}"

"""``python -m engine bench --series`` and ``--hub``: how time grows, and what a hub does.

The doubling series runs every stage, and every ring detector by itself, on generated transfers of
doubling size. The slope of log time over log size is the power by which time grows: about 1.05 to
1.1 at these sizes for n log n, 2 for all pairs.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.accounts import encode_accounts
from engine.backend import EngineChoice
from engine.bench import TimedRun, machine, timed_run
from engine.columns import FINAL_RISK
from engine.config import RingConfig
from engine.errors import RunError
from engine.features.build import epoch_seconds, minor_units
from engine.generate import generate_rings
from engine.graph.build import pair_totals
from engine.lake import Lake, RunPaths
from engine.rings.candidates import Transfers
from engine.rings.inferred import find_inferred_chains
from engine.rings.links import find_links
from engine.rings.rare import rare_graph
from engine.rings.search import DETECTORS
from engine.rings.structuring import find_structuring

SIZES = tuple(100_000 * 2**step for step in range(6))
HUB_ROWS = 1_000_000
ORDINARY_ROWS = 1_000_000
#: A detector that takes less is timed as the best of this many calls.
_QUICK_SECONDS, _REPEATS = 1.0, 3
_HUB = 2_000_000_000


def bench_series(sizes: tuple[int, ...], seed: int, engine: EngineChoice) -> dict[str, Any]:
    """Time every stage and detector at each size; print JSON and a Markdown table of slopes."""
    rows: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="ringleader-bench-") as folder:
        lake = Path(folder) / "lake"
        _warm_up(lake, engine)
        for size in sizes:
            run = _run(generate_rings(size, seed).transactions, lake, engine)
            seconds = {f"stage {s['name']}": s["seconds"] for s in run.manifest["stages"]}
            seconds |= detector_seconds(Lake.open(lake).run(run.last["run_id"]))
            for name, value in seconds.items():
                rows.setdefault(name, []).append(value)
    report = {
        "machine": machine(),
        "sizes": list(sizes),
        "seconds": rows,
        "slope": {name: slope(sizes, values) for name, values in rows.items()},
        "slope_last_three": {name: slope(sizes[-3:], values[-3:]) for name, values in rows.items()},
    }
    print(json.dumps(report, indent=1))
    print()
    print(series_table(report))
    return report


def slope(sizes: tuple[int, ...], seconds: list[float]) -> float | None:
    """Return the slope of log time over log size by least squares; None for fewer than two."""
    if len(sizes) < 2 or min(seconds) <= 0:
        return None
    return round(float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0]), 3)


def series_table(report: dict[str, Any]) -> str:
    """Write the doubling series for people: seconds by size, then the slopes."""
    sizes = " | ".join(f"{size:,}" for size in report["sizes"])
    lines = [
        "Seconds by number of transactions; slope of log time over log size.",
        "",
        f"| what | {sizes} | slope | slope, last three |",
        "| --- |" + " ---: |" * (len(report["sizes"]) + 2),
    ]
    for name, seconds in report["seconds"].items():
        cells = [f"{value:.2f}" for value in seconds]
        for key in ("slope", "slope_last_three"):
            value = report[key][name]
            cells.append("–" if value is None else f"{value:.2f}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def detector_seconds(paths: RunPaths) -> dict[str, float]:
    """Time each detector on the transactions of a run."""
    transfers, config = transfers_of(paths), RingConfig()
    graph = rare_graph(transfers, config)
    links = find_links(graph, config)
    return (
        {
            "yardstick: a plain sort": _seconds(partial(_sort, len(transfers.sender))),
            "rare transfers": _seconds(partial(rare_graph, transfers, config)),
            "links": _seconds(partial(find_links, graph, config)),
        }
        | {
            f"detector {name}": _seconds(partial(detect, graph, links, config))
            for name, detect in DETECTORS.items()
        }
        | {
            # Generated names come back, amounts are far below: these settings give both work.
            "detector inferred chains": _seconds(
                partial(find_inferred_chains, transfers, replace(config, persistent_names=2.0))
            ),
            "detector structuring": _seconds(
                partial(find_structuring, transfers, replace(config, reporting_threshold=1_000.0))
            ),
        }
    )


def _sort(n: int) -> None:
    """Sort random numbers and take them in order: what n log n costs with real memory."""
    numbers = np.random.default_rng(0).integers(0, 2**40, n)
    numbers[np.argsort(numbers, kind="stable")]


def transfers_of(paths: RunPaths) -> Transfers:
    """Read from a finished run what the detectors see."""
    table = pq.read_table(paths.augmented)
    accounts = encode_accounts(table)
    if accounts is None:
        raise RunError(f"run {paths.run_id} has no accounts")
    return Transfers(
        accounts.sender, accounts.receiver, epoch_seconds(table), minor_units(table),
        table[FINAL_RISK].to_numpy(), pair_totals(accounts.sender, accounts.receiver),
        has_model=False,
    )  # fmt: skip


def bench_hub(
    hub_rows: int, seed: int, engine: EngineChoice, ordinary_rows: int = ORDINARY_ROWS
) -> dict[str, Any]:
    """Run a hub with many edges among ordinary transfers; print JSON and a Markdown table.

    The same number of ordinary transfers without a hub stands beside it, and what the run says it
    bounded.
    """
    ordinary = generate_rings(ordinary_rows, seed).transactions
    with tempfile.TemporaryDirectory(prefix="ringleader-bench-") as folder:
        lake = Path(folder) / "lake"
        _warm_up(lake, engine)
        with_hub = _run(add_hub(ordinary, hub_rows, seed), lake, engine)
        without = _run(generate_rings(ordinary_rows + hub_rows, seed).transactions, lake, engine)
    report = {
        "machine": machine(),
        "ordinary_rows": ordinary_rows,
        "hub_rows": hub_rows,
        "with_hub": _hub_figures(with_hub),
        "without_hub": _hub_figures(without),
    }
    print(json.dumps(report, indent=1))
    print()
    print(hub_table(report))
    return report


def add_hub(transactions: pa.Table, edges: int, seed: int) -> pa.Table:
    """Add one account that pays, and is paid by, one account after another at random times.

    Half of the counterparties are accounts of the input, half are new with every transfer, so that
    no pair keeps paying and the search has to look at all of the hub's transfers.

    Parameters
    ----------
    transactions
        As ``generate_rings`` makes them, in time order.
    edges
        Transfers of the hub, half of them in each direction.
    """
    rng = np.random.default_rng(seed)
    sender = transactions["sender"].to_numpy()
    days = transactions["step"].to_numpy()
    pays = np.arange(edges) % 2 == 0
    new = np.arange(edges) % 4 < 2
    other = np.where(new, _HUB - 1 - np.arange(edges), rng.choice(np.unique(sender), edges))
    hub = pa.table(
        {
            "step": rng.integers(0, int(days.max()) + 1, edges).astype(np.int32),
            "type": pa.repeat("TRANSFER", edges),
            "amount": np.round(rng.lognormal(5.0, 1.0, edges) + 0.01, 2),
            "sender": np.where(pays, _HUB, other).astype(np.int32),
            "receiver": np.where(pays, other, _HUB).astype(np.int32),
            "is_laundering": np.zeros(edges, np.int8),
            "ring_id": np.full(edges, -1, np.int32),
        }
    )
    both = pa.concat_tables([transactions, hub])
    return both.take(pa.array(np.argsort(both["step"].to_numpy(), kind="stable")))


def hub_table(report: dict[str, Any]) -> str:
    """Write the hub benchmark for people."""
    columns = {
        f"{report['ordinary_rows']:,} ordinary + a hub with {report['hub_rows']:,}": "with_hub",
        "as many, no hub": "without_hub",
    }
    names = list(report["with_hub"]["stages"])
    lines = [
        "| seconds | " + " | ".join(columns) + " |",
        "| --- |" + " ---: |" * len(columns),
    ]
    for name in names:
        cells = [f"{report[key]['stages'].get(name, 0.0):.1f}" for key in columns.values()]
        lines.append(f"| stage {name} | " + " | ".join(cells) + " |")
    for name, key in (("start to exit", "wall_seconds"), ("peak memory MB", "peak_rss_mb")):
        cells = [f"{report[column][key]:,.1f}" for column in columns.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    notes = report["with_hub"]["notes"] or ["nothing was bounded"]
    return "\n".join([*lines, "", "The run with the hub says:", *(f"- {note}" for note in notes)])


def _hub_figures(run: TimedRun) -> dict[str, Any]:
    return {
        "stages": {stage["name"]: stage["seconds"] for stage in run.manifest["stages"]},
        "wall_seconds": run.wall_seconds,
        "peak_rss_mb": run.last["peak_rss_mb"],
        "rings": run.last["rings"],
        "notes": run.manifest["notes"],
    }


def _run(transactions: pa.Table, lake: Path, engine: EngineChoice) -> TimedRun:
    path = lake.parent / f"rows-{transactions.num_rows}.parquet"
    pq.write_table(transactions, path)
    return timed_run(path, lake, engine, "--labels", "ignore")


def _warm_up(lake: Path, engine: EngineChoice) -> None:
    """Compile the kernels, so that no timed run does."""
    run = _run(generate_rings(5_000, 1).transactions, lake, engine)
    detector_seconds(Lake.open(lake).run(run.last["run_id"]))


def _seconds(work: Callable[[], object]) -> float:
    best = np.inf
    for _ in range(_REPEATS):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
        if best > _QUICK_SECONDS:
            break
    return round(best, 4)

"""How quick accounts and the search are: ``python -m tests.bench_ledger --lake DIR RUN…``.

For each run: making the ledger anew (seconds, memory, disk), then what the account page asks for
an ordinary account and for the one with the most transactions, and searches. Times are the best
of several, in this process alone, with the files in the page cache; CPU times beside them tell a
busy machine.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from engine.bench import machine
from engine.lake import Lake, RunPaths
from engine.query import ledger
from engine.query.account_activity import account_activity
from engine.query.account_entries import account_entries
from engine.query.account_findings import account_findings
from engine.query.account_peers import account_peers
from engine.query.account_verdict import account_verdict
from engine.query.ledger_file import folder_of, open_ledger
from engine.query.risk_reasons import account_reasons
from engine.query.search import Search, find

_SAMPLES = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_ledger", description=__doc__)
    parser.add_argument("--lake", type=Path, required=True)
    parser.add_argument("runs", nargs="+")
    chosen = parser.parse_args(arguments)
    print(f"{machine()}\n\n| run | what | ms | CPU ms |\n|---|---|---|---|")
    for run_id in chosen.runs:
        paths = Lake.open(chosen.lake).run(run_id)
        _made_anew(paths)
        for what, call in _calls(paths):
            wall, cpu = _best(call)
            print(f"| {run_id} | {what} | {1e3 * wall:.1f} | {1e3 * cpu:.1f} |", flush=True)
    return 0


def _made_anew(paths: RunPaths) -> None:
    shutil.rmtree(folder_of(paths), ignore_errors=True)
    before = time.perf_counter(), time.process_time()
    ledger.prepare(paths)
    wall, cpu = time.perf_counter() - before[0], time.process_time() - before[1]
    size = sum(path.stat().st_size for path in folder_of(paths).iterdir()) / 1e6
    peak = psutil.Process().memory_info().rss / 1e6
    print(
        f"| {paths.run_id} | making the ledger: {size:,.0f} MB on disk, {peak:,.0f} MB held after "
        f"it | {1e3 * wall:,.0f} | {1e3 * cpu:,.0f} |",
        flush=True,
    )


def _calls(paths: RunPaths) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield what the pages ask for."""
    found = open_ledger(paths)
    sizes = np.diff(found.starts)
    largest, usual = int(sizes.argmax()), int(np.argsort(sizes, kind="stable")[len(sizes) // 2])
    for code in (usual, largest):
        account = str(found.names[code].as_py())
        whose = f"{account} ({sizes[code]:,} transactions)"
        yield f"{whose}: entries", partial(ledger.entries, paths, [account])
        yield (
            f"{whose}: the riskiest 15 counterparties",
            partial(ledger.counterparties, paths, [account], limit=15),
        )
        yield f"{whose}: what its page asks at first", partial(_page, paths, account)
        for part in (account_findings, account_peers, account_reasons):
            yield f"{whose}: {part.__name__}", partial(part, paths, account)
    begin = account[: max(3, len(account) // 2)]
    for text in (account, begin, begin.swapcase(), account[2:], "no account has this"):
        yield f"search for {text!r}", partial(find, paths, Search(text))


def _page(paths: RunPaths, account: str) -> None:
    ledger.account_facts(paths, [account])
    account_activity(paths, account)
    account_verdict(paths, account)
    ledger.counterparties(paths, [account], limit=200)
    account_entries(paths, account)


def _best(call: Callable[[], Any]) -> tuple[float, float]:
    call()
    walls, cpus = [], []
    for _ in range(_SAMPLES):
        before = time.perf_counter(), time.process_time()
        call()
        walls.append(time.perf_counter() - before[0])
        cpus.append(time.process_time() - before[1])
    return min(walls), min(cpus)


if __name__ == "__main__":
    sys.exit(main())

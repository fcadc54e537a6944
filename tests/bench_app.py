"""How quick the app is in a browser: ``python -m tests.bench_app --lake DIR``.

The lake needs a run with 100,000 alerts (``--many``), one with rings (``--rings``), one of 6.4
million transactions (``--full``) and that of :mod:`tests.bench_large` (``--large``); the README
says how they were made. The app runs on a database of its own, into which the lake's runs are
taken first, and is driven in headless Chromium by one analyst: times are from the click until what
was asked for is on the screen and nothing runs any more; the browser and the app share the machine.
Then several analysts at once think between clicks, without browsers: see ``bench_sessions``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Browser, async_playwright

from engine.bench import machine
from engine.lake import Lake
from engine.workbench import logins, users
from engine.workbench.database import Workbench, default_url
from engine.workbench.migrations import upgrade
from engine.workbench.take_in import take_in_all
from tests import bench_explorer
from tests.bench_actions import LOOK, Analyst
from tests.bench_sessions import work_together
from tests.browser import chromium_path, started_app


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured, and on what."""

    lake: Path
    many: str
    rings: str
    hub: str
    full: str
    busiest: str
    large: str
    explorer_only: bool
    samples: int
    analysts: int
    minutes: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; print a Markdown table, and JSON if asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_app", description=__doc__)
    parser.add_argument("--lake", type=Path, required=True)
    parser.add_argument("--many", default="paysim-100k", help="run with 100,000 alerts")
    parser.add_argument("--rings", default="aml-full", help="run with rings")
    parser.add_argument("--hub", default="20", help="a busy account of the run with rings")
    parser.add_argument("--full", default="paysim-full", help="the largest run; '': none")
    parser.add_argument("--busiest", default="C23254514", help="a busy account of that run")
    parser.add_argument("--large", default="large", help="run of tests.bench_large; '': none")
    parser.add_argument("--explorer-only", action="store_true", help="no alerts, and one analyst")
    parser.add_argument("--samples", type=int, default=30)
    parser.add_argument("--analysts", type=int, default=10)
    parser.add_argument(
        "--minutes", type=float, default=2.0, help="of the analysts at once; 0: no such part"
    )
    parser.add_argument("--json", action="store_true")
    given = vars(parser.parse_args(arguments))
    as_json = given.pop("json")
    report = measure(Bench(**given))
    print(json.dumps(report, indent=1) if as_json else to_markdown(report))
    return 0


def measure(bench: Bench) -> dict[str, Any]:
    """Run the app over the lake and drive it."""
    with tempfile.TemporaryDirectory(prefix="ringleader-bench-") as name:
        folder = Path(name)
        url = os.environ.get("DATABASE_URL") or default_url(folder)
        began = time.perf_counter()
        tokens = prepared(bench, url)
        taken_in = time.perf_counter() - began
        variables = {
            "RINGLEADER_LAKE": str(bench.lake.resolve()), "RINGLEADER_DEMO": "", "DATABASE_URL": url
        }  # fmt: skip
        with started_app(folder, variables) as address, memory() as peak:
            alone = asyncio.run(drive(bench, address, tokens))
            print(f"one analyst is measured: {slowest(alone)}", file=sys.stderr)
            together = (
                asyncio.run(work_together(address, tokens, bench.many, bench.minutes))
                if bench.minutes
                else {}
            )
    return {
        "machine": machine() | {"load_before": round(os.getloadavg()[2], 2)},
        "database": url.split(":", 1)[0],
        "taken_in_seconds": round(taken_in, 1),
        "alone": {name: figures(values) for name, values in alone.items() if values},
        "together": {"analysts": bench.analysts}
        | {name: figures(values) for name, values in together.items() if values},
        "app_mb": round(peak["mb"]),
    }


def prepared(bench: Bench, url: str) -> list[str]:
    """Take the lake's runs in and sign analysts in; return their cookies."""
    workbench = Workbench.open(url)
    upgrade(workbench)
    take_in_all(workbench, Lake.open(bench.lake))
    workbench.write(users.first_admin)
    tokens = [workbench.write(_signed_in, number) for number in range(bench.analysts)]
    workbench.close()
    return tokens


def _signed_in(session: Any, number: int) -> str:
    user = users.add_user(session, f"analyst{number}", f"Analyst {number}", "analyst", None)
    redeemed = logins.redeem(session, logins.issue_ticket(session, user.id))
    assert redeemed is not None
    return redeemed[0]


async def drive(bench: Bench, address: str, tokens: Sequence[str]) -> dict[str, list[float]]:
    """Let one analyst do everything, again and again."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox"]
        )
        analyst = await seated(browser, address, tokens[0], 0)
        await everything(analyst, bench, 0)
        analyst.seconds.clear()  # once to warm up
        for number in range(bench.samples):
            await everything(analyst, bench, number)
        await browser.close()
    return dict(analyst.seconds)


async def everything(analyst: Analyst, bench: Bench, number: int) -> None:
    """Go through every page and every click that is measured, once."""
    if not bench.explorer_only:
        await work_on_alerts(analyst, bench, number)
    await bench_explorer.explore(analyst, bench.rings, bench.hub)
    if bench.large:
        await bench_explorer.explore_large(analyst, bench.large)
    if bench.full:
        await bench_explorer.explore_full(analyst, bench.full, bench.busiest, number)


async def work_on_alerts(analyst: Analyst, bench: Bench, number: int) -> None:
    """Go through the pages round the queue."""
    many = f"run={bench.many}"
    await analyst.load(f"/alerts?{many}", "bench.rows()")
    await analyst.go("Home")
    await analyst.go("Alerts", "page: Alerts (100,000)")
    await analyst.open_row()
    await analyst.take_next()
    await analyst.note()
    await analyst.tabs()
    await analyst.assign()
    await analyst.decide()
    await analyst.open_row()
    await analyst.list_below()
    await analyst.search("C1" + str(number % 10))
    await bench_explorer.search_accounts(analyst, f"C{number % 10}{number:03d}")
    await analyst.go("Overview")
    await analyst.show_run(bench.rings)
    await analyst.go("Rings")
    await analyst.ring(number)
    await analyst.go("Runs")
    await analyst.go("Alerts")
    await analyst.open_row()
    await analyst.take_next()
    await analyst.tabs()
    await analyst.go("Overview")
    await analyst.go("Score")


async def seated(browser: Browser, address: str, token: str, number: int) -> Analyst:
    """Return an analyst whose browser holds the cookie of a sign-in."""
    context = await browser.new_context(viewport={"width": 1440, "height": 1000})
    await context.add_cookies([{"name": "ringleader_session", "value": token, "url": address}])
    await context.add_init_script(LOOK)
    page = await context.new_page()
    page.set_default_timeout(60_000)
    return Analyst(page, address, random.Random(number))


@contextmanager
def memory() -> Iterator[dict[str, float]]:
    """Give the most memory the app's process has held, in MB, when it is left."""
    (app,) = [one for one in psutil.Process().children() if "streamlit" in one.cmdline()]
    peak = {"mb": 0.0}
    yield peak
    status = Path(f"/proc/{app.pid}/status").read_text(encoding="ascii")
    (high,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    peak["mb"] = int(high.split()[1]) / 1024


def slowest(seconds: dict[str, list[float]]) -> str:
    """Name the action with the largest 95th percentile."""
    name = max(seconds, key=lambda action: figures(seconds[action])["p95"])
    return f"the slowest is {name}, {figures(seconds[name])}"


def figures(values: Sequence[float]) -> dict[str, float]:
    """Return number, median, 95th percentile and maximum of some seconds."""
    ordered = sorted(values)
    return {
        "n": len(ordered),
        "p50": round(ordered[len(ordered) // 2], 3),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 3),
        "max": round(ordered[-1], 3),
    }


def to_markdown(report: dict[str, Any]) -> str:
    """Write the report as a table, the slowest action first."""
    where, together = report["machine"], dict(report["together"])
    analysts = together.pop("analysts")
    lines = [
        f"{where['cores']} cores, {where['memory_gb']:.0f} GB, {report['database']}; browser and "
        f"app on the same machine; the app held {report['app_mb']:,} MB at most",
        "",
        "| action | n | median s | 95th percentile s |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, one in sorted(report["alone"].items(), key=lambda item: -item[1]["p95"]):
        lines.append(f"| {name} | {one['n']} | {one['p50']:.2f} | {one['p95']:.2f} |")
    if "all" in together:
        everything = together["all"]
        lines.append(
            f"| **{analysts} analysts at once, every click** | {everything['n']} "
            f"| **{everything['p50']:.2f}** | **{everything['p95']:.2f}** |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

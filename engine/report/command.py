"""``python -m engine report``: alerts, or a whole run, as PDF from what the lake alone knows."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from engine.errors import InputError
from engine.formats import Style
from engine.lake import Lake, RunPaths, replacing

#: Reports that are made at the same time: queries and layout compute outside of Python.
_AT_ONCE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("run_id", metavar="RUN_ID")
    parser.add_argument(
        "out", metavar="OUT", help="a PDF, or a folder where --alerts names several"
    )
    parser.add_argument("--lake", default="lake")
    parser.add_argument(
        "--alerts", metavar="ALERT_ID", nargs="+", default=[],
        help="ids such as A000001; left out, the summary of the run is written",
    )  # fmt: skip
    parser.add_argument("--numbers", default="auto", choices=("auto", "indian", "western"))
    parser.add_argument("--zone", default="UTC", help="time zone, e.g. Asia/Kolkata")


def report(arguments: argparse.Namespace) -> None:
    """Write the reports, and print the path of each.

    Raises
    ------
    InputError
        If the run is not done, or has no such alert.
    """
    lake = Lake.open(arguments.lake)
    manifest = lake.read_manifest(arguments.run_id)
    if manifest["status"] != "done":
        raise InputError(f"run {arguments.run_id} is {manifest['status']}: only done runs report")
    lake.fetch(arguments.run_id)
    paths, out = lake.run(arguments.run_id), Path(arguments.out)
    style = Style(numbers=arguments.numbers, zone=arguments.zone)
    if out.is_dir() and out.suffix == ".pdf":
        raise InputError(f"{out} is a folder: name a PDF")
    if not arguments.alerts:
        if out.is_dir():
            raise InputError(f"{out} is a folder: the summary of a run is one PDF")
        _write(out, _run(paths, style))
    elif len(arguments.alerts) == 1 and out.suffix == ".pdf":
        _write(out, alert_of_lake(paths, arguments.alerts[0], style))
    else:
        if out.exists() and not out.is_dir():
            raise InputError(f"{out} is a file: several alerts go to a folder")
        _several(paths, arguments.alerts, style, out)


def _several(paths: RunPaths, alert_ids: Sequence[str], style: Style, folder: Path) -> None:
    def write(alert_id: str) -> None:
        _write(folder / f"{alert_id}.pdf", alert_of_lake(paths, alert_id, style))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # Asked for, so that what goes wrong is raised.
        list(pool.map(write, alert_ids))


def alert_of_lake(paths: RunPaths, alert_id: str, style: Style) -> bytes:
    """Return an alert's report as of the end of its run, without what a workbench knows."""
    from engine.narrative.gather import gather
    from engine.narrative.narrate import narrate_by_template
    from engine.query.run_model import manifest_of
    from engine.report.content import Content
    from engine.report.evidence import collect
    from engine.report.pdf import alert_pdf

    ledger = gather(paths, alert_id)
    finished = datetime.fromisoformat(manifest_of(paths)["finished"])
    narrative = narrate_by_template(ledger, style)
    return alert_pdf(
        Content(collect(paths, alert_id), ledger, narrative, made_at=finished, style=style)
    )


def _run(paths: RunPaths, style: Style) -> bytes:
    from dataclasses import replace

    from engine.report.pdf import run_pdf
    from engine.report.run_evidence import collect_run

    return run_pdf(replace(collect_run(paths), style=style))


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as part:
        part.write_bytes(content)
    print(path)

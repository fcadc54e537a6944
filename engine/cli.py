"""The command line of the engine: run, evaluate, generate, drill, report, bench, compare, doctor.

Exit status: 0 done, 2 bad input or arguments (the message is on stderr), 1 failure.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from engine.drill.command import add_arguments as add_drill_arguments
from engine.drill.command import drill
from engine.errors import EngineError, InputError, StoppedError
from engine.progress import Progress
from engine.report.command import add_arguments as add_report_arguments
from engine.report.command import report


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], None] = arguments.command
    try:
        command(arguments)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except EngineError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engine", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="find rings in a file and raise alerts")
    run.add_argument(
        "input", metavar="INPUT", nargs="?",
        help="file or s3:// address; left out, the run of --run-id goes on",
    )  # fmt: skip
    run.add_argument("--lake", help="folder or s3://bucket[/prefix]; default: lake")
    run.add_argument(
        "--until", choices=("scores",), help="stop when the transactions are scored"
    )  # fmt: skip
    run.add_argument("--schema", default="auto", help="auto, a schema's name, or a TOML file")
    run.add_argument("--engine", default="auto", choices=("auto", "cpu", "gpu"))
    run.add_argument("--run-id")
    run.add_argument("--labels", default="auto", choices=("auto", "ignore"))
    run.add_argument(
        "--feedback", metavar="FILE.parquet",
        help="analysts' decisions, which go over the input's labels (engine/feedback.py)",
    )  # fmt: skip
    run.add_argument(
        "--config", default=os.environ.get("RINGLEADER_CONFIG"),
        help="TOML file with settings; default: what RINGLEADER_CONFIG names",
    )  # fmt: skip
    run.set_defaults(command=_run)

    evaluate = commands.add_parser("evaluate", help="judge a run against the truth")
    evaluate.add_argument("run_id", metavar="RUN_ID")
    evaluate.add_argument("--lake", default="lake")
    evaluate.add_argument("--truth", help="rings.parquet with ring_id, typology, members")
    evaluate.add_argument(
        "--feature-sets", action="store_true",
        help="train again without balances, with balances before, and with all balances",
    )  # fmt: skip
    evaluate.add_argument("--json", action="store_true", help="JSON instead of a table")
    evaluate.set_defaults(command=_evaluate)

    generate = commands.add_parser("generate", help="make seeded data with truth")
    generate.add_argument("kind", choices=("paysim", "rings"))
    generate.add_argument("out", metavar="OUT")
    generate.add_argument("--rows", type=int, required=True)
    generate.add_argument("--seed", type=int, default=1)
    generate.add_argument("--rings", type=int, help="rings to plant; 0 leaves look-alikes alone")
    generate.set_defaults(command=_generate)

    planting = commands.add_parser("drill", help="plant rings into a copy of data: are they found?")
    add_drill_arguments(planting)
    planting.set_defaults(command=_drill)

    reporting = commands.add_parser("report", help="write alerts, or a whole run, as PDF")
    add_report_arguments(reporting)
    reporting.set_defaults(command=report)

    _add_bench(commands.add_parser("bench", help="measure time, growth, or ring figures"))

    compare = commands.add_parser("compare", help="tell whether two runs gave the same results")
    compare.add_argument("run_a", metavar="RUN_A")
    compare.add_argument("run_b", metavar="RUN_B")
    compare.add_argument("--lake", default="lake")
    compare.set_defaults(command=_compare)

    doctor = commands.add_parser("doctor", help="tell what this machine has and what is missing")
    doctor.add_argument("--engine", default="auto", choices=("auto", "cpu", "gpu"))
    doctor.add_argument("--lake", default="lake", help="folder whose disk the runs will fill")
    doctor.add_argument("--json", action="store_true", help="JSON instead of lines")
    doctor.set_defaults(command=_doctor)
    return parser


def _add_bench(bench: argparse.ArgumentParser) -> None:
    what = bench.add_mutually_exclusive_group()
    what.add_argument(
        "--rings", metavar="DIR", help="ring figures on labelled sets, ours beside the peers"
    )
    what.add_argument(
        "--series", action="store_true", help="time of stages and detectors as the input doubles"
    )
    what.add_argument(
        "--hub", metavar="N", type=int, nargs="?", const=1_000_000,
        help="an account with N edges (default 1,000,000) among ordinary transfers",
    )  # fmt: skip
    what.add_argument("--input", help="time every stage on this file, not on generated data")
    bench.add_argument("--rows", type=int, default=6_362_620, help="rows of generated data")
    bench.add_argument("--seed", type=int, default=1)
    bench.add_argument(
        "--engine", default="cpu", choices=("auto", "cpu", "gpu", "both"),
        help="both: the CPU and the GPU on the same file, in one table with ratios",
    )  # fmt: skip
    bench.add_argument("--only", metavar="SET", help="with --rings: this set alone")
    bench.add_argument("--no-peers", action="store_true", help="with --rings: ours alone")
    bench.add_argument("--lake", help="with --rings: keep the runs in this lake")
    bench.set_defaults(command=_bench)


def _run(arguments: argparse.Namespace) -> None:
    from engine.config import Config
    from engine.job_environment import JobInput, complete, with_price
    from engine.lake import Lake
    from engine.pipeline import run
    from engine.plan import plan, plan_rest
    from engine.processes import peak_rss_mb

    wanted = complete(JobInput(arguments.input, arguments.lake, arguments.run_id), os.environ)
    lake = Lake.open(wanted.lake or "lake")
    settings = arguments.config
    config = with_price(Config.load(lake.fetch_input(settings) if settings else None), os.environ)
    if wanted.input is not None:
        planned = plan(
            lake, wanted.input, arguments.schema, arguments.labels, arguments.engine, config,
            wanted.run_id, feedback=arguments.feedback,
        )  # fmt: skip
    elif wanted.run_id is not None:
        planned = plan_rest(lake, wanted.run_id, arguments.engine, config)
    else:
        raise InputError("name an INPUT to run, or a run that shall go on with --run-id ID")
    if planned.duplicate_of == planned.run_id:
        print(f"run {planned.run_id} is done already; its results stand", file=sys.stderr)
    elif planned.duplicate_of:
        print(f"the same file was run before as {planned.duplicate_of}", file=sys.stderr)
    signal.signal(signal.SIGTERM, _stop)
    show = _bar() if sys.stderr.isatty() else _lines()
    manifest = run(lake, planned, show, arguments.until)
    for note in manifest["notes"]:
        print(f"note: {note}", file=sys.stderr)
    print(json.dumps(summary(manifest, peak_rss_mb())))


def summary(manifest: dict[str, Any], peak_mb: float) -> dict[str, Any]:
    """Return the last line that ``run`` prints.

    ``peak_rss_mb`` is the run's own peak where it left one, else that of this process.
    """
    peaks = [stage["peak_rss_mb"] for stage in manifest["stages"]]
    counts = manifest["counts"]
    return {
        "run_id": manifest["run_id"],
        "status": manifest["status"],
        "rows": manifest["input"]["rows"],
        "rejected": manifest["input"]["rejected"],
        "alerts": counts.get("alerts", 0),
        "rings": counts.get("rings", 0),
        "seconds": manifest["seconds"],
        "peak_rss_mb": max(peaks, default=peak_mb),
        "engine": manifest["engine"]["kind"],
        "metrics": manifest["metrics"],
    }


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise StoppedError("stopped; the same command goes on after the last finished stage")


def _bar() -> Progress:
    width = 30

    def show(share: float, message: str) -> None:
        full = int(width * share)
        bar = "#" * full + "." * (width - full)
        end = "\n" if share >= 1 else ""
        print(f"\r[{bar}] {share:4.0%} {message:<60.60}", end=end, file=sys.stderr, flush=True)

    return show


def _lines() -> Progress:
    """Write a line at each new stage: a log has no use for a bar."""
    last = ""

    def show(share: float, message: str) -> None:
        nonlocal last
        stage = message.partition(":")[0]
        if stage != last:
            last = stage
            print(f"{share:4.0%} {stage}", file=sys.stderr, flush=True)

    return show


def _evaluate(arguments: argparse.Namespace) -> None:
    from engine.evaluate import evaluate_run, to_markdown
    from engine.lake import Lake

    report = evaluate_run(
        Lake.open(arguments.lake), arguments.run_id, arguments.truth, arguments.feature_sets
    )
    # The contract's `evaluate --truth` prints JSON; without a truth file people read a table.
    as_json = arguments.json or arguments.truth is not None
    print(json.dumps(report, indent=1) if as_json else to_markdown(report))


def _generate(arguments: argparse.Namespace) -> None:
    from engine.generate import write_paysim, write_rings

    if arguments.kind == "paysim":
        if arguments.rings is not None:
            raise InputError("--rings goes with generate rings; PaySim data holds no rings")
        paths = write_paysim(arguments.rows, arguments.seed, arguments.out)
    else:
        paths = write_rings(arguments.rows, arguments.seed, arguments.out, arguments.rings)
    for path in paths:
        print(path)


def _drill(arguments: argparse.Namespace) -> None:
    signal.signal(signal.SIGTERM, _stop)
    drill(arguments, _bar() if sys.stderr.isatty() else _lines())


def _bench(arguments: argparse.Namespace) -> None:
    if arguments.rings is None and (arguments.only or arguments.no_peers or arguments.lake):
        raise InputError("--only, --no-peers and --lake go with bench --rings DIR")
    if arguments.rings is not None:
        if arguments.engine == "both":
            raise InputError("bench --rings takes one engine: --engine cpu, gpu or auto")
        _bench_rings(arguments)
    elif arguments.engine == "both" and (arguments.series or arguments.hub is not None):
        raise InputError("bench --engine both goes with the stage table: leave out --series, --hub")
    elif arguments.series:
        from engine.bench_scaling import SIZES, bench_series

        bench_series(SIZES, arguments.seed, arguments.engine)
    elif arguments.hub is not None:
        from engine.bench_scaling import bench_hub

        bench_hub(arguments.hub, arguments.seed, arguments.engine)
    else:
        from engine.bench import bench

        bench(arguments.rows, arguments.seed, arguments.engine, arguments.input)


def _bench_rings(arguments: argparse.Namespace) -> None:
    from engine.bench_rings import bench_rings

    lake = Path(arguments.lake) if arguments.lake else None
    bench_rings(
        Path(arguments.rings), arguments.only,
        with_peers=not arguments.no_peers, lake=lake, engine=arguments.engine,
    )  # fmt: skip


def _doctor(arguments: argparse.Namespace) -> None:
    from engine.doctor import examine

    report = examine(lake=Path(arguments.lake))
    print(json.dumps(report.to_dict(), indent=1) if arguments.json else report.to_text())
    if not report.can_run(arguments.engine):
        raise EngineError(f"--engine {arguments.engine} cannot run here; see above")


def _compare(arguments: argparse.Namespace) -> None:
    from engine.compare import compare_runs
    from engine.lake import Lake

    report = compare_runs(Lake.open(arguments.lake), arguments.run_a, arguments.run_b)
    print(json.dumps(report, indent=1))
    if not report["agree"]:
        beyond = [check["what"] for check in (report["parity"] or {}).get("beyond", [])]
        raise EngineError("the two runs differ" + (f": {'; '.join(beyond)}" if beyond else ""))

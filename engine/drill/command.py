"""``python -m engine drill``: plant rings into a copy of a run's data and see what is caught."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from engine.errors import InputError
from engine.generate.ring_shapes import TYPOLOGIES
from engine.progress import Progress

#: Rings of each typology where none is asked for by name.
_EACH = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "source", metavar="RUN_ID|FILE", nargs="?",
        help="a finished run of the lake, or a file; left out, the drill of --drill-id goes on",
    )  # fmt: skip
    parser.add_argument("--lake", default="lake", help="folder; default: lake")
    parser.add_argument(
        "--plant", metavar="TYPOLOGY=N", action="append", default=[],
        help=f"rings to plant, once a typology; default: {_EACH} of each "
        f"({', '.join(TYPOLOGIES)})",
    )  # fmt: skip
    parser.add_argument("--accounts", metavar="LOW-HIGH", help="accounts of each ring")
    parser.add_argument("--amount", type=float, help="median transfer; default: that of the data")
    parser.add_argument("--from", dest="start", metavar="DATE", help="first day, 2026-01-31")
    parser.add_argument("--to", dest="end", metavar="DATE", help="last day")
    parser.add_argument(
        "--labels", default="ignore", choices=("auto", "ignore"),
        help="auto: learn from the data's labels, and judge on the part after them",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drill-id", help="its name; default: made from the time")
    parser.add_argument("--delete", metavar="ID", help="delete a drill and all it made")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")


def drill(arguments: argparse.Namespace, listener: Progress) -> None:
    """Carry out the command."""
    from engine.drill.order import Order, plantings_of
    from engine.drill.work import begin, carry_out, delete
    from engine.lake import Lake

    lake = Lake.open(arguments.lake)
    if arguments.delete:
        delete(lake, arguments.delete)
        print(f"drill {arguments.delete} is deleted", file=sys.stderr)
        return
    drill_id = arguments.drill_id
    if arguments.source is not None:
        wanted = arguments.plant or [f"{name}={_EACH}" for name in TYPOLOGIES]
        order = Order(
            arguments.source, plantings_of(wanted, arguments.accounts), arguments.amount,
            arguments.start, arguments.end, arguments.labels, arguments.seed,
        )  # fmt: skip
        drill_id = begin(lake, order, drill_id)
    elif drill_id is None:
        raise InputError("name a run or a file to plant rings into, or a drill with --drill-id ID")
    result = carry_out(lake, drill_id, listener)
    told = {"drill_id": drill_id, **result}
    print(json.dumps(told, indent=1) if arguments.json else to_markdown(told))


def to_markdown(result: dict[str, Any]) -> str:
    """Write a result as a table by typology, and a line for each ring that was missed."""
    lines = [
        f"Drill {result['drill_id']}: {result['found']} of {result['judged']} planted rings found, "
        f"at a threshold of {result['threshold']}",
        "",
        "| typology | planted | judged | found | recall |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, figures in result["by_typology"].items():
        recall = "–" if figures["recall"] is None else f"{figures['recall']:.2f}"
        counts = " | ".join(str(figures[key]) for key in ("planted", "judged", "found"))
        lines.append(f"| {name} | {counts} | {recall} |")
    missed = [ring for ring in result["rings"] if ring["is_judged"] and not ring["is_found"]]
    lines += ["", *(f"- {ring['typology']} {ring['ring']}: {ring['why']}" for ring in missed)]
    return "\n".join(lines)

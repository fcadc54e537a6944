"""A drill from order to result: begin it, do the work, list, read, delete."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine.columns import CANONICAL, EXTRA_PREFIX
from engine.config import Config
from engine.drill.judge import judge
from engine.drill.order import Order
from engine.drill.plant import plant
from engine.errors import InputError, RunError, StoppedError
from engine.intake import detect, read_transactions
from engine.job_state import RunState, run_processes, run_state
from engine.jobs import launch
from engine.lake import Lake, RunPaths, read_json, replacing, write_json
from engine.pipeline import run
from engine.plan import plan
from engine.progress import Progress, ProgressFile, State, silent

#: Folder of a lake in which its drills lie.
FOLDER = "drills"


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill.

    Attributes
    ----------
    drill_id, order, begun
        Its name, what it plants, and since when it is there.
    state
        Where its run is; ``None`` before it was started.
    is_active
        Whether its process is at work: on the run, or on judging it.
    result
        What it caught, as :func:`engine.drill.judge.judge` says it; ``None`` until it is judged.
    """

    drill_id: str
    order: Order
    begun: datetime
    state: RunState | None
    is_active: bool
    result: dict[str, Any] | None


def begin(lake: Lake, order: Order, drill_id: str | None = None) -> str:
    """Keep an order under a name of its own, and return that name.

    Raises
    ------
    InputError
        If the order cannot be carried out, or the name is taken.
    """
    order.check()
    _source(lake, order)
    now = datetime.now(UTC)
    name = drill_id or f"drill-{now:%Y%m%d-%H%M%S}"
    folder = _paths(lake, name).root
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise InputError(f"there is a drill {name} already; take another name") from error
    told = {"order": order.to_dict(), "begun": now.isoformat(timespec="seconds")}
    write_json(folder / "drill.json", told)
    return name


def start(lake: Lake, drill_id: str) -> int:
    """Do a drill in a process of its own; return its id.

    Raises
    ------
    RunError
        If a run or another drill of this lake is at work.
    """
    arguments = ["drill", "--lake", str(lake.root.resolve()), "--drill-id", drill_id]
    return launch(lake, _paths(lake, drill_id), arguments)


def carry_out(lake: Lake, drill_id: str, listener: Progress = silent) -> dict[str, Any]:
    """Plant, run and judge; return the result, as :func:`engine.drill.judge.judge` gives it.

    What was broken off goes on where it was.

    Raises
    ------
    InputError
        If there is no such drill, or its data do not take its rings.
    """
    paths, order = _paths(lake, drill_id), read_order(lake, drill_id)
    own = Lake.open(paths.root)
    progress = ProgressFile(paths.progress, drill_id, listener)
    progress.write("running", "intake", 0.0, 0.0, "planting rings into a copy of the data")
    try:
        listener(0.0, "planting: rings into a copy of the data")
        config = _source(lake, order)
        _plant(lake, order, own, config)
    except Exception as error:
        state: State = "cancelled" if isinstance(error, StoppedError) else "failed"
        progress.write(state, "", 0.0, 0.0, str(error) or type(error).__name__)
        raise
    planned = plan(own, _copy(own), labels=order.labels, config=config, run_id=drill_id)
    run(own, planned, listener)
    result = judge(own, drill_id, _truth(own))
    write_json(paths.root / "result.json", result)
    return result


def drills(lake: Lake) -> list[Drill]:
    """Return the drills of a lake, the newest first."""
    folder = lake.root / FOLDER
    names = [path.parent.name for path in folder.glob("*/drill.json")] if folder.exists() else []
    found = [read_drill(lake, name) for name in names]
    return sorted(found, key=lambda one: (one.begun, one.drill_id), reverse=True)


def read_drill(lake: Lake, drill_id: str) -> Drill:
    """Return a drill.

    Raises
    ------
    InputError
        If there is no such drill.
    """
    order, paths = read_order(lake, drill_id), _paths(lake, drill_id)
    told = read_json(paths.root / "drill.json")
    result = paths.root / "result.json"
    known = paths.progress.exists() or paths.manifest.exists()
    state = run_state(paths) if known else None
    judged = read_json(result) if result.exists() else None
    is_judging = state is not None and state.state == "done" and judged is None
    return Drill(
        drill_id, order, datetime.fromisoformat(told["begun"]), state,
        (state is not None and state.is_active) or (is_judging and bool(run_processes(paths))),
        judged,
    )  # fmt: skip


def read_order(lake: Lake, drill_id: str) -> Order:
    """Return what a drill plants.

    Raises
    ------
    InputError
        If there is no such drill.
    """
    path = _paths(lake, drill_id).root / "drill.json"
    if not path.exists():
        raise InputError(f"there is no drill {drill_id!r} in {lake.root / FOLDER}")
    return Order.from_dict(read_json(path)["order"])


def delete(lake: Lake, drill_id: str) -> None:
    """Delete all that a drill made.

    Raises
    ------
    InputError
        If there is no such drill.
    RunError
        If it is at work.
    """
    if read_drill(lake, drill_id).is_active:
        raise RunError(f"drill {drill_id} is at work; cancel it, then delete it")
    shutil.rmtree(_paths(lake, drill_id).root)


def drill_paths(lake: Lake, drill_id: str) -> RunPaths:
    """Return where the run of a drill lies: in a lake of the drill's own."""
    return _paths(lake, drill_id)


def planted_rows(lake: Lake, drill_id: str, ring: int) -> tuple[int, ...]:
    """Return the ``tx_id`` that the transfers of a planted ring have in the run of its drill.

    Raises
    ------
    InputError
        If the drill has no such ring, or nothing was planted yet.
    """
    path = _truth(Lake.open(_paths(lake, drill_id).root))
    if not path.exists():
        raise InputError(f"drill {drill_id} has no list of what was planted: {path.name} is gone")
    found = pq.read_table(path, columns=["rows"], filters=[("ring_id", "=", ring)])
    if not found.num_rows:
        raise InputError(f"drill {drill_id} planted no ring {ring}")
    return tuple(found["rows"][0].as_py())


def size_on_disk(lake: Lake, drill_id: str) -> int:
    """Return the bytes that a drill takes."""
    files = _paths(lake, drill_id).root.rglob("*")
    return sum(path.stat().st_size for path in files if path.is_file())


def _paths(lake: Lake, drill_id: str) -> RunPaths:
    lake.run(drill_id)  # refuses what is no name
    return RunPaths(lake.root / FOLDER / drill_id, drill_id)


def _copy(own: Lake) -> Path:
    return own.raw / "copy.parquet"


def _truth(own: Lake) -> Path:
    return own.raw / "planted.rings.parquet"


def _source(lake: Lake, order: Order) -> Config:
    """Return the settings of what the rings are planted into: those of its run, if it is one.

    Raises
    ------
    InputError
        If there is neither such a run nor such a file.
    """
    paths = lake.run(order.source) if "/" not in order.source else None
    if paths is not None and paths.manifest.exists():
        manifest = lake.read_manifest(order.source)
        if manifest["status"] != "done":
            raise InputError(f"run {order.source} is {manifest['status']}; take a finished one")
        if not manifest["has_accounts"]:
            raise InputError(f"run {order.source} has no accounts: no ring can be planted")
        told = {name: part for name, part in manifest["config"].items() if isinstance(part, dict)}
        return Config().override(told)
    if not Path(order.source).is_file():
        raise InputError(f"{order.source}: no finished run of this lake and no file")
    return Config()


def _transactions(lake: Lake, source: str) -> pa.Table:
    """Return canonical transactions: those a run has cleaned, or a file's."""
    if "/" in source or not lake.run(source).manifest.exists():
        return read_transactions(source, detect(source)).transactions
    lake.fetch(source)
    prepped = pq.ParquetFile(lake.run(source).prepped)
    names = prepped.schema_arrow.names
    kept = [name for name in names if name in CANONICAL or name.startswith(EXTRA_PREFIX)]
    return prepped.read(columns=kept)


def _plant(lake: Lake, order: Order, own: Lake, config: Config) -> None:
    """Write the copy and the truth about it, once; the copy comes last."""
    if _copy(own).exists():
        return
    planted = plant(_transactions(lake, order.source), order, config.model)
    for table, path in ((planted.truth, _truth(own)), (planted.transactions, _copy(own))):
        with replacing(path) as part:
            pq.write_table(table, part, row_group_size=262_144)

"""``python -m engine bench --rings``: ring figures on labelled sets, ours beside the peers.

Every set is run without labels and judged on all its rings; and with labels, trained on the past
and judged on the future, in two time windows: the last fifth of the rows, and the fifth before it
(then the input ends there, so that nothing later can be seen). Each run is a process of its own.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine.backend import EngineChoice
from engine.bench import TimedRun, machine, timed_run
from engine.bench_peers import PeerRuns
from engine.bench_rings_table import to_markdown
from engine.columns import TX_ID
from engine.config import Config
from engine.errors import InputError
from engine.evaluate import evaluate_run
from engine.lake import Lake

OURS = "Ringleader"
NO_LABELS = "no labels, all rings"


@dataclass(frozen=True, slots=True)
class RingData:
    """A folder with ``transactions.parquet`` and its truth, ``rings.parquet``."""

    folder: Path

    @property
    def transactions(self) -> Path:
        return self.folder / "transactions.parquet"

    @property
    def truth(self) -> Path:
        return self.folder / "rings.parquet"

    @property
    def is_complete(self) -> bool:
        return self.transactions.is_file() and self.truth.is_file()


def bench_rings(
    data: Path,
    only: str | None = None,
    *,
    with_peers: bool = True,
    lake: Path | None = None,
    engine: EngineChoice = "cpu",
) -> dict[str, Any]:
    """Run and judge every labelled set of a folder; print JSON and Markdown tables.

    Parameters
    ----------
    data
        A folder of sets, or one set: a folder with ``transactions.parquet``, ``rings.parquet``.
    only
        Name of the one set wanted.
    lake
        Where the runs shall stay; default: a temporary folder.

    Raises
    ------
    InputError
        If there is no such set.
    RunError
        If a run fails.
    """
    sets = find_sets(data, only)
    with tempfile.TemporaryDirectory(prefix="ringleader-bench-") as scratch:
        root = Path(scratch)
        report: dict[str, Any] = {"machine": machine(), "sets": {}}
        for given in sets:
            ours = _OurRuns(given, lake or root / "lake", root, engine)
            results = ours.results()
            if with_peers:
                results += PeerRuns(given.folder, [r["mode"] for r in results]).results()
            report["sets"][given.folder.name] = {
                "rows": pq.read_metadata(given.transactions).num_rows,
                "rings": pq.read_metadata(given.truth).num_rows,
                "results": results,
            }
    print(json.dumps(report))  # one line: it is long, and the tables are for people
    print()
    print(to_markdown(report))
    return report


def find_sets(data: Path, only: str | None = None) -> list[RingData]:
    """Return the sets in a folder by name; the folder itself may be one.

    Raises
    ------
    InputError
        If there is none, or none of that name.
    """
    folders = [data, *sorted(path for path in data.glob("*") if path.is_dir())]
    sets = [given for given in map(RingData, folders) if given.is_complete]
    if not sets:
        raise InputError(
            f"--rings {data}: no folder in it has a transactions.parquet and a rings.parquet"
        )
    chosen = [given for given in sets if only in (None, given.folder.name)]
    if not chosen:
        known = ", ".join(given.folder.name for given in sets)
        raise InputError(f"--only {only}: no such set in {data}; there are {known}")
    return chosen


@dataclass(frozen=True, slots=True)
class _OurRuns:
    """The runs of one set."""

    given: RingData
    lake: Path
    scratch: Path
    engine: EngineChoice

    def results(self) -> list[dict[str, Any]]:
        """Return one result a mode: no labels, and where there are labels two time windows."""
        name = self.given.folder.name
        found = [self._result(NO_LABELS, self.given.transactions, f"{name}-unlabelled", "ignore")]
        whole = self._result(
            "labels, {window}", self.given.transactions, f"{name}-labels", "auto"
        )  # fmt: skip
        if whole["judged_on"] == "all rings":  # no labels, or too few to learn from
            return found
        earlier = self._result(
            "labels, {window}", self._cut(f"{name}-labels"), f"{name}-labels-earlier", "auto",
            "--config", str(self._earlier_split()),
        )  # fmt: skip
        test = 1 - Config().model.train - Config().model.choose
        whole["mode"] = whole["mode"].format(window=_window(1 - test, 1))
        earlier["mode"] = earlier["mode"].format(window=_window(1 - 2 * test, 1 - test))
        return [*found, whole, earlier]

    def _result(
        self, mode: str, source: Path, run_id: str, labels: str, *options: str
    ) -> dict[str, Any]:
        lake = Lake.open(self.lake)
        run_id = f"bench-{run_id}"
        lake.delete_run(run_id)  # a run of older code must not stand
        run = timed_run(
            source, self.lake, self.engine, "--run-id", run_id, "--labels", labels, *options
        )
        report = evaluate_run(lake, run_id, str(self.given.truth))
        return {"method": OURS, "mode": mode, **_about(run), **report}

    def _cut(self, run_id: str) -> Path:
        """Write the input up to the start of the last test window."""
        lake = Lake.open(self.lake)
        prepped = pq.read_table(lake.run(f"bench-{run_id}").prepped, columns=[TX_ID])
        split = Config().model.train + Config().model.choose
        kept = prepped[TX_ID].to_numpy()[: round(prepped.num_rows * split)].copy()
        kept.sort()
        path = self.scratch / f"{self.given.folder.name}-earlier.parquet"
        pq.write_table(pq.read_table(self.given.transactions).take(pa.array(kept)), path)
        return path

    def _earlier_split(self) -> Path:
        """Write settings that train before the window in the same proportions."""
        model = Config().model
        past = model.train + model.choose
        share = (2 * past - 1) / past  # what lies before the window, of what is kept
        path = self.scratch / "earlier.toml"
        path.write_text(
            f"[model]\ntrain = {share * model.train / past!r}\n"
            f"choose = {share * model.choose / past!r}\n"
        )
        return path


def _about(run: TimedRun) -> dict[str, Any]:
    return {
        "seconds": run.wall_seconds,
        "peak_rss_mb": run.last["peak_rss_mb"],
        "notes": run.manifest["notes"],
    }


def _window(first: float, last: float) -> str:
    return f"rows {first:.0%} to {last:.0%}".replace("%", " %")

"""The only place that strings the stages together, reports progress, and writes checkpoints."""

from __future__ import annotations

import resource
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from engine.accounts import Accounts, encode_accounts
from engine.alerts import raise_alerts
from engine.alerts.scored import Scored
from engine.backend import Backend, EngineChoice
from engine.columns import LABEL, TIME, TX_ID
from engine.config import Config
from engine.errors import InputError, RunError, StoppedError
from engine.features import FeatureMatrix, build_features
from engine.features.build import epoch_seconds, minor_units
from engine.graph import account_table
from engine.graph.build import pair_totals
from engine.identity import default_run_id, sha256_of
from engine.intake import Mapping, detect, load_mapping, read_transactions
from engine.lake import Lake, RunPaths, read_json, write_json
from engine.progress import Progress, ProgressFile, State, silent
from engine.rings import RingTables, find_rings
from engine.rings.candidates import Transfers
from engine.scoring.blend import with_ring_evidence
from engine.scoring.model import Model
from engine.scoring.score import Scores, score_transactions
from engine.tables import augmented_table, read_rings, write_rings, write_table

LabelMode = Literal["auto", "ignore"]
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a command would run.

    Attributes
    ----------
    run_id
        Given, or made from the input and the settings: the same command names the same run.
    duplicate_of
        A finished run of the very same bytes, if the lake has one.
    """

    run_id: str
    input: Path
    sha256: str
    mapping: Mapping
    labels: LabelMode
    config: Config
    backend: Backend
    duplicate_of: str | None


def plan(
    lake: Lake,
    input_path: str | Path,
    schema: str = "auto",
    labels: LabelMode = "auto",
    engine: EngineChoice = "auto",
    config: Config | None = None,
    run_id: str | None = None,
) -> RunPlan:
    """Check the arguments and the input's header, and name the run.

    Raises
    ------
    InputError
        If the input, its schema, or an argument does not fit.
    """
    if str(input_path).startswith("s3://"):
        raise InputError(f"{input_path}: copy the file here first; S3 inputs cannot be read yet")
    path = Path(input_path)
    settings = config or Config()
    backend = Backend.select(engine)
    mapping = detect(path) if schema == "auto" else load_mapping(schema)
    sha256 = sha256_of(path)
    choices = {"schema": schema, "labels": labels, "config": settings.to_dict()}
    name = run_id or default_run_id(path.name, sha256, {**choices, "engine": engine})
    lake.run(name)
    twins = [
        run["run_id"]
        for run in lake.manifests()
        if run.get("status") == "done" and run.get("input", {}).get("sha256") == sha256
    ]
    return RunPlan(
        name, path, sha256, mapping, labels, settings, backend, twins[0] if twins else None
    )


def run(lake: Lake, planned: RunPlan, listener: Progress = silent) -> dict[str, Any]:
    """Run all stages that are not done yet and return the manifest (``run.json``).

    A run that was broken off goes on after its last finished stage; a finished one is returned as
    it is.

    Raises
    ------
    InputError
        If the run id belongs to another input or other settings, or the input is unusable.
    RunError
        If the same run is under way in another process.
    """
    paths = lake.run(planned.run_id)
    manifest = _open_manifest(paths, planned)
    if manifest["status"] == "done":
        return manifest
    progress = ProgressFile(paths.progress, planned.run_id, listener)
    progress.write("running", "intake", 0.0, 0.0, "starting")
    write_json(paths.manifest, manifest)
    try:
        _Run(paths, planned, manifest, progress).all_stages()
    except Exception as error:
        state: State = "cancelled" if isinstance(error, StoppedError) else "failed"
        manifest |= {"status": state, "error": str(error) or type(error).__name__}
        write_json(paths.manifest, manifest)
        progress.write(state, "", 0.0, 0.0, manifest["error"])
        raise
    progress.write("done", "alerts", 1.0, 1.0, "done")
    return manifest


def _open_manifest(paths: RunPaths, planned: RunPlan) -> dict[str, Any]:
    """Return the manifest to go on with: a new one, or that of the broken-off run."""
    fresh = {
        "run_id": planned.run_id,
        "status": "running",
        "input": {
            "uri": str(planned.input.resolve()),
            "name": planned.input.name,
            "sha256": planned.sha256,
            "rows": None,
            "rejected": None,
        },
        "schema": planned.mapping.name,
        "engine": planned.backend.describe(),
        "config": planned.config.to_dict(),
        "labels": planned.labels,
        "has_accounts": planned.mapping.has_accounts,
        "stages": [],
        "seconds": 0.0,
        "metrics": {},
        "counts": {},
        "notes": [],
        "outputs": {},
        "cost": {"amount": 0.0, "currency": "USD", "note": "computed on this machine"},
        "error": None,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "finished": None,
    }
    if not paths.manifest.exists():
        return fresh
    found = read_json(paths.manifest)
    same = all(
        found.get(key) == json_round_trip(fresh[key]) for key in ("config", "labels", "schema")
    )
    if found["input"]["sha256"] != planned.sha256 or not same:
        raise InputError(
            f"run {planned.run_id} exists with another input or other settings; "
            "give another --run-id, or delete that run"
        )
    if found["status"] == "done":
        return found
    _refuse_second_process(paths)
    for part in paths.root.glob(f"*/{planned.run_id}/.*.part"):
        part.unlink(missing_ok=True)
    # What was computed under other library versions is not mixed with new results.
    stages = found["stages"] if found["engine"] == fresh["engine"] else []
    return {**found, "status": "running", "error": None, "stages": stages,
            "engine": fresh["engine"]}  # fmt: skip


def json_round_trip(value: Any) -> Any:
    """Return a value as it comes back from JSON: tuples as lists."""
    if isinstance(value, dict):
        return {key: json_round_trip(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_round_trip(item) for item in value]
    return value


def _refuse_second_process(paths: RunPaths) -> None:
    if not paths.progress.exists():
        return
    state = read_json(paths.progress)
    own = psutil.Process()
    if state.get("state") != "running" or state["pid"] == own.pid:
        return
    if not psutil.pid_exists(state["pid"]):
        return
    try:
        started = psutil.Process(state["pid"]).create_time()
    except psutil.NoSuchProcess:
        return
    if abs(started - state["process_started"]) < 1:
        raise RunError(f"run {paths.run_id} is under way in process {state['pid']}; wait for it")


@dataclass
class _Run:
    """One pass over the stages; holds what they hand on."""

    paths: RunPaths
    planned: RunPlan
    manifest: dict[str, Any]
    progress: ProgressFile
    began: float = field(default_factory=time.monotonic)

    def all_stages(self) -> None:
        transactions = self.stage("intake", self.intake, self.read_prepped)
        accounts = encode_accounts(transactions)
        features = self.stage(
            "features", lambda report: self.features(transactions, accounts, report),
            lambda: FeatureMatrix.load(self.paths.checkpoint),
        )  # fmt: skip
        scores, model = self.stage(
            "scores", lambda report: self.scores(transactions, features, report), self.read_scores
        )
        rings = None
        if accounts is not None:
            self.stage(
                "graph", lambda report: self.graph(transactions, accounts, scores, report),
                lambda: None,
            )  # fmt: skip
            rings = self.stage(
                "rings", lambda report: self.rings(transactions, accounts, scores, report),
                lambda: read_rings(self.paths),
            )  # fmt: skip
        self.stage(
            "alerts",
            lambda report: self.alerts(transactions, features, scores, model, rings, report),
            lambda: None,
        )
        self.finish()

    def stage(
        self, name: str, work: Callable[[Progress], _Result], read: Callable[[], _Result]
    ) -> _Result:
        """Do a stage and note it, or read what it left when it is done already."""
        if any(stage["name"] == name for stage in self.manifest["stages"]):
            return read()
        report = self.progress.stage(name)
        report(0.0, "starting")
        began = time.monotonic()
        result = work(report)
        seconds = time.monotonic() - began
        self.manifest["stages"].append(
            {
                "name": name,
                "seconds": round(seconds, 3),
                "rows": self.manifest["input"]["rows"],
                "peak_rss_mb": peak_rss_mb(),
            }
        )
        self.manifest["seconds"] = round(self.manifest["seconds"] + seconds, 3)
        write_json(self.paths.manifest, self.manifest)
        report(1.0, "done")
        return result

    def intake(self, report: Progress) -> pa.Table:
        read = read_transactions(
            self.planned.input, self.planned.mapping, lambda s, m: report(0.8 * s, m)
        )
        write_table(read.rejects, self.paths.rejects)
        write_table(read.transactions, self.paths.prepped)
        self.manifest["input"] |= {"rows": read.rows_in, "rejected": read.rejects.num_rows}
        self.manifest["counts"]["transactions"] = read.transactions.num_rows
        self.manifest["notes"] += read.warnings
        return read.transactions

    def read_prepped(self) -> pa.Table:
        return pq.read_table(self.paths.prepped)

    def features(
        self, transactions: pa.Table, accounts: Accounts | None, report: Progress
    ) -> FeatureMatrix:
        use = self.planned.config.model.use
        types = Model.load(Path(use)).types if use else None
        matrix = build_features(
            transactions, accounts, self.planned.config.features, self.planned.backend,
            lambda s, m: report(0.9 * s, m), types,
        )  # fmt: skip
        matrix.save(self.paths.checkpoint)
        return matrix

    def scores(
        self, transactions: pa.Table, features: FeatureMatrix, report: Progress
    ) -> tuple[Scores, Model | None]:
        label = None
        if LABEL in transactions.column_names and self.planned.labels == "auto":
            label = transactions[LABEL].to_numpy()
        trained_on = {
            "input": self.planned.input.name,
            "sha256": self.planned.sha256,
            "balances": self.planned.config.features.balances,
        }
        scores, model = score_transactions(features, label, self.planned.config, trained_on, report)
        scores.save(self.paths.checkpoint)
        if model is not None:
            model.save(self.paths.model)
        self.manifest["metrics"] = scores.metrics
        self.manifest["notes"] += scores.notes
        return scores, model

    def read_scores(self) -> tuple[Scores, Model | None]:
        model = Model.load(self.paths.model) if self.paths.model.exists() else None
        return Scores.load(self.paths.checkpoint), model

    def graph(
        self, transactions: pa.Table, accounts: Accounts, scores: Scores, report: Progress
    ) -> None:
        micros = transactions[TIME].cast(pa.int64()).to_numpy()
        table = account_table(
            accounts, micros, minor_units(transactions), scores.base, self.planned.config.graph,
            lambda s, m: report(0.8 * s, m),
        )  # fmt: skip
        write_table(table, self.paths.accounts)
        self.manifest["counts"]["accounts"] = accounts.count

    def rings(
        self, transactions: pa.Table, accounts: Accounts, scores: Scores, report: Progress
    ) -> RingTables:
        transfers = Transfers(
            accounts.sender, accounts.receiver, epoch_seconds(transactions),
            minor_units(transactions), scores.base,
            pair_totals(accounts.sender, accounts.receiver), scores.probability is not None,
        )  # fmt: skip
        tx_id = transactions[TX_ID].to_numpy()
        tables = find_rings(transfers, accounts, tx_id, self.planned.config, report)
        write_rings(tables, self.paths)
        self.manifest["counts"]["rings"] = tables.rings.num_rows
        return tables

    def alerts(
        self,
        transactions: pa.Table,
        features: FeatureMatrix,
        scores: Scores,
        model: Model | None,
        rings: RingTables | None,
        report: Progress,
    ) -> None:
        risk = scores.base
        if rings is not None:
            evidence = _ring_evidence(transactions, rings)
            risk = with_ring_evidence(risk, evidence, self.planned.config.risk)
        alerts = raise_alerts(
            Scored(transactions, features, scores, risk, model), rings, self.planned.config,
            lambda s, m: report(0.4 * s, m),
        )  # fmt: skip
        report(0.4, "writing scored transactions")
        write_table(
            augmented_table(transactions, features, scores, risk), self.paths.augmented,
            lambda s, m: report(0.4 + 0.6 * s, m),
        )  # fmt: skip
        write_table(alerts, self.paths.alerts)
        self.manifest["counts"]["alerts"] = alerts.num_rows

    def finish(self) -> None:
        self.manifest |= {
            "status": "done",
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "outputs": {
                name: str(path.relative_to(self.paths.root))
                for name, path in self.paths.outputs().items()
                if path.exists()
            },
        }
        write_json(self.paths.manifest, self.manifest)
        shutil.rmtree(self.paths.checkpoint, ignore_errors=True)


def _ring_evidence(transactions: pa.Table, rings: RingTables) -> np.ndarray:
    """Return for each transaction the best score of the rings it proves, 0 outside rings."""
    score = np.zeros(transactions.num_rows, np.float32)
    proof = rings.ring_transactions
    if proof.num_rows == 0:
        return score
    known = transactions[TX_ID].to_numpy()
    order = np.argsort(known, kind="stable")
    row = order[np.searchsorted(known, proof["tx_id"].to_numpy(), sorter=order)]
    of_ring = dict(
        zip(rings.rings["ring_id"].to_pylist(), rings.rings["score"].to_pylist(), strict=True)
    )
    value = np.array([of_ring[ring] for ring in proof["ring_id"].to_pylist()], np.float32)
    np.maximum.at(score, row, value)
    return score


def peak_rss_mb() -> float:
    """Return the highest resident memory of this process so far, in MiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)

"""Before a run: which run a command means, and the manifest it goes on with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.backend import Backend, EngineChoice, select_backend
from engine.backend.probe import probe
from engine.config import Config
from engine.errors import InputError, RunError
from engine.feedback import FeedbackFile
from engine.identity import default_run_id, sha256_of
from engine.intake import Mapping, detect, load_mapping, mapping_to_toml, parse_mapping
from engine.intake.detection import require
from engine.intake.mapping import without_absent_memo
from engine.intake.source import open_source
from engine.label_record import LabelMode, begin_record, feedback_of, read_record, same_choice
from engine.lake import Lake, RunPaths, read_json
from engine.processes import living, this_machine
from engine.router import Route, Size, estimate_size, kind_of, route
from engine.storage import is_address


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a command would run.

    Attributes
    ----------
    run_id
        Given, or made from the input and the settings: the same command names the same run.
    input, uri
        The local file, and where it came from.
    engine, backend
        The engine asked for, and the one taken.
    route
        Why that one, with estimates for every engine.
    duplicate_of
        A finished run of the very same bytes, if the lake has one.
    feedback
        Analysts' decisions that go over the labels of the input, if any.
    """

    run_id: str
    input: Path
    uri: str
    sha256: str
    mapping: Mapping
    labels: LabelMode
    config: Config
    engine: EngineChoice
    backend: Backend
    route: Route
    duplicate_of: str | None
    feedback: FeedbackFile | None = None


def plan(
    lake: Lake,
    input_path: str | Path,
    schema: str = "auto",
    labels: LabelMode = "auto",
    engine: EngineChoice = "auto",
    config: Config | None = None,
    run_id: str | None = None,
    past: Sequence[dict[str, Any]] | None = None,
    feedback: str | Path | None = None,
) -> RunPlan:
    """Check the arguments and the input's header, and name the run.

    Parameters
    ----------
    past
        Manifests of earlier runs, for estimates; default: those of the lake.
    feedback
        File of analysts' decisions (:data:`engine.feedback.FEEDBACK`), or its address.

    Raises
    ------
    InputError
        If the input, its schema, or an argument does not fit.
    """
    settings = config or Config()
    found = probe()
    if engine == "gpu" and not found.is_usable:  # refused before anything is read
        select_backend(engine, found=found)
    path = lake.fetch_input(input_path)
    uri = str(input_path) if is_address(input_path) else str(path.resolve())
    if is_address(schema):
        schema = str(lake.fetch_input(schema))
    mapping = detect(path) if schema == "auto" else load_mapping(schema)
    columns = require(open_source(path, mapping.delimiter), mapping)
    mapping = without_absent_memo(mapping, columns)
    decided = _open_feedback(lake, feedback, labels, mapping)
    size = estimate_size(path, mapping.delimiter)
    manifests = lake.manifests() if past is None else past
    taken = route(size, mapping.name, engine, found, manifests, settings.compute)
    memory = settings.compute.gpu_memory_gb
    backend = select_backend(kind_of(taken), taken.reason, found, memory)
    sha256 = sha256_of(path)
    choices = {
        "schema": schema,
        "mapping": mapping_to_toml(mapping),
        "labels": labels,
        "config": settings.to_dict(),
        "model": _model_hash(settings),
    }
    if decided is not None:
        choices["feedback"] = decided.sha256
    name = run_id or default_run_id(path.name, sha256, {**choices, "engine": engine})
    lake.run(name)
    twins = [
        run["run_id"]
        for run in manifests
        if run.get("status") == "done" and run.get("input", {}).get("sha256") == sha256
    ]
    twin = name if name in twins else twins[0] if twins else None
    return RunPlan(
        name, path, uri, sha256, mapping, labels, settings, engine, backend, taken, twin, decided
    )  # fmt: skip


def plan_rest(
    lake: Lake, run_id: str, engine: EngineChoice = "auto", config: Config | None = None
) -> RunPlan:
    """Plan the stages that a run has left, with the input and the settings it began with.

    Parameters
    ----------
    config
        Only its ``[compute]`` is taken, which changes no result.

    Raises
    ------
    InputError
        If the lake has no such run, or its input was never read to the end and is not there.
    """
    begun = lake.read_manifest(run_id)
    told = begun["input"]
    path = Path(told["uri"])
    record = read_record(begun)
    decided = feedback_of(record)
    if not begun["stages"]:
        path = lake.fetch_input(told["uri"])
        decided = _same_feedback(lake, decided)
    mapping = parse_mapping(begun["mapping"])
    before = {name: part for name, part in begun["config"].items() if isinstance(part, dict)}
    settings = replace(Config().override(before), compute=(config or Config()).compute)
    found = probe()
    size = estimate_size(path, mapping.delimiter) if told["rows"] is None else Size(told["rows"])
    taken = route(size, mapping.name, engine, found, lake.manifests(), settings.compute)
    memory = settings.compute.gpu_memory_gb
    backend = select_backend(kind_of(taken), taken.reason, found, memory)
    twin = run_id if begun["status"] == "done" else None
    return RunPlan(
        run_id, path, told["uri"], told["sha256"], mapping, record["mode"], settings, engine,
        backend, taken, twin, decided,
    )  # fmt: skip


def _open_feedback(
    lake: Lake, location: str | Path | None, labels: LabelMode, mapping: Mapping
) -> FeedbackFile | None:
    if location is None:
        return None
    if labels == "ignore":
        raise InputError("--feedback goes with --labels auto: decisions are labels")
    if not mapping.has_accounts:
        raise InputError(
            f"--feedback needs accounts to find decided transactions by, and schema {mapping.name} "
            "has none"
        )
    path = lake.fetch_input(location)
    return FeedbackFile.open(path, lake.address_of(path))


def _same_feedback(lake: Lake, begun: FeedbackFile | None) -> FeedbackFile | None:
    """Return the decisions a run began with, from where they were."""
    if begun is None:
        return None
    found = FeedbackFile.open(lake.fetch_input(begun.uri), begun.uri)
    if found.sha256 != begun.sha256:
        raise InputError(f"--feedback {begun.uri} was changed since the run began; start a new run")
    return found


def _model_hash(config: Config) -> str | None:
    """Return the hash of the model of another run that shall score, if one is named."""
    used = Path(config.model.use)
    return sha256_of(used) if config.model.use and used.is_file() else None


def open_manifest(paths: RunPaths, planned: RunPlan) -> dict[str, Any]:
    """Return the manifest to go on with: a new one, or that of the broken-off run.

    Raises
    ------
    InputError
        If the run id belongs to another input or other settings.
    RunError
        If the run is under way in another process.
    """
    fresh: dict[str, Any] = {
        "run_id": planned.run_id,
        "status": "running",
        "input": {
            "uri": planned.uri,
            "name": planned.input.name,
            "sha256": planned.sha256,
            "rows": None,
            "rejected": None,
        },
        "schema": planned.mapping.name,
        "mapping": mapping_to_toml(planned.mapping),
        "engine": planned.backend.describe(),
        "route": planned.route.to_dict(),
        "config": planned.config.to_dict(),
        "model_sha256": _model_hash(planned.config),
        "labels": begin_record(planned.labels, planned.feedback),
        "has_accounts": planned.mapping.has_accounts,
        "machine": this_machine(),
        "stages": [],
        "seconds": 0.0,
        "metrics": {},
        "counts": {},
        "notes": [],
        "outputs": {},
        "cost": {"amount": 0.0, "currency": "USD", "note": f"computed on {this_machine()}"},
        "receipt": None,
        "error": None,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "finished": None,
    }
    if not paths.manifest.exists():
        return fresh
    found = read_json(paths.manifest)
    settings = ("config", "mapping", "model_sha256")
    labels = read_record(found)
    same = same_choice(labels, fresh["labels"]) and all(
        found.get(key) == _from_json(fresh[key]) for key in settings
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
    going_on = {**found, "status": "running", "error": None, "machine": this_machine()}
    going_on["labels"] = labels
    for claim in ("claimed", "by"):  # of whoever died over bringing it to the lake's store
        going_on.pop(claim, None)
    going_on |= {key: fresh[key] for key in ("engine", "route")}
    if any(found["engine"][key] != fresh["engine"][key] for key in ("kind", "versions")):
        going_on |= _only_intake(found["stages"], found["counts"])
    return going_on


def _only_intake(stages: list[dict[str, Any]], counts: dict[str, Any]) -> dict[str, Any]:
    """Return what a manifest keeps where another engine or other library versions go on.

    What they computed is not mixed with new results. The cleaned transactions are the same under
    every engine, and the input need not be at hand any more.
    """
    kept = [stage for stage in stages if stage["name"] == "intake"]
    return {
        "stages": kept,
        "seconds": sum(stage["seconds"] for stage in kept),
        "notes": [note for stage in kept for note in stage.get("notes", ())],
        "counts": {name: counts[name] for name in ("transactions",) if kept and name in counts},
        "metrics": {},
    }


def _from_json(value: Any) -> Any:
    """Return a value as it comes back from JSON: tuples as lists."""
    if isinstance(value, dict):
        return {key: _from_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_from_json(item) for item in value]
    return value


def _refuse_second_process(paths: RunPaths) -> None:
    if not paths.progress.exists():
        return
    told = read_json(paths.progress)
    other = living(told)
    if other is not None and other.pid != os.getpid() and told.get("state") == "running":
        raise RunError(f"run {paths.run_id} is under way in process {other.pid}; wait for it")

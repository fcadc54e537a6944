"""The only place that strings the stages together, reports progress, and writes checkpoints."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.accounts import Accounts, encode_accounts
from engine.alerts.lone_alerts import why_no_lone_alerts
from engine.alerts.raise_alerts import raise_alerts
from engine.alerts.scored import Scored
from engine.columns import RULE_SCORE, TIME, TX_ID
from engine.errors import EngineError, RunError, StoppedError
from engine.features import FeatureMatrix, build_features
from engine.features.build import epoch_seconds, minor_units
from engine.feedback import decide, own_labels, read_feedback, with_decisions
from engine.graph import account_table
from engine.graph.build import pair_totals
from engine.intake import read_transactions
from engine.label_record import record_decisions, record_labels, why_weak
from engine.lake import Lake, RunPaths, replacing, write_json
from engine.out_of_memory import next_backend
from engine.plan import RunPlan, open_manifest
from engine.processes import peak_rss_mb
from engine.progress import SCORED_SHARE, Progress, ProgressFile, State, silent
from engine.realtime.export import make_scorer
from engine.realtime.scorer_file import write_scorer
from engine.rings import RingTables, find_rings
from engine.rings.candidates import Transfers
from engine.rings.evidence import score_of_rows
from engine.rings.learning import Lesson
from engine.rings.learning.truth import ring_codes
from engine.router.receipt import receipt
from engine.scoring.blend import with_ring_evidence
from engine.scoring.model import Model
from engine.scoring.score import Scores, score_transactions, with_learned_rings
from engine.scoring.split import split_in_time
from engine.tables import augmented_table, read_rings, write_rings, write_table

#: Stages whose work is the CPU's, whatever engine the run has.
_ON_THE_CPU = ("rings",)

_Result = TypeVar("_Result")


def run(
    lake: Lake, planned: RunPlan, listener: Progress = silent, until: str | None = None
) -> dict[str, Any]:
    """Run all stages that are not done yet and return the manifest (``run.json``).

    ``until="scores"`` stops after that stage with the status ``waiting``: the transactions are
    scored, and rings and alerts are left to the same command without it.

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
    manifest = open_manifest(paths, planned)
    if manifest["status"] == "done":
        if until is None:
            lake.finished(planned.run_id)
        return manifest
    if manifest["stages"]:
        lake.fetch(planned.run_id)
    progress = ProgressFile(paths.progress, planned.run_id, listener)
    progress.write("running", "intake", 0.0, 0.0, "starting")
    write_json(paths.manifest, manifest)
    try:
        _Run(lake, paths, planned, manifest, progress).stages(until)
    except Exception as error:
        state: State = "cancelled" if isinstance(error, StoppedError) else "failed"
        manifest |= {"status": state, "error": str(error) or type(error).__name__}
        write_json(paths.manifest, manifest)
        progress.write(state, "", 0.0, 0.0, manifest["error"])
        try:
            lake.keep(planned.run_id, manifest)
        except EngineError as second:
            error.add_note(f"The lake does not know of it either: {second}")
        raise
    if manifest["status"] == "done":
        progress.write("done", "alerts", 1.0, 1.0, "done")
        lake.finished(planned.run_id)
    else:
        progress.write("waiting", "scores", 1.0, SCORED_SHARE, "rings and alerts are to follow")
    return manifest


@dataclass
class _Run:
    """One pass over the stages; holds what they hand on."""

    lake: Lake
    paths: RunPaths
    planned: RunPlan
    manifest: dict[str, Any]
    progress: ProgressFile
    began: float = field(default_factory=time.monotonic)
    matrix: FeatureMatrix = field(init=False, default_factory=lambda: FeatureMatrix((), (), ()))

    def __post_init__(self) -> None:
        self.seconds_before = float(self.manifest["seconds"])
        self.backend = self.planned.backend

    @cached_property
    def transactions(self) -> pa.Table:
        table = pq.read_table(self.paths.prepped)
        # A file that was cleaned in a stream carries a first rule score; the run makes its own.
        return table.drop_columns([RULE_SCORE]) if RULE_SCORE in table.column_names else table

    @cached_property
    def accounts(self) -> Accounts | None:
        return encode_accounts(self.transactions, self.backend)

    @cached_property
    def label(self) -> np.ndarray | None:
        """Labels of the transactions, where there are some and they are to be used."""
        return own_labels(self.transactions) if self.planned.labels == "auto" else None

    def stages(self, until: str | None) -> None:
        self.stage("intake", self.intake, lambda: None)
        self.manifest["labels"] = record_labels(self.manifest["labels"], self.label)
        self.matrix = self.stage(
            "features", self.features, lambda: FeatureMatrix.load(self.paths.checkpoint)
        )
        scores, model = self.stage("scores", self.scores, self.read_scores)
        if until == "scores":
            self.wait(scores)
            return
        rings = None
        if self.accounts is not None:
            self.stage("graph", lambda report: self.graph(scores, report), lambda: None)
            # Rings and alerts are looked for on the CPU.
            self.matrix = self.matrix.on_host()
            rings, scores = self.stage(
                "rings", lambda report: self.rings(scores, report),
                lambda: (read_rings(self.paths), Scores.load(self.paths.learned)),
            )  # fmt: skip
        self.matrix = self.matrix.on_host()
        self.stage("alerts", lambda report: self.alerts(scores, model, rings, report), lambda: None)
        if rings is not None:
            self.keep_scorer(scores, model, rings)
        self.finish()

    def stage(
        self, name: str, work: Callable[[Progress], _Result], read: Callable[[], _Result]
    ) -> _Result:
        """Do a stage and note it, or read what it left when it is done already."""
        if any(stage["name"] == name for stage in self.manifest["stages"]):
            return read()
        report = self.progress.stage(name)
        report(0.0, "starting")
        began, noted = time.monotonic(), len(self.manifest["notes"])
        result = self.within_memory(name, work, report)
        seconds = time.monotonic() - began
        self.manifest["stages"].append(
            {
                "name": name,
                "seconds": round(seconds, 3),
                "rows": self.manifest["input"]["rows"],
                "peak_rss_mb": peak_rss_mb(),
                "engine": "cpu" if name in _ON_THE_CPU else self.backend.kind,
                "peak_device_mb": self.backend.peak_device_mb(),
                "notes": self.manifest["notes"][noted:],
            }
        )
        self.manifest["seconds"] = round(self.seconds_before + time.monotonic() - self.began, 3)
        write_json(self.paths.manifest, self.manifest)
        report(1.0, "done")
        self.lake.keep(self.paths.run_id, self.manifest)
        return result

    def within_memory(
        self, name: str, work: Callable[[Progress], _Result], report: Progress
    ) -> _Result:
        """Do a stage; where the device's memory runs out, do it again in a thriftier way.

        The CPU takes over only where the choice of the engine was left to us; each step is noted.
        """
        while True:
            try:
                return work(report)
            except Exception as error:
                if not self.backend.is_out_of_memory(error):
                    raise
                message = str(error)
            # Outside the handler nothing refers to the arrays of the failed attempt any more.
            self.matrix = self.matrix.on_host()
            self.backend, note = next_backend(self.backend, self.planned.engine, name, message)
            self.manifest["notes"].append(note)
            report(0.0, note)

    def intake(self, report: Progress) -> None:
        read = read_transactions(
            self.planned.input, self.planned.mapping, lambda s, m: report(0.8 * s, m), self.backend
        )
        transactions = self.decided(read.transactions)
        write_table(read.rejects, self.paths.rejects)
        write_table(transactions, self.paths.prepped)
        self.manifest["input"] |= {"rows": read.rows_in, "rejected": read.rejects.num_rows}
        self.manifest["counts"]["transactions"] = read.transactions.num_rows
        self.manifest["notes"] += read.warnings
        self.transactions = transactions

    def decided(self, transactions: pa.Table) -> pa.Table:
        """Put analysts' decisions, if the run has some, over the labels of the input.

        From here on they are the run's labels: in its tables, and for every stage that goes on
        elsewhere.
        """
        feedback = self.planned.feedback
        if feedback is None:
            return transactions
        decided = decide(transactions, read_feedback(feedback.path))
        record = record_decisions(decided, own_labels(transactions))
        self.manifest["labels"] |= record
        self.manifest["notes"] += filter(None, [why_weak(record, feedback.path.name)])
        return with_decisions(transactions, decided.label)

    def features(self, report: Progress) -> FeatureMatrix:
        use = self.planned.config.model.use
        types = Model.load(Path(use)).types if use else None
        matrix = build_features(
            self.transactions, self.accounts, self.planned.config.features,
            self.backend, lambda s, m: report(0.9 * s, m), types,
        )  # fmt: skip
        matrix.save(self.paths.checkpoint)
        return matrix

    def scores(self, report: Progress) -> tuple[Scores, Model | None]:
        trained_on = {
            "input": self.planned.input.name,
            "sha256": self.planned.sha256,
            "balances": self.planned.config.features.balances,
            "labels": self.manifest["labels"]["source"],
            "feedback": self.manifest["labels"]["sha256"],
        }
        scores, model = score_transactions(
            self.matrix, self.label, self.planned.config, trained_on, report, self.backend
        )
        scores.save(self.paths.checkpoint)
        if model is not None:
            model.save(self.paths.model)
        self.manifest["metrics"] = scores.metrics
        self.manifest["notes"] += scores.notes
        return scores, model

    def read_scores(self) -> tuple[Scores, Model | None]:
        model = Model.load(self.paths.model) if self.paths.model.exists() else None
        return Scores.load(self.paths.checkpoint), model

    def graph(self, scores: Scores, report: Progress) -> None:
        accounts = self.known_accounts()
        micros = self.transactions[TIME].cast(pa.int64()).to_numpy()
        table = account_table(
            accounts, micros, minor_units(self.transactions), scores.base,
            self.planned.config.graph, self.backend, lambda s, m: report(0.8 * s, m),
        )  # fmt: skip
        write_table(table, self.paths.accounts)
        self.manifest["counts"]["accounts"] = accounts.count

    def rings(self, scores: Scores, report: Progress) -> tuple[RingTables, Scores]:
        accounts = self.known_accounts()
        transfers = Transfers(
            accounts.sender, accounts.receiver, epoch_seconds(self.transactions),
            minor_units(self.transactions), scores.base,
            pair_totals(accounts.sender, accounts.receiver), scores.probability is not None,
        )  # fmt: skip
        tx_id = self.transactions[TX_ID].to_numpy()
        tables = find_rings(transfers, accounts, tx_id, self.planned.config, report, self.lesson())
        if tables.learned is not None and self.label is not None:
            scores = with_learned_rings(
                scores, tables.learned.probability, tables.learned.threshold, self.label,
                self.planned.config,
            )  # fmt: skip
        scores.save(self.paths.learned)
        write_rings(tables, self.paths)
        self.manifest["metrics"] = scores.metrics
        self.manifest["counts"]["rings"] = tables.rings.num_rows
        self.manifest["notes"] += tables.notes
        return tables, scores

    def lesson(self) -> Lesson | None:
        """Return what may be learned from; nothing where a model of another run scores."""
        if self.label is None or self.planned.config.model.use:
            return None
        past_end = split_in_time(len(self.label), self.planned.config.model).choose_end
        return Lesson(self.matrix, self.label, ring_codes(self.transactions, self.label), past_end)

    def known_accounts(self) -> Accounts:
        if self.accounts is None:
            raise RunError("this input has no accounts, so it has no graph")
        return self.accounts

    def alerts(
        self,
        scores: Scores,
        model: Model | None,
        rings: RingTables | None,
        report: Progress,
    ) -> None:
        risk = scores.base
        if rings is not None:
            tx_id = self.transactions[TX_ID].to_numpy()
            evidence = score_of_rows(tx_id, rings.rings, rings.ring_transactions)
            risk = with_ring_evidence(risk, evidence, self.planned.config.risk)
        scored = Scored(self.transactions, self.matrix, scores, risk, model)
        alerts = raise_alerts(scored, rings, self.planned.config, lambda s, m: report(0.4 * s, m))
        self.manifest["notes"] += filter(None, [why_no_lone_alerts(scored, self.planned.config)])
        report(0.4, "writing scored transactions")
        write_table(
            augmented_table(self.transactions, self.matrix, scores, risk), self.paths.augmented,
            lambda s, m: report(0.4 + 0.6 * s, m), self.backend,
        )  # fmt: skip
        write_table(alerts, self.paths.alerts)
        self.manifest["counts"]["alerts"] = alerts.num_rows

    def wait(self, scores: Scores) -> None:
        """Write the scored transactions, without ring evidence, and leave the rest for later."""
        self.matrix = self.matrix.on_host()
        write_table(
            augmented_table(self.transactions, self.matrix, scores, scores.base),
            self.paths.augmented, backend=self.backend,
        )  # fmt: skip
        self.manifest["status"] = "waiting"
        write_json(self.paths.manifest, self.manifest)
        self.lake.keep(self.paths.run_id, self.manifest)

    def keep_scorer(self, scores: Scores, model: Model | None, rings: RingTables) -> None:
        """Write what scores single transactions later on."""
        scorer = make_scorer(
            self.paths.run_id, self.matrix, scores, model, rings, self.paths.accounts,
            int(epoch_seconds(self.transactions)[-1]), self.planned.config,
        )  # fmt: skip
        if scorer is None:
            self.manifest["notes"].append(
                "no scorer for single transactions: the run was begun by an earlier version"
            )
            return
        with replacing(self.paths.scorer) as part:
            part.write_bytes(write_scorer(scorer))

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
        self.manifest |= receipt(self.manifest, self.planned.config.compute)
        write_json(self.paths.manifest, self.manifest)
        if self.paths.checkpoint.exists():
            shutil.rmtree(self.paths.checkpoint)
        self.lake.keep(self.paths.run_id, self.manifest)

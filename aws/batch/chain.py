"""A run as a chain of two Batch jobs: ``prep`` (features, scores), then ``graph`` (rings, alerts).

``SubmitJob`` knows no idempotency token, so a chain is claimed first: the conditional write of
``runs/<run_id>/batch-<n>.json`` has one winner, and only the winner submits. Who comes second reads
the winner's record. A winner that died between claim and submission is found out by the claim's
age, and its jobs, if it submitted any, by their names: these hold the moment of the claim, so that
jobs of a run that was deleted and begun anew are not taken for its own.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from aws import names
from aws.batch.status import describe
from aws.batch.submission import submit_once
from aws.clients import client, translated
from aws.costs import start_usd
from aws.prices import machine
from engine.errors import RunError
from engine.storage import Store, StoredObject

#: A claim older than this, in seconds, belongs to somebody who died.
_CLAIM_SECONDS = 60.0
_WAIT_SECONDS = 15.0
_RECORD = re.compile(r"runs/(?P<run_id>[^/]+)/batch-(?P<attempt>\d+)\.json")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run was estimated to take before it was submitted: seconds, and USD."""

    seconds: float
    usd: float


@dataclass(frozen=True, slots=True)
class Request:
    """A run to be computed on Batch.

    Attributes
    ----------
    run_id
        Names the run; the same request twice is one chain.
    kind
        Which machines: ``gpu`` or ``cpu``.
    input_key
        Key of the input below the lake's address; empty where the run has its input already.
    options
        Further options of ``python -m engine run``, e.g. ``("--labels", "ignore")``.
    expected
        What it was said to take, where somebody was told.
    """

    run_id: str
    kind: names.Kind
    input_key: str
    options: tuple[str, ...] = ()
    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Two submitted jobs of a run.

    Attributes
    ----------
    attempt
        1 for the first chain of a run; a retry after a failure is the next.
    prep, graph
        Job ids; empty while the chain is being submitted.
    submitted
        When it was claimed first, ISO 8601 with time zone.
    claimed
        When it was taken over from somebody who died; empty where it was not.
    """

    run_id: str
    attempt: int
    kind: names.Kind
    input_key: str
    options: tuple[str, ...]
    submitted: str
    expected: Expected | None = None
    prep: str = ""
    graph: str = ""
    claimed: str = ""

    @property
    def key(self) -> str:
        """Key of the record in the lake."""
        return _key(self.run_id, self.attempt)

    @property
    def is_complete(self) -> bool:
        """Whether both jobs are submitted."""
        return bool(self.prep and self.graph)


def submit(store: Store, request: Request, sleep: Callable[[float], None] = time.sleep) -> Chain:
    """Submit the chain of a run, once, however often this is called.

    A chain that is under way or has succeeded is returned as it is; after a failed one the next
    attempt is made, which goes on after the last finished stage.

    Raises
    ------
    InputError
        If the queue or the job definitions are not there, or access is denied.
    RunError
        If AWS does not answer, or somebody else is submitting and does not get it done.
    """
    last = latest(store, request.run_id)
    if last is not None and last.is_complete and not _has_failed(last):
        return last
    attempt = 1 if last is None else last.attempt + last.is_complete
    claim = Chain(
        request.run_id, attempt, request.kind, request.input_key, request.options,
        datetime.now(UTC).isoformat(), request.expected,
    )  # fmt: skip
    if store.create(claim.key, _to_json(claim)):
        return _submit_claimed(store, claim)
    return _after_another(store, claim, sleep)


def latest(store: Store, run_id: str) -> Chain | None:
    """Return the last chain of a run, ``None`` where it never had one."""
    found = [entry.key for entry in store.list(f"runs/{run_id}/batch-")]
    attempts = sorted(int(match["attempt"]) for match in map(_RECORD.fullmatch, found) if match)
    return _read(store, _key(run_id, attempts[-1])) if attempts else None


def latest_chains(store: Store, most: int) -> list[Chain]:
    """Return the last chain of each of the runs submitted last, the newest first."""
    last: dict[str, tuple[int, StoredObject]] = {}
    for entry in store.list("runs/"):
        record = _RECORD.fullmatch(entry.key)
        if record is not None:
            found = (int(record["attempt"]), entry)
            last[record["run_id"]] = max(last.get(record["run_id"], found), found, key=_attempt)
    newest = sorted(last.values(), key=lambda found: found[1].modified, reverse=True)[:most]
    read = filter(None, (_read(store, entry.key) for _, entry in newest))
    return sorted(read, key=lambda chain: chain.submitted, reverse=True)


def end(chain: Chain, reason: str) -> None:
    """End both jobs, whatever they are doing; what is finished in the lake stays.

    Raises
    ------
    RunError
        If AWS does not answer.
    """
    # TerminateJob also cancels a job that has not started; the dependent one goes first, so that
    # it does not start in between.
    for job in filter(None, (chain.graph, chain.prep)):
        _call("terminate_job", jobId=job, reason=reason)


def _after_another(store: Store, claim: Chain, sleep: Callable[[float], None]) -> Chain:
    """Wait for whoever claimed the chain; take over where they died."""
    waited = 0.0
    while waited <= _WAIT_SECONDS:
        entry = store.find(claim.key)
        found = _read(store, claim.key)
        if found is not None and found.is_complete:
            return found
        if entry is not None and found is not None and _age(found) > _CLAIM_SECONDS:
            # Whoever replaces the claim as it was found has it now; there is one who does.
            mine = replace(found, claimed=datetime.now(UTC).isoformat())
            if store.replace(mine.key, _to_json(mine), entry.version):
                return _submit_claimed(store, mine, is_taken_over=True)
        sleep(0.5)
        waited += 0.5
    raise RunError(
        f"run {claim.run_id} is being submitted by somebody else and is not done yet; "
        "try again in a minute"
    )


def _submit_claimed(store: Store, claim: Chain, *, is_taken_over: bool = False) -> Chain:
    """Submit the jobs that are not submitted yet, and write the record down."""
    prep = _job(store, claim, "prep", (), is_taken_over)
    graph = _job(store, claim, "graph", (prep,), is_taken_over)
    done = replace(claim, prep=prep, graph=graph)
    store.write(done.key, _to_json(done))
    return done


def _job(
    store: Store, claim: Chain, step: names.Step, after: tuple[str, ...], is_taken_over: bool
) -> str:
    order = {
        "jobDefinition": names.JOB_DEFINITIONS[claim.kind, step],
        "dependsOn": [{"jobId": job} for job in after],
        "containerOverrides": {
            "command": [*names.COMMANDS[step], *_engine(claim), *_options(claim, step)],
            "environment": [
                {"name": name, "value": value}
                for name, value in _environment(store, claim, step).items()
            ],
        },
        "tags": {"run": claim.run_id},
        "propagateTags": True,
    }
    queue = names.QUEUES[claim.kind]
    return submit_once(_job_name(claim, step), queue, order, look_first=is_taken_over)


def _engine(claim: Chain) -> tuple[str, ...]:
    return ("--engine", claim.kind)


def _options(claim: Chain, step: names.Step) -> tuple[str, ...]:
    if step == "prep" and claim.input_key:
        return claim.options
    # The second job goes on with the first one's settings, which stand in the manifest; only what
    # changes no result, prices and cap, is read from the file again.
    given = dict(zip(claim.options[::2], claim.options[1::2], strict=True))
    return ("--config", given["--config"]) if "--config" in given else ()


def _environment(store: Store, claim: Chain, step: names.Step) -> dict[str, str]:
    bucket = store.address.removeprefix("s3://").partition("/")[0]
    told = {names.BUCKET: bucket, names.LAKE: store.address, names.RUN_ID: claim.run_id}
    if step == "prep" and claim.input_key:
        told[names.INPUT_KEY] = claim.input_key
    # What the run cost is written into its manifest, and counts against the monthly cap.
    told[names.USD_PER_HOUR] = f"{machine(claim.kind).usd_per_hour:.4f}"
    told[names.START_USD] = f"{start_usd(claim.kind):.4f}"
    return told


def _job_name(claim: Chain, step: names.Step) -> str:
    """Return a name as Batch allows it: letters, digits, ``-`` and ``_``, at most 128."""
    moment = hashlib.sha256(claim.submitted.encode()).hexdigest()[:8]
    return re.sub(r"[^A-Za-z0-9_-]", "-", f"{step}-{claim.attempt}-{moment}-{claim.run_id}")[:128]


def _has_failed(chain: Chain) -> bool:
    # A job that Batch has forgotten ended days ago; a run that is done then is not computed again.
    jobs = describe(chain.prep, chain.graph)
    return len(jobs) < 2 or any(job.state == "FAILED" for job in jobs)


def _age(chain: Chain) -> float:
    claimed = datetime.fromisoformat(chain.claimed or chain.submitted)
    return (datetime.now(UTC) - claimed).total_seconds()


def _call(operation: str, **arguments: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = getattr(client("batch"), operation)(**arguments)
    except (ClientError, BotoCoreError) as error:
        raise translated(error, f"AWS Batch, {operation}") from error
    return answer


def _key(run_id: str, attempt: int) -> str:
    return f"runs/{run_id}/batch-{attempt}.json"


def _to_json(chain: Chain) -> bytes:
    return json.dumps(asdict(chain), indent=1).encode()


def _read(store: Store, key: str) -> Chain | None:
    content = store.read(key)
    if content is None:
        return None
    told = json.loads(content)
    expected = told.pop("expected", None)
    return Chain(
        **{**told, "options": tuple(told["options"])},
        expected=None if expected is None else Expected(**expected),
    )


def _attempt(found: tuple[int, StoredObject]) -> int:
    return found[0]

"""One attempt of a job: a process, or a container of podman's, with its log and its role."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.session import Session

from tests.aws.emulator.fault_rules import OBSERVER
from tests.aws.emulator.role_sessions import credentials_of

#: ``process`` (default) or ``podman``; the image is one of this machine's.
_EXECUTION = os.environ.get("BATCH_EXEC", "process")
#: Further options of ``podman run``, e.g. folders that the container sees.
_PODMAN = shlex.split(os.environ.get("BATCH_PODMAN", ""))
_IMAGE = os.environ.get("BATCH_IMAGE", "localhost/ringleader-engine:cpu")
_PYTHON = os.environ.get("RINGLEADER_PYTHON", "python3")
_REPOSITORY = os.environ.get("RINGLEADER_REPOSITORY", "")
_ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "")
_OWN = ("PATH", "HOME", "LANG", "CONTAINERS_CONF")
_FLUSH_SECONDS = 0.1
_GRACE_SECONDS = 3.0
_KILLED = 128 + signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Order:
    """What a job shall run, from its definition and the request's overrides."""

    command: tuple[str, ...]
    environment: dict[str, str]
    image: str
    role: str
    resources: list[dict[str, str]]
    log_group: str
    log_prefix: str
    queue: str
    seconds: float | None

    @classmethod
    def of(cls, request: dict[str, Any], definition: dict[str, Any]) -> Order:
        """Put the request's overrides over the definition."""
        container = definition["containerProperties"]
        overrides = request.get("containerOverrides", {})
        environment = {
            pair["name"]: pair["value"]
            for told in (container, overrides)
            for pair in told.get("environment", ())
        }
        parameters = {**definition.get("parameters", {}), **request.get("parameters", {})}
        command = overrides.get("command") or container.get("command", ())
        logs = container.get("logConfiguration", {}).get("options", {})
        timeout = request.get("timeout") or definition.get("timeout") or {}
        return cls(
            tuple(parameters.get(w[5:], w) if w.startswith("Ref::") else w for w in command),
            environment, container.get("image", ""), container.get("jobRoleArn", ""),
            overrides.get("resourceRequirements") or container.get("resourceRequirements", []),
            logs.get("awslogs-group", "/aws/batch/job"),
            logs.get("awslogs-stream-prefix", definition["jobDefinitionName"]),
            request["jobQueue"].rpartition("/")[2], timeout.get("attemptDurationSeconds"),
        )  # fmt: skip


@dataclass
class Attempt:
    """A try of a job.

    Attributes
    ----------
    reason, container_reason
        Why it ended, as Batch says it of the attempt and of its container.
    """

    order: Order
    job_id: str
    number: int
    started: int = field(default_factory=lambda: int(time.time() * 1000))
    stopped: int | None = None
    exit_code: int | None = None
    reason: str = ""
    container_reason: str = ""
    is_timed_out: bool = False
    is_ended_by_us: bool = False
    stream: str = ""
    process: subprocess.Popen[str] | None = None

    def __post_init__(self) -> None:
        self.stream = f"{self.order.log_prefix}/default/{uuid.uuid4().hex}"

    def describe(self) -> dict[str, Any]:
        """Return it as ``DescribeJobs`` does."""
        container = {
            "logStreamName": self.stream, "exitCode": self.exit_code,
            "reason": self.container_reason,
        }  # fmt: skip
        told = {
            "startedAt": self.started, "stoppedAt": self.stopped, "statusReason": self.reason,
            "container": {k: v for k, v in container.items() if v not in (None, "")},
        }  # fmt: skip
        return {name: value for name, value in told.items() if value not in (None, "")}

    def run(self, is_unwanted: Callable[[], bool]) -> None:
        """Run it to its end; ``is_unwanted`` tells whether it was ended before it began."""
        folder = Path(tempfile.mkdtemp(prefix="batch-"))  # a new machine: its disk is empty
        log = _Log(self.order.log_group, self.stream)
        try:
            with subprocess.Popen(
                self._command(folder), env=self._environment(folder), cwd=folder, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0,
            ) as process:  # fmt: skip
                self.process = process
                pump = threading.Thread(target=log.follow, args=(process,), daemon=True)
                pump.start()
                if is_unwanted():
                    self.stop()
                self._wait(process)
                pump.join()
            self._close(process.returncode)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def stop(self) -> None:
        """Ask it to end; three seconds later it is ended."""
        threading.Thread(target=self._insist, args=(_GRACE_SECONDS,), daemon=True).start()

    def kill(self, reason: str = "") -> None:
        """End it at once; with a reason, the machine is gone and there is no exit code."""
        self.reason = reason
        self._insist(0.0)

    def _insist(self, grace: float) -> None:
        """Signal until it has ended: a container that is still being made does not hear."""
        self.is_ended_by_us = True
        deadline, is_told = time.monotonic() + grace, False
        while self.process is not None and self.process.poll() is None:
            if time.monotonic() >= deadline:
                self._signal(signal.SIGKILL)
            elif not is_told:
                is_told = self._signal(signal.SIGTERM)
            time.sleep(0.05)

    def _wait(self, process: subprocess.Popen[str]) -> None:
        try:
            process.wait(self.order.seconds)
        except subprocess.TimeoutExpired:
            self.is_timed_out = True
            self.reason = "Job attempt duration exceeded timeout"
            self.stop()
            process.wait()

    def _close(self, code: int) -> None:
        self.stopped = int(time.time() * 1000)
        is_machine_gone = bool(self.reason) and not self.is_timed_out
        self.exit_code = None if is_machine_gone else code if code >= 0 else 128 - code
        # Nobody sent this signal but the kernel: the container went over its memory.
        if self.exit_code == _KILLED and _EXECUTION == "podman" and not self.is_ended_by_us:
            self.container_reason = "OutOfMemoryError: Container killed due to memory usage"

    def _signal(self, number: signal.Signals) -> bool:
        """Send a signal; tell whether it arrived."""
        process = self.process
        if process is None or process.poll() is not None:
            return False
        if _EXECUTION == "podman":
            command = ["podman", "kill", "--signal", number.name, self._name]
            return subprocess.run(command, check=False, capture_output=True).returncode == 0
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return False
        return True

    @property
    def _name(self) -> str:
        return f"batch-{self.job_id}-{self.number}"

    def _command(self, folder: Path) -> list[str]:
        if _EXECUTION != "podman":
            return [_PYTHON, "-m", "engine", *self.order.command]
        memory = {one["type"]: one["value"] for one in self.order.resources}.get("MEMORY", "2048")
        variables = self._job_variables(folder)
        given = [word for name in variables for word in ("-e", name)]
        options = ["--rm", "--name", self._name, "--network", "host", "--memory", f"{memory}m"]
        return ["podman", "run", *options, *_PODMAN, *given, _IMAGE, *self.order.command]

    def _environment(self, folder: Path) -> dict[str, str]:
        own = {name: os.environ[name] for name in _OWN if name in os.environ}
        if _EXECUTION != "podman":
            own |= {
                "PYTHONPATH": _REPOSITORY, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1",
                "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "2"),
                # Jobs share the cores here: threads that wait for others must not spin.
                "OMP_WAIT_POLICY": "PASSIVE",
            }  # fmt: skip
        return own | self._job_variables(folder)

    def _job_variables(self, folder: Path) -> dict[str, str]:
        cache = {} if _EXECUTION == "podman" else {"RINGLEADER_CACHE": str(folder / "cache")}
        return {
            **cache,
            **self.order.environment,
            "AWS_BATCH_JOB_ID": self.job_id,
            "AWS_BATCH_JOB_ATTEMPT": str(self.number),
            "AWS_BATCH_JQ_NAME": self.order.queue,
            "AWS_BATCH_CE_NAME": "emulated",
            "AWS_DEFAULT_REGION": os.environ.get("MINISTACK_REGION", "us-east-1"),
            "AWS_ENDPOINT_URL": _ENDPOINT,
            **credentials_of(self.order.role, self.job_id),
        }


class _Log:
    """A stream of CloudWatch Logs that is written to as the lines come."""

    def __init__(self, group: str, stream: str) -> None:
        # Watching, not part of what is tried: faults must not hit it.
        config = Config(user_agent_extra=OBSERVER, retries={"mode": "standard"})
        self._client = Session().create_client(
            "logs", endpoint_url=_ENDPOINT, config=config,
            region_name=os.environ.get("MINISTACK_REGION", "us-east-1"),
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip
        self._where = {"logGroupName": group, "logStreamName": stream}
        known = self._client.exceptions.ResourceAlreadyExistsException
        for create, where in ((self._client.create_log_group, {"logGroupName": group}),
                              (self._client.create_log_stream, self._where)):  # fmt: skip
            try:
                create(**where)
            except known:
                continue

    def follow(self, process: subprocess.Popen[str]) -> None:
        """Send the lines of a process until it closes its output."""
        lines: list[dict[str, Any]] = []
        lock, is_over = threading.Lock(), threading.Event()

        def flush() -> None:
            while not is_over.wait(_FLUSH_SECONDS):
                with lock:
                    self._send(lines)

        sender = threading.Thread(target=flush, daemon=True)
        sender.start()
        for line in process.stdout or ():
            with lock:
                lines.append({"timestamp": int(time.time() * 1000), "message": line.rstrip("\n")})
        is_over.set()
        sender.join()
        self._send(lines)

    def _send(self, lines: list[dict[str, Any]]) -> None:
        events = [line for line in lines if line["message"]]  # Logs takes no empty message
        lines.clear()
        if events:
            self._client.put_log_events(**self._where, logEvents=events)

"""Starts the emulator, deploys the project into it, and takes everything down again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError

import boto3
from botocore.config import Config

from aws import names
from tests.aws.emulator import environment, templates
from tests.aws.emulator.bedrock import Bedrock, serve_bedrock
from tests.aws.emulator.deployment import Deployment, deploy
from tests.aws.emulator.fault_rules import OBSERVER, Rule
from tests.ports import free_port

REGION = "us-east-1"
_SECONDS = 30.0
#: What the emulator gets from us; BATCH_EXEC=podman runs jobs in containers of BATCH_IMAGE.
_KEPT = (
    "PATH", "HOME", "LANG", "BATCH_EXEC", "BATCH_IMAGE", "BATCH_PODMAN", "CONTAINERS_CONF",
    "OMP_WAIT_POLICY",
)  # fmt: skip


@dataclass
class Emulated:
    """A running emulator.

    Attributes
    ----------
    url
        Its one endpoint.
    bedrock
        The double of Bedrock's runtime.
    log
        What the emulator, functions and jobs wrote.
    session
        Credentials that may do everything.
    deployment
        The project in it; None where nothing was deployed.
    """

    url: str
    bedrock: Bedrock
    log: Path
    session: boto3.Session
    deployment: Deployment | None = None
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables that lead a program here."""
        told = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.bedrock.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
        }
        if self.deployment is None:
            return told
        outputs = self.deployment.outputs
        lake = outputs["RingleaderStorage"]["LakeBucket"]
        return told | {
            names.LAKE: f"s3://{lake}",
            names.TOPIC: outputs["RingleaderAlerts"]["TopicArn"],
            names.PROFILES: f"dynamodb:{outputs['RingleaderStorage']['ProfilesTable']}",
            names.INFER_URL: self._reachable(outputs["RingleaderRealtime"]["InferUrl"]),
        }

    def _reachable(self, infer_url: str) -> str:
        """Return the address of an API by its path: its host name is known to no name server."""
        api = infer_url.removeprefix("http://").partition(".")[0]
        return f"{self.url}/_aws/execute-api/{api}/$default/infer"

    def client(self, service: str) -> Any:
        """Return a client that watches: no fault hits it."""
        if service not in self._clients:
            config = Config(
                user_agent_extra=OBSERVER, parameter_validation=True,
                retries={"mode": "standard", "max_attempts": 3},
            )  # fmt: skip
            self._clients[service] = self.session.client(
                service, endpoint_url=self.url, config=config
            )
        return self._clients[service]

    def fail(self, rules: Sequence[Rule]) -> None:
        """Let requests fail from now on; no rules: none."""
        self._ask("faults", [asdict(rule) for rule in rules])

    def failed(self) -> list[int]:
        """Return how many requests each rule has hit."""
        return [told["hit"] for told in self._ask("faults")]

    def jobs(self, what: str, **which: str) -> None:
        """Kill or interrupt running jobs, hold a queue or release it."""
        self._ask("jobs", {"what": what, **which})

    def role(self, stack: str, logical: str) -> dict[str, str]:
        """Return the credentials of a deployed role, as variables."""
        assert self.deployment is not None
        name = self.deployment.physical("AWS::IAM::Role", logical, stack)
        arn = self.client("iam").get_role(RoleName=name)["Role"]["Arn"]
        return dict(self._ask("credentials", {"role": arn, "session": "a-test"}))

    def _ask(self, what: str, told: Any = None) -> Any:
        body = None if told is None else json.dumps(told).encode()
        request = urllib.request.Request(f"{self.url}/_emulator/{what}", data=body)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def emulated_aws(
    folder: Path | None = None, *, deployed: bool = True, port: int = 0
) -> Iterator[Emulated]:
    """Run AWS on this machine while the block runs.

    Parameters
    ----------
    folder
        Where its log and the templates go; default: a temporary one.
    deployed
        Whether the project's stacks are created in it.
    port
        Of the endpoint; 0 takes a free one.
    """
    with tempfile.TemporaryDirectory(prefix="ringleader-aws-") as spare, serve_bedrock() as bedrock:
        place = folder or Path(spare)
        port = port or free_port()
        url, log = f"http://127.0.0.1:{port}", place / "emulator.log"
        with log.open("wb") as stream:
            server = _start(port, url, bedrock.url, stream, Path(spare))
            try:
                _wait(url, server, log)
                emulated = Emulated(
                    url, bedrock, log, boto3.Session("test", "test", region_name=REGION)
                )
                if deployed:
                    emulated.deployment = deploy(emulated.client, templates.synthesised())
                yield emulated
            finally:
                # The end of its input is the sign to end, with all functions and jobs.
                if server.stdin is not None:
                    server.stdin.close()
                server.wait(timeout=20)


def _start(port: int, url: str, bedrock: str, stream: Any, folder: Path) -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    settings = {
        "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "MINISTACK_HOST": "127.0.0.1",
        "AUTH": "true", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "MINISTACK_REGION": REGION,
        "TMPDIR": str(folder), "AWS_ENDPOINT_URL": url,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock, "PYTHONPATH": str(environment.ROOT),
        "RINGLEADER_PYTHON": sys.executable, "RINGLEADER_REPOSITORY": str(environment.ROOT),
    }  # fmt: skip
    return subprocess.Popen(
        [str(environment.python()), "-m", "tests.aws.emulator.server"],
        cwd=folder, env=kept | settings, stdin=subprocess.PIPE, stdout=stream, stderr=stream,
        start_new_session=True,
    )  # fmt: skip


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_ministack/health", timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"the emulator did not start:\n{log.read_text(errors='replace')[-3000:]}")

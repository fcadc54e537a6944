"""``make deploy``: what it asks for first, in which order it goes, and what it prints."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from aws.infrastructure import deploy
from engine.errors import InputError


class Account:
    """Stands in for STS and IAM of an account."""

    class meta:
        region_name = "eu-west-1"

    def __init__(self, iam_says: str = "") -> None:
        self.iam_says = iam_says

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": "111111111111"}

    def create_service_linked_role(self, AWSServiceName: str) -> None:
        assert AWSServiceName == "spot.amazonaws.com"
        if self.iam_says:
            error = {"Error": {"Code": self.iam_says, "Message": "told by IAM"}}
            raise ClientError(error, "CreateServiceLinkedRole")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, ...]]:
    """Every command that was run; none is run in truth."""
    commands: list[tuple[str, ...]] = []

    def run(command: Any, **_: Any) -> subprocess.CompletedProcess[bytes]:
        commands.append(tuple(command))
        if "deploy" in command:
            outputs = {"RingleaderStorage": {"LakeBucket": "b", "ExportsOutputRefX": "hidden"}}
            Path(command[command.index("--outputs-file") + 1]).write_text(json.dumps(outputs))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(deploy, "_BUILD", tmp_path / "build")
    monkeypatch.setattr(deploy, "client", lambda _: Account())
    monkeypatch.setattr(shutil, "which", lambda tool: f"/bin/{tool}")
    return commands


def test_deploying_packs_bootstraps_deploys_and_prints_the_outputs(
    ran: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy.main(["deploy", "-c", "email=me@example.com"]) == 0
    docker, package, bootstrap, deployed = ran
    assert docker == ("docker", "info")
    assert package[1:3] == ("-m", "aws.infer.package")
    assert bootstrap[:5] == (
        "npx", "--yes", "aws-cdk@2.1148.1", "bootstrap", "aws://111111111111/eu-west-1"
    )  # fmt: skip
    assert deployed[3:5] == ("deploy", "--all")
    assert deployed[-6:-4] == ("-c", "email=me@example.com")
    assert deployed[-3] == f"infer_package={package[3]}"
    told = capsys.readouterr().out
    assert "account 111111111111, region eu-west-1" in told
    assert "LakeBucket: b" in told
    assert "hidden" not in told


def test_removing_says_what_stays(
    ran: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy.main(["destroy"]) == 0
    ((*_, action, every, force, _, _),) = ran
    assert (action, every, force) == ("destroy", "--all", "--force")
    assert "are kept" in capsys.readouterr().out


def test_the_answer_of_a_step_that_fails_is_passed_on(
    ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: Any, **_: Any) -> None:
        raise subprocess.CalledProcessError(3, command)

    monkeypatch.setattr(subprocess, "run", fail)
    assert deploy.main(["destroy"]) == 3


@pytest.mark.parametrize(
    ("missing", "said"), [("npx", "Node.js"), ("node", "Node.js"), ("docker podman", "Podman")]
)
def test_a_missing_program_is_named_before_anything_is_made(
    ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch, missing: str, said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(
        shutil, "which", lambda tool: None if tool in missing.split() else f"/bin/{tool}"
    )
    assert deploy.main(["deploy"]) == 2
    assert said in capsys.readouterr().err
    assert ran == []


def test_podman_builds_where_docker_does_not_answer(
    ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(command: Any, **_: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, int(command[0] == "docker"))

    monkeypatch.setattr(subprocess, "run", run)
    assert deploy.container_tool() == "podman"


def test_credentials_that_are_missing_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nobody(Account):
        def get_caller_identity(self) -> dict[str, str]:
            raise NoCredentialsError

    monkeypatch.setattr(deploy, "client", lambda _: Nobody())
    with pytest.raises(InputError, match="aws configure"):
        deploy.identity()


@pytest.mark.parametrize(
    ("iam_says", "is_fine"),
    [("", True), ("InvalidInput", True), ("EntityAlreadyExists", True), ("AccessDenied", False)],
)
def test_the_role_of_spot_machines_is_made_once(
    monkeypatch: pytest.MonkeyPatch, iam_says: str, is_fine: bool
) -> None:
    monkeypatch.setattr(deploy, "client", lambda _: Account(iam_says))
    if is_fine:
        deploy.make_spot_role()
    else:
        with pytest.raises(InputError, match="role of spot machines"):
            deploy.make_spot_role()

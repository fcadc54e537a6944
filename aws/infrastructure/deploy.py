"""Deploys everything, or removes it: ``make deploy``, ``make destroy``.

What it needs is asked for before anything is made: credentials (``aws configure``), Node.js with
``npx``, and Docker or Podman.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from aws.clients import client, error_code, translated
from engine.errors import EngineError, InputError

REPOSITORY = Path(__file__).parents[2]
#: The last version that goes with aws-cdk-lib 2; npm's "latest" does not.
_CDK = ("npx", "--yes", "aws-cdk@2.1148.1")
_APP = REPOSITORY / "aws" / "infrastructure"
_BUILD = REPOSITORY / "build"
#: What IAM answers where there is such a role.
_HAS_ROLE = ("InvalidInput", "EntityAlreadyExists")
_KEPT = "The lake, its access logs and the profiles are kept; delete them by hand if you mean to."


def deploy(context: Sequence[str]) -> None:
    """Build what is deployed, deploy it, and print the outputs.

    Raises
    ------
    InputError
        If something is missing that has to be there.
    subprocess.CalledProcessError
        If a step fails; it has said why.
    """
    environment = {**os.environ, "CDK_DOCKER": container_tool()}
    account, region = identity()
    print(f"Deploying to account {account}, region {region}", flush=True)
    make_spot_role()
    _BUILD.mkdir(exist_ok=True)
    package = _BUILD / "infer"
    _run((sys.executable, "-m", "aws.infer.package", str(package)), REPOSITORY, os.environ)
    outputs = _BUILD / "outputs.json"
    _cdk("bootstrap", f"aws://{account}/{region}", environment=environment)
    _cdk(
        "deploy", "--all", "--require-approval", "never", "--outputs-file", str(outputs),
        *context, "-c", f"infer_package={package}", environment=environment,
    )  # fmt: skip
    for stack in json.loads(outputs.read_text(encoding="utf-8")).values():
        for name, value in stack.items():
            if not name.startswith("ExportsOutput"):
                print(f"{name}: {value}")


def destroy(context: Sequence[str]) -> None:
    """Remove all stacks; data stay.

    Raises
    ------
    InputError, subprocess.CalledProcessError
        As :func:`deploy` does.
    """
    account, region = identity()
    print(f"Removing Ringleader from account {account}, region {region}", flush=True)
    _cdk("destroy", "--all", "--force", *context, environment=os.environ)
    print(_KEPT)


def container_tool() -> str:
    """Return the program that builds images, after looking for all programs that are needed.

    Raises
    ------
    InputError
        If one is missing.
    """
    for tool in ("node", "npx"):
        if shutil.which(tool) is None:
            raise InputError(f"{tool} is missing; install Node.js 20 or newer: https://nodejs.org")
    for tool in ("docker", "podman"):
        if shutil.which(tool) is None:
            continue
        if subprocess.run([tool, "info"], capture_output=True, check=False).returncode == 0:
            return tool
    raise InputError("neither Docker nor Podman runs here; start one: it builds the images")


def identity() -> tuple[str, str]:
    """Return account and region that boto3 is set up with.

    Raises
    ------
    InputError
        If it is not set up.
    """
    try:
        sts = client("sts")
        return str(sts.get_caller_identity()["Account"]), str(sts.meta.region_name)
    except (ClientError, BotoCoreError) as error:
        raise translated(error, "AWS") from error


def make_spot_role() -> None:
    """Make the role by which EC2 starts spot machines; an account has it once, or not yet.

    It is no part of the templates, for there it would fail in accounts that have it.

    Raises
    ------
    InputError
        If access is denied.
    """
    try:
        client("iam").create_service_linked_role(AWSServiceName="spot.amazonaws.com")
    except ClientError as error:
        if error_code(error) not in _HAS_ROLE:
            raise translated(error, "AWS IAM, the role of spot machines") from error


def _cdk(*arguments: str, environment: Mapping[str, str]) -> None:
    _run((*_CDK, *arguments, "--output", str(REPOSITORY / "cdk.out")), _APP, environment)


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    subprocess.run(command, cwd=folder, env=environment, check=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Return 0, or 2 where something is missing, or what the step that failed returned."""
    parser = argparse.ArgumentParser("python -m aws.infrastructure.deploy", description=__doc__)
    parser.add_argument("action", choices=["deploy", "destroy"])
    parser.add_argument("-c", "--context", metavar="KEY=VALUE", action="append", default=[],
                        help="see settings.py")  # fmt: skip
    arguments = parser.parse_args(argv)
    context = [part for pair in arguments.context for part in ("-c", pair)]
    try:
        (deploy if arguments.action == "deploy" else destroy)(context)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())

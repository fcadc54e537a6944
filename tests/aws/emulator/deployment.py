"""Deploys the synthesised templates by CloudFormation, as ``cdk deploy`` does."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tests.aws.emulator.templates import assets, stacks

_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is deployed.

    Attributes
    ----------
    outputs
        Stack to its outputs.
    resources
        ``(stack, logical id without CDK's hash, type)`` to the physical id.
    """

    outputs: dict[str, dict[str, str]]
    resources: dict[tuple[str, str, str], str]

    def physical(self, kind: str, logical: str, stack: str = "") -> str:
        """Return the physical id of the one resource of a type whose logical id starts so."""
        found = [
            physical
            for (where, name, what), physical in self.resources.items()
            if what == kind and name.startswith(logical) and where.endswith(stack)
        ]
        if len(found) != 1:
            raise LookupError(f"{len(found)} resources {kind} {logical} in {stack or 'all'}")
        return found[0]


def deploy(client: Callable[[str], Any], folder: Path) -> Deployment:
    """Upload the assets and create the stacks, one after the other.

    Parameters
    ----------
    client
        Makes the client of a service.

    Raises
    ------
    RuntimeError
        If a stack cannot be created; it names the resource and the reason.
    """
    formation = client("cloudformation")
    outputs: dict[str, dict[str, str]] = {}
    resources = {}
    for stack in stacks(folder):
        _upload(client, folder, stack)
        template = (folder / f"{stack}.template.json").read_text(encoding="utf-8")
        formation.create_stack(
            StackName=stack,
            TemplateBody=template,
            Capabilities=_CAPABILITIES,
            OnFailure="DO_NOTHING",
        )
        told = _wait(formation, stack)
        outputs[stack] = {one["OutputKey"]: one["OutputValue"] for one in told.get("Outputs", ())}
        for one in formation.describe_stack_resources(StackName=stack)["StackResources"]:
            key = (stack, one["LogicalResourceId"], one["ResourceType"])
            resources[key] = one["PhysicalResourceId"]
    return Deployment(outputs, resources)


def _wait(formation: Any, stack: str) -> dict[str, Any]:
    deadline = time.monotonic() + _SECONDS
    while True:
        told: dict[str, Any] = formation.describe_stacks(StackName=stack)["Stacks"][0]
        if not told["StackStatus"].endswith("IN_PROGRESS") or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    if told["StackStatus"] != "CREATE_COMPLETE":
        reasons = [
            f"{one['LogicalResourceId']} ({one['ResourceType']}): {one['ResourceStatusReason']}"
            for one in formation.describe_stack_resources(StackName=stack)["StackResources"]
            if "FAILED" in one["ResourceStatus"]
        ]
        raise RuntimeError(
            f"{stack}: {told['StackStatus']} {told.get('StackStatusReason')} {reasons}"
        )
    return told


def _upload(client: Callable[[str], Any], folder: Path, stack: str) -> None:
    account, s3 = client("sts").get_caller_identity()["Account"], client("s3")
    for asset in assets(folder, stack):
        path = folder / asset["source"]["path"]
        body = _zipped(path) if asset["source"]["packaging"] == "zip" else path.read_bytes()
        for target in asset["destinations"].values():
            bucket = (
                target["bucketName"]
                .replace("${AWS::AccountId}", account)
                .replace("${AWS::Region}", s3.meta.region_name)
            )
            _make_bucket(s3, bucket)
            s3.put_object(Bucket=bucket, Key=target["objectKey"], Body=body)


def _make_bucket(s3: Any, bucket: str) -> None:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        s3.create_bucket(Bucket=bucket)


def _zipped(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return packed.getvalue()

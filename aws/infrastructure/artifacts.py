"""What the services run: images of aws/docker/Dockerfile, and functions' folders."""

from __future__ import annotations

from typing import Any, Literal

import aws_cdk as cdk
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_lambda as lambda_

from aws.infrastructure.settings import REPOSITORY, Settings

_DOCKERFILE = "aws/docker/Dockerfile"


def image(target: Literal["cpu", "gpu", "lambda", "app"]) -> dict[str, Any]:
    """Return the arguments of an image asset. It is built at deployment, not at synthesis."""
    return {
        "directory": str(REPOSITORY),
        "file": _DOCKERFILE,
        "target": target,
        "platform": ecr_assets.Platform.LINUX_AMD64,
    }


def container_environment(environment: dict[str, str]) -> dict[str, str]:
    """Return the variables of a container: with the region, under the name that boto3 reads.

    Lambda sets it itself, and lets nobody else set it; ECS does not.
    """
    return {**environment, "AWS_DEFAULT_REGION": cdk.Aws.REGION}


def ingest_code(handler: str) -> lambda_.DockerImageCode:
    """Return the image of ingestion: its packages are too large for a zip file."""
    asset = image("lambda")
    return lambda_.DockerImageCode.from_image_asset(asset.pop("directory"), cmd=[handler], **asset)


def infer_code(settings: Settings) -> lambda_.Code:
    """Return the folder of real-time scoring.

    Without ``infer_package`` it is the sources without their packages: enough to look at the
    templates, and nothing that ``make deploy`` would take.
    """
    if settings.infer_package:  # with its compiled files: they halve the time to start
        return lambda_.Code.from_asset(settings.infer_package)
    unneeded = ["infrastructure", "docker", "**/__pycache__"]
    return lambda_.Code.from_asset(str(REPOSITORY / "aws"), exclude=unneeded)


def emulated_function(settings: Settings, environment: dict[str, str]) -> dict[str, Any]:
    """Return the arguments of a function that runs from the sources on this machine."""
    return {
        "runtime": lambda_.Runtime.PROVIDED_AL2023,
        "code": lambda_.Code.from_asset(str(REPOSITORY / "aws" / "infrastructure" / "emulated")),
        "environment": {
            **environment,
            "RINGLEADER_PYTHON": settings.python,
            "RINGLEADER_REPOSITORY": settings.repository,
        },
    }

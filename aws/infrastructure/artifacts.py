"""What the services run: images of aws/docker/Dockerfile, and functions' folders."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path
from typing import Any, Literal

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


def infer_code(settings: Settings) -> lambda_.Code:
    """Return the folder of real-time scoring."""
    folder = settings.infer_package or str(REPOSITORY / "aws" / "infer")
    return lambda_.Code.from_asset(folder, exclude=["**/__pycache__"])


def emulated_code(settings: Settings, handler: str) -> lambda_.Code:
    """Return a folder whose ``bootstrap`` runs a handler from the sources on this machine."""
    folder = Path(tempfile.mkdtemp(prefix="ringleader-function-"))
    bootstrap = folder / "bootstrap"
    bootstrap.write_text(
        "#!/bin/sh\n"
        f"export PYTHONPATH={shlex.quote(settings.repository)}\n"
        f"exec {shlex.quote(settings.python)} -m awslambdaric {shlex.quote(handler)}\n",
        encoding="utf-8",
    )
    bootstrap.chmod(0o755)
    return lambda_.Code.from_asset(str(folder))

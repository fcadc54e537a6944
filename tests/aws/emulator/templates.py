"""The infrastructure's own templates, synthesised for the emulator."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.aws.emulator.environment import ROOT

CDK = ROOT / ".venv" / "cdk" / "bin" / "python"


def synthesised(context: Mapping[str, str] | None = None) -> Path:
    """Return a folder with the templates of all stacks; made again only where sources changed.

    Raises
    ------
    RuntimeError
        If there is no CDK here, or it fails.
    """
    if not CDK.exists():
        raise RuntimeError(f"{CDK} is missing; `make .venv/cdk/.installed` makes it")
    chosen = {"emulated": "true", "python": sys.executable, "repository": str(ROOT),
              **(context or {})}  # fmt: skip
    folder = CDK.parents[1] / f"emulated-{_fingerprint(chosen)}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=folder.parent) as made:
            _synthesise(Path(made) / "out", chosen)
            with suppress(OSError):  # another one was faster
                (Path(made) / "out").rename(folder)
    return folder


def _fingerprint(context: Mapping[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(context, sort_keys=True).encode())
    sources = [ROOT / "aws" / "names.py", *(ROOT / "aws" / "infrastructure").rglob("*")]
    for path in sorted(path for path in sources if path.is_file() and path.suffix != ".pyc"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _synthesise(folder: Path, context: Mapping[str, str]) -> None:
    command = [str(CDK), "-m", "aws.infrastructure.app", "--output", str(folder)]
    for name, value in context.items():
        command += ["-c", f"{name}={value}"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1"},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the templates cannot be made:\n{done.stderr[-3000:]}")


def stacks(folder: Path) -> list[str]:
    """Return the names of the stacks, each after those that it needs."""
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    found = {
        name: artifact
        for name, artifact in told.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    ordered: list[str] = []

    def add(name: str) -> None:
        for needed in found[name].get("dependencies", ()):
            if needed in found:
                add(needed)
        if name not in ordered:
            ordered.append(name)

    for name in found:
        add(name)
    return ordered


def assets(folder: Path, stack: str) -> list[dict[str, Any]]:
    """Return the files that a stack wants uploaded, with their path and destinations."""
    told = json.loads((folder / f"{stack}.assets.json").read_text(encoding="utf-8"))
    return list(told["files"].values())

"""The image of the engine's jobs: pinned, without root, healthy by the doctor, and complete.

The image itself is built where there is a Docker daemon; this reads its definition.
"""

from __future__ import annotations

import ast
import re
import shlex
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
DOCKERFILE = (REPOSITORY / "aws" / "docker" / "Dockerfile").read_text(encoding="utf-8")
STEPS = [
    line.strip()
    for line in re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines()
    if line.strip() and not line.startswith("#")
]
STAGES = {step.split()[3]: index for index, step in enumerate(STEPS) if step.startswith("FROM ")}


def stage(name: str) -> list[str]:
    """Return the steps of one stage."""
    later = [index for index in STAGES.values() if index > STAGES[name]]
    return STEPS[STAGES[name] + 1 : min(later, default=len(STEPS))]


def pins(file: str) -> dict[str, str]:
    """Return the versions a requirements file pins."""
    text = (REPOSITORY / file).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w-]+)==([\w.]+)$", text, re.MULTILINE))


def test_the_base_image_is_pinned_to_the_patch() -> None:
    bases = [step.split()[1] for step in STEPS if step.startswith("FROM ")]
    foreign = [base for base in bases if base not in STAGES]
    assert foreign == ["${BASE}"]
    assert "ARG BASE=python:3.11.13-slim-bookworm" in STEPS


@pytest.mark.parametrize("target", ["cpu", "gpu"])
def test_a_job_has_no_root_and_is_healthy_by_the_doctor(target: str) -> None:
    steps = stage(target)
    assert "USER 10001" in steps
    assert not any(step.startswith("USER") and step != "USER 10001" for step in steps)
    assert steps.index("VOLUME /opt/numba") > next(
        index for index, step in enumerate(steps) if step.startswith("RUN ")
    )
    (health,) = [step for step in steps if step.startswith("HEALTHCHECK")]
    command = ast.literal_eval(health[health.index("[") :])
    assert command[:6] == ["python", "-m", "engine", "doctor", "--engine", target]
    assert 'ENTRYPOINT ["python", "-m", "engine"]' in stage("runtime")


def test_what_is_copied_is_there_and_not_ignored() -> None:
    kept = {
        line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }  # fmt: skip
    for step in STEPS:
        if step.startswith("COPY ") and "--from" not in step:
            for source in shlex.split(step)[1:-1]:
                assert (REPOSITORY / source).exists(), source
                assert source in kept, source


@pytest.mark.parametrize("target", ["cpu", "gpu"])
def test_the_image_has_every_package_a_job_imports(target: str) -> None:
    file = "requirements-gpu.txt" if target == "gpu" else "requirements.txt"
    (install,) = [step for step in stage(f"packages-{target}") if step.startswith("RUN")]
    pattern = re.search(r"sed -E '/\^\((.*)\)==/d'", install)
    assert pattern is not None
    dropped = set(pattern[1].split("|"))
    left = {name.lower() for name in pins(file)} - dropped
    assert dropped <= set(pins(file)), "a package that is left out is no longer required"
    owner = packages_distributions()
    for path in sorted((REPOSITORY / "engine").rglob("*.py")):
        # The pictures of the pages are no part of a job.
        if path.name == "network.py" or "gpu" in path.parts or "peers" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import)
                else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            )  # fmt: skip
            for top in {name.split(".")[0] for name in names} - {"engine", ""}:
                if top in sys.stdlib_module_names:
                    continue
                distributions = {name.lower() for name in owner.get(top, [top])}
                if top == "xgboost":
                    distributions = {"xgboost", "xgboost-cpu"}
                assert distributions & left, f"{path.name} imports {top}"


def test_both_requirement_files_pin_the_same_versions() -> None:
    cpu, gpu = pins("requirements.txt"), pins("requirements-gpu.txt")
    assert {name: gpu.get(name) for name in cpu if name != "xgboost-cpu"} == {
        name: version for name, version in cpu.items() if name != "xgboost-cpu"
    }
    assert cpu["xgboost-cpu"] == gpu["xgboost"]
    assert "xgboost-cpu" not in gpu

"""The images of jobs, function and app: pinned, without root, healthy, and complete.

The images themselves are built where there is a Docker daemon; this reads their definition.
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
    return dict(re.findall(r"^([\w-]+)(?:\[\w+\])?==([\w.]+)$", text, re.MULTILINE))


def ignored() -> tuple[set[str], set[str]]:
    """Return what .dockerignore keeps and what it drops."""
    lines = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").split()
    kept = {line[1:] for line in lines if line.startswith("!")}
    return kept, {line for line in lines if not line.startswith("!")}


def sources(target: str) -> list[Path]:
    """Return the Python files that a target runs."""
    folders = ("engine", "aws", "app", "pages") if target == "app" else ("engine", "aws")
    found = [path for folder in folders for path in (REPOSITORY / folder).rglob("*.py")]
    return sorted(
        path for path in found
        if not {"gpu", "peers", "infrastructure"} & set(path.parts)
        # Real-time scoring is a zip file with packages of its own; jobs fill its table, no more.
        and (path.parent.name != "infer" or path.stem in ("__init__", "dynamodb"))
        # The pictures of the pages, what people do with alerts, and PDFs are no part of a job.
        and (target == "app" or path.name != "network.py")
        and (target == "app" or not {"workbench", "explorer"} & set(path.parts))
        and (target == "app" or path.parent.name != "report" or path.stem == "command")
    )  # fmt: skip


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


@pytest.mark.parametrize("target", ["lambda", "app"])
def test_function_and_app_have_no_root_and_work(target: str) -> None:
    steps = stage(target)
    assert [step for step in steps if step.startswith("USER")] == ["USER 10001"]
    tried = next(index for index, step in enumerate(steps) if step.startswith("RUN python"))
    assert tried > steps.index("USER 10001")
    # Numba's kernels are compiled into the image before their folder is another, or a volume.
    later = [index for index, step in enumerate(steps) if step.startswith(("ENV", "VOLUME"))]
    assert tried < min(later)


def test_the_function_is_started_as_lambda_wants_it() -> None:
    steps = stage("lambda")
    assert "ENV NUMBA_CACHE_DIR=/tmp/numba HOME=/tmp" in steps, "Lambda can write to /tmp alone"
    (entry,) = [step for step in steps if step.startswith("ENTRYPOINT")]
    script = REPOSITORY / ast.literal_eval(entry.partition(" ")[2])[1]
    assert "exec python -m awslambdaric" in script.read_text(encoding="utf-8")
    assert 'CMD ["aws.ingest.handler.handler"]' in steps
    assert re.search(r"awslambdaric==\d+\.\d+\.\d+$", "\n".join(stage("packages-lambda")))


def test_lambdas_own_user_can_read_the_program() -> None:
    steps = stage("program")
    assert steps[-1] == "RUN chmod -R a+rX ."
    assert not [
        step for step in stage("lambda") if step.startswith("COPY ") and "--from" not in step
    ]


def test_the_app_is_reached_from_outside_its_container_and_is_healthy_by_its_own_page() -> None:
    steps = stage("app")
    assert 'ENTRYPOINT ["python", "-m", "streamlit", "run", "app/server.py"]' in steps
    (variables,) = [step for step in steps if step.startswith("ENV ")]
    assert {"STREAMLIT_SERVER_ADDRESS=0.0.0.0", "RINGLEADER_LAKE=/lake"} <= set(variables.split())
    (health,) = [step for step in steps if step.startswith("HEALTHCHECK")]
    assert "8501/_stcore/health" in health
    assert "EXPOSE 8501" in steps


def test_what_is_copied_is_there_and_not_ignored() -> None:
    kept, _ = ignored()
    for step in STEPS:
        if step.startswith("COPY ") and "--from" not in step:
            for source in shlex.split(step)[1:-1]:
                assert (REPOSITORY / source).exists(), source
                assert source in kept or str(Path(source).parent) in kept, source


def test_what_no_image_needs_is_ignored() -> None:
    kept, dropped = ignored()
    assert {"aws/infrastructure", ".streamlit/secrets.toml", "**/__pycache__"} <= dropped
    assert not kept & {"tests", "lake", ".git", ".venv", "build", "cdk.out"}
    assert "*" in dropped


@pytest.mark.parametrize("target", ["cpu", "gpu", "lambda", "app"])
def test_the_image_has_every_package_that_its_program_imports(target: str) -> None:
    left = packages(target)
    owner = packages_distributions()
    for path in sources(target):
        for top in sorted(imported(path)):
            distributions = {name.lower() for name in owner.get(top, [top])}
            if top == "xgboost":
                distributions = {"xgboost", "xgboost-cpu"}
            assert distributions & left, f"{path.name} imports {top}"


def packages(target: str) -> set[str]:
    """Return the distributions that a target's environment is made of, with boto3's own."""
    file = "requirements-gpu.txt" if target == "gpu" else "requirements.txt"
    all_ = {name.lower() for name in pins(file)}
    if target == "app":
        assert any("-r requirements.txt" in step for step in stage("packages-app"))
        return all_ | {"botocore"}
    (install,) = [
        step for step in stage("packages-gpu" if target == "gpu" else "packages-cpu")
        if step.startswith("RUN")
    ]  # fmt: skip
    pattern = re.search(r"sed -E '/\^\((.*)\)==/d'", install)
    assert pattern is not None
    dropped = set(pattern[1].replace(r"\[binary\]", "").split("|"))
    assert dropped <= all_, "a package that is left out is no longer required"
    return (all_ - dropped) | {"botocore"}


def imported(path: Path) -> set[str]:
    """Return the foreign packages that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found - {"engine", "aws", "app", "pages", ""} - sys.stdlib_module_names


def test_both_requirement_files_pin_the_same_versions() -> None:
    cpu, gpu = pins("requirements.txt"), pins("requirements-gpu.txt")
    assert {name: gpu.get(name) for name in cpu if name != "xgboost-cpu"} == {
        name: version for name, version in cpu.items() if name != "xgboost-cpu"
    }
    assert cpu["xgboost-cpu"] == gpu["xgboost"]
    assert "xgboost-cpu" not in gpu

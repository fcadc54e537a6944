"""What can be chosen, what is refused, and what the emulator gets."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from dataclasses import fields
from pathlib import Path

import aws_cdk as cdk
import pytest

from aws import names
from aws.infrastructure.app import main
from aws.infrastructure.settings import REPOSITORY, Settings
from tests.infrastructure.conftest import WEB, Synthesis
from tests.infrastructure.templates import Templates


def read(**context: str) -> Settings:
    """Return the settings of a context."""
    return Settings.read(cdk.App(context=context).node)


def test_text_becomes_what_it_means() -> None:
    settings = read(emulated="true", budget_usd="40", ingest_concurrency="3", batch_kind="gpu")
    assert (settings.emulated, settings.budget_usd) == (True, 40.0)
    assert (settings.ingest_concurrency, settings.batch_kind) == (3, "gpu")
    assert read(emulated="false") == read() == Settings()


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({"budget_usd": "0"}, "budget_usd"),
        ({"budget_usd": "much"}, "could not convert"),
        ({"batch_rows": "-1"}, "batch_rows"),
        ({"ingest_concurrency": "1"}, "at least 2"),
        ({"batch_kind": "tpu"}, "gpu, cpu"),
        ({"infer_package": "/no/such/folder"}, "python -m aws.infer.package"),
        ({"certificate": WEB["certificate"], "web_cidr": WEB["web_cidr"]}, "app_host"),
        ({"certificate": WEB["certificate"], "app_host": WEB["app_host"]}, "web_cidr"),
    ],
)
def test_what_cannot_be_meant_is_refused(context: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(**context)


def test_the_command_line_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        main(["-c", "ingest_concurrency=1"])
    assert error.value.code == 2
    assert "at least 2" in capsys.readouterr().err


def test_what_is_chosen_arrives(synthesis: Synthesis) -> None:
    _, templates = synthesis(
        budget_usd="7", batch_kind="gpu", batch_rows="9", bedrock_model="eu.anthropic.claude-x-1"
    )
    (budget,) = templates.properties("AWS::Budgets::Budget").values()
    assert budget["Budget"]["BudgetLimit"]["Amount"] == 7
    told = {
        name: value
        for function in templates.properties("AWS::Lambda::Function").values()
        for name, value in function["Environment"]["Variables"].items()
    }
    assert (told[names.BATCH_KIND], told[names.BATCH_ROWS]) == ("gpu", "9")
    assert told[names.BEDROCK_MODEL] == "eu.anthropic.claude-x-1"


def test_make_passes_on_every_choice_by_the_name_that_texts_tell(plain: Templates) -> None:
    chosen = {
        "EMAIL": "email", "BUDGET": "budget_usd", "BATCH_KIND": "batch_kind",
        "BATCH_ROWS": "batch_rows", "MODEL": "bedrock_model", "CERTIFICATE": "certificate",
        "APP_HOST": "app_host", "WEB_CIDR": "web_cidr",
    }  # fmt: skip
    assert set(chosen.values()) <= {field.name for field in fields(Settings)}
    command = ["make", "--dry-run", "deploy", *(f"{name}=x" for name in chosen)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    for key in chosen.values():
        assert f"-c '{key}=x'" in done.stdout
    told = plain.stacks["Operations"]["Outputs"]["NoApp"]["Value"]
    assert set(re.findall(r"(\w+)=", told)) == {"CERTIFICATE", "APP_HOST", "WEB_CIDR"}


def test_the_package_of_scoring_is_deployed_whole(synthesis: Synthesis, tmp_path: Path) -> None:
    compiled = tmp_path / "aws" / "__pycache__" / "handler.cpython-312.pyc"
    compiled.parent.mkdir(parents=True)
    compiled.write_bytes(b"compiled")
    _, templates = synthesis(infer_package=str(tmp_path))
    assert list(templates.folder.glob("asset.*/aws/__pycache__/handler.cpython-312.pyc"))


def test_the_emulator_gets_the_same_resources(emulated: Templates, plain: Templates) -> None:
    def kinds(templates: Templates) -> Counter[tuple[str, str]]:
        return Counter(
            (name.partition("/")[0], resource["Type"]) for name, resource in templates.all()
        )

    missing = kinds(plain) - kinds(emulated)
    # Their only content is the denial of plain HTTP, which is all that the emulator speaks.
    assert missing == Counter({
        ("Storage", "AWS::SQS::QueuePolicy"): 1,
        ("Alerts", "AWS::SNS::TopicPolicy"): 1,
        ("Storage", "AWS::S3::BucketPolicy"): 1,
    })  # fmt: skip
    assert not kinds(emulated) - kinds(plain)


def test_the_emulator_speaks_plain_http_and_is_not_bootstrapped(emulated: Templates) -> None:
    for _, resource in emulated.all():
        assert "aws:SecureTransport" not in str(resource)
    for template in emulated.stacks.values():
        assert "BootstrapVersion" not in template.get("Parameters", {})
        assert "Rules" not in template


def test_emulated_functions_run_from_the_sources(emulated: Templates) -> None:
    for function in emulated.properties("AWS::Lambda::Function").values():
        assert function["Runtime"] == "provided.al2023"
        told = function["Environment"]["Variables"]
        assert told["RINGLEADER_PYTHON"] == "/opt/python"
        assert told["RINGLEADER_REPOSITORY"] == "/src"
    bootstraps = list(emulated.folder.glob("asset.*/bootstrap"))
    assert bootstraps
    assert all(path.stat().st_mode & 0o111 for path in bootstraps)

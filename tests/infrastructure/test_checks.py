"""What other programs say of the templates: cfn-lint, and AWS's rules by cdk-nag."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from aws.infrastructure.permissions import WILDCARDS
from tests.infrastructure.templates import Templates, listed, statements, text

#: CDK says by itself that a function comes after its role, which the reference says too.
HARMLESS = "W3005"
#: Length of what CDK appends to a construct's name to make it a resource's.
HASH = 8


def test_cfn_lint_finds_nothing(
    production: Templates, plain: Templates, emulated: Templates
) -> None:
    files = [
        path for templates in (production, plain, emulated)
        for path in templates.folder.glob("*.template.json")
    ]  # fmt: skip
    assert len(files) == 7 + 6 + 6
    done = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--ignore-checks", HARMLESS, "--", *files],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_cdk_nag_finds_nothing_but_the_wildcards_that_have_a_reason(
    whole: tuple[cdk.App, Templates],
) -> None:
    app, templates = whole
    report = AwsSolutionsChecks(app).validate_scope(app)
    found = {
        (violation.rule_name, resource.construct_path.removesuffix("/Resource"))
        for violation in report.violations
        for resource in violation.violating_resources
    }
    # A rule of nag's names each wildcard by its text, which CDK settles only at synthesis; so
    # these are held against the reasons here, and not acknowledged at the constructs.
    reasoned = {
        (f"AwsSolutions-IAM5[Resource::{text(resource)}]", f"Ringleader{name[:-HASH]}")
        for name, role in templates.all("AWS::IAM::Role")
        for statement in statements(role)
        for resource in listed(statement["Resource"])
        if "*" in text(resource) and WILDCARDS.get(statement["Sid"])
    }
    assert found <= reasoned, found - reasoned
    assert found, "cdk-nag looked at nothing"


def test_what_is_acknowledged_has_a_reason(whole: tuple[cdk.App, Templates]) -> None:
    app, _ = whole
    key = cdk.Validations.ACKNOWLEDGED_RULES_METADATA_KEY
    reasons = [
        (construct.node.path, rule, reason)
        for construct in app.node.find_all()
        for entry in construct.node.metadata
        if entry.type == key
        for rule, reason in entry.data.items()
        if "AwsSolutions" in rule  # CDK acknowledges some of its own
    ]
    rules = [re.findall(r"AwsSolutions-(\w+)", rule) for _, rule, _ in reasons]
    assert sorted(rules) == [["ECS2"], ["IAM4"], ["L1"], ["RDS3"], ["SMG4"], ["VPC7"]]
    assert all(len(reason) > 30 for _, _, reason in reasons)


@pytest.mark.parametrize("context", ["production", "emulated"])
def test_nothing_runs_at_deployment_that_is_not_seen_here(
    request: pytest.FixtureRequest, context: str
) -> None:
    templates: Templates = request.getfixturevalue(context)
    kinds = {resource["Type"] for _, resource in templates.all()}
    assert not [kind for kind in kinds if kind.startswith(("Custom::", "AWS::CloudFormation::"))]


def test_templates_name_no_account_and_no_region(plain: Templates) -> None:
    for stack in plain.stacks:
        content = (plain.folder / f"Ringleader{stack}.template.json").read_text(encoding="utf-8")
        assert "us-east-1" not in content
        assert "111111111111" not in content
        assert str(plain.folder.parent) not in content

"""Least privilege: what roles may do, what they may not, and why a wildcard is one."""

from __future__ import annotations

import pytest

from aws import names
from aws.infrastructure.permissions import MACHINE_POLICY, WILDCARDS
from aws.infrastructure.settings import REPOSITORY
from tests.infrastructure.templates import Templates, actions, listed, resources, statements, text

LAKE = "RingleaderStorage:ExportsOutputFnGetAttLake5F1B88EAArn65E67816"
ROLES = (
    "Compute/PrepRole", "Compute/GraphRole", "Compute/StartRole", "Ingestion/Role",
    "Realtime/Role", "Web/TaskRole", "Web/StartRole",
)  # fmt: skip


def folders(*names_: str) -> set[str]:
    """Return all objects of some folders of the lake."""
    return {f"{LAKE}/{name}/*" for name in names_}


def test_there_are_these_roles_and_no_others(production: Templates) -> None:
    roles = {name for name, _ in production.all("AWS::IAM::Role")}
    assert len(roles) == len(ROLES) + 1
    for known in (*ROLES, "Compute/GpuMachineRole"):
        assert any(role.startswith(known) for role in roles), known


def test_all_permissions_stand_in_one_place(production: Templates) -> None:
    kinds = {resource["Type"] for _, resource in production.all()}
    assert not kinds & {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::User"}
    managed = {
        text(arn)
        for _, role in production.all("AWS::IAM::Role")
        for arn in role["Properties"].get("ManagedPolicyArns", ())
    }
    assert managed == {f"arn:<AWS::Partition>:iam::aws:policy/{MACHINE_POLICY}"}


def test_no_action_has_a_wildcard(production: Templates) -> None:
    for name, role in production.all("AWS::IAM::Role"):
        for statement in statements(role):
            assert statement["Effect"] == "Allow"
            assert set(statement) - {"Condition"} == {"Sid", "Effect", "Action", "Resource"}, name
            assert not [action for action in listed(statement["Action"]) if "*" in action], name


def test_every_wildcard_has_a_reason_and_every_reason_a_wildcard(production: Templates) -> None:
    used = set()
    for name, role in production.all("AWS::IAM::Role"):
        for statement in statements(role):
            # The ARN of a log group ends with :* by itself.
            found = [
                resource for resource in map(text, listed(statement["Resource"]))
                if "*" in resource or resource.endswith("Logs.Arn>")
            ]  # fmt: skip
            if found or statement["Sid"] == "WriteLogs":
                assert statement["Sid"] in WILDCARDS, f"{name}: {found}"
                used.add(statement["Sid"])
    assert used == set(WILDCARDS)
    assert all(len(reason) > 20 for reason in WILDCARDS.values())


def test_jobs_write_what_their_step_makes(production: Templates) -> None:
    prep, graph = production.role("Compute/PrepRole"), production.role("Compute/GraphRole")
    assert resources(prep, "s3:PutObject") == folders("prepped", "augmented", "runs")
    assert resources(graph, "s3:PutObject") == folders(*names.RUN_FOLDERS)
    for role in (prep, graph):
        assert resources(role, "s3:GetObject") == folders(*names.INPUT_FOLDERS, *names.RUN_FOLDERS)
        assert resources(role, "s3:DeleteObject") == {f"{LAKE}/runs/*/checkpoint/*"}
    assert "sns:Publish" not in actions(prep)
    assert not any(action.startswith("dynamodb:") for action in actions(prep))
    assert "sns:Publish" in actions(graph)


def test_ingestion_computes_small_files_and_cannot_touch_uploads(production: Templates) -> None:
    role = production.role("Ingestion/Role")
    assert resources(role, "s3:PutObject") == folders(*names.RUN_FOLDERS)
    # A notice names a version of its upload, and reading that is an action of its own.
    assert resources(role, "s3:GetObjectVersion") == folders(*names.INPUT_FOLDERS)
    assert resources(role, "s3:DeleteObject") == {f"{LAKE}/runs/*/checkpoint/*"}
    assert {"sns:Publish", "kms:GenerateDataKey", "dynamodb:BatchWriteItem"} <= actions(role)
    (queue,) = resources(role, "sqs:SendMessage")
    assert "PutAside" in queue


def test_jobs_are_submitted_to_own_queues_alone(production: Templates) -> None:
    place = "arn:<AWS::Partition>:batch:<AWS::Region>:<AWS::AccountId>"
    own = {f"{place}:job-queue/{queue}" for queue in names.QUEUES.values()}
    for name in names.JOB_DEFINITIONS.values():
        own |= {f"{place}:job-definition/{name}", f"{place}:job-definition/{name}:*"}
    for role in ("Ingestion/Role", "Web/TaskRole"):
        assert resources(production.role(role), "batch:SubmitJob") == own


def test_real_time_scoring_reads_models_and_asks_one_language_model(production: Templates) -> None:
    role = production.role("Realtime/Role")
    assert resources(role, "s3:GetObject") == folders("runs")
    assert not actions(role) & {"s3:PutObject", "s3:DeleteObject"}
    assert {action for action in actions(role) if action.startswith("dynamodb:")} == {
        f"dynamodb:{name}" for name in (
            "GetItem", "BatchGetItem", "PutItem", "BatchWriteItem", "DeleteItem",
        )
    }  # fmt: skip
    assert resources(role, "bedrock:InvokeModel") == {
        "arn:<AWS::Partition>:bedrock:*::foundation-model/anthropic.claude-haiku-5-5",
        "arn:<AWS::Partition>:bedrock:<AWS::Region>:<AWS::AccountId>:inference-profile/"
        "us.anthropic.claude-haiku-5-5",
    }


def test_the_app_has_the_chosen_models_write_and_no_others(production: Templates) -> None:
    role = production.role("Web/TaskRole")
    models = ("anthropic.claude-haiku-5-5", "anthropic.claude-sonnet-5-5")
    profiles = {
        f"arn:<AWS::Partition>:bedrock:<AWS::Region>:<AWS::AccountId>:inference-profile/us.{model}"
        for model in models
    }
    everywhere = {f"arn:<AWS::Partition>:bedrock:*::foundation-model/{one}" for one in models}
    for action in ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"):
        assert resources(role, action) == everywhere | profiles
    assert resources(role, "bedrock:GetFoundationModel") == {
        f"arn:<AWS::Partition>:bedrock:<AWS::Region>::foundation-model/{one}" for one in models
    }
    assert resources(role, "bedrock:GetInferenceProfile") == profiles


def test_scoring_alone_deletes_from_the_table_and_only_claims(production: Templates) -> None:
    deleting = [
        (name, statement)
        for name, role in production.all("AWS::IAM::Role")
        for statement in statements(role)
        if "dynamodb:DeleteItem" in listed(statement["Action"])
    ]
    ((role, statement),) = deleting
    assert role.startswith("Realtime/Role")
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["c#*"]}}


def test_the_app_changes_no_result(production: Templates) -> None:
    role = production.role("Web/TaskRole")
    assert resources(role, "s3:PutObject") == {
        *folders(names.INPUTS), f"{LAKE}/runs/*/batch-*.json", f"{LAKE}/runs/*/schema.toml",
        f"{LAKE}/runs/*/config.toml",
    }  # fmt: skip
    assert "s3:DeleteObject" not in actions(role)
    (ending,) = [one for one in role if "batch:TerminateJob" in listed(one["Action"])]
    assert ending["Condition"] == {"StringLike": {"aws:ResourceTag/run": "*"}}
    submission = (REPOSITORY / "aws" / "batch" / "chain.py").read_text(encoding="utf-8")
    assert '"tags": {"run": ' in submission, "jobs must carry the tag by which they can be ended"
    calls = resources(role, "execute-api:Invoke")
    assert len(calls) == 4
    assert all("*" not in call for call in calls)


@pytest.mark.parametrize(
    ("role", "forbidden"),
    [
        ("Compute/PrepRole", ("batch:", "bedrock:", "sqs:", "sns:", "dynamodb:")),
        ("Compute/GraphRole", ("batch:", "bedrock:", "sqs:")),
        ("Ingestion/Role", ("batch:TerminateJob", "bedrock:", "execute-api:")),
        ("Realtime/Role", ("batch:", "sqs:", "s3:Put", "s3:Delete", "dynamodb:Scan")),
        (
            "Web/TaskRole",
            (
                "bedrock:Create",
                "bedrock:Delete",
                "bedrock:Put",
                "dynamodb:",
                "sqs:",
                "s3:Delete",
                "sns:",
            ),
        ),
        ("Compute/StartRole", ("s3:", "batch:", "bedrock:", "dynamodb:", "sns:", "sqs:")),
    ],
)
def test_a_role_cannot(production: Templates, role: str, forbidden: tuple[str, ...]) -> None:
    granted = actions(production.role(role))
    assert not [action for action in granted if action.startswith(forbidden)]
    everywhere = ("iam:", "kms:Create", "s3:PutBucket", "s3:DeleteBucket", "lambda:", "ec2:Run")
    assert not [action for action in granted if action.startswith(everywhere)]


def test_each_service_assumes_its_own_roles(production: Templates) -> None:
    for name, role in production.all("AWS::IAM::Role"):
        (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        service = trust["Principal"]["Service"]
        expected = (
            "ec2.amazonaws.com" if "GpuMachine" in name
            else "lambda.amazonaws.com" if name.startswith(("Ingestion", "Realtime"))
            else "ecs-tasks.amazonaws.com"
        )  # fmt: skip
        assert (service, trust["Action"]) == (expected, "sts:AssumeRole")

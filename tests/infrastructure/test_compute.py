"""Batch: spot machines that are there only while jobs are, and jobs that fit on them."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk.assertions import Match

from aws import names
from tests.infrastructure.templates import Templates, text


@pytest.fixture(scope="module")
def machines(production: Templates) -> dict[str, dict[str, Any]]:
    """What the compute environments are made of, by type."""
    found = production.properties("AWS::Batch::ComputeEnvironment").values()
    return {made["ComputeResources"]["Type"]: made["ComputeResources"] for made in found}


@pytest.fixture(scope="module")
def jobs(production: Templates) -> dict[str, dict[str, Any]]:
    """Job definitions by name."""
    found = production.properties("AWS::Batch::JobDefinition").values()
    return {job["JobDefinitionName"]: job for job in found}


def needs(job: dict[str, Any]) -> dict[str, str]:
    """Return what a job asks for."""
    asked = job["ContainerProperties"]["ResourceRequirements"]
    return {need["Type"]: need["Value"] for need in asked}


def test_all_machines_are_spot_and_there_is_none_without_jobs(
    machines: dict[str, dict[str, Any]],
) -> None:
    assert set(machines) == {"SPOT", "FARGATE_SPOT"}
    assert machines["SPOT"]["MinvCpus"] == 0
    assert "DesiredvCpus" not in machines["SPOT"]
    assert all(made["MaxvCpus"] <= 8 for made in machines.values())


def test_gpu_machines_have_a_gpu_its_driver_and_room(
    production: Templates, machines: dict[str, dict[str, Any]]
) -> None:
    gpu = machines["SPOT"]
    assert gpu["InstanceTypes"] == ["g5.xlarge", "g6.xlarge"]
    assert gpu["AllocationStrategy"] == "SPOT_PRICE_CAPACITY_OPTIMIZED"
    assert gpu["Ec2Configuration"] == [{"ImageType": "ECS_AL2023_NVIDIA"}]
    production.of("Compute").has_resource_properties(
        "AWS::EC2::LaunchTemplate",
        {"LaunchTemplateData": Match.object_like({
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": Match.object_like(
                {"VolumeSize": 100, "Encrypted": True, "VolumeType": "gp3",
                 "DeleteOnTermination": True}
            )}],
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        })},
    )  # fmt: skip


def test_queues_have_the_names_that_the_program_looks_up(production: Templates) -> None:
    queues = production.properties("AWS::Batch::JobQueue").values()
    assert {queue["JobQueueName"] for queue in queues} == set(names.QUEUES.values())
    assert names.QUEUES["gpu"] == "fraud-gpu-queue"
    for queue in queues:
        kind = next(kind for kind, name in names.QUEUES.items() if name == queue["JobQueueName"])
        (order,) = queue["ComputeEnvironmentOrder"]
        assert text(order["ComputeEnvironment"]).startswith(f"<{kind.title()}")


def test_a_job_that_no_machine_takes_is_ended(production: Templates) -> None:
    for queue in production.properties("AWS::Batch::JobQueue").values():
        limits = queue["JobStateTimeLimitActions"]
        assert {limit["Action"] for limit in limits} == {"CANCEL"}
        assert all(limit["MaxTimeSeconds"] <= 3600 for limit in limits)
        assert any("INSUFFICIENT_INSTANCE_CAPACITY" in limit["Reason"] for limit in limits)


def test_job_definitions_have_the_names_and_commands_that_the_program_uses(
    jobs: dict[str, dict[str, Any]],
) -> None:
    assert set(jobs) == set(names.JOB_DEFINITIONS.values())
    assert names.JOB_DEFINITIONS["gpu", "prep"] == "gpu-prep-job"
    for (_, step), name in names.JOB_DEFINITIONS.items():
        assert tuple(jobs[name]["ContainerProperties"]["Command"]) == names.COMMANDS[step]


@pytest.mark.parametrize("name", list(names.JOB_DEFINITIONS.values()))
def test_a_job_is_tried_again_after_an_interruption_and_ends_some_time(
    jobs: dict[str, dict[str, Any]], name: str
) -> None:
    retry = jobs[name]["RetryStrategy"]
    assert retry["Attempts"] == 3
    *again, last = retry["EvaluateOnExit"]
    assert {rule["Action"] for rule in again} == {"RETRY"}
    reasons = {rule.get("OnStatusReason") for rule in again}
    assert {"Host EC2*", "Your Spot Task was interrupted*"} <= reasons
    assert last == {"Action": "EXIT", "OnReason": "*"}
    assert jobs[name]["Timeout"] == {"AttemptDurationSeconds": 3600}


@pytest.mark.parametrize(("kind", "step"), list(names.JOB_DEFINITIONS))
def test_a_job_fits_on_a_machine_of_its_queue(
    jobs: dict[str, dict[str, Any]], kind: names.Kind, step: names.Step
) -> None:
    job = jobs[names.JOB_DEFINITIONS[kind, step]]
    asked = needs(job)
    assert asked.get("GPU") == ("1" if kind == "gpu" else None)
    # g5.xlarge has 4 vCPU and 16 GiB, of which ECS and the kernel keep about 1; Fargate has steps.
    assert int(asked["VCPU"]) <= 4
    assert int(asked["MEMORY"]) <= 15 * 1024
    assert int(asked["MEMORY"]) % 1024 == 0
    assert job["PlatformCapabilities"] == ["EC2" if kind == "gpu" else "FARGATE"]


@pytest.mark.parametrize(("kind", "step"), list(names.JOB_DEFINITIONS))
def test_a_job_knows_where_things_are_and_logs_where_the_app_looks(
    production: Templates, jobs: dict[str, dict[str, Any]], kind: names.Kind, step: names.Step
) -> None:
    container = jobs[names.JOB_DEFINITIONS[kind, step]]["ContainerProperties"]
    told = {variable["Name"]: text(variable["Value"]) for variable in container["Environment"]}
    assert set(told) == {
        names.LAKE, names.BUCKET, names.TOPIC, names.PROFILES, "AWS_DEFAULT_REGION"
    }  # fmt: skip
    assert told["AWS_DEFAULT_REGION"] == "<AWS::Region>"
    assert told[names.LAKE] == f"s3://{told[names.BUCKET]}"
    assert told[names.PROFILES].startswith("dynamodb:")
    options = container["LogConfiguration"]["Options"]
    assert options["awslogs-stream-prefix"] == step
    (group,) = production.properties("AWS::Logs::LogGroup").keys() & {
        f"Compute/{text(options['awslogs-group'])[1:-1]}"
    }
    assert production.properties("AWS::Logs::LogGroup")[group]["LogGroupName"] == names.JOB_LOGS


def test_prep_and_graph_have_roles_of_their_own(jobs: dict[str, dict[str, Any]]) -> None:
    for (_, step), name in names.JOB_DEFINITIONS.items():
        role = text(jobs[name]["ContainerProperties"]["JobRoleArn"])
        assert role.startswith(f"<{step.title()}Role")


def test_nothing_costs_while_nothing_runs_and_nobody_gets_in(plain: Templates) -> None:
    kinds = {resource["Type"] for _, resource in plain.all()}
    assert not kinds & {
        "AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::Instance", "AWS::ECS::Service",
        "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::EC2::SecurityGroupIngress",
    }  # fmt: skip
    groups = plain.properties("AWS::EC2::SecurityGroup").values()
    assert not any(group.get("SecurityGroupIngress") for group in groups)
    endpoints = plain.properties("AWS::EC2::VPCEndpoint").values()
    assert [endpoint["VpcEndpointType"] for endpoint in endpoints] == ["Gateway"]

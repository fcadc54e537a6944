"""Where runs are computed: AWS Batch on spot machines that are there only while jobs are."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from aws import names
from aws.infrastructure import artifacts, permissions
from aws.infrastructure.permissions import Places
from aws.infrastructure.settings import Settings

#: A machine of 16 GiB keeps some for itself; a job that asks for more would wait for ever.
_MEMORY = cdk.Size.mebibytes(14336)
_VCPUS = 4
#: At most two machines of each kind at a time: that bounds what a mistake can cost.
_MAX_VCPUS = 2 * _VCPUS
_DISK_GIB = 100
_ATTEMPTS = 3
_TIMEOUT = cdk.Duration.minutes(60)
_NO_MACHINE = cdk.Duration.minutes(60)

_RETRIES = [
    batch.RetryStrategy.of(batch.Action.RETRY, batch.Reason.SPOT_INSTANCE_RECLAIMED),
    batch.RetryStrategy.of(
        batch.Action.RETRY, batch.Reason.custom(on_status_reason="Your Spot Task was interrupted*")
    ),
    batch.RetryStrategy.of(batch.Action.RETRY, batch.Reason.CANNOT_PULL_CONTAINER),
    # Batch retries what no rule matches; a failure of the program's own would only cost twice.
    batch.RetryStrategy.of(batch.Action.EXIT, batch.Reason.custom(on_reason="*")),
]


class Compute(cdk.Stack):
    """The stack of queues and job definitions.

    Attributes
    ----------
    vpc
        Public subnets without a NAT gateway; nothing in them accepts connections from outside.
    queues
        Job queues by kind of machine.
    """

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, places: Places,
        environment: dict[str, str], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = _vpc(self)
        group = ec2.SecurityGroup(
            self, "Jobs", vpc=self.vpc, allow_all_outbound=True,
            description="Jobs reach AWS, nobody reaches them",
        )  # fmt: skip
        machines: dict[names.Kind, batch.IManagedComputeEnvironment] = {
            "gpu": self._gpu_machines(group),
            "cpu": batch.FargateComputeEnvironment(
                self, "Cpu", vpc=self.vpc, spot=True, maxv_cpus=_MAX_VCPUS,
                vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
                security_groups=[group],
            ),
        }  # fmt: skip
        self.queues = {kind: self._queue(kind, made) for kind, made in machines.items()}
        log_group = logs.LogGroup(
            self, "JobLogs", log_group_name=names.JOB_LOGS,
            retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY,
        )  # fmt: skip
        statements = {
            "prep": permissions.prep_job(places), "graph": permissions.graph_job(places)
        }  # fmt: skip
        roles = {
            step: permissions.make_role(
                self, f"{step.title()}Role", "ecs-tasks.amazonaws.com", granted
            )
            for step, granted in statements.items()
        }
        start = permissions.make_role(
            self, "StartRole", "ecs-tasks.amazonaws.com",
            permissions.container_start(log_group.log_group_arn),
        )  # fmt: skip
        for (kind, step), name in names.JOB_DEFINITIONS.items():
            container = {
                "image": ecs.ContainerImage.from_asset(**artifacts.image(kind)),
                "cpu": _VCPUS,
                "memory": _MEMORY,
                "command": list(names.COMMANDS[step]),
                "environment": artifacts.container_environment(environment),
                "job_role": roles[step],
                "execution_role": start,
                "logging": ecs.LogDriver.aws_logs(stream_prefix=step, log_group=log_group),
            }
            self._definition(kind, name, container)

    def _gpu_machines(self, group: ec2.SecurityGroup) -> batch.ManagedEc2EcsComputeEnvironment:
        template = ec2.LaunchTemplate(
            self, "GpuMachine",
            # The images hold 6.5 GB; on AWS's default disk of 30 GB runs would fill the rest.
            block_devices=[ec2.BlockDevice(
                device_name="/dev/xvda",
                volume=ec2.BlockDeviceVolume.ebs(
                    _DISK_GIB, encrypted=True, volume_type=ec2.EbsDeviceVolumeType.GP3,
                    delete_on_termination=True,
                ),
            )],
            require_imdsv2=True,
            http_put_response_hop_limit=1,
        )  # fmt: skip
        role = iam.Role(
            self, "GpuMachineRole", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            managed_policies=[permissions.machine_policy()],
        )  # fmt: skip
        cdk.Validations.of(role).acknowledge(
            cdk.Acknowledgment(
                id=f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{permissions.MACHINE_POLICY}]",
                reason="the ECS agent needs it, and AWS keeps it apace with the agent",
            )
        )
        return batch.ManagedEc2EcsComputeEnvironment(
            self, "Gpu",
            vpc=self.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
            security_groups=[group],
            spot=True,
            allocation_strategy=batch.AllocationStrategy.SPOT_PRICE_CAPACITY_OPTIMIZED,
            minv_cpus=0,
            maxv_cpus=_MAX_VCPUS,
            instance_types=[ec2.InstanceType("g5.xlarge"), ec2.InstanceType("g6.xlarge")],
            use_optimal_instance_classes=False,
            images=[batch.EcsMachineImage(
                image_type=batch.EcsMachineImageType.ECS_AL2023_NVIDIA
            )],
            launch_template=template,
            instance_role=role.without_policy_updates(),
        )  # fmt: skip

    def _queue(
        self, kind: names.Kind, machines: batch.IManagedComputeEnvironment
    ) -> batch.JobQueue:
        return batch.JobQueue(
            self, f"{kind.title()}Queue",
            job_queue_name=names.QUEUES[kind],
            priority=1,
            compute_environments=[
                batch.OrderedComputeEnvironment(compute_environment=machines, order=1)
            ],
            # A job that no machine will ever take is ended, not left waiting.
            job_state_time_limit_actions=[
                batch.JobStateTimeLimitAction(max_time=_NO_MACHINE, reason=reason)
                for reason in (
                    batch.JobStateTimeLimitActionsReason.INSUFFICIENT_INSTANCE_CAPACITY,
                    batch.JobStateTimeLimitActionsReason.COMPUTE_ENVIRONMENT_MAX_RESOURCE,
                    batch.JobStateTimeLimitActionsReason.JOB_RESOURCE_REQUIREMENT,
                )
            ],
        )  # fmt: skip

    def _definition(self, kind: names.Kind, name: str, container: dict[str, Any]) -> None:
        made: batch.IEcsContainerDefinition
        if kind == "gpu":
            made = batch.EcsEc2ContainerDefinition(self, f"{name}-container", gpu=1, **container)
        else:
            made = batch.EcsFargateContainerDefinition(
                self, f"{name}-container",
                # Without a NAT gateway a task reaches AWS by an address of its own.
                assign_public_ip=True,
                ephemeral_storage_size=cdk.Size.gibibytes(_DISK_GIB),
                fargate_platform_version=ecs.FargatePlatformVersion.LATEST,
                **container,
            )  # fmt: skip
        batch.EcsJobDefinition(
            self, name,
            job_definition_name=name, container=made, timeout=_TIMEOUT,
            retry_attempts=_ATTEMPTS, retry_strategies=_RETRIES, propagate_tags=True,
        )  # fmt: skip


def _vpc(scope: Construct) -> ec2.Vpc:
    vpc = ec2.Vpc(
        scope, "Vpc", max_azs=2, nat_gateways=0,
        subnet_configuration=[ec2.SubnetConfiguration(
            name="public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=20
        )],
        # Traffic to the lake stays inside AWS, at no charge.
        gateway_endpoints={"S3": ec2.GatewayVpcEndpointOptions(
            service=ec2.GatewayVpcEndpointAwsService.S3
        )},
    )  # fmt: skip
    cdk.Validations.of(vpc).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions-VPC7",
            reason="jobs accept no connections, and the app's load balancer logs its own",
        )
    )
    return vpc

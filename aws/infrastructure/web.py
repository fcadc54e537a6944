"""The app itself, hosted: Streamlit on Fargate behind a load balancer with HTTPS."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from aws import names
from aws.infrastructure import artifacts, permissions
from aws.infrastructure.cases import CaseDatabase
from aws.infrastructure.compute import Compute
from aws.infrastructure.permissions import Places
from aws.infrastructure.realtime import Realtime
from aws.infrastructure.settings import Settings
from aws.infrastructure.storage import Storage

_PORT = 8501
#: A page's connection stays open while nothing happens on it.
_IDLE = cdk.Duration.minutes(60)


class Web(cdk.Stack):
    """The stack of the hosted app; only made where there is a certificate."""

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, storage: Storage,
        compute: Compute, realtime: Realtime, places: Places, environment: dict[str, str],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(scope, construct_id, **kwargs)
        variables = {
            **environment,
            names.INFER_URL: realtime.url,
            names.ONLY_BATCH: "1",
            names.BEDROCK_MODEL: settings.bedrock_model,
            names.BEDROCK_FALLBACKS: settings.bedrock_fallbacks,
            "STREAMLIT_SERVER_ALLOWED_HOSTS": settings.app_host,
        }
        entrance = ec2.SecurityGroup(
            self, "Entrance", vpc=compute.vpc, allow_all_outbound=False,
            description="Load balancer of the app",
        )  # fmt: skip
        inside = ec2.SecurityGroup(
            self, "Inside", vpc=compute.vpc, allow_all_outbound=True,
            description="App, reached by its load balancer alone",
        )  # fmt: skip
        cases = CaseDatabase(self, compute.vpc, inside)
        granted = permissions.web(places, realtime.route_arns, settings.narrators)
        task = self._task(granted, variables, cases)
        entrance.add_ingress_rule(ec2.Peer.ipv4(settings.web_cidr), ec2.Port.tcp(443), "HTTPS")
        cluster = ecs.Cluster(
            self, "Cluster", vpc=compute.vpc, container_insights_v2=ecs.ContainerInsights.ENABLED
        )
        service = ecs.FargateService(
            self, "Service", cluster=cluster, task_definition=task, desired_count=1,
            security_groups=[inside], assign_public_ip=True,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True), min_healthy_percent=100,
        )  # fmt: skip
        balancer = self._balancer(settings, compute, storage, entrance, service)
        cdk.CfnOutput(self, "AppUrl", value=f"https://{settings.app_host}")
        cdk.CfnOutput(
            self, "AppAlias", value=balancer.load_balancer_dns_name,
            description="What the app's name has to be an alias (CNAME) of",
        )  # fmt: skip

    def _task(
        self, granted: Any, variables: dict[str, str], cases: CaseDatabase
    ) -> ecs.FargateTaskDefinition:
        log_group = logs.LogGroup(
            self, "Logs",
            retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY,
        )  # fmt: skip
        service = "ecs-tasks.amazonaws.com"
        start = permissions.app_start(log_group.log_group_arn, cases.secret_arn)
        task = ecs.FargateTaskDefinition(
            self, "Task", cpu=1024, memory_limit_mib=4096,
            task_role=permissions.make_role(self, "TaskRole", service, granted),
            execution_role=permissions.make_role(self, "StartRole", service, start),
        )  # fmt: skip
        task.add_container(
            "app",
            image=ecs.ContainerImage.from_asset(**artifacts.image("app")),
            environment=artifacts.container_environment({**variables, **cases.variables}),
            secrets=cases.secrets,
            logging=ecs.LogDriver.aws_logs(stream_prefix="app", log_group=log_group),
            port_mappings=[ecs.PortMapping(container_port=_PORT)],
        )
        cdk.Validations.of(task).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-ECS2",
                reason="the variables are names of resources; what is secret comes as a secret",
            )
        )
        return task

    def _balancer(
        self, settings: Settings, compute: Compute, storage: Storage, entrance: ec2.SecurityGroup,
        service: ecs.FargateService,
    ) -> elb.ApplicationLoadBalancer:  # fmt: skip
        balancer = elb.ApplicationLoadBalancer(
            self, "Balancer", vpc=compute.vpc, internet_facing=True, security_group=entrance,
            idle_timeout=_IDLE, drop_invalid_header_fields=True,
        )  # fmt: skip
        _log_requests(balancer, storage)
        listener = balancer.add_listener(
            "Https", port=443, open=False,
            certificates=[acm.Certificate.from_certificate_arn(
                self, "Certificate", settings.certificate
            )],
            ssl_policy=elb.SslPolicy.RECOMMENDED_TLS,
        )  # fmt: skip
        listener.add_targets(
            "App", port=_PORT, protocol=elb.ApplicationProtocol.HTTP, targets=[service],
            # A session of Streamlit lives in one process.
            stickiness_cookie_duration=cdk.Duration.days(1),
            deregistration_delay=cdk.Duration.seconds(30),
            health_check=elb.HealthCheck(path="/_stcore/health", healthy_http_codes="200"),
        )  # fmt: skip
        return balancer


def _log_requests(balancer: elb.ApplicationLoadBalancer, storage: Storage) -> None:
    """Have the balancer log requests; CDK's way asks for the region's name at synthesis."""
    folder = f"app/AWSLogs/{cdk.Aws.ACCOUNT_ID}"
    storage.access_logs.add_to_resource_policy(
        iam.PolicyStatement(
            sid="BalancerLogs",
            actions=["s3:PutObject"],
            principals=[iam.ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com")],
            resources=[storage.access_logs.arn_for_objects(f"{folder}/*")],
        )
    )
    balancer.set_attribute("access_logs.s3.enabled", "true")
    balancer.set_attribute("access_logs.s3.bucket", storage.access_logs.bucket_name)
    balancer.set_attribute("access_logs.s3.prefix", "app")

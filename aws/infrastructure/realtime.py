"""Real-time scoring: an HTTP API, signed with IAM, before one function."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from aws import names
from aws.infrastructure import artifacts, permissions
from aws.infrastructure.permissions import Places
from aws.infrastructure.settings import Settings

HANDLER = "aws.infer.handler.handler"
#: Requests a second, and at once.
_RATE, _BURST = 50, 100
_ROUTES = (
    ("POST", "/infer"), ("POST", "/explain"), ("GET", "/health"), ("GET", "/openapi.json"),
)  # fmt: skip
#: The API itself gives up after 30 seconds; an explanation waits for Bedrock.
_TIMEOUT = cdk.Duration.seconds(29)
_ACCESS_LOG = (
    "requestId", "requestTime", "routeKey", "status", "responseLatency", "integrationLatency",
    "responseLength", "identity.sourceIp", "identity.userArn", "error.message",
)  # fmt: skip


class Realtime(cdk.Stack):
    """The stack of ``POST /infer``.

    Attributes
    ----------
    function, api
        What scores, and what is in front of it.
    url, route_arns
        Address of ``POST /infer``, and all routes' ARNs for permissions to call them.
    """

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, places: Places,
        environment: dict[str, str], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(scope, construct_id, **kwargs)
        log_group = self._logs("Logs")
        role = permissions.make_role(
            self, "Role", "lambda.amazonaws.com",
            permissions.infer(places, log_group.log_group_arn, settings.bedrock_model),
        )  # fmt: skip
        environment = {**environment, names.BEDROCK_MODEL: settings.bedrock_model}
        how: dict[str, Any] = (
            artifacts.emulated_function(settings, environment)
            if settings.emulated
            else {
                "runtime": lambda_.Runtime.PYTHON_3_12,
                "architecture": lambda_.Architecture.X86_64,
                "code": artifacts.infer_code(settings),
                "environment": environment,
            }
        )
        self.function = lambda_.Function(
            self, "Function", handler=HANDLER, role=role, log_group=log_group, memory_size=1024,
            timeout=_TIMEOUT, **how,
        )  # fmt: skip
        cdk.Validations.of(self.function).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-L1",
                reason="Python 3.12 is the newest version that the program is tested with",
            )
        )
        self.api = apigateway.HttpApi(
            self, "Api", create_default_stage=False,
            default_authorizer=authorizers.HttpIamAuthorizer(),
            description="Ringleader: real-time scoring",
        )  # fmt: skip
        integration = integrations.HttpLambdaIntegration("Infer", self.function)
        for method, path in _ROUTES:
            self.api.add_routes(
                path=path, methods=[apigateway.HttpMethod[method]], integration=integration
            )
        self._stage()
        self.url = f"{self.api.api_endpoint}/infer"
        self.route_arns = [self.api.arn_for_execute_api(*route, "$default") for route in _ROUTES]
        cdk.CfnOutput(self, "InferUrl", value=self.url)

    def _logs(self, construct_id: str) -> logs.LogGroup:
        return logs.LogGroup(
            self, construct_id,
            retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY,
        )  # fmt: skip

    def _stage(self) -> None:
        stage = apigateway.HttpStage(
            self, "Stage", http_api=self.api, stage_name="$default", auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=_RATE, burst_limit=_BURST),
        )  # fmt: skip
        line = {name.rpartition(".")[2]: f"$context.{name}" for name in _ACCESS_LOG}
        stage.node.default_child.access_log_settings = (
            apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=self._logs("AccessLogs").log_group_arn, format=json.dumps(line)
            )
        )

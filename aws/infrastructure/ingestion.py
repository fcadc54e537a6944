"""New files: a function takes each notice of the inbox, cleans the file, and submits big ones."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from constructs import Construct

from aws.infrastructure import artifacts, permissions
from aws.infrastructure.permissions import Places
from aws.infrastructure.settings import Settings
from aws.infrastructure.storage import INGEST_TIMEOUT, Storage

HANDLER = "aws.ingest.handler.handler"


class Ingestion(cdk.Stack):
    """The stack of ingestion.

    Attributes
    ----------
    function
        Takes one notice at a time; a failed one comes back, and is put aside in the end.
    """

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, storage: Storage,
        places: Places, environment: dict[str, str], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(scope, construct_id, **kwargs)
        log_group = logs.LogGroup(
            self, "Logs",
            retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY,
        )  # fmt: skip
        role = permissions.make_role(
            self, "Role", "lambda.amazonaws.com",
            permissions.ingest(places, log_group.log_group_arn),
        )  # fmt: skip
        shared: dict[str, Any] = {
            "role": role,
            "log_group": log_group,
            "timeout": INGEST_TIMEOUT,
            "memory_size": 3008,
            # The file, its cleaned tables and their parts lie in /tmp.
            "ephemeral_storage_size": cdk.Size.gibibytes(10),
            "reserved_concurrent_executions": settings.ingest_concurrency,
            "tracing": lambda_.Tracing.ACTIVE,
            "environment": environment,
        }
        self.function: lambda_.Function
        if settings.emulated:
            self.function = lambda_.Function(
                self, "Function", runtime=lambda_.Runtime.PROVIDED_AL2023, handler=HANDLER,
                code=artifacts.emulated_code(settings, HANDLER), **shared,
            )  # fmt: skip
        else:
            asset = artifacts.image("lambda")
            self.function = lambda_.DockerImageFunction(
                self, "Function",
                code=lambda_.DockerImageCode.from_image_asset(
                    asset.pop("directory"), cmd=[HANDLER], **asset
                ),
                architecture=lambda_.Architecture.X86_64, **shared,
            )  # fmt: skip
        self.function.add_event_source(
            sources.SqsEventSource(
                storage.inbox,
                batch_size=1,
                report_batch_item_failures=True,
                max_concurrency=settings.ingest_concurrency,
            )
        )

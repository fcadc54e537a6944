"""New files: a function takes each notice of the inbox, and runs small files in place.

It cleans big ones and submits their jobs.
"""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from constructs import Construct

from aws import names
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
        environment = {
            **environment,
            names.DEAD_LETTERS: storage.put_aside.queue_url,
            names.BATCH_ROWS: str(settings.batch_rows),
            names.BATCH_KIND: settings.batch_kind,
        }
        shared: dict[str, Any] = {
            "role": role,
            "log_group": log_group,
            "timeout": INGEST_TIMEOUT,
            # The most that a new account allows, and with it 1.7 processors.
            "memory_size": 3008,
            # The file, its cleaned tables and their parts lie in /tmp.
            "ephemeral_storage_size": cdk.Size.gibibytes(10),
        }
        self.function: lambda_.Function = (
            lambda_.Function(
                self, "Function", handler=HANDLER,
                **artifacts.emulated_function(settings, environment), **shared,
            )
            if settings.emulated
            else lambda_.DockerImageFunction(
                self, "Function", code=artifacts.ingest_code(HANDLER),
                architecture=lambda_.Architecture.X86_64, environment=environment, **shared,
            )
        )  # fmt: skip
        self.function.add_event_source(
            sources.SqsEventSource(
                storage.inbox,
                batch_size=1,
                report_batch_item_failures=True,
                # Not by reserving concurrency: a new account may have none to reserve.
                max_concurrency=settings.ingest_concurrency,
            )
        )

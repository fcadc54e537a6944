"""What is kept: the lake with the inbox of new files, and the accounts' profiles."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from aws import names
from aws.infrastructure.settings import Settings

#: Longest time that ingestion may take for one file; Lambda allows no more.
INGEST_TIMEOUT = cdk.Duration.minutes(15)
#: How often a notice is given to ingestion before it is put aside.
INGEST_ATTEMPTS = 3


class Storage(cdk.Stack):
    """The stack of all data. Removing it leaves the lake and the profiles where they are.

    Attributes
    ----------
    lake, access_logs
        Buckets: all runs; who read and wrote them.
    inbox, put_aside
        Queues: notices of new files under ``raw/``; those whose ingestion failed every time.
    profiles
        Table of accounts' profiles.
    """

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        tls = settings.enforce_tls
        self.access_logs = _bucket(
            self, "AccessLogs", tls,
            lifecycle_rules=[
                s3.LifecycleRule(id="forget", expiration=cdk.Duration.days(90)),
                s3.LifecycleRule(
                    id="old-versions", noncurrent_version_expiration=cdk.Duration.days(7)
                ),
            ],
        )  # fmt: skip
        self.lake = _bucket(
            self, "Lake", tls,
            lifecycle_rules=_lake_rules(),
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix="lake/",
        )  # fmt: skip
        self.put_aside = sqs.Queue(
            self, "PutAside",
            encryption=sqs.QueueEncryption.SQS_MANAGED, enforce_ssl=tls,
            retention_period=cdk.Duration.days(14),
        )  # fmt: skip
        self.inbox = sqs.Queue(
            self, "Inbox",
            encryption=sqs.QueueEncryption.SQS_MANAGED, enforce_ssl=tls,
            # AWS asks for six times the function's timeout, so that no notice is given out twice.
            visibility_timeout=cdk.Duration.minutes(6 * INGEST_TIMEOUT.to_minutes()),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.put_aside, max_receive_count=INGEST_ATTEMPTS
            ),
        )  # fmt: skip
        _notify(self.lake, self.inbox)
        self.profiles = dynamodb.Table(
            self, "Profiles",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="expires",
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )  # fmt: skip
        cdk.CfnOutput(self, "LakeBucket", value=self.lake.bucket_name)
        cdk.CfnOutput(self, "ProfilesTable", value=self.profiles.table_name)

    @property
    def lake_address(self) -> str:
        """Address of the lake, as ``--lake`` takes it."""
        return f"s3://{self.lake.bucket_name}"

    @property
    def profiles_address(self) -> str:
        """Address of the profiles, as the program takes it."""
        return f"dynamodb:{self.profiles.table_name}"


def _bucket(scope: Construct, construct_id: str, tls: bool, **kwargs: Any) -> s3.Bucket:
    return s3.Bucket(
        scope, construct_id,
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=tls,
        versioned=True,
        removal_policy=cdk.RemovalPolicy.RETAIN,
        **kwargs,
    )  # fmt: skip


def _lake_rules() -> list[s3.LifecycleRule]:
    return [
        s3.LifecycleRule(
            id="raw", prefix=f"{names.RAW}/",
            transitions=[s3.Transition(
                storage_class=s3.StorageClass.INTELLIGENT_TIERING,
                transition_after=cdk.Duration.days(30),
            )],
        ),
        s3.LifecycleRule(
            id="old-versions", noncurrent_version_expiration=cdk.Duration.days(30)
        ),
        s3.LifecycleRule(
            id="unfinished-uploads", abort_incomplete_multipart_upload_after=cdk.Duration.days(2)
        ),
    ]  # fmt: skip


def _notify(lake: s3.Bucket, inbox: sqs.Queue) -> None:
    """Have S3 put a notice into the inbox for each new object under ``raw/``.

    This is written into the bucket's own properties: CDK's construct for it would bring a function
    with a role that may change the notifications of every bucket of the account.
    """
    inbox.add_to_resource_policy(
        iam.PolicyStatement(
            sid="LakeTellsOfFiles",
            actions=["sqs:SendMessage"],
            principals=[iam.ServicePrincipal("s3.amazonaws.com")],
            resources=[inbox.queue_arn],
            # The bucket's ARN would make a circle: S3 checks this policy before the bucket exists.
            conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
        )
    )
    bucket = lake.node.default_child
    bucket.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        queue_configurations=[
            s3.CfnBucket.QueueConfigurationProperty(
                event="s3:ObjectCreated:*",
                queue=inbox.queue_arn,
                filter=s3.CfnBucket.NotificationFilterProperty(
                    s3_key=s3.CfnBucket.S3KeyFilterProperty(
                        rules=[
                            s3.CfnBucket.FilterRuleProperty(name="prefix", value=f"{names.RAW}/")
                        ]
                    )
                ),
            )
        ]
    )
    bucket.add_resource_dependency(inbox.node.find_child("Policy").node.default_child)

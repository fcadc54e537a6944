"""The lake, its inbox and the profiles: private, encrypted, kept."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aws_cdk.assertions import Match

from aws.infrastructure.settings import REPOSITORY
from tests.infrastructure.templates import Templates, listed, text


def test_every_bucket_is_private_encrypted_versioned_and_kept(production: Templates) -> None:
    buckets = dict(production.all("AWS::S3::Bucket"))
    assert len(buckets) == 2
    for bucket in buckets.values():
        properties = bucket["Properties"]
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(properties["PublicAccessBlockConfiguration"]) == 4
        (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
        assert properties["VersioningConfiguration"]["Status"] == "Enabled"
        assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"


def test_old_versions_and_parts_of_uploads_do_not_pile_up(production: Templates) -> None:
    for properties in production.properties("AWS::S3::Bucket").values():
        rules = properties["LifecycleConfiguration"]["Rules"]
        assert any("NoncurrentVersionExpiration" in rule for rule in rules)
        assert all(rule["Status"] == "Enabled" for rule in rules)
    production.of("Storage").has_resource_properties(
        "AWS::S3::Bucket",
        {"LifecycleConfiguration": {"Rules": Match.array_with([
            Match.object_like({"Prefix": "raw/", "Transitions": [
                {"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": 30}
            ]}),
            Match.object_like({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}}),
        ])}},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "policy", "count"),
    [
        ("AWS::S3::Bucket", "AWS::S3::BucketPolicy", 2),
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", 2),
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", 2),
    ],
)
def test_plain_http_is_denied(production: Templates, kind: str, policy: str, count: int) -> None:
    assert len(production.properties(kind)) == count
    denying = [
        properties for properties in production.properties(policy).values()
        if any(map(_denies_http, properties["PolicyDocument"]["Statement"]))
    ]  # fmt: skip
    assert len(denying) == count


def _denies_http(statement: dict[str, Any]) -> bool:
    condition = statement.get("Condition", {}).get("Bool", {})
    return (statement["Effect"], condition.get("aws:SecureTransport")) == ("Deny", "false")


def test_access_to_the_lake_is_logged(production: Templates) -> None:
    production.of("Storage").has_resource_properties(
        "AWS::S3::Bucket",
        {"LoggingConfiguration": {"DestinationBucketName": Match.any_value(),
                                  "LogFilePrefix": "lake/"}},
    )  # fmt: skip


def test_new_files_under_raw_are_told_to_the_inbox_and_nothing_else_is(
    production: Templates,
) -> None:
    (lake,) = [
        properties for properties in production.properties("AWS::S3::Bucket").values()
        if "NotificationConfiguration" in properties
    ]  # fmt: skip
    (told,) = lake["NotificationConfiguration"]["QueueConfigurations"]
    (rule,) = told["Filter"]["S3Key"]["Rules"]
    assert (told["Event"], rule) == ("s3:ObjectCreated:*", {"Name": "prefix", "Value": "raw/"})
    assert text(told["Queue"]).startswith("<Inbox")
    assert list(lake["NotificationConfiguration"]) == ["QueueConfigurations"]


def test_a_notice_that_always_fails_is_put_aside_for_two_weeks(production: Templates) -> None:
    queues = production.properties("AWS::SQS::Queue")
    assert all(queue["SqsManagedSseEnabled"] for queue in queues.values())
    (inbox,) = [queue for queue in queues.values() if "RedrivePolicy" in queue]
    (aside,) = [queue for queue in queues.values() if "RedrivePolicy" not in queue]
    assert text(inbox["RedrivePolicy"]["deadLetterTargetArn"]).startswith("<PutAside")
    assert aside["MessageRetentionPeriod"] == 14 * 24 * 3600
    handler = (REPOSITORY / "aws" / "ingest" / "handler.py").read_text(encoding="utf-8")
    last = re.search(r"^MAX_RECEIVES = (\d+)$", handler, re.MULTILINE)
    assert last is not None, "the function must know which receive is the last"
    assert inbox["RedrivePolicy"]["maxReceiveCount"] == int(last[1])


def test_a_notice_is_not_given_out_again_while_it_is_worked_on(production: Templates) -> None:
    (inbox,) = [
        queue for queue in production.properties("AWS::SQS::Queue").values()
        if "RedrivePolicy" in queue
    ]  # fmt: skip
    (ingest,) = [
        function for name, function in production.properties("AWS::Lambda::Function").items()
        if name.startswith("Ingestion/")
    ]  # fmt: skip
    assert inbox["VisibilityTimeout"] >= 6 * ingest["Timeout"]


def test_profiles_have_one_key_expire_and_can_be_restored(production: Templates) -> None:
    production.of("Storage").has_resource(
        "AWS::DynamoDB::Table",
        {
            "Properties": {
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "SSESpecification": {"SSEEnabled": True},
                "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
            },
            "DeletionPolicy": "Retain",
        },
    )


def test_the_inbox_takes_notices_of_this_account_alone(production: Templates) -> None:
    allowing = [
        statement
        for properties in production.properties("AWS::SQS::QueuePolicy").values()
        for statement in properties["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    (statement,) = allowing
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert listed(statement["Action"]) == ["sqs:SendMessage"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    }

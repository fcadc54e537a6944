"""What tells of trouble and of money, and how long logs are kept."""

from __future__ import annotations

import json
import re
import tomllib

from aws_cdk.assertions import Match

from aws.infrastructure.settings import REPOSITORY, Settings
from tests.infrastructure.templates import Templates, listed, text

ALARMS = {
    "PutAside", "InboxAge", "IngestErrors", "IngestThrottles", "InferErrors", "InferThrottles",
    "ApiErrors",
}  # fmt: skip


def test_every_log_group_forgets(production: Templates) -> None:
    groups = production.properties("AWS::Logs::LogGroup")
    assert len(groups) == 5
    assert {group["RetentionInDays"] for group in groups.values()} == {30}


def test_alarms_tell_the_topic_of_operations(production: Templates) -> None:
    alarms = production.properties("AWS::CloudWatch::Alarm")
    named = {re.sub(r"[0-9A-F]{8}$", "", name.partition("/")[2]) for name in alarms}
    assert named == ALARMS
    for alarm in alarms.values():
        (action,) = alarm["AlarmActions"]
        assert "Operations" in text(action)
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["AlarmDescription"].startswith("Ringleader: ")


def test_a_job_that_failed_for_good_is_told(production: Templates) -> None:
    (rule,) = production.properties("AWS::Events::Rule").values()
    pattern = rule["EventPattern"]
    assert pattern["source"] == ["aws.batch"]
    assert pattern["detail"]["status"] == ["FAILED"]
    assert len(pattern["detail"]["jobQueue"]) == 2
    (target,) = rule["Targets"]
    assert "Operations" in text(target["Arn"])
    assert "RoleArn" not in target


def test_topics_are_encrypted_with_a_key_that_rotates(production: Templates) -> None:
    topics = production.properties("AWS::SNS::Topic").values()
    assert len(topics) == 2
    assert all("Key" in text(topic["KmsMasterKeyId"]) for topic in topics)
    (key,) = production.properties("AWS::KMS::Key").values()
    assert key["EnableKeyRotation"] is True


def test_alarms_rules_and_budgets_may_use_topic_and_key_for_this_account(
    production: Templates,
) -> None:
    (key,) = production.properties("AWS::KMS::Key").values()
    policies = [
        properties["PolicyDocument"]
        for properties in production.properties("AWS::SNS::TopicPolicy").values()
    ]
    for policy in (key["KeyPolicy"], *policies):
        for statement in policy["Statement"]:
            service = statement["Principal"].get("Service") if statement["Principal"] != "*" else ""
            if service:
                assert statement["Condition"] == {
                    "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
                }
                assert {"cloudwatch", "events", "budgets"} >= {service.partition(".")[0]}
    services = [
        statement["Principal"]["Service"] for statement in key["KeyPolicy"]["Statement"]
        if "Service" in statement["Principal"]
    ]  # fmt: skip
    assert len(services) == 3


def test_the_address_given_is_told_of_rings_and_of_operations(
    production: Templates, plain: Templates
) -> None:
    told = production.properties("AWS::SNS::Subscription").values()
    assert [(one["Protocol"], one["Endpoint"]) for one in told] == [("email", "me@example.com")] * 2
    assert not list(plain.all("AWS::SNS::Subscription"))


def test_the_budget_tells_before_and_when_the_limit_is_reached(production: Templates) -> None:
    production.of("Operations").has_resource_properties(
        "AWS::Budgets::Budget",
        {
            "Budget": {"BudgetType": "COST", "TimeUnit": "MONTHLY",
                       "BudgetLimit": {"Amount": Settings().budget_usd, "Unit": "USD"}},
            "NotificationsWithSubscribers": [
                Match.object_like({"Notification": Match.object_like(
                    {"NotificationType": kind, "Threshold": percent}
                )})
                for kind, percent in (("FORECASTED", 80), ("ACTUAL", 100))
            ],
        },
    )  # fmt: skip


def test_the_budget_is_the_limit_that_costs_are_compared_with() -> None:
    month = (REPOSITORY / "aws" / "month.py").read_text(encoding="utf-8")
    limit = re.search(r'^PRODUCTION = Use\(\s*"[^"]*",\s*([\d_.]+)', month, re.MULTILINE)
    assert limit is not None
    prices = tomllib.loads((REPOSITORY / "aws" / "prices.toml").read_text(encoding="utf-8"))
    dollars = float(limit[1]) / float(prices["inr_per_usd"])
    assert dollars - 1 < Settings().budget_usd <= dollars


def test_the_dashboard_shows_scoring_ingestion_and_jobs(production: Templates) -> None:
    (dashboard,) = production.properties("AWS::CloudWatch::Dashboard").values()
    body = text(dashboard["DashboardBody"])
    for title in ("POST /infer", "Inbox", "Ingestion", "Jobs that failed"):
        assert title in body
    assert json.dumps("p95") in body


def test_everything_carries_the_projects_tag(production: Templates) -> None:
    for kind in ("AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::IAM::Role"):
        for properties in production.properties(kind).values():
            assert {"Key": "project", "Value": "ringleader"} in listed(properties["Tags"])

"""What tells of trouble: alarms, a dashboard, failed jobs, and a budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from constructs import Construct

from aws.infrastructure.alerts import Alerts
from aws.infrastructure.compute import Compute
from aws.infrastructure.ingestion import Ingestion
from aws.infrastructure.realtime import Realtime
from aws.infrastructure.settings import Settings
from aws.infrastructure.storage import Storage

_PERIOD = cdk.Duration.minutes(5)
#: A notice that failed comes back after 90 minutes.
_PATIENCE = cdk.Duration.hours(2)


class Operations(cdk.Stack):
    """The stack that watches the others."""

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, storage: Storage,
        alerts: Alerts, compute: Compute, ingestion: Ingestion, realtime: Realtime, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(scope, construct_id, **kwargs)
        self._topic = alerts.operations
        put_aside = storage.put_aside.metric_approximate_number_of_messages_visible(period=_PERIOD)
        self._alarm(
            "PutAside", put_aside, "a file could not be ingested: look at the queue PutAside"
        )
        self._alarm(
            "InboxAge",
            storage.inbox.metric_approximate_age_of_oldest_message(period=_PERIOD),
            "a file has waited for two hours: look at the log of ingestion",
            threshold=_PATIENCE.to_seconds(),
        )
        for name, function in (("Ingest", ingestion.function), ("Infer", realtime.function)):
            errors = function.metric_errors(period=_PERIOD)
            throttles = function.metric_throttles(period=_PERIOD)
            self._alarm(f"{name}Errors", errors, f"{name} failed: look at its log")
            self._alarm(f"{name}Throttles", throttles, f"{name} was refused for want of capacity")
        self._alarm(
            "ApiErrors", realtime.api.metric_server_error(period=_PERIOD), "POST /infer answers 5xx"
        )
        failed = self._tell_failed_jobs(compute)
        self._dashboard(storage, ingestion, realtime, failed)
        self._budget(settings.budget_usd)
        if not settings.has_web:
            cdk.CfnOutput(
                self, "NoApp",
                value="The app is not hosted. To have it, get a certificate for its name in AWS "
                "Certificate Manager, then: make deploy CERTIFICATE=ARN APP_HOST=NAME "
                "WEB_CIDR=ADDRESSES",
            )  # fmt: skip

    def _alarm(
        self, construct_id: str, metric: cloudwatch.Metric, about: str, threshold: float = 1
    ) -> None:
        alarm = cloudwatch.Alarm(
            self, construct_id,
            metric=metric, alarm_description=f"Ringleader: {about}", threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1, treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )  # fmt: skip
        alarm.add_alarm_action(actions.SnsAction(self._topic))

    def _tell_failed_jobs(self, compute: Compute) -> cloudwatch.Metric:
        """Tell of each job that failed for good; return how many there were."""
        # A plain target: CDK's would change the policy of the topic, which lives in another stack.
        rule = events.CfnRule(
            self, "FailedJobs",
            description="Ringleader: a job failed for good",
            event_pattern={
                "source": ["aws.batch"],
                "detail-type": ["Batch Job State Change"],
                "detail": {
                    "status": ["FAILED"],
                    "jobQueue": [queue.job_queue_arn for queue in compute.queues.values()],
                },
            },
            targets=[events.CfnRule.TargetProperty(
                id="topic", arn=self._topic.topic_arn,
                input_transformer=events.CfnRule.InputTransformerProperty(
                    input_paths_map={
                        "name": "$.detail.jobName",
                        "job": "$.detail.jobId",
                        "reason": "$.detail.statusReason",
                    },
                    input_template='"The job <name> (<job>) failed: <reason>"',
                ),
            )],
        )  # fmt: skip
        return cloudwatch.Metric(
            namespace="AWS/Events", metric_name="TriggeredRules", statistic="Sum", period=_PERIOD,
            dimensions_map={"RuleName": rule.ref},
        )  # fmt: skip

    def _dashboard(
        self, storage: Storage, ingestion: Ingestion, realtime: Realtime, failed: cloudwatch.Metric
    ) -> None:
        inbox = storage.inbox.metric_approximate_number_of_messages_visible(period=_PERIOD)
        oldest = storage.inbox.metric_approximate_age_of_oldest_message(period=_PERIOD)
        aside = storage.put_aside.metric_approximate_number_of_messages_visible(period=_PERIOD)
        infer, ingest, api = realtime.function, ingestion.function, realtime.api

        def graph(title: str, *left: Any, right: Sequence[Any] = ()) -> cloudwatch.GraphWidget:
            return cloudwatch.GraphWidget(title=title, left=list(left), right=list(right), width=12)

        latencies = [infer.metric_duration(statistic=s, period=_PERIOD) for s in ("p50", "p95")]
        cloudwatch.Dashboard(
            self, "Dashboard",
            widgets=[
                [
                    graph("POST /infer: milliseconds, half and 95 %", *latencies),
                    graph(
                        "POST /infer: requests and errors", api.metric_count(period=_PERIOD),
                        right=(api.metric_client_error(), api.metric_server_error()),
                    ),
                ],
                [
                    graph("Inbox: files waiting and put aside", inbox, aside, right=(oldest,)),
                    graph(
                        "Ingestion: files and errors", ingest.metric_invocations(),
                        right=(ingest.metric_errors(), ingest.metric_throttles()),
                    ),
                ],
                [graph("Jobs that failed", failed)],
            ],
        )  # fmt: skip

    def _budget(self, limit: float) -> None:
        subscriber = budgets.CfnBudget.SubscriberProperty(
            subscription_type="SNS", address=self._topic.topic_arn
        )
        budgets.CfnBudget(
            self, "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_type="COST", time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=limit, unit="USD"),
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN", notification_type=kind,
                        threshold=percent, threshold_type="PERCENTAGE",
                    ),
                    subscribers=[subscriber],
                )
                for kind, percent in (("FORECASTED", 80), ("ACTUAL", 100))
            ],
        )  # fmt: skip

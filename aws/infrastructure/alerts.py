"""Who is told: the topic of ring alerts and that of operations, both encrypted."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from aws.infrastructure.settings import Settings

#: Services of AWS that tell of operations.
_TELLERS = ("cloudwatch", "events", "budgets")


class Alerts(cdk.Stack):
    """The stack of topics.

    Attributes
    ----------
    topic
        Rings and transactions at high risk, for analysts.
    operations
        Failures and money spent, for those who run the system.
    key
        What both are encrypted with. AWS's own key of SNS is no choice: alarms, rules and budgets
        cannot publish to a topic that has it.
    """

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, **kwargs: Any
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.key = kms.Key(
            self, "Key", enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.DESTROY,
            description="Encrypts Ringleader's notices",
        )  # fmt: skip
        self.topic = self._topic("Rings", "Ringleader: rings", settings)
        self.operations = self._topic("Operations", "Ringleader: operations", settings)
        for teller in _TELLERS:
            self._let_tell(teller)
        cdk.CfnOutput(self, "TopicArn", value=self.topic.topic_arn)
        cdk.CfnOutput(self, "OperationsTopicArn", value=self.operations.topic_arn)

    def _topic(self, construct_id: str, title: str, settings: Settings) -> sns.Topic:
        topic = sns.Topic(
            self, construct_id,
            display_name=title, master_key=self.key, enforce_ssl=settings.enforce_tls,
        )  # fmt: skip
        if settings.email:
            topic.add_subscription(subscriptions.EmailSubscription(settings.email))
        return topic

    def _let_tell(self, service: str) -> None:
        """Let a service of AWS publish to the topic of operations, on this account's behalf."""
        shared: dict[str, Any] = {
            "principals": [iam.ServicePrincipal(f"{service}.amazonaws.com")],
            "conditions": {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
        }
        self.operations.add_to_resource_policy(
            iam.PolicyStatement(
                sid=f"{service.title()}Tells",
                actions=["sns:Publish"],
                resources=[self.operations.topic_arn],
                **shared,
            )
        )
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid=f"{service.title()}Encrypts",
                actions=["kms:GenerateDataKey", "kms:Decrypt"],
                # In the policy of a key, * is that key.
                resources=["*"],
                **shared,
            )
        )

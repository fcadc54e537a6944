"""What people do with alerts in the hosted app: a small PostgreSQL that only the app reaches."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_rds as rds
from constructs import Construct

_NAME = "ringleader"
_DISK_GIB = 20
_BACKUPS = cdk.Duration.days(14)


class CaseDatabase(Construct):
    """The database of the workbench; what is in it outlives the stack.

    Attributes
    ----------
    variables, secrets
        What the app's container is told: PostgreSQL's own client reads the ``PG…`` variables.
    """

    def __init__(self, scope: Construct, vpc: ec2.IVpc, app: ec2.ISecurityGroup) -> None:
        super().__init__(scope, "Cases")
        group = ec2.SecurityGroup(
            self, "Group", vpc=vpc, allow_all_outbound=False,
            description="Database of alerts and people, reached by the app alone",
        )  # fmt: skip
        self._database = rds.DatabaseInstance(
            self, "Database", vpc=vpc, security_groups=[group], publicly_accessible=False,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
            engine=rds.DatabaseInstanceEngine.postgres(
                version=rds.PostgresEngineVersion.of("17.9", "17")
            ),
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO),
            database_name=_NAME, credentials=rds.Credentials.from_generated_secret(_NAME),
            allocated_storage=_DISK_GIB, storage_type=rds.StorageType.GP3, storage_encrypted=True,
            backup_retention=_BACKUPS, deletion_protection=True, port=5433,
            removal_policy=cdk.RemovalPolicy.RETAIN, copy_tags_to_snapshot=True,
            cloudwatch_logs_exports=["postgresql"], auto_minor_version_upgrade=True,
        )  # fmt: skip
        group.add_ingress_rule(app, ec2.Port.tcp(5433), "The app")
        _acknowledge(self._database)
        self.variables = {"DATABASE_URL": "postgresql://", "PGSSLMODE": "require"}
        assert self._database.secret is not None
        fields = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "username",
                  "PGPASSWORD": "password", "PGDATABASE": "dbname"}  # fmt: skip
        self.secrets = {
            name: ecs.Secret.from_secrets_manager(self._database.secret, field)
            for name, field in fields.items()
        }

    @property
    def secret_arn(self) -> str:
        """ARN of the secret that holds address and password."""
        assert self._database.secret is not None
        return str(self._database.secret.secret_arn)


def _acknowledge(database: rds.DatabaseInstance) -> None:
    """Say why two of AWS's rules are not followed."""
    for rule, where, reason in (
        ("AwsSolutions-RDS3", database,
         "a second machine doubles the price of a small team's queue; backups go back 14 days"),
        ("AwsSolutions-SMG4", database.node.find_child("Secret"),
         "the app reads the password at its start; one that changes by itself would lock it out"),
    ):  # fmt: skip
        cdk.Validations.of(where).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))

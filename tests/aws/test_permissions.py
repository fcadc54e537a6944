"""Who may do what: the deployed roles, with permissions enforced.

The functions and jobs run under these roles in all other tests as well; here stands what they must
not do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from aws import names
from tests.aws.emulator.launcher import REGION, Emulated
from tests.aws.watch import LakeView

pytestmark = pytest.mark.slow

_ROLES = {
    "prep": ("Compute", "PrepRole"),
    "graph": ("Compute", "GraphRole"),
    "ingest": ("Ingestion", "Role"),
    "infer": ("Realtime", "Role"),
}
_DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation")

Client = Callable[[str], Any]


class Account:
    """What calls are about: the deployed resources."""

    def __init__(self, aws: Emulated, lake: LakeView) -> None:
        assert aws.deployment is not None
        physical = aws.deployment.physical
        self.lake = lake.bucket
        self.topic = aws.deployment.outputs["RingleaderAlerts"]["TopicArn"]
        self.operations = aws.deployment.outputs["RingleaderAlerts"]["OperationsTopicArn"]
        self.table = aws.deployment.outputs["RingleaderStorage"]["ProfilesTable"]
        self.inbox = physical("AWS::SQS::Queue", "Inbox")
        self.put_aside = physical("AWS::SQS::Queue", "PutAside")
        aws.client("s3").create_bucket(Bucket="of-another-project")
        for folder in (*names.INPUT_FOLDERS, *names.RUN_FOLDERS):
            lake.put(b"x", f"{folder}/.permissions/x")


Call = Callable[[Client, Account], Any]


@pytest.fixture(scope="module")
def account(aws: Emulated, lake: LakeView) -> Account:
    return Account(aws, lake)


@pytest.fixture(scope="module")
def clients(aws: Emulated) -> dict[str, Client]:
    """By role, what makes its clients."""

    def clients_of(credentials: dict[str, str]) -> Client:
        session = boto3.Session(
            credentials["AWS_ACCESS_KEY_ID"], credentials["AWS_SECRET_ACCESS_KEY"],
            credentials["AWS_SESSION_TOKEN"], REGION,
        )  # fmt: skip
        return lambda service: session.client(service, endpoint_url=aws.url)

    return {name: clients_of(aws.role(*where)) for name, where in _ROLES.items()}


def get(folder: str) -> Call:
    return lambda c, a: c("s3").get_object(Bucket=a.lake, Key=f"{folder}/.permissions/x")


def put(folder: str) -> Call:
    return lambda c, a: c("s3").put_object(Bucket=a.lake, Key=f"{folder}/.permissions/y", Body=b"")


def delete(key: str) -> Call:
    return lambda c, a: c("s3").delete_object(Bucket=a.lake, Key=key)


def list_lake(c: Client, a: Account) -> Any:
    return c("s3").list_objects_v2(Bucket=a.lake, Prefix="runs/")


def read_elsewhere(c: Client, a: Account) -> Any:
    return c("s3").get_object(Bucket="of-another-project", Key="x")


def delete_bucket(c: Client, a: Account) -> Any:
    return c("s3").delete_bucket(Bucket=a.lake)


def publish(c: Client, a: Account) -> Any:
    entry = {"Id": "1", "Message": "{}", "MessageAttributes": {
        "run_id": {"DataType": "String", "StringValue": "permissions"}}}  # fmt: skip
    return c("sns").publish_batch(TopicArn=a.topic, PublishBatchRequestEntries=[entry])


def publish_operations(c: Client, a: Account) -> Any:
    return c("sns").publish(TopicArn=a.operations, Message="x")


def submit(c: Client, a: Account) -> Any:
    # The definition does not exist: what is allowed is refused for that, and nothing is started.
    return c("batch").submit_job(
        jobName="permissions", jobQueue=names.QUEUES["cpu"], jobDefinition="no-such-definition"
    )


def follow(c: Client, a: Account) -> Any:
    return c("batch").describe_jobs(jobs=["no-such-job"])


def terminate(c: Client, a: Account) -> Any:
    return c("batch").terminate_job(jobId="no-such-job", reason="x")


def ask_model(c: Client, a: Account) -> Any:
    return c("bedrock-runtime").converse(
        modelId="us.anthropic.claude-haiku-4-5-20251001-v1:0",
        messages=[{"role": "user", "content": [{"text": "x"}]}],
    )


def read_profile(c: Client, a: Account) -> Any:
    return c("dynamodb").batch_get_item(RequestItems={a.table: {"Keys": [{"pk": {"S": "x"}}]}})


def write_profile(c: Client, a: Account) -> Any:
    return c("dynamodb").put_item(TableName=a.table, Item={"pk": {"S": "permissions"}})


def delete_from_profiles(key: str) -> Call:
    return lambda c, a: c("dynamodb").delete_item(TableName=a.table, Key={"pk": {"S": key}})


def scan_profiles(c: Client, a: Account) -> Any:
    return c("dynamodb").scan(TableName=a.table)


def delete_table(c: Client, a: Account) -> Any:
    return c("dynamodb").delete_table(TableName=a.table)


def send_aside(c: Client, a: Account) -> Any:
    return c("sqs").send_message(QueueUrl=a.put_aside, MessageBody="{}")


def read_aside(c: Client, a: Account) -> Any:
    return c("sqs").receive_message(QueueUrl=a.put_aside)


def make_role(c: Client, a: Account) -> Any:
    return c("iam").create_role(RoleName="mine", AssumeRolePolicyDocument="{}")


def read_function(c: Client, a: Account) -> Any:
    return c("lambda").list_functions()


_CHECKPOINT = "runs/permissions/checkpoint/features.npy"

ALLOWED: list[tuple[str, str, Call]] = [
    ("prep", "read uploads", get("raw")),
    ("prep", "read inputs of the app", get("inputs")),
    ("prep", "read runs", get("runs")),
    ("prep", "list the lake", list_lake),
    ("prep", "write scored transactions", put("augmented")),
    ("prep", "write manifests", put("runs")),
    ("prep", "delete checkpoints", delete(_CHECKPOINT)),
    ("graph", "write rings", put("graphs")),
    ("graph", "write alerts", put("alerts")),
    ("graph", "tell of rings", publish),
    ("graph", "fill profiles", write_profile),
    ("ingest", "read uploads", get("raw")),
    ("ingest", "write cleaned transactions", put("prepped")),
    ("ingest", "submit jobs", submit),
    ("ingest", "follow jobs", follow),
    ("ingest", "put aside", send_aside),
    ("ingest", "tell of rings", publish),
    ("infer", "read models", get("runs")),
    ("infer", "read profiles", read_profile),
    ("infer", "tell of transactions", publish),
    ("infer", "give a claim back", delete_from_profiles("c#permissions")),
]
FORBIDDEN: list[tuple[str, str, Call]] = [
    ("prep", "write alerts", put("alerts")),
    ("prep", "write rings", put("graphs")),
    ("prep", "write uploads", put("raw")),
    ("prep", "write profiles", write_profile),
    ("prep", "submit jobs", submit),
    ("graph", "write uploads", put("raw")),
    ("graph", "delete tables", delete("augmented/.permissions/x")),
    ("graph", "submit jobs", submit),
    ("graph", "end jobs", terminate),
    ("ingest", "change uploads", put("raw")),
    ("ingest", "delete uploads", delete("raw/.permissions/x")),
    ("ingest", "end jobs", terminate),
    ("ingest", "ask the model", ask_model),
    ("ingest", "read what was put aside", read_aside),
    ("infer", "read uploads", get("raw")),
    ("infer", "write alerts", put("alerts")),
    ("infer", "write models", put("runs")),
    ("infer", "delete a profile", delete_from_profiles("a#permissions")),
    ("graph", "give claims back", delete_from_profiles("c#permissions")),
    ("infer", "submit jobs", submit),
    ("infer", "end jobs", terminate),
    *[
        (role, what, call)
        for role in _ROLES
        for what, call in (
            ("read another bucket", read_elsewhere),
            ("delete the lake", delete_bucket),
            ("delete a manifest", delete("runs/.permissions/x")),
            ("scan profiles", scan_profiles),
            ("delete profiles", delete_table),
            ("tell operations", publish_operations),
            ("make roles", make_role),
            ("read functions", read_function),
        )
    ],
    ("prep", "ask the model", ask_model),
    ("graph", "ask the model", ask_model),
]  # fmt: skip


def _named(cases: list[tuple[str, str, Call]]) -> list[Any]:
    return [pytest.param(role, call, id=f"{role}: {what}") for role, what, call in cases]


def _answer(call: Call, client: Client, account: Account) -> str:
    """Return the code of the error that came, empty where none did."""
    try:
        call(client, account)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize(("role", "call"), _named(ALLOWED))
def test_a_role_may_do_its_work(
    clients: dict[str, Client], account: Account, role: str, call: Call
) -> None:
    assert _answer(call, clients[role], account) not in _DENIED


@pytest.mark.parametrize(("role", "call"), _named(FORBIDDEN))
def test_a_role_may_do_nothing_else(
    clients: dict[str, Client], account: Account, role: str, call: Call
) -> None:
    assert _answer(call, clients[role], account) in _DENIED

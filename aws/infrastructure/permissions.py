"""Every permission of the project's own roles: read this file to know who may do what.

A role gets exactly the statements that its function here returns; CDK's constructs cannot add any.
Where a resource has to hold a wildcard, the statement says why, and a statement that has one but
no reason does not pass the tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws import names

#: Statement to the reason of the wildcard in its resources.
WILDCARDS = {
    "ReadRuns": "objects of these folders of the lake: their names are not known beforehand",
    "WriteRuns": "objects of these folders of the lake: their names are not known beforehand",
    "ReadUploads": "inputs lie under raw/ and inputs/ by the names that people give them",
    "PutUploads": "inputs lie under inputs/ by the names that people give them",
    "DropCheckpoints": "every run has a folder of checkpoints, and none is needed after its end",
    "ClaimRuns": "the record of a chain of jobs and its settings have the run's id in their names",
    "SubmitJobs": "job definitions get a new revision at every deployment",
    "TagJobs": "ids of jobs are not known beforehand",
    "EndJobs": "ids of jobs are not known beforehand",
    "FollowJobs": "AWS Batch knows no resources for describing and listing jobs",
    "ReadJobLogs": "log streams of the jobs' one log group",
    "WriteLogs": "log streams of this one log group",
    "AskPrices": "Amazon EC2 knows no resources for its price history, which is public",
    "InvokeModel": "an inference profile sends a request to one of several regions: the models "
    "that are chosen are allowed in all of them, and no others",
    "SignIntoRegistry": "a token of the registry is not tied to a repository",
}

#: Large objects are written in parts, and given up if one fails.
_PUT = ["s3:PutObject", "s3:AbortMultipartUpload"]
#: AWS's own policy for machines that run containers.
MACHINE_POLICY = "service-role/AmazonEC2ContainerServiceforEC2Role"


@dataclass(frozen=True, slots=True)
class Places:
    """ARNs of what permissions are about."""

    lake: str
    topic: str
    key: str
    table: str
    inbox: str
    put_aside: str


def prep_job(places: Places) -> list[iam.PolicyStatement]:
    """Return what the jobs that score transactions may do.

    They read the input and, to go on after an interruption, what the run has left. They write
    cleaned and scored transactions and the manifest.
    """
    return [
        list_lake(places),
        read_uploads(places, *names.INPUT_FOLDERS),
        read_runs(places, *names.RUN_FOLDERS),
        write_runs(places, "prepped", "augmented", "runs"),
        drop_checkpoints(places),
    ]


def graph_job(places: Places) -> list[iam.PolicyStatement]:
    """Return what the jobs that find rings may do: also write them, tell, and fill profiles."""
    return [
        list_lake(places),
        read_uploads(places, *names.INPUT_FOLDERS),
        read_runs(places, *names.RUN_FOLDERS),
        write_runs(places, *names.RUN_FOLDERS),
        drop_checkpoints(places),
        use_profiles(places),
        *tell(places),
    ]


def ingest(places: Places, log_group: str) -> list[iam.PolicyStatement]:
    """Return what ingestion may do: compute small files as the jobs do, and submit big ones.

    It changes no upload, ends no job, and asks no language model.
    """
    return [
        receive(places),
        put_aside(places),
        *graph_job(places),
        *submit_jobs(),
        write_logs(log_group),
    ]


def infer(places: Places, log_group: str, model: str) -> list[iam.PolicyStatement]:
    """Return what real-time scoring may do: read models, keep profiles, tell, and ask Bedrock."""
    return [
        list_lake(places),
        read_runs(places, "runs"),
        use_profiles(places),
        give_back_claims(places),
        *tell(places),
        invoke_model(model),
        write_logs(log_group),
    ]


def web(
    places: Places, infer_arns: Sequence[str], models: Sequence[str]
) -> list[iam.PolicyStatement]:
    """Return what the app may do: show runs, take uploads, and run jobs; it changes no result.

    It scores and explains by the API alone, and has models write narratives.
    """
    return [
        list_lake(places),
        read_uploads(places, *names.INPUT_FOLDERS),
        read_runs(places, *names.RUN_FOLDERS),
        put_uploads(places),
        claim_runs(places),
        *submit_jobs(),
        end_jobs(),
        read_job_logs(),
        ask_prices(),
        call_infer(infer_arns),
        *narrate(models),
    ]


def container_start(log_group: str) -> list[iam.PolicyStatement]:
    """Return what ECS may do to start a container: fetch its image and open its log."""
    return [*fetch_images(), write_logs(log_group)]


def app_start(log_group: str, secret: str) -> list[iam.PolicyStatement]:
    """Return what ECS may do to start the app: also to hand it its database's password."""
    return [
        *container_start(log_group),
        _allow("ReadDatabaseSecret", ["secretsmanager:GetSecretValue"], [secret]),
    ]


def machine_policy() -> iam.IManagedPolicy:
    """Return AWS's policy for GPU machines: the ECS agent on them needs it, and AWS keeps it apace.

    Jobs cannot use it: the metadata service answers the machine itself only (hop limit 1).
    """
    return iam.ManagedPolicy.from_aws_managed_policy_name(MACHINE_POLICY)


def list_lake(places: Places) -> iam.PolicyStatement:
    """Allow to list the lake. Without it S3 answers 403, not 404, where there is no object."""
    return _allow("ListLake", ["s3:ListBucket"], [places.lake])


def read_uploads(places: Places, *folders: str) -> iam.PolicyStatement:
    """Allow to read inputs: also the very version that a notice tells of."""
    actions = ["s3:GetObject", "s3:GetObjectVersion"]
    return _allow("ReadUploads", actions, _objects(places, *folders))


def put_uploads(places: Places) -> iam.PolicyStatement:
    """Allow the app to upload. What is replaced stays as an old version."""
    return _allow("PutUploads", _PUT, _objects(places, names.INPUTS))


def read_runs(places: Places, *folders: str) -> iam.PolicyStatement:
    """Allow to read what runs made."""
    return _allow("ReadRuns", ["s3:GetObject"], _objects(places, *folders))


def write_runs(places: Places, *folders: str) -> iam.PolicyStatement:
    """Allow to write what runs make. What is replaced stays as an old version."""
    return _allow("WriteRuns", _PUT, _objects(places, *folders))


def drop_checkpoints(places: Places) -> iam.PolicyStatement:
    """Allow to delete the checkpoints of runs, and nothing else of them."""
    return _allow("DropCheckpoints", ["s3:DeleteObject"], _objects(places, "runs/*/checkpoint"))


def claim_runs(places: Places) -> iam.PolicyStatement:
    """Allow to write what a run's jobs begin with: a record that is written once, and settings."""
    own = [
        f"{places.lake}/runs/*/{name}" for name in ("batch-*.json", "schema.toml", "config.toml")
    ]
    return _allow("ClaimRuns", ["s3:PutObject"], own)


def receive(places: Places) -> iam.PolicyStatement:
    """Allow Lambda to fetch notices of new files from the inbox on the function's behalf."""
    actions = ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"]
    return _allow("ReceiveNotices", [f"sqs:{action}" for action in actions], [places.inbox])


def put_aside(places: Places) -> iam.PolicyStatement:
    """Allow to put a notice aside with the reason why its file cannot be taken in."""
    return _allow("PutAside", ["sqs:SendMessage"], [places.put_aside])


def submit_jobs() -> list[iam.PolicyStatement]:
    """Allow to submit the project's own jobs to its own queues, and to follow them."""
    queues = [_arn("batch", f"job-queue/{queue}") for queue in names.QUEUES.values()]
    definitions = [_arn("batch", f"job-definition/{job}") for job in names.JOB_DEFINITIONS.values()]
    revisions = [f"{definition}:*" for definition in definitions]
    return [
        _allow("SubmitJobs", ["batch:SubmitJob"], [*queues, *definitions, *revisions]),
        _allow("TagJobs", ["batch:TagResource"], [_arn("batch", "job/*")]),
        _allow("FollowJobs", ["batch:DescribeJobs", "batch:ListJobs"], ["*"]),
    ]


def end_jobs() -> iam.PolicyStatement:
    """Allow to end jobs of runs, which carry the tag ``run``, as a user of the app wishes."""
    of_runs = {"StringLike": {"aws:ResourceTag/run": "*"}}
    return _allow("EndJobs", ["batch:TerminateJob"], [_arn("batch", "job/*")], of_runs)


def read_job_logs() -> iam.PolicyStatement:
    """Allow to read what the jobs log; the app shows it."""
    group = _arn("logs", f"log-group:{names.JOB_LOGS}:*")
    return _allow("ReadJobLogs", ["logs:GetLogEvents"], [group])


def write_logs(log_group: str) -> iam.PolicyStatement:
    """Allow to write to one log group."""
    return _allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], [log_group])


def tell(places: Places) -> list[iam.PolicyStatement]:
    """Allow to tell of a ring, or of a transaction at high risk.

    The topic's key encrypts what is told, and SNS does so on the publisher's behalf.
    """
    return [
        _allow("PublishAlerts", ["sns:Publish"], [places.topic]),
        _allow("UseTopicKey", ["kms:GenerateDataKey", "kms:Decrypt"], [places.key]),
    ]


def use_profiles(places: Places) -> iam.PolicyStatement:
    """Allow to read and write accounts' profiles; the table cannot be scanned or changed."""
    actions = ["GetItem", "BatchGetItem", "PutItem", "BatchWriteItem"]
    return _allow("UseProfiles", [f"dynamodb:{action}" for action in actions], [places.table])


def give_back_claims(places: Places) -> iam.PolicyStatement:
    """Allow to delete the claim of a notice that could not be sent; profiles cannot be deleted."""
    of_claims = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["c#*"]}}
    return _allow("GiveBackClaims", ["dynamodb:DeleteItem"], [places.table], of_claims)


def ask_prices() -> iam.PolicyStatement:
    """Allow to ask what spot machines cost."""
    return _allow("AskPrices", ["ec2:DescribeSpotPriceHistory"], ["*"])


def invoke_model(model: str) -> iam.PolicyStatement:
    """Allow to invoke the one configured model, directly or through its inference profile."""
    arns = [*_foundations("*", [model]), *_profiles([model])]
    return _allow("InvokeModel", ["bedrock:InvokeModel"], arns)


def narrate(models: Sequence[str]) -> list[iam.PolicyStatement]:
    """Allow to have these models write, as it comes, and to ask how long they will be there."""
    writing = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    profiles = _profiles(models)
    statements = [
        _allow("InvokeModel", writing, [*_foundations("*", models), *profiles]),
        _allow("AskModels", ["bedrock:GetFoundationModel"], _foundations(cdk.Aws.REGION, models)),
    ]
    if profiles:
        statements.append(_allow("AskProfiles", ["bedrock:GetInferenceProfile"], profiles))
    return statements


def call_infer(infer_arns: Sequence[str]) -> iam.PolicyStatement:
    """Allow to call these routes of the scoring API, no other."""
    return _allow("CallInfer", ["execute-api:Invoke"], list(infer_arns))


def fetch_images() -> list[iam.PolicyStatement]:
    """Allow to fetch images that this project has uploaded with ``cdk deploy``."""
    qualifier = cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER
    name = f"cdk-{qualifier}-container-assets-{cdk.Aws.ACCOUNT_ID}-{cdk.Aws.REGION}"
    actions = ["BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage"]
    images = _arn("ecr", f"repository/{name}")
    return [
        _allow("SignIntoRegistry", ["ecr:GetAuthorizationToken"], ["*"]),
        _allow("PullImages", [f"ecr:{action}" for action in actions], [images]),
    ]


def make_role(
    scope: Construct, construct_id: str, service: str, statements: Sequence[iam.PolicyStatement]
) -> iam.IRole:
    """Make the role of a service with these permissions; nothing can be added to it later."""
    role = iam.Role(
        scope,
        construct_id,
        assumed_by=iam.ServicePrincipal(service),
        inline_policies={"permissions": iam.PolicyDocument(statements=list(statements))},
    )
    return role.without_policy_updates()


def _allow(
    sid: str, actions: list[str], resources: list[str], conditions: Mapping[str, Any] | None = None
) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, actions=actions, resources=resources, conditions=conditions)


def _foundations(region: str, models: Sequence[str]) -> list[str]:
    place = f"arn:{cdk.Aws.PARTITION}:bedrock:{region}::foundation-model"
    return [f"{place}/{_foundation(model)}" for model in models]


def _profiles(models: Sequence[str]) -> list[str]:
    own = [model for model in models if model != _foundation(model)]
    return [_arn("bedrock", f"inference-profile/{model}") for model in own]


def _foundation(model: str) -> str:
    """Return the model that an inference profile, e.g. ``us.anthropic.…``, leads to."""
    return model.split(".", 1)[1] if model.count(".") > 1 else model


def _objects(places: Places, *folders: str) -> list[str]:
    return [f"{places.lake}/{folder}/*" for folder in folders]


def _arn(service: str, resource: str) -> str:
    place = f"{cdk.Aws.PARTITION}:{service}:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
    return f"arn:{place}:{resource}"

"""Functions and the API before them: signed, throttled, logged."""

from __future__ import annotations

import json

from aws import names
from aws.infrastructure.settings import Settings
from tests.infrastructure.templates import Templates, text

ROUTES = {"POST /infer", "POST /explain", "GET /health", "GET /openapi.json"}


def test_every_route_asks_for_a_signature(production: Templates) -> None:
    routes = production.properties("AWS::ApiGatewayV2::Route").values()
    assert {route["RouteKey"] for route in routes} == ROUTES
    assert {route["AuthorizationType"] for route in routes} == {"AWS_IAM"}


def test_the_api_is_throttled_and_writes_an_access_log(production: Templates) -> None:
    (stage,) = production.properties("AWS::ApiGatewayV2::Stage").values()
    assert stage["StageName"] == "$default"
    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100}
    log = stage["AccessLogSettings"]
    assert text(log["DestinationArn"]).startswith("<AccessLogs")
    assert json.loads(log["Format"])["status"] == "$context.status"


def test_only_this_api_and_this_queue_can_call_the_functions(production: Templates) -> None:
    permissions = production.properties("AWS::Lambda::Permission").values()
    assert {permission["Principal"] for permission in permissions} == {"apigateway.amazonaws.com"}
    assert len(permissions) == len(ROUTES)
    assert all("<Api" in text(permission["SourceArn"]) for permission in permissions)
    (source,) = production.properties("AWS::Lambda::EventSourceMapping").values()
    assert text(source["EventSourceArn"]).startswith("RingleaderStorage:ExportsOutputFnGetAttInbox")


def test_ingestion_takes_one_notice_at_a_time_and_says_which_failed(production: Templates) -> None:
    (source,) = production.properties("AWS::Lambda::EventSourceMapping").values()
    assert source["BatchSize"] == 1
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_no_function_asks_for_what_a_new_account_cannot_give(production: Templates) -> None:
    for function in production.properties("AWS::Lambda::Function").values():
        assert "ReservedConcurrentExecutions" not in function
        assert function["MemorySize"] <= 3008


def test_no_function_sets_what_lambda_reserves(production: Templates) -> None:
    for function in production.properties("AWS::Lambda::Function").values():
        assert not [name for name in function["Environment"]["Variables"] if name[:4] == "AWS_"]


def test_functions_log_where_retention_is_set_and_pay_for_no_traces(production: Templates) -> None:
    for function in production.properties("AWS::Lambda::Function").values():
        assert "TracingConfig" not in function
        assert text(function["LoggingConfig"]["LogGroup"]).startswith("<Logs")


def test_ingestion_is_the_image_and_knows_what_it_needs(production: Templates) -> None:
    (ingest,) = [
        function for function in production.properties("AWS::Lambda::Function").values()
        if function.get("PackageType") == "Image"
    ]  # fmt: skip
    assert ingest["ImageConfig"] == {"Command": ["aws.ingest.handler.handler"]}
    assert ingest["EphemeralStorage"] == {"Size": 10240}
    told = {name: text(value) for name, value in ingest["Environment"]["Variables"].items()}
    assert set(told) == {
        names.LAKE, names.BUCKET, names.TOPIC, names.PROFILES, names.DEAD_LETTERS,
        names.BATCH_ROWS, names.BATCH_KIND,
    }  # fmt: skip
    assert "PutAside" in told[names.DEAD_LETTERS]
    assert (told[names.BATCH_ROWS], told[names.BATCH_KIND]) == ("50000", "cpu")


def test_scoring_is_a_zip_file_and_knows_its_model(production: Templates) -> None:
    (infer,) = [
        function for function in production.properties("AWS::Lambda::Function").values()
        if "Runtime" in function
    ]  # fmt: skip
    assert (infer["Runtime"], infer["Handler"]) == ("python3.12", "aws.infer.handler.handler")
    assert infer["Timeout"] < 30, "the API gives up after 30 seconds"
    told = infer["Environment"]["Variables"]
    assert told[names.BEDROCK_MODEL] == Settings().bedrock_model
    assert {names.LAKE, names.TOPIC, names.PROFILES} <= set(told)

"""The hosted app: HTTPS, known addresses only, and only where it was asked for."""

from __future__ import annotations

from aws import names
from aws.infrastructure.settings import Settings
from tests.infrastructure.conftest import WEB
from tests.infrastructure.templates import Templates, resources, text


def test_there_is_no_app_without_a_certificate_and_an_output_says_how_to_get_it(
    plain: Templates,
) -> None:
    assert "Web" not in plain.stacks
    (told,) = [
        output["Value"] for name, output in plain.stacks["Operations"]["Outputs"].items()
        if name == "NoApp"
    ]  # fmt: skip
    assert "make deploy CERTIFICATE=" in told


def test_the_only_way_in_is_https_from_the_addresses_given(production: Templates) -> None:
    open_ = [
        rule
        for group in production.properties("AWS::EC2::SecurityGroup").values()
        for rule in group.get("SecurityGroupIngress", ())
    ]
    assert [(rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in open_] == [
        (WEB["web_cidr"], 443, 443)
    ]
    inside = {
        (text(rule["SourceSecurityGroupId"]).split("-")[0][:7], rule["FromPort"])
        for rule in production.properties("AWS::EC2::SecurityGroupIngress").values()
    }
    assert inside == {("<Entran", 8501), ("<Inside", 5433)}


def test_the_listener_speaks_tls_with_the_certificate(production: Templates) -> None:
    (listener,) = production.properties("AWS::ElasticLoadBalancingV2::Listener").values()
    assert (listener["Port"], listener["Protocol"]) == (443, "HTTPS")
    assert listener["Certificates"] == [{"CertificateArn": WEB["certificate"]}]
    assert "TLS13" in listener["SslPolicy"]


def test_a_session_stays_at_its_process_and_is_watched(production: Templates) -> None:
    (group,) = production.properties("AWS::ElasticLoadBalancingV2::TargetGroup").values()
    assert group["HealthCheckPath"] == "/_stcore/health"
    attributes = {one["Key"]: one["Value"] for one in group["TargetGroupAttributes"]}
    assert attributes["stickiness.enabled"] == "true"


def test_requests_are_logged_beside_the_lakes(production: Templates) -> None:
    (balancer,) = production.properties("AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    attributes = {one["Key"]: one["Value"] for one in balancer["LoadBalancerAttributes"]}
    assert attributes["access_logs.s3.enabled"] == "true"
    assert "AccessLogs" in text(attributes["access_logs.s3.bucket"])
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["idle_timeout.timeout_seconds"] == "3600"


def test_the_app_knows_its_lake_its_api_and_its_name(production: Templates) -> None:
    (task,) = production.properties("AWS::ECS::TaskDefinition").values()
    (container,) = task["ContainerDefinitions"]
    told = {one["Name"]: text(one["Value"]) for one in container["Environment"]}
    assert told["STREAMLIT_SERVER_ALLOWED_HOSTS"] == WEB["app_host"]
    assert told[names.LAKE].startswith("s3://")
    assert told[names.INFER_URL].endswith("/infer")
    assert names.TOPIC in told
    assert told[names.BEDROCK_MODEL] == Settings().bedrock_model
    assert told[names.BEDROCK_FALLBACKS] == Settings().bedrock_fallbacks
    assert told["AWS_DEFAULT_REGION"] == "<AWS::Region>"
    assert container["PortMappings"] == [{"ContainerPort": 8501, "Protocol": "tcp"}]
    assert task["Cpu"] == "1024"


def test_what_people_do_is_kept_in_a_private_encrypted_database(production: Templates) -> None:
    ((_, database),) = production.all("AWS::RDS::DBInstance")
    told = database["Properties"]
    assert (told["Engine"], told["StorageEncrypted"], told["PubliclyAccessible"]) == (
        "postgres", True, False
    )  # fmt: skip
    assert told["DeletionProtection"] is True
    assert told["BackupRetentionPeriod"] == 14
    assert database["DeletionPolicy"] == "Retain"


def test_the_app_is_told_its_database_and_the_password_as_a_secret(production: Templates) -> None:
    (task,) = production.properties("AWS::ECS::TaskDefinition").values()
    (container,) = task["ContainerDefinitions"]
    told = {one["Name"]: text(one["Value"]) for one in container["Environment"]}
    assert (told["DATABASE_URL"], told["PGSSLMODE"]) == ("postgresql://", "require")
    secrets = {one["Name"]: text(one["ValueFrom"]) for one in container["Secrets"]}
    assert set(secrets) == {"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE"}
    assert secrets["PGPASSWORD"].endswith(":password::")
    reading = production.role("Web/StartRole")
    assert len(resources(reading, "secretsmanager:GetSecretValue")) == 1

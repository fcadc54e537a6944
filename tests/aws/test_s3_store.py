"""The store on S3, over HTTP: parts, checksums, versions, conditions, and errors that tell."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from aws.s3_store import S3Store, open_store
from engine.errors import InputError, RunError
from tests.aws.conftest import forget_clients
from tests.aws.emulator.fault_rules import Rule
from tests.aws.emulator.launcher import REGION, Emulated
from tests.aws.watch import wait_for

pytestmark = pytest.mark.slow

_numbers = count(1)
_MB = 1 << 20


@pytest.fixture
def bucket(aws: Emulated) -> str:
    """A new bucket that keeps versions."""
    name, s3 = f"store-{next(_numbers)}", aws.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@pytest.fixture
def store(bucket: str, program: pytest.MonkeyPatch) -> S3Store:
    return open_store(f"s3://{bucket}/some/prefix")


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 MB in which no two parts are the same."""
    path = tmp_path_factory.mktemp("big") / "big.bin"
    block = bytes(range(256)) * 256
    path.write_bytes(b"".join(str(i).encode() + block for i in range(20 * _MB // len(block))))
    return path


def test_a_large_file_goes_in_parts_and_comes_back_the_same(
    aws: Emulated, bucket: str, store: S3Store, big: Path, tmp_path: Path
) -> None:
    expected = hashlib.sha256(big.read_bytes()).hexdigest()
    assert store.upload(big, "big.bin") == expected
    head = aws.client("s3").head_object(Bucket=bucket, Key="some/prefix/big.bin")
    assert head["ETag"].strip('"').endswith("-3")  # 20 MB in parts of 8
    assert store.download("big.bin", tmp_path / "back.bin") == expected
    assert (tmp_path / "back.bin").read_bytes() == big.read_bytes()


def test_objects_are_found_listed_and_deleted_below_the_prefix(
    aws: Emulated, bucket: str, store: S3Store
) -> None:
    aws.client("s3").put_object(Bucket=bucket, Key="another/place", Body=b"x")
    store.write("a/1", b"one")
    store.write("a/2", b"two")
    store.write("b/3", b"three")
    assert [entry.key for entry in store.list("a/")] == ["a/1", "a/2"]
    assert [entry.key for entry in store.list()] == ["a/1", "a/2", "b/3"]
    found = store.find("a/1")
    assert found is not None
    assert (found.key, found.size) == ("a/1", 3)
    assert store.read("a/2") == b"two"
    store.delete("a/1")
    store.delete("a/1")  # nothing happens
    assert store.find("a/1") is None
    assert store.read("a/1") is None


def test_the_version_changes_with_the_content(store: S3Store) -> None:
    versions = []
    for content in (b"one", b"two"):
        store.write("a", content)
        found = store.find("a")
        assert found is not None
        versions.append(found.version)
    assert versions[0] != versions[1]


def test_of_many_who_create_one_wins(store: S3Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda i: store.create("claim", str(i).encode()), range(8)))
    assert won.count(True) == 1
    assert store.read("claim") == str(won.index(True)).encode()


def test_of_many_who_replace_a_version_one_wins(store: S3Store) -> None:
    store.write("claim", b"before")
    found = store.find("claim")
    assert found is not None
    with ThreadPoolExecutor(8) as pool:
        written = pool.map(
            lambda i: store.replace("claim", str(i).encode(), found.version), range(8)
        )
        won = list(written)
    assert won.count(True) == 1
    assert store.read("claim") == str(won.index(True)).encode()
    assert not store.replace("claim", b"late", found.version)
    assert not store.replace("nothing", b"there", found.version)


def test_who_wins_knows_it_even_where_the_answer_is_lost(faults: Emulated, store: S3Store) -> None:
    faults.fail([Rule(service="s3", method="PUT", path="claim", do="lose")])
    assert store.create("claim", b"mine")
    assert faults.failed() == [1]
    assert not store.create("claim", b"another's")


def test_an_earlier_version_can_be_read(
    aws: Emulated, bucket: str, store: S3Store, tmp_path: Path
) -> None:
    put = aws.client("s3").put_object
    first = put(Bucket=bucket, Key="some/prefix/a", Body=b"first")["VersionId"]
    put(Bucket=bucket, Key="some/prefix/a", Body=b"second")
    store.download("a", tmp_path / "a", first)
    assert (tmp_path / "a").read_bytes() == b"first"


def test_what_arrives_damaged_is_refused(
    aws: Emulated, bucket: str, store: S3Store, tmp_path: Path
) -> None:
    aws.client("s3").put_object(
        Bucket=bucket, Key="some/prefix/a", Body=b"damaged", Metadata={"sha256": "0" * 64}
    )
    with pytest.raises(RunError, match="a: what arrived is not what was uploaded; try again"):
        store.download("a", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_object_is_named(store: S3Store, bucket: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"s3://{bucket}/some/prefix/no: there is no such object"):
        store.download("no", tmp_path / "no")


@pytest.mark.parametrize(
    "use",
    [
        lambda store, path: store.list(),
        lambda store, path: store.read("a"),
        lambda store, path: store.write("a", b""),
        lambda store, path: store.create("a", b""),
        lambda store, path: store.download("a", path / "a"),
        lambda store, path: store.upload(Path(__file__), "a"),
    ],
    ids=["list", "read", "write", "create", "download", "upload"],
)
def test_a_missing_bucket_is_named(
    program: pytest.MonkeyPatch, tmp_path: Path, use: Callable[[S3Store, Path], Any]
) -> None:
    with pytest.raises((InputError, RunError), match="there is no bucket no-such-bucket"):
        use(open_store("s3://no-such-bucket"), tmp_path)


def test_an_address_names_a_bucket() -> None:
    with pytest.raises(InputError, match="name a bucket"):
        open_store("s3://")


def test_a_denial_says_what_is_lacking(
    aws: Emulated, bucket: str, program: pytest.MonkeyPatch
) -> None:
    key, secret = user(aws, "reader", "s3:GetObject", bucket)
    program.setenv("AWS_ACCESS_KEY_ID", key)
    program.setenv("AWS_SECRET_ACCESS_KEY", secret)
    forget_clients()
    with pytest.raises(
        InputError, match=r"access denied .*s3:PutObject.*lacks a permission"
    ) as told:
        open_store(f"s3://{bucket}").write("a", b"x")
    assert secret not in str(told.value)


def test_the_profile_decides_region_credentials_and_endpoint(
    aws: Emulated, bucket: str, program: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in aws.variables:
        if name.startswith("AWS_"):
            program.delenv(name)
    config = tmp_path / "config"
    config.write_text(
        f"[profile fraud]\nregion = {REGION}\nendpoint_url = {aws.url}\n"
        "aws_access_key_id = test\naws_secret_access_key = test\n"
    )
    program.setenv("AWS_CONFIG_FILE", str(config))
    program.setenv("AWS_PROFILE", "fraud")
    forget_clients()
    store = open_store(f"s3://{bucket}")
    store.write("a", b"x")
    assert store.read("a") == b"x"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"AWS_PROFILE": "nobody"}, r"profile \(nobody\).*set AWS_PROFILE to one"),
        ({"AWS_ACCESS_KEY_ID": None}, "no AWS credentials were found; run `aws configure`"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "check the network and AWS_ENDPOINT_URL"),
    ],
    ids=["profile", "credentials", "endpoint"],
)
def test_what_is_not_set_up_says_how_to_set_it_up(
    program: pytest.MonkeyPatch, change: dict[str, str | None], message: str
) -> None:
    program.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name, value in change.items():
        if value is None:
            program.delenv(name)
            program.delenv("AWS_SECRET_ACCESS_KEY")
        else:
            program.setenv(name, value)
    program.setattr("aws.clients._CONFIG", Config(connect_timeout=1))
    program.setattr("aws.clients._TRIES", 1)
    forget_clients()
    with pytest.raises((InputError, RunError), match=message):
        open_store("s3://bucket").read("a")


@pytest.mark.parametrize(
    "rule",
    [
        Rule(service="s3", times=3, code="SlowDown", status=503),
        Rule(service="s3", times=3, code="InternalError", status=500),
        Rule(service="s3", times=2, do="lose"),
    ],
    ids=["throttled", "500", "answer lost"],
)
def test_passing_failures_are_not_noticed(
    faults: Emulated, store: S3Store, big: Path, tmp_path: Path, rule: Rule
) -> None:
    faults.fail([rule])
    sha256 = store.upload(big, "big.bin")
    faults.fail([rule])
    assert store.download("big.bin", tmp_path / "back.bin") == sha256
    assert faults.failed() == [rule.times]


def test_a_download_that_is_cut_goes_on(
    faults: Emulated, store: S3Store, big: Path, tmp_path: Path
) -> None:
    sha256 = store.upload(big, "big.bin")
    faults.fail([Rule(service="s3", method="GET", path="big.bin", do="cut", times=2)])
    assert store.download("big.bin", tmp_path / "back.bin") == sha256
    assert faults.failed() == [2]


def test_a_version_whose_download_is_cut_is_read_once(
    faults: Emulated, aws: Emulated, bucket: str, store: S3Store, tmp_path: Path
) -> None:
    """The emulator leaves the range of a version out of account, as any server may."""
    content = b"".join(str(i).encode() for i in range(400_000))
    put = aws.client("s3").put_object
    version = put(Bucket=bucket, Key="some/prefix/a", Body=content)["VersionId"]
    faults.fail([Rule(service="s3", method="GET", path="prefix/a", do="cut", times=2)])
    assert store.download("a", tmp_path / "a", version) == hashlib.sha256(content).hexdigest()
    assert faults.failed() == [2]


def test_an_object_replaced_between_two_parts_is_not_mixed(
    faults: Emulated, aws: Emulated, bucket: str, store: S3Store, tmp_path: Path
) -> None:
    aws.client("s3").put_object(Bucket=bucket, Key="some/prefix/a", Body=b"1" * _MB)
    cut = Rule(service="s3", method="GET", path="prefix/a", do="cut")
    slow = Rule(service="s3", method="GET", path="prefix/a", do="slow", seconds=1.0)
    faults.fail([cut, slow])
    with ThreadPoolExecutor(1) as pool:
        got = pool.submit(store.download, "a", tmp_path / "a")
        wait_for("the second request", lambda: faults.failed() == [1, 1])
        aws.client("s3").put_object(Bucket=bucket, Key="some/prefix/a", Body=b"2" * _MB)
        with pytest.raises(RunError, match="was replaced meanwhile; try again"):
            got.result()
    assert list(tmp_path.iterdir()) == []


def test_silence_is_not_waited_for_for_ever(
    faults: Emulated, store: S3Store, aws: Emulated
) -> None:
    store.write("a", b"x")
    config = Config(read_timeout=0.3, retries={"mode": "standard", "max_attempts": 3})
    impatient = S3Store(store.bucket, store.prefix, boto3.client("s3", config=config))
    faults.fail([Rule(service="s3", method="GET", do="slow", seconds=1.0, times=1)])
    assert impatient.read("a") == b"x"
    faults.fail([Rule(service="s3", method="GET", do="slow", seconds=1.0, times=9)])
    with pytest.raises(RunError, match=r"some/prefix/a: .*[Tt]imeout"):
        impatient.read("a")


def test_failure_without_end_is_told_with_its_code(faults: Emulated, store: S3Store) -> None:
    impatient = S3Store(
        store.bucket, store.prefix,
        boto3.client("s3", config=Config(retries={"mode": "standard", "max_attempts": 2})),
    )  # fmt: skip
    faults.fail([Rule(service="s3", times=100)])
    with pytest.raises(RunError, match="some/prefix/a: SlowDown"):
        impatient.write("a", b"x")


def user(aws: Emulated, name: str, action: str, bucket: str) -> tuple[str, str]:
    """Make a user with one permission; return key and secret."""
    iam = aws.client("iam")
    unique = f"{name}-{next(_numbers)}"
    iam.create_user(UserName=unique)
    statement = {"Effect": "Allow", "Action": action, "Resource": f"arn:aws:s3:::{bucket}*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=unique, PolicyName="one", PolicyDocument=policy)
    made = iam.create_access_key(UserName=unique)["AccessKey"]
    assert re.fullmatch("[A-Z0-9]{16,}", made["AccessKeyId"])
    return made["AccessKeyId"], made["SecretAccessKey"]

"""POST /infer: what is asked, what is answered, and what is remembered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aws.infer.service import Service
from engine.lake import RunPaths
from engine.realtime.coding import decode
from engine.realtime.profile import Profile
from engine.realtime.store import Change, Pointer, StoreError
from tests.aws.infer_service import NOW, ask, handled_by, service_of, small_run

pytestmark = pytest.mark.slow

PAYMENT = {"sender": "alice", "receiver": "bob", "amount": 250.5}


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    return small_run(tmp_path_factory.mktemp("run"))


@pytest.fixture
def service(paths: RunPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    service = service_of(paths, tmp_path)
    with handled_by(service, monkeypatch):
        yield service


def infer(**changes: Any) -> dict[str, Any]:
    status, answer = ask("POST", "/infer", PAYMENT | changes)
    assert status == 200, answer
    return dict(answer)


def profile(service: Service, account: str) -> Profile:
    return decode(service.store.read([account]).profiles[account].body)


def test_an_answer_has_all_that_is_promised(service: Service) -> None:
    answer = infer()
    assert answer.keys() == {
        "transaction_id", "risk", "base_risk", "band", "scores", "reasons", "rings", "alert",
        "recorded", "model_version", "run_id",
    }  # fmt: skip
    assert answer["run_id"] == "rings"
    assert answer["scores"].keys() == {"rule", "anomaly", "fraud_probability"}
    assert answer["scores"]["fraud_probability"] is None  # no labels, no model
    assert answer["recorded"] is True
    assert answer["alert"] == "off"
    assert answer["rings"] == []


def test_both_accounts_remember_a_transaction(service: Service) -> None:
    infer()
    assert (profile(service, "alice").out.n, profile(service, "bob").into.cents) == (1, 25050)
    infer()
    assert profile(service, "alice").out.n == 2
    assert profile(service, "alice").out.distinct == 1
    assert profile(service, "alice").out.last == NOW


def test_a_transaction_that_is_not_recorded_leaves_no_trace(service: Service) -> None:
    answer = infer(record=False, transaction_id="t")
    assert answer["recorded"] is False
    assert service.store.read(["alice", "bob"], "t").profiles == {}
    assert service.store.read([], "t").answer is None


def test_the_same_id_gets_the_same_answer_and_counts_once(service: Service) -> None:
    first = infer(transaction_id="t-1")
    assert infer(transaction_id="t-1") == first
    assert profile(service, "alice").out.n == 1


def test_the_same_id_for_another_transaction_is_refused(service: Service) -> None:
    infer(transaction_id="t-1")
    status, problem = ask("POST", "/infer", PAYMENT | {"transaction_id": "t-1", "amount": 1.0})
    assert (status, problem["error"]) == (409, "repeated")
    assert profile(service, "alice").out.n == 1


def test_a_writer_that_was_first_is_not_overwritten(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, calls = service.store.commit, []

    def second(changes: Any, answered: Any = None) -> bool:
        calls.append(1)
        if len(calls) == 1:  # somebody else is first with the same accounts
            assert commit(changes)
        return commit(changes, answered)

    monkeypatch.setattr(service.store, "commit", second)
    assert infer()["recorded"] is True
    assert len(calls) == 2
    assert profile(service, "alice").out.n == 2


def test_a_score_stands_where_it_cannot_be_recorded(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.store, "commit", lambda *_: False)
    assert infer()["recorded"] is False


def test_members_of_a_ring_are_named_with_role_and_side(service: Service) -> None:
    scorer, _ = service.in_use()
    account, (one, *_) = next(iter(scorer.members.items()))
    answer = infer(receiver=account)
    assert {"ring_id": one.ring_id, "typology": one.typology, "role": one.role,
            "score": one.score, "side": "receiver"} in answer["rings"]  # fmt: skip
    assert answer["risk"] > answer["base_risk"]
    assert any(reason["code"] == "ring_receiver" for reason in answer["reasons"])


def test_a_round_high_amount_gives_its_reasons(service: Service) -> None:
    scorer, _ = service.in_use()
    reasons = {reason["code"]: reason for reason in infer(amount=5_000_000)["reasons"]}
    assert reasons["high_amount"]["value"] == 5_000_000
    assert reasons["high_amount"]["threshold"] == scorer.amount_limit
    assert reasons["round_amount"]["threshold"] == 1000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", 0), ("amount", -1), ("amount", 1.1e13), ("amount", "12"), ("amount", None),
        ("amount", True), ("sender", ""), ("sender", "   "), ("sender", "a\nb"), ("sender", 7),
        ("sender", "a" * 201), ("receiver", None), ("receiver", "\ud800"), ("time", "yesterday"),
        ("time", "2026-02-30T00:00:00Z"), ("time", 1_700_000_000), ("time", "2200-01-01T00:00:00Z"),
        ("type", "T" * 41), ("sender_balance", -0.01), ("record", "yes"), ("transaction_id", ""),
        ("colour", "red"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_accepted_is_named(
    service: Service, field: str, value: object
) -> None:
    status, problem = ask("POST", "/infer", PAYMENT | {field: value})
    assert (status, problem["error"]) == (422, "invalid")
    assert [one["field"] for one in problem["fields"]] == [field]
    assert problem["fields"][0]["message"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-31T10:00:00Z", 1_769_853_600), ("2026-01-31T10:00:00", 1_769_853_600),
        ("2026-01-31t12:00:00.9+02:00", 1_769_853_600), ("1969-12-31T23:59:59Z", -1),
    ],
)  # fmt: skip
def test_a_time_may_have_a_zone_and_is_utc_without(
    service: Service, text: str, seconds: int
) -> None:
    infer(time=text)
    assert profile(service, "alice").out.last == seconds


@pytest.mark.parametrize("body", ["", "{", '{"amount": NaN}', "[" * 100_000])
def test_what_is_no_json_is_malformed(service: Service, body: str) -> None:
    status, problem = ask("POST", "/infer", body)
    assert (status, problem["error"]) in [(400, "malformed"), (413, "too_large")]


def test_what_is_json_and_no_object_is_invalid(service: Service) -> None:
    for body in ("[]", "null", '"text"', "12"):
        assert ask("POST", "/infer", body)[0] == 422


def test_other_paths_methods_media_and_sizes_are_told_apart(service: Service) -> None:
    assert ask("GET", "/nowhere")[0] == 404
    assert ask("GET", "/infer")[0] == 405
    assert ask("POST", "/health", {})[0] == 405
    assert ask("POST", "/infer", PAYMENT, media="text/csv")[0] == 415
    assert ask("POST", "/infer", PAYMENT, media=None)[0] == 200
    assert ask("POST", "/infer", PAYMENT, media="application/json; charset=utf-8")[0] == 200
    assert ask("POST", "/infer", json.dumps(PAYMENT) + " " * 65_536)[0] == 413


def test_health_says_what_scores(service: Service) -> None:
    status, health = ask("GET", "/health")
    assert (status, health["status"], health["run_id"]) == (200, "ok", "rings")
    assert health["model_version"] == infer()["model_version"]


def test_before_a_run_is_published_nothing_is_scored(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.store, "pointer", lambda: None)
    status, problem = ask("POST", "/infer", PAYMENT)
    assert (status, problem["error"]) == (503, "no_model")
    assert ask("GET", "/health")[0] == 503


def test_a_store_that_does_not_answer_is_told_without_its_secrets(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise StoreError("table x of account 1234 does not answer")

    monkeypatch.setattr(service.store, "read", fails)
    status, problem = ask("POST", "/infer", PAYMENT)
    assert (status, problem["error"]) == (503, "unavailable")
    assert "1234" not in problem["message"]


def test_a_damaged_profile_is_no_crash(service: Service) -> None:
    service.store.commit({"alice": Change(b"\x09")})
    assert ask("POST", "/infer", PAYMENT)[0] == 503


def test_another_run_is_used_within_a_minute_and_a_missing_one_never(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = infer()["model_version"]
    service.store.point(Pointer("gone", "runs/gone/scorer.npz", "0" * 12, "2027"))
    service._checked = float("-inf")
    assert infer()["model_version"] == version  # what is in use stays in use
    assert ask("GET", "/health")[1]["run_id"] == "rings"


def test_no_account_is_logged(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="ringleader.infer"):
        infer(sender="DE89370400440532013000", transaction_id="t-1")
    (line,) = [json.loads(record.message) for record in caplog.records]
    assert line["transaction_id"] == "t-1"
    assert "DE89370400440532013000" not in caplog.text
    assert line["milliseconds"] > 0


def test_the_document_names_every_answer_with_one_schema_of_problems(service: Service) -> None:
    status, document = ask("GET", "/openapi.json")
    assert (status, document["openapi"]) == (200, "3.1.0")
    operations = {path: next(iter(methods.values())) for path, methods in document["paths"].items()}
    assert operations.keys() == {"/infer", "/explain", "/health", "/openapi.json"}
    asked = {"200", "400", "401", "403", "404", "405", "409", "413", "415", "422", "429", "500",
             "503"}  # fmt: skip
    assert set(operations["/infer"]["responses"]) == asked
    for operation in operations.values():
        for answered, told in operation["responses"].items():
            schema = told["content"]["application/json"]["schema"]
            is_problem = schema.get("$ref") == "#/components/schemas/Problem"
            assert is_problem == (answered != "200")

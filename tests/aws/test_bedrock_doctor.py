"""The doctor of language models: how long they are there, and whether they answer."""

from __future__ import annotations

from datetime import date

import pytest

from aws import doctor
from aws.bedrock.lifecycle import health
from aws.bedrock.settings import Model, Settings
from tests.aws.bedrock_double.server import Double

TODAY = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def haiku(monkeypatch: pytest.MonkeyPatch) -> None:
    """One model is named."""
    monkeypatch.setenv("RINGLEADER_BEDROCK_MODEL", "us.anthropic.claude-haiku-5-5")
    monkeypatch.delenv("RINGLEADER_BEDROCK_FALLBACKS", raising=False)


@pytest.mark.parametrize(
    ("model", "is_right", "words"),
    [
        (
            "us.anthropic.claude-haiku-5-5", True,
            "active until 2097-10-07 at least; runs in us-east-1, us-west-2",
        ),
        ("anthropic.claude-haiku-5-5", True, "active until 2097-10-07 at least"),
        (
            "us.anthropic.claude-sonnet-5-5", True,
            "active; no end is announced; runs in us-east-1, us-east-2",
        ),
        (
            "anthropic.claude-3-haiku-20240307-v1:0", False,
            "ended on 2026-09-10: choose another model",
        ),
        (
            "anthropic.claude-haiku-4-5-20251001-v1:0", False,
            "being retired: active only until 2099-01-02",
        ),
    ],
)  # fmt: skip
def test_a_models_end_is_told(double: Double, model: str, is_right: bool, words: str) -> None:
    (found,) = health(Settings((Model(model),)), TODAY)
    assert (found.is_right, found.words) == (is_right, words)


def test_an_end_that_is_near_is_a_warning(double: Double) -> None:
    (found,) = health(Settings((Model("anthropic.claude-haiku-5-5"),)), date(2097, 10, 1))
    assert not found.is_right
    assert found.words == "active until 2097-10-07 at least, in 6 days: choose another model"


def test_a_model_that_bedrock_does_not_know_is_wrong(double: Double) -> None:
    (found,) = health(Settings((Model("us.nobody.model-1"),)), TODAY)
    assert not found.is_right
    assert "us.nobody.model-1 is not known" in found.words


def test_the_doctor_warms_a_model(double: Double, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main(["--warm"]) == 0
    told = capsys.readouterr().out
    assert "ok      us.anthropic.claude-haiku-5-5: active until" in told
    assert "answers by schema" in told


def test_without_a_model_the_doctor_says_who_writes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RINGLEADER_BEDROCK_MODEL", raising=False)
    monkeypatch.delenv("RINGLEADER_BEDROCK_FALLBACKS", raising=False)
    assert doctor.main([]) == 0
    assert "the template writes" in capsys.readouterr().out

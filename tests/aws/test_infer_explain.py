"""Explanations: facts go in without names, and only texts whose numbers are facts come out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from aws.infer import quick_clients
from aws.infer.explain import explained, facts, template
from aws.infer.figures import strangers
from aws.infer.models import InferAnswer, InferRequest, ReasonOut, RingOut, Scores

REQUEST = InferRequest.model_validate(
    {"sender": "ACC-77001", "receiver": "ACC-88002", "amount": 12_500.0, "type": "TRANSFER"}
)
ANSWER = InferAnswer(
    transaction_id="t", risk=0.9312, base_risk=0.8123, band="Critical",
    scores=Scores(rule=0.5, anomaly=0.991, fraud_probability=0.874),
    reasons=[
        ReasonOut(code="model", text="The model gives it a fraud probability of 87.4%",
                  value=0.874, threshold=0.5, contribution=None),
        ReasonOut(code="high_amount", text="The amount is above 95% of all amounts",
                  value=12_500.0, threshold=9_321.5, contribution=None),
    ],
    rings=[RingOut(ring_id="R00007", typology="fan_in", role="mule", score=0.62, side="sender")],
    alert="off", recorded=False, model_version="abc", run_id="r",
)  # fmt: skip
GOOD = (
    "The transfer of 12,500 is critical at a risk of 0.93: the model sees 87% fraud, and the "
    "sender is a mule of ring R00007."
)


class Bedrock:
    """Stands in for Bedrock's runtime."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def converse(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"output": {"message": {"content": [{"text": answer}]}}}


def bedrock(monkeypatch: pytest.MonkeyPatch, *answers: str | Exception) -> Bedrock:
    model = Bedrock(*answers)
    monkeypatch.setattr(quick_clients, "quick_client", lambda *_: model)
    return model


def test_without_a_model_the_template_answers() -> None:
    found = explained(ANSWER, REQUEST, "")
    assert (found.source, found.why) == ("template", "no language model is set up")
    assert found.text == template(ANSWER)
    assert found.scored == ANSWER


def test_a_text_of_facts_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    bedrock(monkeypatch, GOOD)
    found = explained(ANSWER, REQUEST, "some-model")
    assert (found.source, found.text) == ("bedrock", GOOD)


def test_the_model_is_asked_without_what_claude_5_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    model = bedrock(monkeypatch, GOOD)
    explained(ANSWER, REQUEST, "some-model")
    assert model.asked[0]["inferenceConfig"].keys() == {"maxTokens"}


def test_a_failure_is_named_as_aws_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = ClientError({"Error": {"Code": "AccessDeniedException"}}, "Converse")
    bedrock(monkeypatch, denied, denied)
    found = explained(ANSWER, REQUEST, "some-model")
    assert (found.source, found.text) == ("template", template(ANSWER))
    assert found.why == "the language model did not answer (AccessDeniedException)"


def test_the_model_is_told_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    model = bedrock(monkeypatch, GOOD)
    explained(ANSWER, REQUEST, "some-model")
    told = json.dumps(model.asked)
    assert "ACC-77001" not in told
    assert "ACC-88002" not in told
    assert model.asked[0]["modelId"] == "some-model"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("The risk is 0.97.", "numbers"),
        ("It was seen 14 times before.", "numbers"),
        ("It was seen fourteen times before.", "numbers"),
        ("The sender is a mule of ring R99999.", "numbers"),
        ("The sender sent 5 lakh.", "numbers"),
        ("ACC-77001 is suspicious.", "names accounts"),
        ("", "empty"),
        ("word " * 400, "too long"),
    ],
)
def test_a_text_that_cannot_be_trusted_is_replaced_and_says_why(
    monkeypatch: pytest.MonkeyPatch, text: str, why: str
) -> None:
    bedrock(monkeypatch, text)
    found = explained(ANSWER, REQUEST, "some-model")
    assert found.source == "template"
    assert why in found.why
    assert found.text == template(ANSWER)


def test_one_quick_failure_is_tried_again_and_a_second_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bedrock(monkeypatch, ValueError("throttled"), GOOD)
    assert explained(ANSWER, REQUEST, "some-model").source == "bedrock"
    model = bedrock(monkeypatch, ValueError("1"), ValueError("2"), GOOD)
    assert explained(ANSWER, REQUEST, "some-model").source == "template"
    assert len(model.asked) == 2


def test_numbers_may_be_rounded_and_written_as_percentages() -> None:
    given_facts = facts(ANSWER, REQUEST)
    assert strangers("0.93, 0.9312, 87.4%, 87%, 12,500.00, 0.62 and 62 %", given_facts) == []
    assert strangers("0.94", given_facts) == ["0.94"]
    assert strangers("12,501", given_facts) == ["12,501"]


@pytest.mark.parametrize(
    "text",
    [
        "ring R00007's mule (R00007)", "**0.93**", "12.5k", "12.5 thousand", "0.125 lakh",
        "12.5 K, of course", "87 percent", "87 per cent", "87.4 percent.", "one of the accounts",
        "about two days", "a second time", "1,25,00,000", "1.25 crore", "12.5 million", "12.5M",
        "twelve", "risk 0.93—critical", "24h",
    ],
)  # fmt: skip
def test_facts_may_be_written_in_other_ways(text: str) -> None:
    more = {"text": "12 within two days, 24h", "value": 12_500_000}
    assert strangers(text, [facts(ANSWER, REQUEST), more]) == []


@pytest.mark.parametrize(
    "text",
    [
        "R99999", "r00007", "R00007a", "R-00007", "ring 7", "#5", "5k", "12,500k", "12,500 lakh",
        "12.5 lakh", "1 lakh", "0.5 million", "0.93m", "0.93 crore", "2 hundred", "12.5%",
        "0.5%", "0.93 percent", "twelve", "two", "Two accounts", "a dozen", "twenty-five",
        "five lakh", "hundreds", "a thousand", "millions", "half of it", "twice", "1", "1.0",
        "-0.93", "−0.93", ".93", "0.62-0.93", "1e5", "24h", "3rd", "½", "$12,500", "62/100",
        "12.500", "1,2,5,0,0", "0.93.1", "０.94", "two hundred", "100 %",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_fact_is_none(text: str) -> None:
    assert strangers(text, facts(ANSWER, REQUEST)) != []


def test_words_in_a_row_are_a_fact_only_as_they_stand_there() -> None:
    told = {"text": "two hundred accounts", "value": 5}
    assert strangers("Two hundred accounts, five of them new.", told) == []
    assert strangers("two", told) == ["two"]
    assert strangers("five hundred", told) == ["five hundred"]
    assert strangers("5 hundred", told) == ["5 hundred"]


@given(st.integers(-(10**9), 10**9))
def test_a_number_that_is_no_fact_is_found(number: int) -> None:
    given_facts = {"one": float(number)}
    assert strangers(f"It is {number:,}.", given_facts) == []
    assert strangers(f"It is {number + 1:,}.", given_facts) != []


def test_the_template_has_facts_alone() -> None:
    assert strangers(template(ANSWER), facts(ANSWER, REQUEST)) == []

"""Models that are asked through boto3's own client: every way they answer, and fail to."""

from __future__ import annotations

import time

import pytest

from aws.bedrock.author import Author, Memory
from aws.bedrock.breaker import Breaker
from aws.bedrock.failures import Failure, ModelFailure, NothingMoreError, PassingFailure
from aws.bedrock.prompt import question
from aws.bedrock.settings import Model, Settings, Way
from engine.formats import PLAIN
from engine.narrative.draft import Draft
from engine.narrative.ledger import Fact, Ledger
from engine.narrative.verdict import Usage
from tests.aws.bedrock_double.server import Double

HAIKU = Model("us.anthropic.claude-haiku-5-5", is_quiet=True, max_tokens=3000)


def ledger() -> Ledger:
    """Three facts about two accounts that have their pseudonyms already."""
    facts = (
        Fact("F1", "ring.accounts", "count", 2, "", "accounts", "who", True),
        Fact("F2", "account.out_amount", "amount", 98_000_000, "INR", "money sent", "what", True,
             ("ACCT-01",)),
        Fact("F3", "check.rent", "text", "no rent was paid", "", "look-alike", "counter"),
    )  # fmt: skip
    return Ledger("run", "A1", "R1", "fan_in", "INR", "0" * 64, "0" * 64, "0", facts)


ASKED = question(ledger(), PLAIN)


class Purse:
    """An account of the money."""

    def __init__(self, cap: float, spent: float = 0.0) -> None:
        self.cap, self.spent = cap, spent
        self.added: list[Usage] = []

    def daily_cap(self) -> float:
        return self.cap

    def spent_today(self) -> float:
        return self.spent

    def add(self, usage: Usage) -> None:
        self.added.append(usage)


def author(seconds: float = 60.0, memory: Memory | None = None, **more: object) -> Author:
    settings = Settings((HAIKU,), seconds, silence=min(seconds, 5.0))
    return Author(settings, memory=memory or Memory(), pause=lambda _: None, **more)  # type: ignore[arg-type]


def is_whole(draft: Draft) -> bool:
    told = {one for sentence in draft.sentences() for one in sentence.fact_ids}
    return told == {"F1", "F2", "F3"}


def ways(double: Double) -> list[str]:
    return [call.way for call in double.calls]


def test_a_good_answer_is_read_and_paid_for(double: Double) -> None:
    asking = author()
    draft = asking.write(HAIKU, ASKED)
    assert is_whole(draft)
    assert draft.advice is not None
    assert draft.advice.band == "high"
    usage = asking.usage()
    assert (usage.model, usage.rung, usage.calls) == (HAIKU.model_id, "schema", 1)
    assert usage.input_tokens > 100 < usage.output_tokens
    expected = 1.1 * (0.1 * usage.input_tokens + 0.5 * usage.output_tokens) / 1e6
    assert usage.cost_usd == pytest.approx(expected)


def test_no_sampling_is_sent_thinking_is_off_and_tokens_are_bounded(double: Double) -> None:
    author().write(HAIKU, ASKED)
    (call,) = double.calls
    assert call.request["inferenceConfig"] == {"maxTokens": 3000}
    assert call.request["additionalModelRequestFields"] == {"thinking": {"type": "disabled"}}


def test_prose_is_told_as_it_comes(double: Double) -> None:
    seen: list[str] = []
    author().write(HAIKU, ASKED, seen.append)
    assert len(seen) > 5
    assert seen[-1].startswith("Accounts: 2.\n\n")
    assert "Money sent of ACCT-01: ₹9,80,000." in seen[-1]
    assert not any(sign in seen[-1] for sign in '{}"')


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("thinking", ["schema"]),
        ("always-thinking", ["schema", "schema"]),
        ("malformed", ["schema", "schema"]),
        ("throttled", ["schema"] * 3),
        ("mid-stream", ["schema"] * 2),
        ("cut", ["schema"] * 2),
        ("corrupt", ["schema"] * 2),
        ("no-schema", ["schema", "tool"]),
        ("no-forced-tool", ["schema", "tool", "offer"]),
        ("text-only", ["schema", "tool", "offer", "text"]),
    ],
)
def test_what_can_be_mended_is(double: Double, scenario: str, expected: list[str]) -> None:
    double.play(scenario)
    assert is_whole(author().write(HAIKU, ASKED))
    assert ways(double) == expected


def test_what_a_model_refuses_is_remembered(double: Double) -> None:
    memory = Memory()
    double.play("no-forced-tool")
    author(memory=memory).write(HAIKU, ASKED)
    author(memory=memory).write(HAIKU, ASKED)
    assert ways(double) == ["schema", "tool", "offer", "offer"]


def test_an_answer_that_was_cut_keeps_its_whole_sentences(double: Double) -> None:
    double.play("max-tokens")
    draft = author().write(HAIKU, ASKED)
    assert draft.sentences()
    assert all(one.text.endswith(".") and one.fact_ids for one in draft.sentences())


@pytest.mark.parametrize(
    ("scenario", "failure", "words", "calls"),
    [
        ("malformed-always", ModelFailure, "in a form that cannot be read", 2),
        ("throttled-always", PassingFailure, "ThrottlingException", 4),
        ("outage", PassingFailure, "ServiceUnavailableException", 4),
        ("mid-stream-always", PassingFailure, "modelStreamErrorException", 4),
        ("cut-always", PassingFailure, "broke off", 4),
        ("refusal", NothingMoreError, "declined", 1),
        ("guardrail", NothingMoreError, "declined", 1),
        ("denied", ModelFailure, "AccessDeniedException", 1),
        ("ended", ModelFailure, "end of its life", 1),
    ],
)
def test_what_cannot_be_mended_ends_soon_and_says_why(
    double: Double, scenario: str, failure: type[Failure], words: str, calls: int
) -> None:
    double.play(scenario)
    with pytest.raises(failure, match=words):
        author().write(HAIKU, ASKED)
    assert len(double.calls) == calls


@pytest.mark.parametrize(
    ("scenario", "words"), [("slow", "silent for too long"), ("trickle", "took too long")]
)
def test_a_slow_answer_is_given_up(double: Double, scenario: str, words: str) -> None:
    double.play(scenario)
    began = time.monotonic()
    with pytest.raises(Failure, match=words):
        author(seconds=0.4).write(HAIKU, ASKED)
    assert time.monotonic() - began < 2
    assert len(double.calls) == 1


def test_what_came_before_a_stream_broke_is_accounted(double: Double) -> None:
    double.play("cut-always")
    asking = author()
    with pytest.raises(PassingFailure):
        asking.write(HAIKU, ASKED)
    assert asking.input_tokens > 100
    assert asking.output_tokens > 0


def test_nothing_is_asked_that_could_pass_the_daily_limit(double: Double) -> None:
    with pytest.raises(NothingMoreError, match=r"limit .* is reached: 1.00 of 1.00 US dollars"):
        author(spend=Purse(1.0, 0.9999)).write(HAIKU, ASKED)
    assert double.calls == []


def test_a_model_without_a_price_is_not_asked_where_there_is_a_limit(double: Double) -> None:
    strange = Model("eu.nobody.knows-me-1")
    with pytest.raises(ModelFailure, match=r"price of eu\.nobody\.knows-me-1 is not known"):
        author(spend=Purse(1.0)).write(strange, ASKED)
    asking = author()
    assert is_whole(asking.write(strange, ASKED))
    assert asking.usage().cost_usd is None


def test_a_model_that_keeps_failing_is_left_alone_and_tried_again_later(double: Double) -> None:
    now = [0.0]
    memory = Memory(Breaker(lambda: now[0]))
    double.play("outage")
    for _ in range(3):
        with pytest.raises(PassingFailure):
            author(memory=memory).write(HAIKU, ASKED)
    double.play("good")
    with pytest.raises(ModelFailure, match="left alone for 60 seconds"):
        author(memory=memory).write(HAIKU, ASKED)
    assert double.calls == []
    now[0] = 61.0
    assert is_whole(author(memory=memory).write(HAIKU, ASKED))
    assert memory.breaker.rest(HAIKU.model_id) == 0


def test_the_catalogue_says_how_a_model_is_asked() -> None:
    environment = {
        "RINGLEADER_BEDROCK_MODEL": "us.anthropic.claude-haiku-5-5",
        "RINGLEADER_BEDROCK_FALLBACKS": "us.anthropic.claude-sonnet-5-5, my.own-model",
    }
    haiku, sonnet, own = Settings.read(environment).models
    forced: Way = "tool"
    assert (haiku.is_quiet, haiku.max_tokens) == (True, 3000)
    assert forced not in sonnet.ways
    assert own.ways == ("schema", "tool", "offer", "text")
    assert Settings.read({}).models == ()

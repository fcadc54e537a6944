"""Narratives by a model, from the ledger to verified lines: whatever the model does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from aws.bedrock import author, narrate
from aws.bedrock.author import Memory
from aws.bedrock.settings import Model, Settings
from aws.bedrock.writing import cache_key
from engine.formats import PLAIN
from engine.narrative import ledger
from engine.narrative.draft import Draft, Section, Sentence
from engine.narrative.ledger import sha256
from engine.narrative.pseudonyms import whole_names
from engine.narrative.verdict import Narrative, Usage
from engine.narrative.verify import verify
from tests.aws.bedrock_double.server import Double

HAIKU = Model("us.anthropic.claude-haiku-5-5", is_quiet=True, max_tokens=3000)
SONNET = Model("us.anthropic.claude-sonnet-5-5", ("schema", "offer", "text"))
SETTINGS = Settings((HAIKU,), seconds=20.0)
LEDGER = ledger.read(
    (Path(__file__).parents[1] / "narratives/ledgers/inr-03-fan_in.json").read_text("utf-8")
)
ACCOUNTS = LEDGER.accounts()
AMOUNT = next(one for one in LEDGER.facts if one.kind == "amount" and one.is_key)
LIE = "₹9,12,345.67"


class Notes:
    """A cache and an account of the money, in memory."""

    def __init__(self, cap: float = 1.0) -> None:
        self.cap = cap
        self.kept: dict[str, str] = {}
        self.added: list[Usage] = []

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def put(self, key: str, text: str) -> None:
        self.kept[key] = text

    def daily_cap(self) -> float:
        return self.cap

    def spent_today(self) -> float:
        return sum(usage.cost_usd or 0.0 for usage in self.added)

    def add(self, usage: Usage) -> None:
        self.added.append(usage)


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What models refused in another test is forgotten; nobody waits between tries."""
    monkeypatch.setattr(author, "MEMORY", Memory())
    monkeypatch.setattr(author, "_PAUSE", 0.01)


def origins(narrative: Narrative) -> set[str]:
    return {line.origin for part in narrative.parts for line in part.lines}


def assert_true(narrative: Narrative) -> None:
    """Every line holds against the ledger, looked at once more."""
    assert narrative.ledger_sha256 == sha256(LEDGER)
    draft = Draft(tuple(
        Section(part.role, tuple(Sentence(line.text, line.fact_ids) for line in part.lines))
        for part in narrative.parts
    ))  # fmt: skip
    assert [one.problems for one in verify(draft, LEDGER) if not one.is_verified] == []
    text = narrative.text()
    for wrong in ("ACCT-", "C90017", "Nemo", "evil.example", "Ignore all", "launderer"):
        assert wrong not in text


def test_without_a_model_the_template_writes() -> None:
    found = narrate(LEDGER, settings=Settings())
    assert (found.source, found.why_template) == ("template", "no language model is set up")
    assert found.usage is None


def test_wrong_settings_are_told_and_the_template_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGLEADER_BEDROCK_MODEL", HAIKU.model_id)
    monkeypatch.setenv("RINGLEADER_BEDROCK_SECONDS", "soon")
    found = narrate(LEDGER)
    assert found.source == "template"
    assert "RINGLEADER_BEDROCK_SECONDS is 'soon'" in str(found.why_template)


def test_a_model_writes_with_pseudonyms_and_is_shown_with_names(double: Double) -> None:
    double.play("good")
    notes = Notes()
    seen: list[str] = []
    found = narrate(
        LEDGER, on_text=seen.append, cache=notes, spend=notes, settings=SETTINGS
    )  # fmt: skip
    assert (found.source, found.why_template, found.rejected) == ("model", None, ())
    assert "model" in origins(found)
    assert_true(found)
    assert whole_names(ACCOUNTS).search(found.text())
    told = json.dumps([call.request for call in double.calls], ensure_ascii=False)
    assert not whole_names(ACCOUNTS).search(told)
    assert seen
    assert not whole_names(ACCOUNTS).search(seen[-1])
    (noted,) = notes.added
    assert found.usage == replace(noted, seconds=found.usage.seconds if found.usage else 0)


def test_an_answer_is_paid_for_once(double: Double) -> None:
    double.play("good")
    notes = Notes()
    first = narrate(LEDGER, cache=notes, spend=notes, settings=SETTINGS)
    again = narrate(LEDGER, cache=notes, spend=notes, settings=SETTINGS)
    assert again.parts == first.parts
    assert again.usage is not None
    assert (again.usage.calls, again.usage.cost_usd) == (0, 0.0)
    assert len(double.calls) == len(notes.added) == 1


def test_what_stands_in_the_cache_is_not_believed(double: Double) -> None:
    double.play("stubborn")
    notes = Notes()
    key = cache_key(LEDGER, PLAIN, HAIKU)
    lie = {"role": "what", "sentences": [{"text": f"{LIE} moved.", "facts": [AMOUNT.fact_id]}]}
    first = json.dumps({"sections": [lie], "advice": None})
    notes.put(key, json.dumps({"first": first, "repaired": None, "way": "schema"}))
    found = narrate(LEDGER, cache=notes, settings=SETTINGS)
    assert_true(found)
    assert LIE not in found.text()
    notes.put(key, "{}")
    double.play("good")
    assert narrate(LEDGER, cache=notes, settings=SETTINGS).source == "model"


def test_wrong_numbers_are_put_right_once(double: Double) -> None:
    double.play("wrong-numbers")
    found = narrate(LEDGER, settings=SETTINGS)
    assert_true(found)
    assert found.source == "model"
    assert "repair" in origins(found)
    assert len(double.calls) == 2
    assert found.usage is not None
    assert found.usage.calls == 2


@pytest.mark.parametrize("scenario", ["stubborn", "strange-accounts", "injection"])
def test_what_is_not_true_is_never_shown_as_text(double: Double, scenario: str) -> None:
    double.play(scenario)
    found = narrate(LEDGER, settings=SETTINGS)
    assert_true(found)
    assert found.rejected
    assert all(one.problems for one in found.rejected)
    assert len(double.calls) == 2


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("malformed-always", "in a form that cannot be read"),
        ("throttled-always", "ThrottlingException"),
        ("outage", "ServiceUnavailableException"),
        ("cut-always", "broke off"),
        ("refusal", "declined"),
        ("denied", "AccessDeniedException"),
        ("ended", "end of its life"),
    ],
)
def test_every_failure_ends_in_the_template_and_its_reason(
    double: Double, scenario: str, words: str
) -> None:
    double.play(scenario)
    notes = Notes()
    found = narrate(LEDGER, cache=notes, spend=notes, settings=SETTINGS)
    assert found.source == "template"
    assert words in str(found.why_template)
    assert origins(found) == {"template"}
    assert_true(found)
    assert notes.kept == {}


def test_a_slow_model_is_not_waited_for(double: Double) -> None:
    double.play("slow")
    found = narrate(LEDGER, settings=Settings((HAIKU,), seconds=0.3, silence=0.3))
    assert found.source == "template"
    assert "silent for too long" in str(found.why_template)


def test_a_second_model_takes_the_place_of_the_first(double: Double) -> None:
    double.play("ended")
    found = narrate(LEDGER, settings=Settings((HAIKU, SONNET), seconds=20.0))
    assert found.source == "model"
    assert found.usage is not None
    assert found.usage.model == SONNET.model_id
    assert_true(found)


def test_the_daily_limit_is_kept(double: Double) -> None:
    double.play("good")
    found = narrate(LEDGER, spend=Notes(cap=0.0), settings=SETTINGS)
    assert "today's limit for language models is reached" in str(found.why_template)
    assert double.calls == []


def test_a_reader_who_leaves_has_still_paid(double: Double) -> None:
    double.play("good")
    notes = Notes()

    def leave(text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        narrate(LEDGER, on_text=leave, spend=notes, settings=SETTINGS)
    assert notes.spent_today() > 0

"""From a model's draft to a narrative: kept, repaired, replaced, and completed."""

from __future__ import annotations

from engine.narrative.draft import Advice, Draft, Section, Sentence
from engine.narrative.ledger import sha256
from engine.narrative.settle import settle
from engine.narrative.template import write
from engine.narrative.verdict import Narrative
from engine.narrative.verify import verify
from tests.engine.ledgers import frozen

BOOK = frozen("plain-01-chain")
TRANSFERS = BOOK.of("ring.transfers")[0]
GOOD = Sentence(f"The ring made {TRANSFERS.value} transfers.", (TRANSFERS.fact_id,))
BAD = Sentence("The ring made 987 transfers.", (TRANSFERS.fact_id,))


def lines(narrative: Narrative) -> dict[str, str]:
    return {line.text: line.origin for part in narrative.parts for line in part.lines}


def of(*sentences: Sentence) -> Draft:
    return Draft((Section("what", sentences),))


def test_every_line_is_verified_and_enough_is_told() -> None:
    settled = settle(of(GOOD, BAD), None, BOOK)
    shown = Draft(
        tuple(
            Section(part.role, tuple(Sentence(one.text, one.fact_ids) for one in part.lines))
            for part in settled.parts
        )
    )
    assert all(one.is_verified for one in verify(shown, BOOK))
    assert settled.coverage >= 0.9
    assert settled.ledger_sha256 == sha256(BOOK)
    assert settled.n_checked > 20
    roles = [part.role for part in settled.parts]
    assert (roles[0], roles[-1]) == ("introduction", "conclusion")


def test_a_verified_sentence_of_the_model_stays() -> None:
    settled = settle(of(GOOD), None, BOOK)
    assert settled.source == "model"
    assert lines(settled)[GOOD.text] == "model"
    assert settled.rejected == ()


def test_a_rejected_sentence_is_kept_with_its_reasons_and_never_shown() -> None:
    settled = settle(of(BAD), None, BOOK)
    assert BAD.text not in settled.text()
    (rejected,) = settled.rejected
    assert (rejected.role, rejected.text, rejected.origin) == ("what", BAD.text, "model")
    assert "“987” stands in none of the cited facts" in rejected.problems


def test_a_repair_takes_the_place_of_what_was_rejected() -> None:
    settled = settle(of(BAD), of(GOOD), BOOK)
    assert lines(settled)[GOOD.text] == "repair"
    assert len(settled.rejected) == 1


def test_a_repair_that_fails_too_gives_way_to_the_template() -> None:
    settled = settle(of(BAD), of(BAD), BOOK)
    by_template = {one.text for one in write(BOOK).sentences()}
    assert settled.source == "template"
    assert set(lines(settled)) <= by_template
    assert [one.origin for one in settled.rejected] == ["model", "repair"]


def test_the_template_alone_speaks_where_a_draft_is_empty() -> None:
    settled = settle(Draft(()), None, BOOK)
    assert settled.source == "template"
    assert settled.coverage >= 0.9


def test_only_verified_reasons_of_an_advice_stay() -> None:
    advised = Draft(of(GOOD).sections, Advice("high", (GOOD, BAD)))
    settled = settle(advised, None, BOOK)
    assert settled.advice == Advice("high", (GOOD,))


def test_the_template_itself_settles_whole() -> None:
    settled = settle(write(BOOK), None, BOOK)
    assert settled.rejected == ()
    assert settled.coverage == 1

"""The narrative without a model: its sentences, and that none is missing or unfounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.formats import Style
from engine.narrative.gather import CaseFacts, gather
from engine.narrative.ledger import Ledger, read, sha256
from engine.narrative.narrate import narrate_by_template
from engine.narrative.template import write
from engine.narrative.template_words import duration
from engine.narrative.words import TYPOLOGIES
from tests.small_run import write_small_run

FROZEN = sorted((Path(__file__).parents[1] / "narratives" / "ledgers").glob("*.json"))


def frozen(path: Path) -> Ledger:
    return read(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Return the ledger of the ring of the small run."""
    paths = write_small_run(tmp_path_factory.mktemp("lake"))
    return gather(paths, "A000001", CaseFacts())


def test_the_ring_of_the_small_run_is_told(small: Ledger) -> None:
    texts = [one.text for one in write(small).sentences()]
    assert texts[0] == (
        "Alert A000001 concerns 4 accounts that moved 650 among themselves in 4 transfers from "
        "2026-01-01 00:00 UTC to 2026-01-02 00:00 UTC."
    )
    assert "No earlier alert on these accounts is recorded." in texts
    assert "At 2026-01-01 01:00 UTC, account B sent 200 to account H." in texts
    assert "Account X is the last that the money reached." in texts
    assert "What account H sent is 85.7 % of what it received; the difference is 50." in texts


def test_numbers_and_moments_follow_the_style(small: Ledger) -> None:
    text = " ".join(one.text for one in write(small, Style(zone="Asia/Kolkata")).sentences())
    assert "2026-01-01 05:30 UTC+05:30" in text


def test_there_are_frozen_ledgers_of_all_kinds() -> None:
    ledgers = [frozen(path) for path in FROZEN]
    assert len(ledgers) >= 50
    assert {one.typology for one in ledgers} == set(TYPOLOGIES)
    assert {one.currency for one in ledgers} == {None, "INR", "USD"}
    assert max(int(str(n.value)) for one in ledgers for n in one.of("ring.accounts")) >= 200


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_every_narrative_says_all_key_facts_in_whole_sentences(path: Path) -> None:
    ledger = frozen(path)
    draft = write(ledger)
    cited = {one for sentence in draft.sentences() for one in sentence.fact_ids}
    assert {one.fact_id for one in ledger.facts if one.is_key} <= cited
    assert cited <= {one.fact_id for one in ledger.facts}
    for sentence in draft.sentences():
        assert sentence.fact_ids
        assert sentence.text.endswith(".")
        assert not sentence.text[0].islower()
        assert "{" not in sentence.text
        assert " 1 accounts" not in sentence.text
    roles = [section.role for section in draft.sections]
    assert (roles[0], roles[-1]) == ("introduction", "conclusion")
    assert {"who", "what", "when", "unknown"} <= set(roles)
    has_reasons = any(one.key.startswith(("chance.", "reason.")) for one in ledger.facts)
    assert ("why" in roles) == has_reasons
    assert sum(len(one.text) + 1 for one in draft.sentences()) < 20_000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds"), (1, "1 second"), (61, "1 minute 1 second"), (5400, "1 hour 30 minutes"),
        (86_399, "23 hours 59 minutes"), (86_400, "1 day"),
        (86_400 * 13 + 3600 * 4 + 1700, "13 days 4 hours"),
        (86_400 * 2 - 1799, "1 day 23 hours"),
    ],
)  # fmt: skip
def test_a_duration_has_its_two_largest_whole_units(seconds: int, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
@pytest.mark.parametrize("style", [Style(), Style("indian", "Asia/Kolkata")], ids=("utc", "india"))
def test_every_fixed_sentence_is_borne_out_by_its_facts(path: Path, style: Style) -> None:
    ledger = frozen(path)
    narrative = narrate_by_template(ledger, style)
    assert (narrative.source, narrative.coverage) == ("template", 1.0)
    assert narrative.ledger_sha256 == sha256(ledger)
    assert narrative.n_checked > 20


def test_no_sentence_of_the_program_is_lost(small: Ledger) -> None:
    for ledger in (small, *(frozen(path) for path in FROZEN)):
        assert narrate_by_template(ledger, Style(zone="Asia/Kolkata")).rejected == ()

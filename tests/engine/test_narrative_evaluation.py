"""The figures of the evaluation of narratives, over a sample of the frozen ledgers.

``python -m tests.narratives.evaluate`` gives them over all.
"""

from __future__ import annotations

import pytest

from engine.narrative.draft import Sentence
from tests.narratives.attack import attacks
from tests.narratives.evaluate import Findings, evaluate, table
from tests.narratives.frozen import frozen, names
from tests.narratives.mutation import mutants
from tests.narratives.oracle import unsupported
from tests.narratives.sets import SETS
from tests.narratives.true_sentences import true_sentences

_STEP = 9
_MOST_REJECTED = 0.02
#: Of false sentences by authors who did not know the verifier.
_MOST_ACCEPTED = 0.025


@pytest.fixture(scope="module")
def found() -> Findings:
    return evaluate(names()[::_STEP])


def test_no_unsupported_number_is_shown(found: Findings) -> None:
    assert found.n_lines > 400
    assert found.unsupported == []


def test_nine_in_ten_key_facts_are_told(found: Findings) -> None:
    assert min(found.coverages) >= 0.9


def test_no_sentence_of_an_attack_is_shown(found: Findings) -> None:
    assert found.n_attacks == 20
    assert found.succeeded == {}


def test_true_sentences_beside_an_attack_are_kept(found: Findings) -> None:
    assert found.n_honest == 40
    assert found.honest_lost == []


def test_hardly_a_true_sentence_is_rejected(found: Findings) -> None:
    assert found.n_true >= 200
    assert len(found.rejected) / found.n_true < _MOST_REJECTED


@pytest.mark.parametrize("name", SETS)
def test_sentences_of_others_are_told_apart(found: Findings, name: str) -> None:
    told = found.blind[name]
    assert told.n_true >= 250
    assert told.n_false >= 100
    assert len(told.rejected) / told.n_true < _MOST_REJECTED
    assert len(told.accepted) / told.n_false < _MOST_ACCEPTED


def test_every_changed_digit_is_caught(found: Findings) -> None:
    assert found.n_changed > 2000
    assert found.missed == []


def test_odd_names_of_accounts_break_no_narrative(found: Findings) -> None:
    assert found.n_renamed == 51
    assert found.broken == []


def test_an_attack_holds_what_its_name_says() -> None:
    by_name = {one.name: one for one in attacks()}
    assert any("\u202e" in text for text in by_name["08-rtl-override"].bad)
    assert any(len(text) > 20_000 for text in by_name["06-huge-text"].bad)
    assert all(one.honest and len(one.bad) >= 4 for one in by_name.values())


def test_a_digit_is_changed_at_each_place_once() -> None:
    sentence = Sentence("8 accounts moved ₹12.", ("F1",))
    texts = [one.text for one in mutants(sentence)]
    assert len(texts) == 3
    assert texts[0].endswith("accounts moved ₹12.")
    assert texts[0][0] != "8"
    assert texts[1].startswith("8 accounts moved ₹")


def test_numbers_from_nowhere_are_found_without_the_verifier() -> None:
    ledger = frozen("inr-02-cycle")
    amount = ledger.of("ring.amount")[0].fact_id
    assert unsupported("In all, ₹14,93,160 moved.", (amount,), ledger) == []
    assert unsupported("In all, ₹14.93 lakh moved.", (amount,), ledger) == []
    assert unsupported("In all, ₹14,93,161 moved.", (amount,), ledger) == ["14,93,161"]


def test_true_sentences_are_many_and_cite_facts_of_their_ledger() -> None:
    ledger = frozen("inr-02-cycle")
    told = true_sentences(ledger)
    assert len(told) > 30
    assert all(ledger.fact(one) for sentence in told for one in sentence.fact_ids)
    assert "{" not in "".join(sentence.text for sentence in told)


def test_the_table_names_each_measure(found: Findings) -> None:
    lines = table(found).splitlines()
    assert len(lines) == 9 + 2 * len(SETS)
    assert all(line.count("|") == 4 for line in lines)

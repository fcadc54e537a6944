"""What a sentence claims beside its values: allowed where a cited fact says it, and else not."""

from __future__ import annotations

import pytest

from engine.narrative.draft import Draft, Section, Sentence
from engine.narrative.ledger import Fact, Ledger
from engine.narrative.lexicon import WORDS, is_known, stems
from engine.narrative.verify import verify
from tests.engine.ledgers import frozen

#: Eight accounts in a cycle, eight transfers, in all ₹14,93,160; no explanation fits of four.
CYCLE = frozen("inr-02-cycle")
#: Nine accounts in two groups: ``ring.smallest`` is $699.91, ``ring.largest`` $1,025.20.
BIPARTITE = frozen("usd-00-bipartite")


def problems(ledger: Ledger, text: str, *keys: str) -> tuple[str, ...]:
    """Return what is wrong with a sentence that cites the first fact of each key."""
    ids = tuple(ledger.of(key)[0].fact_id for key in keys)
    return verify(Draft((Section("what", (Sentence(text, ids),)),)), ledger)[0].problems


@pytest.mark.parametrize("word", ["forget", "trusted", "safe", "dirty", "yen", "rahul", "please"])
def test_a_word_that_is_not_listed_is_refused(word: str) -> None:
    assert not is_known(word)
    assert problems(CYCLE, f"There are 8 {word} accounts.", "ring.accounts") == (
        f"“{word}” is no word of a narrative",
    )


def test_a_word_is_known_in_all_its_forms() -> None:
    assert {"move", "carry", "account"} <= WORDS
    assert all(is_known(one) for one in ("moving", "moved", "moves", "carried", "carries"))
    assert set(stems("carried")) >= {"carry"}
    assert not is_known("s")


@pytest.mark.parametrize(
    ("text", "keys", "word"),
    [
        ("The 8 accounts have the same owner.", ("ring.accounts",), "owner"),
        ("In cash, ₹14,93,160 moved.", ("ring.amount",), "cash"),
        ("The 8 accounts form a chain.", ("ring.accounts",), "chain"),
        ("Each of the 8 accounts paid.", ("ring.accounts",), "each"),
        ("The largest transfers are 8.", ("ring.transfers",), "largest"),
        ("The 8 transfers are of a small business.", ("ring.transfers",), "small"),
    ],
)
def test_a_word_that_claims_something_needs_its_fact(
    text: str, keys: tuple[str, ...], word: str
) -> None:
    assert f"no cited fact bears out “{word}”" in problems(CYCLE, text, *keys)


def test_the_same_word_is_fine_with_its_fact() -> None:
    assert problems(CYCLE, "The largest transfer was of ₹2,18,576.", "ring.largest") == ()
    assert problems(CYCLE, "The money followed a cycle.", "ring.typology") == ()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("The smallest transfer was of $1,025.20.", ("ring.largest",)),
        ("The transfers ended on 2026-04-19.", ("ring.start",)),
        ("The largest was $699.91 and the smallest $1,025.20.", ("ring.smallest", "ring.largest")),
        ("Account 1578 received $4,016.48.", ("account.out_amount",)),
        ("It scores 0.500, against a threshold of 1.000.", ("alert.score", "alert.threshold")),
    ],
)  # fmt: skip
def test_a_value_on_the_wrong_side_is_refused(text: str, keys: tuple[str, ...]) -> None:
    assert problems(BIPARTITE, text, *keys)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("More than ₹14,93,160 moved.", ("ring.amount",)),
        ("At least 8 accounts took part.", ("ring.accounts",)),
        ("It began after 2026-03-06.", ("ring.start",)),
    ],
)
def test_a_value_is_no_bound(text: str, keys: tuple[str, ...]) -> None:
    found = problems(CYCLE, text, *keys)
    assert any("is a comparison that no cited fact makes" in one for one in found)


def test_a_number_is_of_what_it_counts() -> None:
    assert problems(CYCLE, "There were 8 transfers.", "ring.transfers") == ()
    assert problems(CYCLE, "There were 8 transfers.", "ring.accounts") == (
        "“8” is no number of transfers",
    )


def test_the_way_of_the_money_is_told_in_its_order() -> None:
    [way] = [one.value for one in CYCLE.of("ring.path")]
    assert isinstance(way, tuple)
    assert problems(CYCLE, f"The money went from {' to '.join(way)}.", "ring.path") == ()
    turned = (way[0], *reversed(way[1:-1]), way[-1])
    [problem] = problems(CYCLE, f"The money went from {' to '.join(turned)}.", "ring.path")
    assert "do not stand in the order of the money" in problem


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Not one of the 8 accounts moved money.", ("ring.accounts",)),
        ("None of 4 explanations was ruled out.", ("check.tested", "check.fitting")),
        ("Of 4 innocent explanations, all 4 apply.", ("check.tested", "check.fitting")),
        ("Rent or standing orders explains it.", ("check.standing_orders",)),
    ],
)
def test_what_is_denied_or_explained_is_a_fact(text: str, keys: tuple[str, ...]) -> None:
    assert problems(CYCLE, text, *keys)


def test_what_the_facts_deny_may_be_denied() -> None:
    keys = ("check.tested", "check.fitting")
    assert problems(CYCLE, "Of 4 innocent explanations, none applies.", *keys) == ()
    text = "Rent or standing orders does not explain it."
    assert problems(CYCLE, text, "check.standing_orders") == ()


def test_a_sentence_does_not_repeat_itself() -> None:
    text = f"The 8 accounts paid{' and then they paid' * 5}."
    assert "“paid and then” is repeated 5 times" in problems(CYCLE, text, "ring.accounts")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("In the whole data, ₹14,93,160 moved.", ("ring.amount",)),
        ("Inside the ring, account 2209 dealt with 21 accounts.", ("history.counterparties",)),
    ],
)
def test_the_ring_and_the_whole_data_are_kept_apart(text: str, keys: tuple[str, ...]) -> None:
    count = CYCLE.of("history.counterparties")[0]
    assert problems(CYCLE, text.replace("21", str(count.value)), *keys)


def test_what_happened_later_is_told_later() -> None:
    ordered = sorted(CYCLE.of("transfer.time"), key=lambda one: str(one.value))
    first, last = ordered[0], ordered[-1]

    def told(*times: Fact) -> tuple[str, ...]:
        parts = [
            f"account {x.subjects[0]} paid account {x.subjects[1]} on {x.value}" for x in times
        ]
        sentence = Sentence(f"{' and then '.join(parts)}.", tuple(one.fact_id for one in times))
        return verify(Draft((Section("when", (sentence,)),)), CYCLE)[0].problems

    assert told(first, last) == ()
    assert "what it tells in the order of time happened in another order" in told(last, first)


def test_an_account_keeps_its_role() -> None:
    [source] = CYCLE.of("member.source")
    assert problems(CYCLE, f"Account {source.value} is a source.", "member.source") == ()
    assert problems(CYCLE, f"Account {source.value} is a collector.", "member.source")


def test_a_limit_is_told_as_a_limit() -> None:
    keys = ("alert.score", "alert.threshold")
    score, threshold = (CYCLE.of(key)[0].value for key in keys)
    right = f"The alert has a score of {score}, against a threshold of {threshold}."
    wrong = f"The alert has a score of {threshold}, against a threshold of {score}."
    assert problems(CYCLE, right, *keys) == ()
    assert problems(CYCLE, wrong, *keys)

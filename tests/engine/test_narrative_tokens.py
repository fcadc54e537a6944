"""What is read out of a sentence: numbers, amounts, times, durations, and names."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.narrative.ledger import Fact, Kind, Value
from engine.narrative.matching import states
from engine.narrative.tokens import Token, tokens
from tests.engine.ledgers import fact


def only(text: str) -> Token:
    (token,) = tokens(text)
    return token


def stated(text: str, kind: Kind, value: Value, unit: str = "", zone: str = "UTC") -> bool:
    one: Fact = fact("F1", kind, value, unit=unit)
    return states(only(text), one, zone)


@pytest.mark.parametrize(
    "text",
    [
        "₹9,80,000", "₹980,000", "INR 980000", "Rs. 9,80,000", "Rs 980000.00", "980,000 rupees",
        "₹9.8 lakh", "9.8 lakhs", "0.98 million rupees", "₹980k", "980000", "₹0.098 crore",
    ],
)  # fmt: skip
def test_an_amount_is_the_same_in_all_its_forms(text: str) -> None:
    assert stated(f"It moved {text}.", "amount", 98_000_000, "INR")


@pytest.mark.parametrize(
    "text",
    [
        "₹9,80,001",
        "₹9.7 lakh",
        "₹9.9 lakh",
        "₹98,000",
        "$980,000",
        "980 %",
        "-₹9,80,000",
        "₹1 crore",
    ],
)
def test_another_amount_is_another(text: str) -> None:
    assert not stated(f"It moved {text}.", "amount", 98_000_000, "INR")


@pytest.mark.parametrize("text", ["₹1,5", "₹1.200,50", "9,8,0000", "1,00,00"])
def test_points_and_commas_that_say_two_things_prove_nothing(text: str) -> None:
    assert all(one.kind == "unknown" or one.number != 1.5 for one in tokens(f"It was {text} so."))
    assert any(one.kind == "unknown" for one in tokens(f"It was {text} so."))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12 h 5 min", 43_500), ("725 minutes", 43_500), ("12 hours and 5 minutes", 43_500),
        ("12.1 hours", 43_500), ("two days", 172_800), ("2 days 3 hours", 185_399),
        ("half an hour", 1_800), ("a dozen hours", 43_200), ("1 week", 604_800),
    ],
)  # fmt: skip
def test_a_duration_is_the_same_in_all_its_forms(text: str, seconds: int) -> None:
    assert stated(f"It took {text} in all.", "duration", seconds)


@pytest.mark.parametrize(
    "text", ["12 h 6 min", "12.2 hours", "13 hours", "725 hours", "5 min 12 h"]
)
def test_another_duration_is_another(text: str) -> None:
    assert not stated(f"It took {text} in all.", "duration", 43_500)


@pytest.mark.parametrize(
    "text", ["2026-02-03", "3 February 2026", "3rd of Feb 2026", "February 3, 2026", "Feb. 3"]
)
def test_a_date_is_the_same_in_all_its_forms(text: str) -> None:
    assert stated(f"It was on {text} there.", "date", "2026-02-03")


@pytest.mark.parametrize("text", ["2026-02-04", "3 March 2026", "3 Feb 2025", "2026-02-30"])
def test_another_date_is_another(text: str) -> None:
    assert not stated(f"It was on {text} there.", "date", "2026-02-03")


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-02-03 14:05 UTC", "UTC"), ("2026-02-03T14:05:00Z", "UTC"), ("14:05", "UTC"),
        ("2:05 pm", "UTC"), ("2026-02-03 19:35 UTC+05:30", "UTC"), ("February 2026", "UTC"),
        ("2026-02-03 19:35", "Asia/Kolkata"),
    ],
)  # fmt: skip
def test_a_moment_may_be_told_in_part_and_in_other_zones(text: str, zone: str) -> None:
    assert stated(f"At {text}, it began.", "moment", "2026-02-03T14:05:00Z", zone=zone)


@pytest.mark.parametrize("text", ["14:06", "2:05 am", "2026-02-03 19:35", "25:05", "14:05:61"])
def test_another_moment_is_another(text: str) -> None:
    assert not stated(f"At {text}, it began.", "moment", "2026-02-03T14:05:00Z")


@pytest.mark.parametrize(
    ("text", "is_true"),
    [
        ("91 %", True), ("91.2 %", True), ("91.20 percent", True), ("0.912", True), ("0.91", True),
        ("91.3 %", False), ("92 %", False), ("90 %", False), ("0.913", False), ("-91.2 %", False),
        ("912", False),
    ],
)  # fmt: skip
def test_a_share_is_rounded_to_the_last_digit_shown(text: str, is_true: bool) -> None:
    assert stated(f"It is {text} of all.", "share", "0.912") is is_true


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("twenty-one", 21), ("a dozen", 12), ("half a dozen", 6), ("one hundred and five", 105),
        ("a couple", 2), ("Three", 3), ("1,234", 1234), ("third", 3), ("13th", 13),
        ("Fìve", 5), ("a trillion", 10**12),
    ],
)  # fmt: skip
def test_numbers_in_words_are_numbers(text: str, count: int) -> None:
    assert stated(f"{text} of them.", "count", count)
    assert not stated(f"{text} of them.", "count", count + 1)


@pytest.mark.parametrize("text", ["half", "50 %", "0.5"])
def test_a_fraction_in_words_is_a_share(text: str) -> None:
    assert stated(f"It is {text} of it.", "share", "0.5")


@pytest.mark.parametrize(
    "text", ["dozens", "hundreds", "nearly all", "3 months", "5x9", "VII accounts"]
)
def test_what_cannot_be_read_proves_nothing(text: str) -> None:
    assert {one.kind for one in tokens(f"It saw {text} there.")} & {"unknown", "ratio"}


@pytest.mark.parametrize(
    "text",
    ["They paid one another.", "No one knows.", "The money may be a gift.", "It is well-known."],
)
def test_words_that_count_nothing_are_left_alone(text: str) -> None:
    assert tokens(text) == ()


def test_names_are_found_whole_and_digits_are_names_only_where_they_are_meant() -> None:
    text = "Account 42 paid 42 to ACCT-01 in 42 transfers, not to ACCT-011."
    kinds = [(one.kind, one.text) for one in tokens(text, ("42", "ACCT-01"))]
    assert kinds[0] == ("account", "42")
    assert ("account", "ACCT-01") in kinds
    assert ("number", "42") in kinds
    assert kinds[-1] == ("unknown", "ACCT-011")


def test_transactions_are_told_apart_from_numbers_of_them() -> None:
    assert only("See transaction 17 here.").name == "17"
    assert only("There were 17 transactions.").number == Decimal(17)

"""An account named with the figures of another is rejected."""

from __future__ import annotations

import pytest

from tests.engine.ledgers import fact, problems

NAMES = (fact("F1", "account", "A"), fact("F2", "account", "B"), fact("F3", "account", "C"))
OF_A = fact("F4", "amount", 500_000, "A", unit="INR")
OF_B = fact("F5", "amount", 700_000, "B", unit="INR")
A_TO_B = fact("F6", "amount", 110_000, "A", "B", unit="INR")
A_TO_C = fact("F7", "amount", 120_000, "A", "C", unit="INR")


@pytest.mark.parametrize(
    "text",
    [
        "Account A sent ₹5,000 and account B sent ₹7,000.",
        "Account A sent ₹5,000; account B, for its part, ₹7,000.",
        "Of A there are ₹5,000, while of B there are ₹7,000.",
    ],
)
def test_figures_of_their_own_accounts_pass(text: str) -> None:
    assert problems(text, *NAMES[:2], OF_A, OF_B) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Account A sent ₹7,000 and account B sent ₹5,000.",
        "Account A sent ₹7,000, account B ₹5,000.",
        "Of A there are ₹7,000, while of B there are ₹5,000.",
    ],
)
def test_swapped_figures_are_rejected(text: str) -> None:
    assert problems(text, *NAMES[:2], OF_A, OF_B)


def test_a_figure_of_another_account_is_rejected_though_both_are_cited() -> None:
    assert problems("Account A sent ₹7,000.", NAMES[0], OF_B)


@pytest.mark.parametrize(
    "text",
    [
        "Account A sent ₹1,100 to account B.",
        "Account B received ₹1,100 from account A.",
        "Of ₹1,100 that account A sent to account B, more is known.",
    ],
)
def test_a_transfer_told_the_right_way_round_passes(text: str) -> None:
    assert problems(text, A_TO_B) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Account B sent ₹1,100 to account A.",
        "Account A received ₹1,100 from account B.",
        "From account B went ₹1,100 to account A.",
    ],
)
def test_a_transfer_told_the_wrong_way_round_is_rejected(text: str) -> None:
    assert problems(text, A_TO_B)


def test_the_amounts_of_two_transfers_cannot_be_swapped() -> None:
    told = "Account A sent {} to account B and {} to account C."
    assert problems(told.format("₹1,100", "₹1,200"), A_TO_B, A_TO_C) == ()
    assert problems(told.format("₹1,200", "₹1,100"), A_TO_B, A_TO_C)

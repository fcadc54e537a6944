"""Dispositions: what each of them asks for before it is taken."""

from __future__ import annotations

import pytest

from engine.errors import InputError
from engine.workbench.dispositions import DISPOSITIONS, MAX_COMMENT, OTHER, check


def test_there_are_six_and_one_of_them_takes_four_eyes() -> None:
    assert list(DISPOSITIONS) == [
        "confirmed_fraud", "suspicious_reported", "suspicious_not_reportable", "false_positive",
        "inconclusive", "duplicate",
    ]  # fmt: skip
    assert [each.name for each in DISPOSITIONS.values() if each.needs_approval] == [
        "suspicious_reported"
    ]


def test_what_a_later_run_learns_from_each() -> None:
    assert {name: each.label for name, each in DISPOSITIONS.items()} == {
        "confirmed_fraud": 1, "suspicious_reported": 1, "suspicious_not_reportable": 1,
        "false_positive": 0, "inconclusive": None, "duplicate": None,
    }  # fmt: skip


def test_a_false_positive_of_a_named_reason_needs_no_comment() -> None:
    assert check("false_positive", "payroll", "").label == 0


@pytest.mark.parametrize("name", DISPOSITIONS)
def test_another_reason_must_be_named(name: str) -> None:
    with pytest.raises(InputError, match="write a comment"):
        check(name, OTHER, " \n")
    assert check(name, OTHER, "because of this").name == name


@pytest.mark.parametrize(
    "name", ["confirmed_fraud", "suspicious_reported", "suspicious_not_reportable"]
)
def test_what_accuses_somebody_needs_a_comment(name: str) -> None:
    reason = next(iter(DISPOSITIONS[name].reasons))
    with pytest.raises(InputError, match="says what it rests on"):
        check(name, reason, "")


def test_a_reason_is_of_its_disposition() -> None:
    with pytest.raises(InputError, match="False positive: choose a reason, “Wages or pensions”, "):
        check("false_positive", "", "")
    with pytest.raises(InputError, match="False positive has no reason 'layering'"):
        check("false_positive", "layering", "seen")
    with pytest.raises(InputError, match="there is no disposition 'fine'; it is one of confirmed"):
        check("fine", "payroll", "")


def test_a_comment_longer_than_what_fits_says_so() -> None:
    with pytest.raises(InputError, match="10,001 characters; 10,000 fit"):
        check("false_positive", "payroll", "x" * (MAX_COMMENT + 1))

"""Passwords: which are refused, and how they are kept."""

from __future__ import annotations

import re

import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from engine.errors import InputError
from engine.workbench import passwords

GOOD = "correct horse battery"


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "at least 12 characters, this one 0"),
        ("eleven char", "at least 12 characters, this one 11"),
        ("x" * 1001, "at most 1000"),
        ("anna.karenina", "hardly more than the login"),
        ("ANNA.KARENINA2026", "hardly more than the login"),
        ("anna.kareninaanna.karenina", "hardly more than the login"),
        ("aaaaaaaaaaaa", "different characters"),
        ("121212121212", "different characters"),
        ("Password1234", "most common"),
        ("passwordpassword", "most common"),
        ("Qwertyuiop!!", "most common"),
        ("123456789012", "most common"),
        ("1qaz2wsx3edc", "most common"),
        ("ringleader2026!", "most common"),
    ],
)
def test_a_password_that_others_would_guess_is_refused(password: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        passwords.check(password, "anna.karenina")


@pytest.mark.parametrize("password", [GOOD, "twelve chars", "पासवर्ड लम्बा है", "a1!a1!a1!xyz"])
def test_a_long_one_of_any_characters_may_be_used(password: str) -> None:
    passwords.check(password, "anna")


def test_it_is_kept_as_argon2id_with_the_librarys_recommended_work() -> None:
    kept = passwords.make_hash(GOOD)
    low = RFC_9106_LOW_MEMORY
    work = f"m={low.memory_cost},t={low.time_cost},p={low.parallelism}"
    assert kept.startswith(f"$argon2id$v=19${work}$")
    assert GOOD not in kept
    assert passwords.make_hash(GOOD) != kept
    assert not passwords.is_outdated(kept)


def test_it_is_outdated_once_the_recommended_work_changes() -> None:
    assert passwords.is_outdated(PasswordHasher(1, 8, 1).hash(GOOD))


@pytest.mark.usefixtures("quick_hashing")
def test_only_the_same_password_fits() -> None:
    kept = passwords.make_hash(GOOD)
    assert passwords.fits(kept, GOOD)
    assert not passwords.fits(kept, GOOD + " ")
    assert not passwords.fits(kept, "x" * 100_000)
    assert not passwords.fits("no hash at all", GOOD)
    assert not passwords.fits(None, GOOD)
    assert not passwords.fits(None, "nobody")


@pytest.mark.usefixtures("quick_hashing")
def test_the_same_characters_fit_however_a_keyboard_composed_them() -> None:
    assert passwords.fits(passwords.make_hash("caf\u00e9 au lait!"), "cafe\u0301 au lait!")


def test_a_temporary_password_is_random_and_may_be_used() -> None:
    made = {passwords.temporary() for _ in range(200)}
    assert len(made) == 200
    for one in made:
        assert re.fullmatch(r"([a-hj-km-np-z2-9]{4}-){3}[a-hj-km-np-z2-9]{4}", one)
        passwords.check(one, "anna")

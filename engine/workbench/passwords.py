"""Passwords: which may be used, and how they are kept (Argon2id, as the library recommends)."""

from __future__ import annotations

import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import InputError

MIN_LENGTH = 12

#: Longer ones are refused before they are hashed: a login form must not be a way to keep us busy.
MAX_LENGTH = 1000

#: The most common ones that are long enough, without the digits and marks at their ends.
_COMMON = frozenset({
    "password", "passwordpassword", "administrator", "adminadmin", "adminadminadmin", "welcome",
    "letmein", "letmeinletmein", "changeme", "changemechangeme", "iloveyou", "iloveyouiloveyou",
    "qwerty", "qwertyuiop", "qwertyqwerty", "qwertyuiopasdf", "asdfghjkl", "asdfghjklzxc",
    "zxcvbnm", "zxcvbnmasdfg", "abcdefgh", "abcdefghijkl", "abcdefghijklm", "q1w2e3r4t5y",
    "1q2w3e4r5t6y", "q1w2e3r4t5y6u7i8", "1qaz2wsx3edc", "1qaz2wsx3edc4rfv", "qazwsxedcrfv",
    "abc123abc", "abcabcabcabc", "trustno1trustno1", "sunshine", "princess", "football",
    "baseball", "superman", "dragon", "monkey", "master", "starwars", "whatever", "passw0rd",
    "p@ssw0rd", "p@ssword", "secret", "secretsecret", "ringleader", "ringleaderapp", "default",
})  # fmt: skip
_ENDS = "0123456789!?.,#@$*-_+ "

#: A password with fewer different characters is a pattern.
_MIN_DIFFERENT = 5

_HASHER = PasswordHasher()

#: What is checked where there is no password: it takes as long, and never fits.
_NOBODY = _HASHER.hash(secrets.token_urlsafe(32))

#: Each check takes 64 MiB for its while.
_AT_ONCE = threading.BoundedSemaphore(4)


def check(password: str, login: str) -> None:
    """Refuse a password that others would guess.

    Raises
    ------
    InputError
        If it is shorter than ``MIN_LENGTH``, is (little more than) the login, a pattern, or one
        of the most common.
    """
    plain = _normal(password).casefold()
    if len(plain) < MIN_LENGTH:
        raise InputError(
            f"a password has at least {MIN_LENGTH} characters, this one {len(plain)}; "
            "a few words in a row are easy to keep in mind"
        )
    if len(plain) > MAX_LENGTH:
        raise InputError(f"a password has at most {MAX_LENGTH} characters")
    if len(plain.replace(login.casefold(), "")) < MIN_LENGTH // 2:
        raise InputError("this password is hardly more than the login; take another one")
    if len(set(plain)) < _MIN_DIFFERENT:
        raise InputError(f"a password has at least {_MIN_DIFFERENT} different characters")
    if plain in _COMMON or plain.strip(_ENDS) in _COMMON | {""}:
        raise InputError("this password is one of the most common, tried first; take another one")


def make_hash(password: str) -> str:
    """Return what is kept of a password."""
    with _AT_ONCE:
        return _HASHER.hash(_normal(password))


def fits(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one that was kept; it takes as long where none was."""
    if len(password) > MAX_LENGTH:
        return False
    try:
        with _AT_ONCE:
            is_it = _HASHER.verify(kept or _NOBODY, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return is_it and kept is not None


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with parameters other than those of today."""
    return _HASHER.check_needs_rehash(kept)


def temporary() -> str:
    """Return a random password to be told to somebody, who changes it at first use."""
    # 80 bits, in groups that can be read out; no letters that are taken for digits.
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def _normal(password: str) -> str:
    """Make the same characters the same bytes, however a keyboard wrote them."""
    return unicodedata.normalize("NFKC", password)

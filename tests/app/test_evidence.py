"""Text from the data is shown as it is: nothing in it becomes markup."""

from __future__ import annotations

import pytest

from app.ui.evidence import escape, safe


def test_nothing_in_a_name_is_markup() -> None:
    assert escape("![x](http://a)") == r"\!\[x\]\(http\:\/\/a\)".replace(r"\/", "/")
    assert escape("Müller & Söhne") == "Müller & Söhne"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("run `aws configure`", "run `aws configure`"),
        ("[click](http://x) `a_b`", r"\[click\]\(http\://x\) `a_b`"),
        ("one ` alone_", r"one \` alone\_"),
    ],
)
def test_a_message_keeps_its_code_and_loses_its_markup(given: str, shown: str) -> None:
    assert safe(given) == shown

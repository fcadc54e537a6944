"""What people wrote is shown as they typed it, inert and folded where it is long."""

from __future__ import annotations

from app.ui.written import MOST_CHARACTERS, beginning
from engine.plain_text import as_written


def test_a_short_text_is_whole() -> None:
    assert beginning("Called the branch.\nNo answer") == "Called the branch.\nNo answer"


def test_a_long_text_begins_and_says_that_it_goes_on() -> None:
    assert beginning("x" * 20_000) == "x" * MOST_CHARACTERS + " …"
    assert beginning("\n".join("123456789")) == "1\n2\n3\n4\n5\n6\n7\n8 …"


def test_lines_and_spaces_stay_and_marks_of_direction_are_seen() -> None:
    assert as_written("a  b\n\tc") == "a  b\n\tc"
    assert as_written("pay \u202eevil\x00") == "pay ⟨U+202E⟩evil⟨U+0000⟩"

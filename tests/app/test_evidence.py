"""Text from the data is shown as it is: nothing in it becomes markup, and nothing hides in it."""

from __future__ import annotations

import pandas as pd
import pytest

from app.ui.evidence import csv_bytes, escape, safe, sentence


def test_nothing_in_a_name_is_markup() -> None:
    assert escape("![x](y) **b** $1$") == r"\!\[x\]\(y\) \*\*b\*\* \$1\$"
    assert escape("Müller & Söhne") == r"Müller \& Söhne"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://a.b", "https\\:\u2060//a\\.b"),
        ("WWW.a.b", "WWW\u2060\\.a\\.b"),
        ("a@b.c", "a\u2060@b\\.c"),
        (":material/home:", "\\:\u2060material/home\\:"),
        ("a -- b -> c", "a \\-\u2060\\- b \\-\u2060\\> c"),
        ("10:30 to 11:45", r"10\:30 to 11\:45"),
    ],
)
def test_a_joiner_keeps_links_icons_and_dashes_from_being_made(given: str, shown: str) -> None:
    assert escape(given) == shown


def test_what_is_not_seen_is_written_by_its_number() -> None:
    # A right-to-left override would turn round the text after the name as well.
    assert escape("\u202emoc") == r"⟨U\+202E⟩moc"
    assert escape("zero\u200bwidth") == r"zero⟨U\+200B⟩width"
    assert escape("👩\u200d👧") == "👩\u200d👧"


def test_a_text_is_one_line_of_bounded_length() -> None:
    assert escape("one\n===\n\n    two") == "one \\=\u2060\\=\u2060\\= two"
    assert escape("N" * 10_000) == "N" * 119 + "…"
    assert escape("two words " * 1_000, most=9) == "two word…"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("run `aws configure` now", "run `aws configure` now"),
        ("[click](x) `a_b`", r"\[click\]\(x\) `a_b`"),
        ("one ` alone_", r"one \` alone\_"),
        # Markdown reads three marks as one: what follows would be outside of code.
        ("```[click](x)`", r"\`\`\`\[click\]\(x\)\`"),
    ],
)
def test_a_message_keeps_its_code_and_loses_its_markup(given: str, shown: str) -> None:
    assert safe(given) == shown


def test_what_a_spreadsheet_would_run_is_quoted() -> None:
    texts = ["=1+1", "\t=1", " +1", "-2", "@SUM(1)", "＝1", "1=1", "plain"]
    lines = csv_bytes(pd.DataFrame({"text": texts, "amount": -1.5})).decode().splitlines()
    assert lines == [
        "text,amount", "'=1+1,-1.5", "'\t=1,-1.5", "' +1,-1.5", "'-2,-1.5", "'@SUM(1),-1.5",
        "'＝1,-1.5", "1=1,-1.5", "plain,-1.5",
    ]  # fmt: skip


def test_a_column_of_few_values_is_quoted_as_one_of_texts() -> None:
    few = pd.DataFrame({"type": ["=1+1", "CASH_OUT", None]}, dtype="category")
    assert csv_bytes(few).decode().splitlines() == ["type", "'=1+1", "CASH_OUT", '""']


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("the comment is empty", "The comment is empty"),
        ("AL-1 is closed", "AL-1 is closed"),
        ("iPhone_7 is no account", "iPhone_7 is no account"),
        ("", ""),
    ],
)
def test_a_message_begins_with_a_capital_but_no_name_is_changed(told: str, shown: str) -> None:
    assert sentence(told).replace("\\", "") == shown

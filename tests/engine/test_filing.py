"""Drafts of reports: rules with their sources, clocks, text, what it lacks, and its attachment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.filing import jurisdiction
from engine.filing.attachment import attachment
from engine.filing.check import broken, check
from engine.filing.clock import deadlines
from engine.filing.difference import difference
from engine.filing.draft import TO_STATE, write_filing
from engine.filing.recheck import recheck
from engine.filing.sentences import split, with_facts
from tests.engine.texts import LEDGER, NARRATIVE

US, INDIA = jurisdiction.load("us"), jurisdiction.load("in")


def test_every_rule_names_its_source() -> None:
    for code in jurisdiction.codes():
        rules = jurisdiction.load(code)
        assert all([
            *(one.source for one in rules.clocks), *(one.source for one in rules.thresholds),
            *rules.sources.values(),
        ])  # fmt: skip
    assert {"in", "us"} <= set(jurisdiction.codes())


def test_a_folder_brings_more_jurisdictions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = Path(jurisdiction.__file__).parent / "jurisdictions" / "in.toml"
    (tmp_path / "xx.toml").write_text(rules.read_text().replace('"India"', '"Elsewhere"'))
    (tmp_path / "yy.toml").write_text('name = "No rules"')
    monkeypatch.setenv(jurisdiction.FOLDER_VARIABLE, str(tmp_path))
    assert jurisdiction.load("xx").name == "Elsewhere"
    with pytest.raises(InputError, match=r"yy\.toml is no file of a jurisdiction's rules"):
        jurisdiction.load("yy")
    with pytest.raises(InputError, match="no rules of 'zz'; there are in, us, xx, yy"):
        jurisdiction.load("zz")


def test_the_united_states_give_30_days_and_60_without_a_subject() -> None:
    found = {one.clock.name: one.due for one in deadlines(US, date(2026, 1, 31))}
    assert found == {
        "subject known": date(2026, 3, 2), "no subject identified": date(2026, 4, 1),
    }  # fmt: skip


def test_india_counts_working_days() -> None:
    # Friday; Sunday the 11th rests, Saturdays do not: 10, 12, 13, 14, 15, 16, 17.
    (found,) = deadlines(INDIA, date(2026, 1, 9))
    assert found.due == date(2026, 1, 17)


def test_a_draft_has_introduction_body_and_conclusion_and_says_what_is_left_to_state() -> None:
    text = write_filing(NARRATIVE, LEDGER, US).text
    introduction, body, conclusion = text.split("\n\n")
    assert introduction.startswith("Ring R-3 came to notice.")
    assert "It moved $1,000 among 3 accounts." in body
    assert "The money left by B." in body
    assert conclusion.startswith("The alert is under review.")
    assert text.count(TO_STATE) == 5


def test_what_rests_on_no_key_fact_goes_first_where_there_is_no_room() -> None:
    whole = write_filing(NARRATIVE, LEDGER, US)
    short = write_filing(NARRATIVE, LEDGER, replace(US, longest=len(whole.text) - 1))
    assert (whole.left_out, short.left_out) == (0, 1)
    assert "The money left by B." not in short.text
    assert "It moved $1,000 among 3 accounts." in short.text


def met(text: str) -> dict[str, bool]:
    return {one.rule: one.is_met for one in check(text, NARRATIVE, LEDGER, US)}


def test_a_question_is_answered_by_a_sentence_that_rests_on_a_fact_of_it() -> None:
    found = met(NARRATIVE.text())
    assert {name for name, is_met in found.items() if not is_met} == {"why", "where", "when"}
    assert not met("The money left by B.")["what"]
    edited = "It moved about $1,000 among 3 accounts."
    assert met(edited)["what"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("x" * 20_001, "length"),
        (" ", "length"),
        ("For the rows see\nAttached.", "phrases"),
        ("A | 100 | B", "tables"),
        ("A\t100\tB", "tables"),
        ("account\n--------\nA", "tables"),
        (f"{TO_STATE}whom to contact.]", "stated"),
    ],
)
def test_what_an_authority_does_not_take_cannot_be_accepted(text: str, rule: str) -> None:
    findings = check(text, NARRATIVE, LEDGER, US)
    assert [one.rule for one in findings if one.is_must and not one.is_met] == [rule]
    assert len(broken(findings)) == 1


def test_sentences_end_where_a_new_one_begins() -> None:
    text = "A paid B $1.50 at 10 p.m. on May 3. B paid C.\nSee No. 5 there. क ने दिया। ख ने लिया।"
    assert split(text) == (
        "A paid B $1.50 at 10 p.m. on May 3.", "B paid C.", "See No. 5 there.", "क ने दिया।",
        "ख ने लिया।",
    )  # fmt: skip


def test_an_edited_sentence_rests_on_the_facts_of_the_one_that_it_was() -> None:
    text = "It moved $2,000 among 3 accounts. The customer is a student."
    first, second = with_facts(text, NARRATIVE)
    assert (first.fact_ids, second.fact_ids) == (("F2",), ())


@given(st.text(alphabet="ab. \n", max_size=60), st.text(alphabet="ab. \n", max_size=60))
def test_a_difference_holds_both_texts(draft: str, text: str) -> None:
    pieces = difference(draft, text)
    assert "".join(one.text for one in pieces if one.kind != "added") == draft
    assert "".join(one.text for one in pieces if one.kind != "removed") == text


def test_a_changed_word_is_one_change() -> None:
    found = difference("It is so. A paid B. Done.", "It is so. A paid C. Done.")
    assert [(one.kind, one.text) for one in found if one.kind != "same"] == [
        ("removed", "B."), ("added", "C."),
    ]  # fmt: skip


def transfers(number: int) -> pd.DataFrame:
    return pd.DataFrame({
        "tx_id": range(number), "time": pd.Timestamp("2026-01-01"), "sender": "=cmd()",
        "receiver": "B", "amount": [float(number - one) for one in range(number)], "risk": 0.5,
    })  # fmt: skip


def test_the_attachment_is_formula_safe_and_the_same_every_time() -> None:
    found = attachment(transfers(2), US, "AL-1")
    assert found.name == "AL-1-transfers.csv"
    assert found.content.decode().splitlines() == [
        "tx_id,time,sender,receiver,amount", "0,2026-01-01,'=cmd(),B,2.0",
        "1,2026-01-01,'=cmd(),B,1.0",
    ]  # fmt: skip
    assert found == attachment(transfers(2), US, "AL-1")


def test_the_smallest_transfers_are_left_out_where_the_file_would_be_too_large() -> None:
    found = attachment(transfers(1000), replace(US, most_bytes=3000), "AL-1")
    assert len(found.content) <= 3000
    assert found.rows + found.left_out == 1000
    assert found.rows > 80
    lines = found.content.decode().splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == [str(one) for one in range(found.rows)]


def test_what_no_fact_bears_out_is_flagged() -> None:
    # The third was made from one on F2 alone and names what F3 says.
    text = "The money left by B. C999 has $5,000. It moved $1,000 in the ring, to B."
    (flag,) = recheck(text, NARRATIVE, LEDGER)
    assert flag.text == "C999 has $5,000."
    assert "“$5,000” stands in no fact" in flag.problems
    assert recheck("", NARRATIVE, LEDGER) == ()

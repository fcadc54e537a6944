"""The narrative of the open alert, by the program and by a model, and the draft of a report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import background, narrative_model
from engine.formats import Style
from engine.narrative.ledger import Ledger
from engine.narrative.narrate import narrate_by_template
from engine.narrative.verdict import Narrative, Rejected, Usage
from tests.pages.alerts_page import RING, Open, buttons, opener, press, texts

USAGE = Usage("claude-haiku", "schema", 2310, 820, 0.0064, 4.2, 1)
WRONG = Rejected("what", "They moved 9,990.", ("9,990 stands in no cited fact",), "model")


@pytest.fixture
def open_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    return opener(tmp_path, monkeypatch)


def show(page: AppTest, tab: str) -> AppTest:
    page.session_state["case_tabs"] = tab
    page.run()
    assert not page.exception
    return page


def drawn(page: AppTest) -> dict[str, Any]:
    found = [json.loads(one.proto.json) for one in page.get("bidi_component")]
    [content] = [one for one in found if "parts" in one]
    return dict(content)


def downloads(page: AppTest) -> set[str]:
    return {one.proto.label for one in page.get("download_button")}


def test_the_programs_text_comes_at_once_with_its_facts_and_files(open_page: Open) -> None:
    page = show(open_page(alert=RING), "Narrative")
    parts = drawn(page)["parts"]
    assert parts[0]["heading"] == "Introduction"
    assert all(line["facts"] for part in parts for line in part["lines"])
    badges = [one.value for one in page.markdown if "verified" in one.value]
    n = sum(len(part["lines"]) for part in parts)
    assert any(f"Template, {n}/{n} verified" in one.replace("\\", "") for one in badges)
    assert {"PDF", "Evidence pack"} <= downloads(page)
    assert "Ask a model" not in buttons(page)


def test_who_may_not_see_ids_reads_pseudonyms_and_edits_nothing(open_page: Open) -> None:
    page = show(open_page(alert=RING, role="admin"), "Narrative")
    values = [
        fact["value"]
        for part in drawn(page)["parts"] for line in part["lines"] for fact in line["facts"]
    ]  # fmt: skip
    assert any(value.startswith("acct-") for value in values)
    assert not {"A", "B", "H", "X"} & set(values)
    assert "Accept" not in buttons(page)


def by_model(ledger: Ledger, style: Style, **_: Any) -> Narrative:
    """Write as a model would, of whose sentences one was wrong."""
    written = narrate_by_template(ledger, style)
    return replace(written, source="model", rejected=(WRONG,), usage=USAGE)


def by_no_model(ledger: Ledger, style: Style, **_: Any) -> Narrative:
    return replace(narrate_by_template(ledger, style), why_template="Bedrock did not answer")


def ask(page: AppTest, monkeypatch: pytest.MonkeyPatch, narrate: Any) -> AppTest:
    monkeypatch.setenv("RINGLEADER_BEDROCK_MODEL", "claude-haiku")
    monkeypatch.setattr(narrative_model, "narrate", narrate)
    press(show(page, "Narrative"), "narrative_ask")
    for work in background._known().values():
        work.wait(30)
    # The page looks by itself whether the text has come; here it is drawn anew by hand.
    return page.run()


@pytest.mark.parametrize(("role", "sees"), [("reviewer", True), ("analyst", False)])
def test_what_a_model_wrote_is_kept_and_what_was_rejected_is_struck_through_for_reviewers(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, role: str, sees: bool
) -> None:
    page = ask(open_page(alert=RING, role=role), monkeypatch, by_model)
    told = texts(page).replace("\\", "")
    assert "claude-haiku" in told
    assert ("~~They moved 9,990.~~" in told) is sees
    assert "2,310 tokens in, 820 out" in told
    again = show(open_page(alert=RING, role=role), "Narrative")
    assert "claude-haiku" in texts(again).replace("\\", "")


def test_without_an_answer_the_programs_text_stands_and_says_why(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ask(open_page(alert=RING), monkeypatch, by_no_model)
    told = texts(page).replace("\\", "")
    assert "No model wrote it: Bedrock did not answer" in told
    assert "Template" in told


def test_who_accepts_a_text_stands_for_it(open_page: Open) -> None:
    page = press(show(open_page(alert=RING), "Narrative"), "narrative_accept")
    assert "Accepted by Demo reviewer" in texts(page).replace("\\", "")
    assert "Accept" not in buttons(page)


def test_a_report_is_drafted_edited_and_not_accepted_before_it_is_whole(open_page: Open) -> None:
    page = press(show(open_page(alert=RING), "Filing"), "filing_make")
    assert "Confidential" in texts(page)
    [box] = [one for one in page.text_area if "characters" in one.label]
    assert "[To be stated: " in str(box.value)
    press(page, "filing_accept")
    assert "cannot be accepted yet" in page.error[0].value.replace("\\", "")
    [box] = [one for one in page.text_area if "characters" in one.label]
    box.set_value(f"{box.value}\n\nThe branch was asked.")
    press(page, "filing_save")
    assert "The branch was asked" in texts(page)
    assert {"Text", "Transactions (CSV)"} <= downloads(page)


@pytest.fixture(autouse=True)
def nothing_under_way() -> None:
    background._known().clear()

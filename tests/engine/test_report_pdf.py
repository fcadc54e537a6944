"""Reports: what is in them, that they repeat to the byte, and that no data are markup."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from engine.formats import Style
from engine.lake import RunPaths
from engine.narrative.ledger import Fact, Ledger, sha256
from engine.narrative.verdict import Line, Narrative, Part
from engine.report import coverage
from engine.report.alert import alert_report
from engine.report.content import AuditLine, ByPeople, Case, Content, Edit, Note, Step
from engine.report.evidence import collect
from engine.report.pdf import alert_pdf, pages_png
from tests.small_run import write_small_run

MOMENT = datetime(2026, 2, 1, 10, tzinfo=UTC)
HOSTILE = (
    '#read("/etc/passwd")', "*bold* $x$ <a> [F1] @b", "\u202egnp.exe", "अमित शर्मा",
    "محمد", "张喆", "x" * 5_000, "\U0001f600",
)  # fmt: skip


@pytest.fixture
def paths(tmp_path: Path) -> RunPaths:
    """The small run, with what a real manifest tells besides."""
    paths = write_small_run(tmp_path)
    manifest = json.loads(paths.manifest.read_text())
    manifest.setdefault("notes", ["no labels: no model was trained"])
    paths.manifest.write_text(json.dumps(manifest))
    return paths


def ledger_of(accounts: tuple[str, ...] = ("A", "H"), *, n: int = 2) -> Ledger:
    """Return a ledger of an amount and some accounts."""
    facts = [
        Fact("F1", "ring.amount", "amount", 65_000, "INR", "money that moved", "what", True,
             tx_ids=(1, 2, 3, 4), n_tx=4),
        Fact("F2", "ring.path", "path", accounts, "", "order of the money", "how"),
        *(Fact(f"F{i}", "tx", "moment", "2026-01-01T00:00:00Z", "", f"moment {i}", "when")
          for i in range(3, n + 1)),
    ]  # fmt: skip
    return Ledger("small", "A000001", "R00001", "fan_in", "INR", "0" * 64, "1" * 64, "cpu",
                  tuple(facts))  # fmt: skip


def content_of(paths: RunPaths, alert_id: str = "A000001", **changes: Any) -> Content:
    """Return a report's content with one sentence and a case."""
    ledger = ledger_of()
    line = Line("A paid H ₹650.", ("F1", "F2"), "template")
    told = Narrative("template", (Part("what", (line,)),), sha256(ledger), 1.0, 3)
    case = Case(
        "AL-12", "Closed", "Asha", None, "False positive", "Payroll",
        (Step("Decided: False positive", "Asha", MOMENT, "a firm"),),
        (Note("Asha", MOMENT, "asked the branch"),),
        pd.DataFrame({"account": ["A"], "alerts": [2]}),
        (AuditLine(7, MOMENT, "asha", "note", "a note", "ab" * 32),), (7, "ab" * 32),
    )  # fmt: skip
    made = Content(collect(paths, alert_id), ledger, told, MOMENT, case, "Asha", "Omar")
    return replace(made, **changes)


def texts(value: Any) -> str:
    """Return all words of a report's blocks."""
    if isinstance(value, dict):
        return " ".join(texts(one) for name, one in value.items() if name != "svg")
    if isinstance(value, list | tuple):
        return " ".join(map(texts, value))
    return str(value)


def test_the_evidence_is_that_of_the_ring(paths: RunPaths) -> None:
    found = collect(paths, "A000001")
    assert found.members["account"].tolist() == ["B", "A", "H", "X"]
    assert found.members["in_amount"].tolist() == [0.0, 0.0, 350.0, 300.0]
    assert found.transfers["tx_id"].tolist() == [1, 2, 3, 4]
    assert found.scene is not None
    assert found.scene.edges["amount"].tolist() == [300.0, 200.0, 150.0]
    # B's 200 is the largest transfer of those whose sender had not been paid before.
    assert {trace.start.tx_id for trace in found.traces} == {2}


def test_a_lone_transaction_is_told_by_its_two_accounts(paths: RunPaths) -> None:
    found = collect(paths, "A000002")
    assert (found.ring, found.members["account"].tolist()) == (None, ["P", "Q"])
    assert alert_pdf(content_of(paths, "A000002")).startswith(b"%PDF")


def test_data_without_accounts_have_neither_picture_nor_members(tmp_path: Path) -> None:
    paths = write_small_run(tmp_path, has_accounts=False)
    found = collect(paths, "A000002")
    assert (found.scene, len(found.members), found.traces) == (None, 0, ())
    assert alert_pdf(content_of(paths, "A000002")).startswith(b"%PDF")


def test_the_same_content_is_the_same_bytes_and_tagged(paths: RunPaths) -> None:
    content = content_of(paths)
    made = alert_pdf(content)
    assert made == alert_pdf(content)
    assert len(made) < 1_000_000
    unpacked = made + b"".join(_streams(made))
    assert b"/StructTreeRoot" in unpacked
    assert b"pdfuaid" in unpacked
    assert alert_pdf(replace(content, author="Omar")) != made


def _streams(pdf: bytes) -> list[bytes]:
    found = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    return [zlib.decompressobj().decompress(one) for one in found if one[:1] == b"x"]


def test_every_section_of_a_report_is_there_in_order(paths: RunPaths) -> None:
    told = alert_report(content_of(paths))
    headings = [one["text"] for one in told["blocks"] if one["kind"] == "heading"]
    assert [one for one in headings if one not in ("First in, first out", "Proportional")] == [
        "Summary", "Why it was raised", "Who paid whom", "Members", "Timeline", "Key transactions",
        "Where the money went", "Innocent explanations tested", "Narrative", "What",
        "Notes, decision, approvals", "Method and limits", "Appendix: facts",
        "Appendix: parameters", "Appendix: extract of the audit", "Glossary",
    ]  # fmt: skip
    said = texts(told)
    assert "Written by template, 3/3 numbers verified" in said
    assert "SAR" not in said
    assert "STR" not in said.replace("STRUCT", "")


def test_a_sentence_names_its_facts_and_a_fact_that_is_missing_is_no_link(paths: RunPaths) -> None:
    content = content_of(paths)
    line = Line("It was so.", ("F1", "F99"), "template")
    told = replace(content.narrative, parts=(Part("what", (line,)),))
    report = alert_report(replace(content, narrative=told))
    runs = [run for one in report["blocks"] if one["kind"] == "text" for run in one["runs"]]
    facts = [run["facts"] for run in runs if isinstance(run, dict) and "facts" in run]
    assert facts == [[["F1", True], ["F99", False]]]
    assert alert_pdf(replace(content, narrative=told)).startswith(b"%PDF")


@pytest.mark.filterwarnings("error")
def test_hostile_names_are_printed_and_change_no_layout(paths: RunPaths) -> None:
    content = content_of(paths)
    frame = content.evidence.members
    for some in (HOSTILE[:4], HOSTILE[4:8]):
        names = dict(zip(frame["account"], some, strict=True))
        renamed = replace(
            content.evidence,
            members=frame.assign(account=frame["account"].map(names)),
            transfers=content.evidence.transfers.assign(
                **{side: content.evidence.transfers[side].map(names)
                   for side in ("sender", "receiver")}
            ),
            scene=None,
        )  # fmt: skip
        note = Note(some[0], MOMENT, " ".join(some))
        case = replace(content.case, notes=(note,)) if content.case else None
        made = alert_pdf(
            replace(content, evidence=renamed, ledger=ledger_of(some), case=case, author=some[1])
        )
        assert b"root:x:0" not in made


def test_the_text_that_somebody_accepted_is_printed_and_marked(paths: RunPaths) -> None:
    content = content_of(paths)
    edit = Edit("Asha", MOMENT, "A paid H ₹650.\n\nThe branch knows them. A paid H ₹777.")
    accepted = Step("Accepted", "Omar", MOMENT, "as the branch said.")
    edited = replace(content, by_people=ByPeople(accepted, edit))
    report = alert_report(edited)
    badges = next(one["badges"] for one in report["blocks"] if one["kind"] == "badges")
    assert [one["text"] for one in badges] == [
        "Edited by hand, accepted by Omar", "Draft: Written by template, 3/3 numbers verified",
    ]  # fmt: skip
    runs = [run for one in report["blocks"] if one["kind"] == "text" for run in one["runs"]]
    at = runs.index("A paid H ₹650. ")
    assert runs[at + 1] == {"facts": [["F1", True], ["F2", True]]}
    assert [run["mark"] for run in runs if isinstance(run, dict) and "mark" in run] == [
        "by hand", "not verified: “₹777” stands in no fact",
    ]  # fmt: skip
    said = texts(report)
    assert (
        "1 of the verified draft, word for word, each with its facts; 2 by hand, of which 1" in said
    )
    assert "Accepted by Omar, 2026-02-01 10:00 UTC: as the branch said." in said
    assert alert_pdf(edited) == alert_pdf(edited)


@pytest.mark.parametrize(
    ("people", "said"),
    [
        (ByPeople(Step("Accepted", "Omar", MOMENT)), "Accepted by Omar"),
        (ByPeople(pending=Edit("Asha", MOMENT)), "nobody accepted it"),
        (ByPeople(Step("Accepted", "Omar", MOMENT), Edit("Asha", MOMENT)), "it is hidden with"),
    ],
)
def test_a_text_that_nobody_accepted_or_may_read_is_not_printed(
    paths: RunPaths, people: ByPeople, said: str
) -> None:
    told = texts(alert_report(content_of(paths, by_people=people)))
    assert "Written by template, 3/3 numbers verified" in told
    assert "A paid H ₹650." in told
    assert said in told


def test_bars_are_of_the_days_that_the_tables_name(paths: RunPaths) -> None:
    style = Style(zone="Asia/Kolkata")
    report = alert_report(content_of(paths, style=style))
    said = texts([one for one in report["blocks"] if one["kind"] == "figure"])
    first = content_of(paths).evidence.transfers["time"].iloc[0]
    assert f"{first + pd.Timedelta(hours=5.5):%Y-%m-%d %H}:00" in said


def test_a_sign_that_no_font_has_is_written_by_its_number() -> None:
    assert coverage.printable("a\U0001f600b") == "a⟨U+1F600⟩b"
    assert coverage.printable("\u202eabc") == "⟨U+202E⟩abc"
    for name in ("₹9,80,000", "अमित", "张喆", "தமிழ்", "ไทย", "한국", "Ω", "Ж", "→"):
        assert coverage.printable(name) == name


def test_what_stands_behind_a_name_from_right_to_left_stays_there() -> None:
    mark = coverage.LEFT
    assert coverage.printable("محمد علي, خالد: ₹5") == f"محمد علي{mark}, خالد{mark}: ₹5"
    # A number within a name is part of it.
    assert coverage.printable("شركة 2 النور 7") == f"شركة 2 النور{mark} 7"


def test_a_long_word_has_places_to_break_and_a_short_one_none() -> None:
    assert coverage.name("C1231006815") == "C1231006815"
    assert coverage.name("0" * 20).replace("\u200b", "") == "0" * 20
    assert "\u200b" in coverage.name("0" * 20)


def test_tables_that_are_longer_than_a_page_go_on(paths: RunPaths) -> None:
    content = replace(content_of(paths), ledger=ledger_of(n=200))
    assert len(pages_png(content, 10)) > len(pages_png(content_of(paths), 10)) + 2

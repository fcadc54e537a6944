"""Reports as PDF: tagged, with fonts of their own, and the same bytes for the same content."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from engine.errors import EngineError
from engine.report.alert import alert_report
from engine.report.content import Content, RunContent
from engine.report.coverage import FONTS
from engine.report.run import run_report

_TEMPLATE = Path(__file__).with_name("report.typ")

#: In the order in which a sign is looked for.
_FAMILIES = (
    "Noto Sans", "Noto Sans Devanagari", "Noto Sans Arabic", "Noto Sans Bengali",
    "Noto Sans Gurmukhi", "Noto Sans Gujarati", "Noto Sans Oriya", "Noto Sans Tamil",
    "Noto Sans Telugu", "Noto Sans Kannada", "Noto Sans Malayalam", "Noto Sans Sinhala",
    "Noto Sans Hebrew", "Noto Sans Thai", "Noto Sans Math", "Noto Sans Symbols2",
    "Noto Sans CJK SC",
)  # fmt: skip


def alert_pdf(content: Content) -> bytes:
    """Return the report of an alert as PDF/UA-1.

    Raises
    ------
    EngineError
        If it cannot be laid out: an error of the program.
    """
    return _pdf(alert_report(content), content.made_at)


def run_pdf(content: RunContent) -> bytes:
    """Return the summary of a run as PDF/UA-1.

    Raises
    ------
    EngineError
        If it cannot be laid out: an error of the program.
    """
    return _pdf(run_report(content), content.made_at)


def pages_png(content: Content | RunContent, ppi: float = 90.0) -> list[bytes]:
    """Return the pages of a report as pictures, for a preview."""
    told = alert_report(content) if isinstance(content, Content) else run_report(content)
    pages = _compiled(told, content.made_at, format="png", ppi=ppi)
    return pages if isinstance(pages, list) else [pages]


def _pdf(told: dict[str, Any], made_at: datetime) -> bytes:
    made: bytes = _compiled(told, made_at, format="pdf", pdf_standards=["ua-1"])
    return made


def _compiled(told: dict[str, Any], made_at: datetime, **options: Any) -> Any:
    report = json.dumps({**told, "fonts": _FAMILIES}, ensure_ascii=False, sort_keys=True)
    moment = made_at if made_at.tzinfo is not None else made_at.replace(tzinfo=UTC)
    try:
        return typst.compile(
            _TEMPLATE, font_paths=[FONTS], ignore_system_fonts=True, sys_inputs={"report": report},
            timestamp=int(moment.timestamp()), **options,
        )  # fmt: skip
    except typst.TypstError as error:
        raise EngineError(f"the report cannot be laid out ({error})") from error

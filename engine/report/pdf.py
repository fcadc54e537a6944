"""Reports as PDF: tagged, with fonts of their own, and the same bytes for the same content."""

from __future__ import annotations

from engine.report.content import Content, RunContent


def alert_pdf(content: Content) -> bytes:
    """Return the report of an alert as PDF/UA-1."""
    raise NotImplementedError


def run_pdf(content: RunContent) -> bytes:
    """Return the summary of a run as PDF/UA-1."""
    raise NotImplementedError

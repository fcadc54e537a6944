"""Tables of narratives and of drafts of reports: what was written, edited, and accepted, by whom.

Rows of these are added, never changed: triggers refuse it. What models answered and cost stands
apart: that is housekeeping.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.workbench.models import Base, Key


class KeptNarrative(Base):
    """A narrative with the ledger that it was verified against.

    Attributes
    ----------
    ledger, ledger_sha256
        Canonical JSON, with account ids as they are, and its hash; the audit has it too.
    narrative, sha256
        As :mod:`engine.workbench.narrative_content` writes it, and its hash.
    model, usage
        Which model wrote it and what that took; ``None`` where the program did.
    """

    __tablename__ = "narratives"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), index=True)
    run_id: Mapped[str] = mapped_column(String(200))
    ledger: Mapped[str]
    ledger_sha256: Mapped[str] = mapped_column(String(64))
    narrative: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(20))
    model: Mapped[str | None] = mapped_column(String(200))
    usage: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class Filing(Base):
    """A draft of a report to an authority, made from a narrative.

    Attributes
    ----------
    jurisdiction, rules_sha256
        Code of the rules, and the hash of their file.
    starts_on
        The day from which its clocks run, in ISO 8601.
    draft, sha256
        The text that the program wrote, and its hash.
    attachment, attachment_sha256
        The CSV file that goes with it.
    """

    __tablename__ = "filings"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), index=True)
    narrative_id: Mapped[int] = mapped_column(ForeignKey("narratives.id"))
    jurisdiction: Mapped[str] = mapped_column(String(40))
    rules_sha256: Mapped[str] = mapped_column(String(64))
    starts_on: Mapped[str] = mapped_column(String(10))
    draft: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    attachment: Mapped[str]
    attachment_sha256: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class TextEdit(Base):
    """What somebody made of a narrative, or of the draft of a report: one of both is named.

    ``flags`` are the sentences that name what is in no fact, each ``[text, problems]``.
    """

    __tablename__ = "text_edits"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    narrative_id: Mapped[int | None] = mapped_column(ForeignKey("narratives.id"), index=True)
    filing_id: Mapped[int | None] = mapped_column(ForeignKey("filings.id"), index=True)
    text: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    flags: Mapped[list[Any]] = mapped_column(JSON)
    comment: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class TextAcceptance(Base):
    """That somebody stands for a text: that of an edit, or the draft where there is none."""

    __tablename__ = "text_acceptances"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    narrative_id: Mapped[int | None] = mapped_column(ForeignKey("narratives.id"), index=True)
    filing_id: Mapped[int | None] = mapped_column(ForeignKey("filings.id"), index=True)
    edit_id: Mapped[int | None] = mapped_column(ForeignKey("text_edits.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    comment: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class ModelAnswer(Base):
    """What a model answered, so that the same is not asked twice; verified anew on each use."""

    __tablename__ = "model_answers"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    answer: Mapped[str]
    at: Mapped[datetime]


class ModelUse(Base):
    """What one narrative took of a model; ``cost_usd`` counts towards the cap of its day in UTC."""

    __tablename__ = "model_uses"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    day: Mapped[str] = mapped_column(String(10), index=True)
    model: Mapped[str] = mapped_column(String(200))
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    calls: Mapped[int]
    cost_usd: Mapped[float]
    is_assumed: Mapped[bool]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]

"""Tables of the threshold bench: proposed changes, and samples from below the line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.workbench.models import Base, Key


class ThresholdChange(Base):
    """A version of the thresholds, from its proposal on; its ``id`` is the version's number.

    Attributes
    ----------
    thresholds
        As :class:`engine.query.threshold_alerts.Thresholds` names them.
    base_id
        The version in force when it was proposed; ``None``: the settings of the app.
    effect
        What it made of run ``run_id`` when it was proposed, in a few figures.
    status
        ``proposed``, ``approved``, ``applied``, ``rejected``, or ``withdrawn``.
    """

    __tablename__ = "threshold_changes"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    thresholds: Mapped[dict[str, Any]] = mapped_column(JSON)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("threshold_changes.id"))
    run_id: Mapped[str] = mapped_column(String(200))
    effect: Mapped[dict[str, Any]] = mapped_column(JSON)
    comment: Mapped[str]
    status: Mapped[str] = mapped_column(String(20), default="proposed")
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime | None]
    review_comment: Mapped[str | None]
    applied_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    applied_at: Mapped[datetime | None]


class LineSample(Base):
    """A random sample from below the line of one making of a run; ``seed`` draws it again.

    ``sizes`` holds how many items each stratum has in the run.
    """

    __tablename__ = "line_samples"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    run_id: Mapped[str] = mapped_column(String(200), index=True)
    made: Mapped[str] = mapped_column(String(100))
    thresholds: Mapped[dict[str, Any]] = mapped_column(JSON)
    seed: Mapped[int]
    sizes: Mapped[dict[str, int]] = mapped_column(JSON)
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    drawn_at: Mapped[datetime]


class LineItem(Base):
    """One ring or transaction of a sample; ``label`` is what somebody said of it: 1 true, 0 not."""

    __tablename__ = "line_items"
    __table_args__ = (UniqueConstraint("sample_id", "position"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("line_samples.id"))
    position: Mapped[int]
    ring_id: Mapped[str | None] = mapped_column(String(40))
    tx_id: Mapped[int | None]
    stratum: Mapped[str] = mapped_column(String(40))
    score: Mapped[float]
    amount: Mapped[float]
    label: Mapped[int | None]
    labelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    labelled_at: Mapped[datetime | None]

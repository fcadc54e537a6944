"""Gather what is known of an alert into its fact ledger: all that a narrative may say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.lake import RunPaths
from engine.narrative.ledger import Ledger


@dataclass(frozen=True, slots=True)
class EarlierAlert:
    """An earlier alert on an account of this one, as the workbench knows it.

    Attributes
    ----------
    alert
        How people call it, e.g. ``AL-12``.
    opened
        When its evidence ended; without a time zone it is UTC.
    disposition
        What was decided, in words of the program, e.g. ``false positive``; ``None`` while open.
    accounts
        The accounts that both have.
    """

    alert: str
    opened: datetime
    disposition: str | None
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the workbench adds to what a run knows; ``earlier`` the latest first."""

    earlier: tuple[EarlierAlert, ...] = ()


def gather(paths: RunPaths, alert_id: str, extra: CaseFacts | None = None) -> Ledger:
    """Gather the facts of an alert, in a fixed order: the same for the same run, always.

    Parameters
    ----------
    paths
        Files of the run.
    alert_id
        Id of the alert in the run, e.g. ``A000001``.
    extra
        What the workbench knows besides; ``None`` says that it was not asked.

    Raises
    ------
    InputError
        If the run has no alert of that id.
    """
    raise NotImplementedError

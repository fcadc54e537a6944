"""What a report shows of an alert, read from the files of its run."""

from __future__ import annotations

from engine.lake import RunPaths
from engine.report.content import Evidence


def collect(paths: RunPaths, alert_id: str) -> Evidence:
    """Read what a run knows of an alert.

    Raises
    ------
    InputError
        If the run has no alert of that id.
    """
    raise NotImplementedError

"""What runs have cost this month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any


def month_to_date(manifests: Sequence[dict[str, Any]], now: datetime | None = None) -> float:
    """Return the cost of the runs that were started this calendar month (UTC), in USD."""
    month = (now or datetime.now(UTC)).strftime("%Y-%m")
    return float(
        sum(
            run.get("cost", {}).get("amount") or 0.0
            for run in manifests
            if str(run.get("started", "")).startswith(month)
        )
    )

"""What the summary of a run shows, read from its files."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from engine.lake import RunPaths
from engine.query import overview
from engine.query.database import fetch, require
from engine.query.run_model import manifest_of
from engine.report.content import RunContent
from engine.risk_bands import FLOORS

MOST_ALERTS = 25

_WORST = """
SELECT alert_id, ring_id, tx_id, title, typology, score, amount, n_accounts, opened
FROM read_parquet($alerts) ORDER BY score DESC, amount DESC, alert_id LIMIT $limit
"""

_BANDS = "SELECT score, count(*) AS alerts FROM read_parquet($alerts) GROUP BY score"


def collect_run(paths: RunPaths) -> RunContent:
    """Read the summary of a finished run, as of the moment when it ended.

    Raises
    ------
    RunError
        If files of the run are missing.
    """
    manifest = manifest_of(paths)
    alerts = require(paths.alerts)
    return RunContent(
        manifest=manifest,
        alerts=fetch(_WORST, {"alerts": alerts, "limit": MOST_ALERTS}),
        typologies=overview.typologies(paths),
        bands=_by_band(fetch(_BANDS, {"alerts": alerts})),
        days=overview.over_time(paths).points,
        currency=overview.currency(paths),
        made_at=datetime.fromisoformat(manifest["finished"]),
    )


def _by_band(scores: pd.DataFrame) -> pd.DataFrame:
    floors = [floor for _, floor in FLOORS]
    band = [
        next(i for i, floor in enumerate(floors) if score >= floor) for score in scores["score"]
    ]
    counts = scores["alerts"].groupby(band).sum().reindex(range(len(FLOORS)), fill_value=0)
    return pd.DataFrame({"band": [name for name, _ in FLOORS], "alerts": counts.to_numpy()})

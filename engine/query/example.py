"""One transaction of a run, as an example of what may be scored."""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq

from engine.columns import AMOUNT, RECEIVER, RECEIVER_BEFORE, SENDER, SENDER_BEFORE, TIME, TYPE
from engine.lake import RunPaths
from engine.query.database import fetch, require

_QUERY = """
SELECT * FROM read_parquet($augmented) ORDER BY final_risk DESC, tx_id LIMIT 1
"""
_WANTED = (SENDER, RECEIVER, AMOUNT, TIME, TYPE, SENDER_BEFORE, RECEIVER_BEFORE)


def riskiest_transaction(paths: RunPaths) -> dict[str, Any]:
    """Return the riskiest transaction of a run: its canonical columns, those it has.

    Raises
    ------
    RunError
        If the run's files are not there.
    """
    path = require(paths.augmented)
    found = fetch(_QUERY, {"augmented": path})
    has = [name for name in _WANTED if name in pq.read_schema(path).names]
    return {} if found.empty else {name: found[name].iloc[0] for name in has}

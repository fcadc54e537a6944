"""What alerts are raised from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.columns import TX_ID
from engine.features import FeatureMatrix
from engine.scoring.model import Model
from engine.scoring.score import Scores

Row = dict[str, Any]
Int64 = npt.NDArray[np.int64]
Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scored:
    """What alerts are raised from: transactions in time order with all that is known of them."""

    transactions: pa.Table
    features: FeatureMatrix
    scores: Scores
    final_risk: Float32
    model: Model | None

    def rows_of(self, tx_ids: Int64) -> Int64:
        """Return the row of each transaction id."""
        known = self.transactions[TX_ID].to_numpy()
        order = np.argsort(known, kind="stable")
        return np.asarray(order[np.searchsorted(known, tx_ids, sorter=order)])

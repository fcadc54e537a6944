"""Transactions that analysts have decided, for runs that learn from them."""

from __future__ import annotations

import pandas as pd


def decided() -> pd.DataFrame | None:
    """Return the decided transactions, ``None`` where there are none.

    Returns
    -------
    pandas.DataFrame or None
        One row a decided transaction, columns as :data:`engine.feedback.FEEDBACK`.
    """
    return None

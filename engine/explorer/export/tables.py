"""The accounts and links of a scene as tables for a spreadsheet."""

from __future__ import annotations

import pandas as pd

from engine.explorer.picture import styles_of
from engine.explorer.scene import Scene

_ACCOUNTS = [
    "account", "role", "risk", "in_count", "in_amount", "out_count", "out_amount",
    "counterparties", "shown_counterparties", "in_ring",
]  # fmt: skip
_LINKS = [
    "sender", "receiver", "transactions", "amount", "first_time", "last_time", "risk", "proving",
]  # fmt: skip


def account_table(scene: Scene) -> pd.DataFrame:
    """Return the accounts that are drawn, the riskiest first; amounts are in currency units.

    ``role`` is the word that the legend has for it.
    """
    named = scene.nodes.assign(role=[style.name.lower() for style in styles_of(scene.nodes)])
    shown = named[_ACCOUNTS].sort_values(["risk", "account"], ascending=[False, True])
    return shown.reset_index(drop=True)


def link_table(scene: Scene) -> pd.DataFrame:
    """Return the links that are drawn, the largest sum first; times are in UTC."""
    shown = scene.edges[_LINKS].sort_values(
        ["amount", "sender", "receiver"], ascending=[False, True, True]
    )
    return shown.reset_index(drop=True)

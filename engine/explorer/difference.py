"""What became of a scene: which accounts and links came, went, or changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from engine.explorer.scene import Scene

#: Sums of the same transfers in another order differ by less, in currency units.
_AMOUNT = 0.005
#: Risks are shown with three digits.
_RISK = 0.0005

_OF_ACCOUNT: dict[str, float | None] = {
    "role": None, "risk": _RISK, "in_count": 0.5, "in_amount": _AMOUNT, "out_count": 0.5,
    "out_amount": _AMOUNT,
}  # fmt: skip
_OF_EDGE: dict[str, float | None] = {"transactions": 0.5, "amount": _AMOUNT, "risk": _RISK}


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between an earlier and a later scene.

    Attributes
    ----------
    accounts
        ``account, change, role, role_now, risk, risk_now, in_count, in_count_now, in_amount,
        in_amount_now, out_count, out_count_now, out_amount, out_amount_now``: a row for each
        account that differs, ``change`` being ``new``, ``gone``, or ``changed``. Figures are over
        the whole run; those of a side without the account are missing.
    edges
        ``sender, receiver, change, transactions, transactions_now, amount, amount_now, risk,
        risk_now``, likewise.
    same_accounts, same_edges
        How many do not differ.
    """

    accounts: pd.DataFrame
    edges: pd.DataFrame
    same_accounts: int
    same_edges: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not len(self.accounts) and not len(self.edges)

    def count(self, part: str, change: str) -> int:
        """Return how many ``accounts`` or ``edges`` are ``new``, ``gone`` or ``changed``."""
        frame: pd.DataFrame = getattr(self, part)
        return int((frame["change"] == change).sum())


def compare(before: Scene, now: Scene) -> Difference:
    """Compare two scenes by the names of their accounts."""
    accounts, same_accounts = _compared(before.nodes, now.nodes, ["account"], _OF_ACCOUNT)
    edges, same_edges = _compared(before.edges, now.edges, ["sender", "receiver"], _OF_EDGE)
    return Difference(accounts, edges, same_accounts, same_edges)


def _compared(
    before: pd.DataFrame, now: pd.DataFrame, keys: Sequence[str], measured: dict[str, float | None]
) -> tuple[pd.DataFrame, int]:
    """Return the rows that differ, the gravest first, and how many are the same."""
    columns = [*keys, *measured]
    both = before[columns].merge(
        now[columns], on=list(keys), how="outer", suffixes=("", "_now"), indicator="change"
    )
    differs = pd.Series(False, index=both.index)
    for name, tolerance in measured.items():
        differs |= _differ(both[name], both[f"{name}_now"], tolerance)
    change = both["change"].astype("str").map({"right_only": "new", "left_only": "gone"})
    both["change"] = change.fillna("changed")
    found = both[(both["change"] != "changed") | differs]
    order = found["change"].map({"new": 0, "gone": 1, "changed": 2})
    pairs = [column for name in measured for column in (name, f"{name}_now")]
    shown = found.assign(order=order).sort_values(["order", *keys], kind="stable")
    return shown[[*keys, "change", *pairs]].reset_index(drop=True), len(both) - len(found)


def _differ(before: pd.Series, now: pd.Series, tolerance: float | None) -> pd.Series:
    one_is_missing = before.isna() != now.isna()
    if tolerance is None:
        return one_is_missing | (before.notna() & now.notna() & (before != now))
    apart = (now.astype("float64") - before.astype("float64")).abs() > tolerance
    return one_is_missing | apart

"""The rings of a run as a list: filter, count, and page."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from engine.lake import RunPaths
from engine.query.database import fetch, require
from engine.query.paging import check_page

RingOrder = Literal["score", "amount", "n_accounts", "n_transactions", "start", "ring_id"]


@dataclass(frozen=True, slots=True)
class RingFilter:
    """Which rings, in which order.

    Attributes
    ----------
    typologies
        Typologies to keep; empty keeps all.
    min_score
        Lowest score kept, 0 to 1.
    min_amount, max_amount
        Bounds of the amount, in currency units; ``None`` leaves one open.
    start, end
        Keeps rings that were active in this period, the end not included.
    search
        Part of a ring id or of an account of the ring, in any case.
    whole
        Whether ``search`` is a whole ring id or account, and is looked for as no more.
    names_account
        Whether a whole ``search`` is an account; else it is the id of a ring.
    sort, descending
        Order; equal values keep the order of the ring ids.
    """

    typologies: tuple[str, ...] = ()
    min_score: float = 0.0
    min_amount: float | None = None
    max_amount: float | None = None
    start: datetime | None = None
    end: datetime | None = None
    search: str = ""
    whole: bool = False
    names_account: bool = True
    sort: RingOrder = "score"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class RingRanges:
    """Between which amounts (currency units) and times the rings of a run lie."""

    smallest: float
    largest: float
    first: datetime
    last: datetime


#: An older run has no checks: what is there is returned.
_COLUMNS = "COLUMNS('^(ring_id|typology|score|n_accounts|n_transactions|amount|start|end|checks)$')"

_WHERE = """
FROM read_parquet($rings)
WHERE (len($typologies::VARCHAR[]) = 0 OR list_contains($typologies::VARCHAR[], typology))
  AND score >= $min_score
  AND ($min_amount::DOUBLE IS NULL OR amount >= $min_amount)
  AND ($max_amount::DOUBLE IS NULL OR amount <= $max_amount)
  AND ($start::TIMESTAMP IS NULL OR "end" >= $start)
  AND ($end::TIMESTAMP IS NULL OR "start" < $end)
  AND ($search = ''
       OR CASE WHEN $whole THEN NOT $names_account AND ring_id = upper($search)
               ELSE contains(lower(ring_id), lower($search)) END
       OR ring_id IN (SELECT ring_id FROM read_parquet($ring_accounts)
                      WHERE CASE WHEN $whole THEN $names_account AND account = $search
                                 ELSE contains(lower(account), lower($search)) END))
"""

_TYPOLOGIES = f"""
WITH kept AS (SELECT typology, count(*) AS rings {_WHERE} GROUP BY typology)
SELECT typology, coalesce(rings, 0) AS rings
FROM (SELECT typology, count(*) AS total FROM read_parquet($rings) GROUP BY typology)
LEFT JOIN kept USING (typology) ORDER BY total DESC, typology
"""

_RANGES = """
SELECT min(amount) AS smallest, max(amount) AS largest, min("start") AS first, max("end") AS last
FROM read_parquet($rings)
"""

_ORDERS: dict[tuple[str, bool], str] = {
    (name, descending): f'ORDER BY "{name}" {"DESC" if descending else "ASC"}, ring_id'
    for name in ("score", "amount", "n_accounts", "n_transactions", "start", "ring_id")
    for descending in (True, False)
}


def _selection(paths: RunPaths, query: RingFilter) -> dict[str, Any]:
    return {
        "rings": require(paths.rings),
        "ring_accounts": require(paths.ring_accounts),
        "typologies": list(query.typologies),
        "min_score": query.min_score,
        "min_amount": query.min_amount,
        "max_amount": query.max_amount,
        "start": query.start,
        "end": query.end,
        "search": query.search if query.whole else query.search.strip(),
        "whole": query.whole,
        "names_account": query.names_account,
    }


def count_rings(paths: RunPaths, query: RingFilter) -> int:
    """Return how many rings of the run pass the filter."""
    found = fetch(f"SELECT count(*) AS n {_WHERE}", _selection(paths, query))
    return int(found["n"].iloc[0])


def page_rings(
    paths: RunPaths, query: RingFilter, page: int = 1, page_size: int = 100
) -> pd.DataFrame:
    """Return one page of the filtered rings.

    Parameters
    ----------
    paths
        Files of the run.
    query
        Filter and order.
    page
        Number of the page, from 1; a page beyond the last is empty.
    page_size
        Rings a page, 1 to ``engine.query.paging.MAX_PAGE_SIZE``.

    Returns
    -------
    pandas.DataFrame
        ``ring_id, typology, score, n_accounts, n_transactions, amount, start, end``, and
        ``explained_by``: the innocent explanations that fit, in words; empty where none does.

    Raises
    ------
    InputError
        If ``page`` or ``page_size`` is out of range.
    RunError
        If the run has no rings file.
    """
    check_page(page, page_size, "rings")
    parameters = _selection(paths, query)
    parameters |= {"page_size": page_size, "offset": (page - 1) * page_size}
    order = _ORDERS[query.sort, query.descending]
    found = fetch(f"SELECT {_COLUMNS} {_WHERE} {order} LIMIT $page_size OFFSET $offset", parameters)
    checks = found.pop("checks") if "checks" in found else ["[]"] * len(found)
    return found.assign(explained_by=[_explained_by(text) for text in checks])


def _explained_by(checks: str) -> str:
    return ", ".join(check["title"] for check in json.loads(checks) if check["innocent"])


def ring_typologies(paths: RunPaths, query: RingFilter | None = None) -> pd.DataFrame:
    """Count the rings of each typology.

    Parameters
    ----------
    paths
        Files of the run.
    query
        Counts only the rings that pass, whatever typologies it names; ``None`` counts all.

    Returns
    -------
    pandas.DataFrame
        ``typology, rings``, the most frequent of the whole run first, whether any passes or not.
    """
    chosen = replace(query or RingFilter(), typologies=())
    return fetch(_TYPOLOGIES, _selection(paths, chosen))


def ring_ranges(paths: RunPaths) -> RingRanges:
    """Return between which amounts and times the rings of the run lie; it must have some."""
    row = fetch(_RANGES, {"rings": require(paths.rings)}).iloc[0]
    return RingRanges(
        smallest=float(row["smallest"]),
        largest=float(row["largest"]),
        first=row["first"].to_pydatetime(),
        last=row["last"].to_pydatetime(),
    )

"""Where an account stands among those like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from engine.errors import InputError
from engine.lake import RunPaths
from engine.query.database import fetch, require
from engine.query.ledger import account_facts
from engine.query.ledger_file import open_ledger

#: What is compared, with its SQL.
MEASURES = {
    "risk": "risk",
    "in_amount": "in_amount",
    "out_amount": "out_amount",
    "in_count": "in_count",
    "out_count": "out_count",
    "pagerank": "pagerank",
    "days": "date_diff('second', first_time, last_time) / 86400.0",
}

#: Of more peers than this only every second, third … one is compared: the shares stay.
_MOST_COMPARED = 200_000

_LIKE_IT = """
FROM read_parquet($accounts, file_row_number = true)
WHERE role = $role AND in_count + out_count BETWEEN $fewest AND $most
  AND file_row_number <> $row
"""
_COUNT = f"SELECT count(*) AS peers {_LIKE_IT}"
_PEERS = f"""
WITH peers AS (SELECT {{measures}} {_LIKE_IT} AND file_row_number % $every = 0)
SELECT count(*) AS compared, {{figures}} FROM peers
"""


@dataclass(frozen=True, slots=True)
class Peers:
    """An account among its peers: those of the same role with about as many transactions.

    Attributes
    ----------
    role
        That of the account and its peers.
    fewest, most
        How many transactions a peer has: the powers of two round the account's own number.
    count, compared
        How many peers there are, and how many of them were compared.
    measures
        ``measure`` (a key of :data:`MEASURES`), ``value`` (the account's), ``median`` (the
        peers'), ``below`` (share of the peers that have less, half of those that have the same
        counted in: 0.5 is the middle); the last two are null without peers.
    """

    role: str
    fewest: int
    most: int
    count: int
    compared: int
    measures: pd.DataFrame


def account_peers(paths: RunPaths, account: str) -> Peers:
    """Compare an account with its peers in the run.

    Raises
    ------
    InputError
        If the run has no such account.
    """
    facts = account_facts(paths, [account])
    if facts.empty:
        raise InputError(f"run {paths.run_id} has no account {account!r}; search for another one")
    own = facts.iloc[0]
    own["days"] = (own["last_time"] - own["first_time"]).total_seconds() / 86_400
    fewest = 2 ** (int(own["in_count"] + own["out_count"]).bit_length() - 1)
    most = 2 * fewest - 1
    given: dict[str, Any] = {
        "accounts": require(paths.accounts), "row": _row_of(paths, account), "role": own["role"],
        "fewest": fewest, "most": most,
    }  # fmt: skip
    count = int(fetch(_COUNT, given)["peers"].iloc[0])
    given |= {f"own_{name}": float(own[name]) for name in MEASURES}
    found = fetch(_QUERY, given | {"every": -(-count // _MOST_COMPARED) or 1}).iloc[0]
    rows = [
        (name, float(own[name]), found[f"median_{name}"], found[f"below_{name}"])
        for name in MEASURES
    ]
    measures = pd.DataFrame(rows, columns=["measure", "value", "median", "below"])
    compared = int(found["compared"])
    return Peers(str(own["role"]), fewest, most, count, compared, measures)


def _row_of(paths: RunPaths, account: str) -> int:
    ledger = open_ledger(paths)
    return int(ledger.facts["row"][ledger.codes_of([account])[0]])


def _figures(name: str) -> str:
    own = f"CAST($own_{name} AS DOUBLE)"
    # A score is float32 in the lake and so is the account's own.
    less = f"count(*) FILTER ({name} < {own}) + 0.5 * count(*) FILTER ({name} = {own})"
    return f"median({name}) AS median_{name}, ({less}) / nullif(count(*), 0) AS below_{name}"


_QUERY = _PEERS.format(
    measures=", ".join(f"CAST({sql} AS DOUBLE) AS {name}" for name, sql in MEASURES.items()),
    figures=", ".join(map(_figures, MEASURES)),
)

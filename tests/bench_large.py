"""A file for the benchmark of the app: ``python -m tests.bench_large OUT``, then ``engine run``.

Generated transfers with planted rings, an account with 100,000 transactions, three quarters of them
with a counterparty of its own, and one ring of 300 accounts: larger than any of the AML
sets has. Both have names of their own.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.bench_scaling import add_hub
from engine.generate import generate_rings

HUB_TRANSACTIONS = 100_000
#: As :func:`add_hub` calls it.
HUB = "2000000000"
COLLECTOR = 2_100_000_000
PAYERS = 294
_SEED = 7


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_large", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="ordinary ones")
    parser.add_argument("out", type=Path, help="a Parquet file")
    given = parser.parse_args(arguments)
    ordinary = generate_rings(given.rows, _SEED).transactions
    pq.write_table(add_ring(add_hub(ordinary, HUB_TRANSACTIONS, _SEED)), given.out)
    return 0


def add_ring(transactions: pa.Table) -> pa.Table:
    """Let many accounts pay one new account within two days, which passes most of it on."""
    rng = np.random.default_rng(_SEED)
    known = np.unique(transactions["sender"].to_numpy())
    known = known[known < int(HUB) - 2 * HUB_TRANSACTIONS]
    payers, exits = np.split(rng.choice(known, PAYERS + 5, replace=False), [PAYERS])
    amounts = np.round(rng.uniform(700, 950, PAYERS), 2)
    day = int(transactions["step"].to_numpy().max()) // 2
    passed_on = np.full(5, round(amounts.sum() * 0.19, 2))
    rows = PAYERS + len(exits)
    ring = pa.table(
        {
            "step": np.concatenate([day + np.arange(PAYERS) % 2, [day + 2] * 5]).astype(np.int32),
            "type": pa.repeat("TRANSFER", rows),
            "amount": np.concatenate([amounts, passed_on]),
            "sender": np.concatenate([payers, [COLLECTOR] * 5]).astype(np.int32),
            "receiver": np.concatenate([[COLLECTOR] * PAYERS, exits]).astype(np.int32),
            "is_laundering": np.ones(rows, np.int8),
            "ring_id": np.full(rows, -1, np.int32),
        }
    )
    return pa.concat_tables([transactions, ring]).sort_by("step")


if __name__ == "__main__":
    sys.exit(main())

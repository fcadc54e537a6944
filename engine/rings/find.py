"""Graph and scores -> rings: search, explain away, name roles, and write the contract's tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pyarrow as pa

from engine.accounts import Accounts
from engine.columns import TIME_TYPE
from engine.config import Config, RingConfig
from engine.progress import Progress, silent
from engine.rings.candidates import Candidate, Int32, Int64, Transfers, members
from engine.rings.clusters import find_clusters
from engine.rings.evidence import pass_through
from engine.rings.learning import LearnedRings, Lesson, learn_rings
from engine.rings.lookalikes import Check, check_rings, innocence_factor
from engine.rings.overlap import SAME_RING, Owners
from engine.rings.rare import ring_window
from engine.rings.search import EXPLAINED, search

#: Rings scored below this share of the alert threshold are not reported at all.
_CONTEXT = 0.3


@dataclass(frozen=True, slots=True)
class RingTables:
    """The contract's three ring tables.

    Attributes
    ----------
    rings
        ``surprise`` and ``expected`` explain the score of a ring found by its shape.
    notes
        Sentences for people on how the rings were found.
    learned
        What labels taught; None without labels, and where the tables were read back from disk.
    """

    rings: pa.Table
    ring_accounts: pa.Table
    ring_transactions: pa.Table
    notes: tuple[str, ...] = ()
    learned: LearnedRings | None = None


def find_rings(
    transfers: Transfers,
    accounts: Accounts,
    tx_id: Int64,
    config: Config,
    progress: Progress = silent,
    lesson: Lesson | None = None,
) -> RingTables:
    """Find rings, best first: by shape, and by what labels teach where there is a lesson.

    Parameters
    ----------
    tx_id
        int64, shape (n,): id of each transaction.
    lesson
        Labels of the past. Where they do not form rings, a note says so and shape alone counts.

    Returns
    -------
    RingTables
        Rings are numbered by score, then amount; the tables are ordered by ring.
    """
    share = 0.8 if lesson is None else 0.4
    found = search(transfers, config.rings, lambda s, m: progress(share * s, m))
    notes, learned = found.notes, None
    if lesson is not None:
        taught = learn_rings(
            transfers, lesson, found.candidates, ring_window(transfers.seconds, config.rings),
            lambda s, m: progress(share + (0.9 - share) * s, m),
        )  # fmt: skip
        learned = taught if isinstance(taught, LearnedRings) else None
        notes = (*notes, *taught.notes) if isinstance(taught, LearnedRings) else (*notes, taught)
    candidates = (
        [*found.candidates, *find_clusters(transfers, config.rings, config.graph)]
        if learned is None
        else learned.rings
    )
    progress(0.9, f"{len(candidates):,} candidates")
    kept = explain(transfers, _ranked(transfers, candidates), config.rings)
    kept, checks = _judged(transfers, kept)
    tables = ring_tables(transfers, accounts, tx_id, kept, checks)
    return replace(tables, notes=notes, learned=learned)


def _judged(
    transfers: Transfers, kept: Sequence[Candidate]
) -> tuple[list[Candidate], list[list[Check]]]:
    """Test innocent explanations, lower the scores where one fits, and rank anew."""
    checks = check_rings(transfers, kept)
    lowered = [
        replace(ring, score=ring.score * innocence_factor(tests))
        for ring, tests in zip(kept, checks, strict=True)
    ]
    order = {id(ring): tests for ring, tests in zip(lowered, checks, strict=True)}
    ranked = _ranked(transfers, lowered)
    return ranked, [order[id(ring)] for ring in ranked]


def explain(
    transfers: Transfers, ranked: Sequence[Candidate], config: RingConfig
) -> list[Candidate]:
    """Keep a candidate unless better ones explain it.

    It is explained when half of its transactions prove better rings, or when a better ring has a
    Jaccard overlap of accounts of one half. Candidates far below the alert threshold are dropped.
    """
    taken = np.zeros(len(transfers.sender), bool)
    kept = []
    for candidate in ranked:
        if candidate.score < config.ring_alert_threshold * _CONTEXT:
            break
        if taken[candidate.rows].mean() < EXPLAINED:
            taken[candidate.rows] = True
            kept.append(candidate)
    return drop_doubles(transfers, kept)


def drop_doubles(transfers: Transfers, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Keep a candidate unless a better one has a Jaccard overlap of accounts of one half."""
    kept: list[Candidate] = []
    sizes: list[int] = []
    owners = Owners()
    for candidate in ranked:
        accounts = members(transfers, candidate.rows).tolist()
        if any(
            shared / (len(accounts) + sizes[ring] - shared) >= SAME_RING
            for ring, shared in owners.shared(accounts).items()
        ):
            continue
        owners.add(len(kept), accounts)
        kept.append(candidate)
        sizes.append(len(accounts))
    return kept


def roles(transfers: Transfers, candidate: Candidate, accounts: Int32) -> list[str]:
    """Name what each account does inside the ring.

    The account in the middle of a fan-in is the collector, of a fan-out the source, of a
    gather-scatter and of structuring the hub. A cycle begins at its source. Elsewhere: source
    (only sends), collector (only receives; the exit of a chain), mule (passes on).
    """
    if candidate.typology == "fan_out":
        return ["source" if a == candidate.hub else "mule" for a in accounts]
    if candidate.typology == "cycle":
        start = transfers.sender[candidate.rows[0]]
        return ["source" if a == start else "mule" for a in accounts]
    sends = np.isin(accounts, transfers.sender[candidate.rows])
    receives = np.isin(accounts, transfers.receiver[candidate.rows])
    end = "exit" if candidate.typology == "chain" else "collector"
    middle = candidate.hub if candidate.typology in ("gather_scatter", "structuring") else -1
    return [
        "hub" if a == middle else "mule" if s and r else "source" if s else end
        for a, s, r in zip(accounts, sends, receives, strict=True)
    ]


def fingerprint(names: Sequence[str]) -> str:
    """Return 16 hex digits that name a set of accounts, whatever their order."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


def ring_tables(
    transfers: Transfers,
    accounts: Accounts,
    tx_id: Int64,
    ranked: Sequence[Candidate],
    checks: Sequence[Sequence[Check]] = (),
) -> RingTables:
    """Turn ranked candidates, and the look-alike checks of each, into the contract's tables."""
    rings: list[dict[str, object]] = []
    evidence = pass_through(transfers, ranked, accounts.names)
    ring_of_account: list[str] = []
    account_codes: list[Int32] = []
    account_roles: list[str] = []
    ring_of_row: list[str] = []
    for number, candidate in enumerate(ranked, start=1):
        ring_id, rows = f"R{number:05d}", candidate.rows
        codes = members(transfers, rows)
        names = accounts.names.take(pa.array(codes)).to_pylist()
        rings.append(
            {
                "ring_id": ring_id,
                "typology": candidate.typology,
                "score": round(candidate.score, 6),
                "n_accounts": len(codes),
                "n_transactions": len(rows),
                "amount": int(transfers.minor_units[rows].sum()) / 100,
                "start": int(transfers.seconds[rows[0]]) * 1_000_000,
                "end": int(transfers.seconds[rows[-1]]) * 1_000_000,
                "fingerprint": fingerprint(names),
                "surprise": round(candidate.surprise, 3),
                "expected": round(candidate.expected, 3),
                "mean_risk": round(float(transfers.risk[rows].mean()), 6),
                "checks": json.dumps([asdict(c) for c in checks[number - 1]] if checks else []),
                "learned": candidate.learned,
                "evidence": json.dumps(evidence[number - 1]),
            }
        )
        ring_of_account += [ring_id] * len(codes)
        account_codes.append(codes)
        account_roles += roles(transfers, candidate, codes)
        ring_of_row += [ring_id] * len(rows)
    codes = np.concatenate(account_codes) if account_codes else np.empty(0, np.int32)
    rows = np.concatenate([c.rows for c in ranked]) if ranked else np.empty(0, np.int64)
    return RingTables(
        pa.Table.from_pylist(rings, RING_SCHEMA),
        pa.table(
            {
                "ring_id": pa.array(ring_of_account, pa.string()),
                "account": accounts.names.take(pa.array(codes)),
                "role": pa.array(account_roles, pa.string()),
            }
        ),
        pa.table({"ring_id": pa.array(ring_of_row, pa.string()), "tx_id": tx_id[rows]}),
    )


RING_SCHEMA = pa.schema(
    [
        ("ring_id", pa.string()),
        ("typology", pa.string()),
        ("score", pa.float64()),
        ("n_accounts", pa.int64()),
        ("n_transactions", pa.int64()),
        ("amount", pa.float64()),
        ("start", TIME_TYPE),
        ("end", TIME_TYPE),
        ("fingerprint", pa.string()),
        ("surprise", pa.float64()),
        ("expected", pa.float64()),
        ("mean_risk", pa.float64()),
        ("checks", pa.string()),
        ("learned", pa.bool_()),
        ("evidence", pa.string()),
    ]
)


def _ranked(transfers: Transfers, candidates: Sequence[Candidate]) -> list[Candidate]:
    def key(candidate: Candidate) -> tuple[float, int, int]:
        amount = int(transfers.minor_units[candidate.rows].sum())
        return (-candidate.score, -amount, int(candidate.rows[0]))

    return sorted(candidates, key=key)

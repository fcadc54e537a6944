"""Why an account is alerted or not: what an alert takes, and what the account has of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from engine.columns import FRAUD_PROBABILITY
from engine.config import Config, RingConfig
from engine.errors import InputError
from engine.lake import RunPaths, read_json
from engine.query.account_findings import Findings, account_findings
from engine.query.database import fetch, require
from engine.query.ledger_entries import Filters, Found, find, folded_pairs
from engine.query.ledger_file import Ledger, open_ledger
from engine.query.run_model import config_of
from engine.rings.rare import ring_window

Rule = Literal[
    "ring_score", "no_ring", "probability", "unusual", "no_lone", "new_senders", "new_receivers",
    "passes_on", "occasional",
]  # fmt: skip

#: The riskiest transactions of the account that are looked at for the model's probability.
_RISKIEST = 200
#: Entries that tell whether the run's times are days.
_TIMES_SEEN = 10_000
#: How a run's note on lone alerts begins, see :mod:`engine.alerts.lone_alerts`.
_NO_LONE = "no alerts of lone transactions"

_HIGHEST = """
SELECT tx_id, fraud_probability AS value FROM read_parquet($augmented)
WHERE tx_id IN (SELECT unnest($tx_ids::BIGINT[])) ORDER BY value DESC NULLS LAST, tx_id LIMIT 1
"""
_LOWEST_ALERTED = """
SELECT min(score) AS lowest, count(*) AS alerts FROM read_parquet($alerts) WHERE ring_id IS NULL
"""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that an alert takes.

    Attributes
    ----------
    rule
        What it is.
    is_met
        Whether the account fulfils it.
    value, needed
        What was measured, and what is needed; ``None`` where there is no such number.
    ring_id, tx_id
        What was measured, if it is one ring or transaction.
    hours
        Within which time, if within any.
    explained_by
        Innocent explanations that lowered a ring's score.
    """

    rule: Rule
    is_met: bool
    value: float | None
    needed: float | None
    ring_id: str | None = None
    tx_id: int | None = None
    hours: float | None = None
    explained_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an account is alerted, and the conditions.

    Attributes
    ----------
    alerting
        Either of them makes an alert: a ring over the threshold, a transaction risky enough.
    shape
        What a ring through the account takes; all that are met still need timing and amounts that
        chance does not explain.
    """

    is_alerted: bool
    alerting: tuple[Condition, ...]
    shape: tuple[Condition, ...]


def account_verdict(paths: RunPaths, account: str) -> Verdict:
    """Say which conditions of an alert an account fulfils, with numbers.

    Raises
    ------
    InputError
        If the run has no such account.
    """
    ledger = open_ledger(paths)
    found = find(ledger, ledger.codes_of([account]), Filters())
    if not len(found.rows):
        raise InputError(f"run {paths.run_id} has no account {account!r}; search for another one")
    manifest = read_json(paths.manifest)
    config, findings = config_of(manifest), account_findings(paths, account)
    return Verdict(
        is_alerted=findings.is_alerted,
        alerting=(
            _best_ring(paths, findings, config.rings.ring_alert_threshold),
            _riskiest(paths, ledger, found, manifest, config),
        ),
        shape=_shape(ledger, found, config.rings),
    )


def _best_ring(paths: RunPaths, findings: Findings, threshold: float) -> Condition:
    if findings.rings.empty:
        return Condition("no_ring", False, None, threshold)
    best = findings.rings.iloc[0]
    score, ring_id = float(best["score"]), str(best["ring_id"])
    why = () if score >= threshold else _explanations(paths, ring_id)
    return Condition(
        "ring_score", score >= threshold, score, threshold, ring_id=ring_id, explained_by=why
    )


def _explanations(paths: RunPaths, ring_id: str) -> tuple[str, ...]:
    given = {"rings": require(paths.rings), "ring_id": ring_id}
    row = fetch("SELECT * FROM read_parquet($rings) WHERE ring_id = $ring_id", given).iloc[0]
    checks = json.loads(row.get("checks") or "[]")
    return tuple(str(check["title"]) for check in checks if check["innocent"])


def _riskiest(
    paths: RunPaths, ledger: Ledger, found: Found, manifest: dict[str, Any], config: Config
) -> Condition:
    """Return how near the account's riskiest transaction is to an alert of its own."""
    risks = ledger.entries["risk"][found.rows]
    rows = found.rows[np.argsort(-risks, kind="stable")[:_RISKIEST]]
    tx_ids = [int(one) for one in ledger.entries["tx_id"][rows]]
    threshold = (manifest.get("metrics") or {}).get("threshold")
    if threshold is not None and FRAUD_PROBABILITY in pq.read_schema(paths.augmented).names:
        given = {"augmented": require(paths.augmented), "tx_ids": tx_ids}
        top = fetch(_HIGHEST, given).iloc[0]
        value = float(top["value"])
        is_met = np.float32(value) >= np.float32(threshold)
        return Condition(
            "probability", bool(is_met), value, float(threshold), tx_id=int(top["tx_id"])
        )
    value = float(ledger.entries["risk"][rows[0]])
    if any(str(note).startswith(_NO_LONE) for note in manifest.get("notes") or ()):
        return Condition("no_lone", False, value, None, tx_id=tx_ids[0])
    lowest = fetch(_LOWEST_ALERTED, {"alerts": require(paths.alerts)}).iloc[0]
    needed = None if pd.isna(lowest["lowest"]) else float(lowest["lowest"])
    return Condition(
        "unusual", needed is not None and value >= needed, value, needed, tx_id=tx_ids[0]
    )


def _shape(ledger: Ledger, found: Found, config: RingConfig) -> tuple[Condition, ...]:
    pairs = folded_pairs(ledger, found)
    occasional = pairs[pairs["n_in"] + pairs["n_out"] <= config.max_pair_transactions]
    seen = ledger.entries["time"][:_TIMES_SEEN].astype("datetime64[s]").astype(np.int64)
    seconds = ring_window(seen, config)
    window = np.timedelta64(seconds, "s")

    def burst(rule: Rule, side: str) -> Condition:
        times = np.sort(occasional.loc[occasional[side] > 0, "first_time"].to_numpy())
        most = _most_within(times, window)
        needed = config.min_counterparties
        return Condition(rule, most >= needed, most, needed, hours=seconds / 3600)

    both = min(pairs["n_in"].sum(), pairs["n_out"].sum())
    least = config.min_accounts - 1
    return (
        Condition("occasional", len(occasional) >= least, len(occasional), least),
        burst("new_senders", "n_in"),
        burst("new_receivers", "n_out"),
        Condition("passes_on", bool(both), float(both), 1.0),
    )


def _most_within(times: Any, window: np.timedelta64) -> int:
    """Return the most of the sorted moments that lie within a window."""
    if not len(times):
        return 0
    return int((np.arange(len(times)) - np.searchsorted(times, times - window)).max() + 1)

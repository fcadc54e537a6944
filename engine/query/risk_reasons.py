"""Why a transaction or an account has its risk: what adds to it and what takes from it, in words.

The model's part is TreeSHAP on its log-odds, so that base and contributions sum to what the model
says; each reason names the transactions it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.columns import (
    FINAL_RISK,
    TYPE,
)
from engine.errors import InputError
from engine.lake import RunPaths
from engine.query import ledger
from engine.query.reason_evidence import Evidence
from engine.query.reason_words import effect, feature_in_words, named
from engine.query.risk_parts import (
    RiskPart as RiskPart,
)
from engine.query.risk_parts import (
    RiskReason as RiskReason,
)
from engine.query.risk_parts import (
    account_rings,
    others_of,
    parts_of,
    probability_of,
    rings_of,
    unusual_of,
)
from engine.query.run_model import (
    config_of,
    explain,
    feature_values,
    load_model,
    manifest_of,
    rows_of,
)

#: An account is explained by so many of its transactions, the riskiest.
RISKIEST = 10

NO_MODEL = (
    "this run has no model: its risk is a blend of how unusual a transaction is, the rules, and "
    "ring evidence, so nothing has a contribution of its own to a probability"
)
_SEES_RINGS = (
    "the run's probability comes from models that learned rings and see both sides in time; these "
    "contributions are of the model that sees earlier transactions only"
)


@dataclass(frozen=True, slots=True)
class TransactionReasons:
    """Why a transaction has its risk.

    Attributes
    ----------
    final_risk, probability
        As the run has them; no probability without a model.
    base, margin
        Calibrated log-odds of the model where no feature is known, and of this transaction:
        ``base`` and the contributions of ``reasons`` sum to ``margin``.
    reasons
        The model's, the largest contribution first, whichever way it goes; one a feature.
    others
        What speaks for the risk beside the model: rings, rules, unusualness.
    parts
        How the final risk is put together.
    notes
        What must be known to read them.
    """

    tx_id: int
    final_risk: float
    probability: float | None
    base: float | None
    margin: float | None
    reasons: tuple[RiskReason, ...]
    others: tuple[RiskReason, ...]
    parts: tuple[RiskPart, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountReasons:
    """Why an account has its risk, which is that of its riskiest transactions.

    Attributes
    ----------
    tx_ids
        The transactions looked at, the riskiest first; ``transactions`` is how many it has.
    reasons, others, notes
        As for a transaction; contributions are means over the transactions looked at.
    """

    account: str
    tx_ids: tuple[int, ...]
    transactions: int
    reasons: tuple[RiskReason, ...]
    others: tuple[RiskReason, ...]
    notes: tuple[str, ...]


def transaction_reasons(paths: RunPaths, tx_id: int) -> TransactionReasons:
    """Say why a transaction has its risk.

    Raises
    ------
    InputError
        If the run has no such transaction.
    RunError
        If the run's files are missing.
    """
    found = rows_of(paths, [tx_id])
    if found.empty:
        raise InputError(f"run {paths.run_id} has no transaction {tx_id}")
    tx, manifest = found.iloc[0], manifest_of(paths)
    config, model = config_of(manifest), load_model(paths)
    base = margin = None
    reasons: tuple[RiskReason, ...] = ()
    if model is not None:
        values = feature_values(found, model.names)
        shares, base = explain(model, values)
        margin = base + float(shares[0].sum())
        reasons = _of_features(model.names, values[0], shares[0], tx, Evidence(paths, tx))
    rings = rings_of(paths, tx_id)
    return TransactionReasons(
        tx_id=tx_id,
        final_risk=float(tx[FINAL_RISK]),
        probability=probability_of(tx),
        base=base,
        margin=margin,
        reasons=reasons,
        others=tuple(others_of(tx, rings, manifest, config)),
        parts=parts_of(tx, config),
        notes=_notes(manifest, reasons),
    )


def account_reasons(paths: RunPaths, account: str) -> AccountReasons:
    """Say why an account has its risk.

    Raises
    ------
    InputError
        If the run's transactions name no accounts, or none of that name.
    RunError
        If the run's files are missing.
    """
    entries = ledger.entries(paths, [account])
    if entries.empty:
        raise InputError(f"run {paths.run_id} has no account {account!r}")
    own = entries.drop_duplicates("tx_id").sort_values(["risk", "tx_id"], ascending=[False, True])
    tx_ids = [int(one) for one in own["tx_id"].head(RISKIEST)]
    rows, model = rows_of(paths, tx_ids), load_model(paths)
    reasons: tuple[RiskReason, ...] = ()
    if model is not None:
        shares, _ = explain(model, feature_values(rows, model.names))
        reasons = tuple(_over(model.names, shares, tx_ids))
    manifest = manifest_of(paths)
    others = (*account_rings(paths, account, set(own["tx_id"])), *unusual_of(rows))
    return AccountReasons(
        account, tuple(tx_ids), len(own), reasons, others, _notes(manifest, reasons)
    )


def _of_features(
    names: Sequence[str], values: npt.NDArray[np.float32], shares: npt.NDArray[np.float64],
    tx: pd.Series, evidence: Evidence,
) -> tuple[RiskReason, ...]:  # fmt: skip
    told = {"type": tx.get(TYPE)}
    found = []
    for i in np.argsort(-np.abs(shares), kind="stable"):
        name, share = names[i], float(shares[i])
        # The amount as it was given, not as the model's 32 bits hold it.
        value = float(tx[name]) if pd.notna(tx[name]) else float(values[i])
        if share != 0:
            text = f"{_capital(feature_in_words(name, value, told))}: {effect(share)}"
            found.append(RiskReason(name, text, share, value, None, evidence.of(name)))
    return tuple(found)


def _over(
    names: Sequence[str], shares: npt.NDArray[np.float64], tx_ids: Sequence[int]
) -> Iterator[RiskReason]:
    """Yield a reason for each feature, by its mean over transactions, the largest first."""
    mean, ids = shares.mean(axis=0), np.array(tx_ids)
    for i in np.argsort(-np.abs(mean), kind="stable"):
        if mean[i] == 0:
            continue
        same_way = np.flatnonzero(np.sign(shares[:, i]) == np.sign(mean[i]))
        text = (
            f"{_capital(named(names[i]))}: {effect(float(mean[i]))} on average, this way in "
            f"{len(same_way)} of {len(ids)} transactions"
        )
        proving = same_way[np.argsort(-np.abs(shares[same_way, i]), kind="stable")]
        yield RiskReason(names[i], text, float(mean[i]), None, None, tuple(ids[proving].tolist()))


def _notes(manifest: dict[str, Any], reasons: Sequence[RiskReason]) -> tuple[str, ...]:
    if not reasons:
        return (NO_MODEL,)
    return (_SEES_RINGS,) if manifest.get("metrics", {}).get("family") == "batch" else ()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""Which alerts a run would raise under other thresholds, from what it left in the lake.

The rules are those of :mod:`engine.alerts`; scores, rings and ``final_risk`` do not depend on the
thresholds, so the alerts are those that a run with these settings raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from engine.columns import FRAUD_PROBABILITY
from engine.config import AlertConfig, Config, RingConfig
from engine.errors import InputError
from engine.lake import RunPaths, read_json
from engine.query.database import fetch, require

#: Columns of :func:`alerts_under`.
COLUMNS = ("kind", "ring_id", "tx_id", "typology", "score", "amount", "opened")

_NO_LONE = "no alerts of lone transactions"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What decides which rings and which lone transactions are alerts.

    The names are those of :class:`engine.config.RingConfig` and
    :class:`engine.config.AlertConfig`.
    """

    ring_alert_threshold: float = RingConfig().ring_alert_threshold
    lone_share: float = AlertConfig().lone_share
    min_lone: int = AlertConfig().min_lone
    max_lone: int = AlertConfig().max_lone

    @classmethod
    def of(cls, config: Config) -> Thresholds:
        """Return those of some settings."""
        alerts = config.alerts
        return cls(
            config.rings.ring_alert_threshold, alerts.lone_share, alerts.min_lone, alerts.max_lone
        )

    @classmethod
    def of_run(cls, manifest: Mapping[str, Any]) -> Thresholds:
        """Return those a run was made with; what its version did not write is the default."""
        config = manifest.get("config") or {}
        told = {**(config.get("rings") or {}), **(config.get("alerts") or {})}
        if "ring_alert_threshold" in config:
            told["ring_alert_threshold"] = config["ring_alert_threshold"]
        return cls(**{one.name: told[one.name] for one in fields(cls) if one.name in told})

    def overrides(self) -> dict[str, dict[str, Any]]:
        """Return them as overrides of :meth:`engine.config.Config.override`."""
        plain = asdict(self)
        ring = plain.pop("ring_alert_threshold")
        return {"rings": {"ring_alert_threshold": ring}, "alerts": plain}

    def check(self) -> None:
        """Refuse values that no run could mean.

        Raises
        ------
        InputError
            The message names the setting and its range.
        """
        if not 0 <= self.ring_alert_threshold <= 1:
            raise InputError(
                f"ring_alert_threshold is {self.ring_alert_threshold}; it lies between 0 and 1"
            )
        if self.min_lone < 0 or self.max_lone < self.min_lone:
            raise InputError(
                f"min_lone {self.min_lone} and max_lone {self.max_lone}: neither is negative, and "
                "the first is not above the second"
            )
        Config().override(self.overrides())


_RINGS = """
SELECT 'ring' AS kind, ring_id, CAST(NULL AS BIGINT) AS tx_id, typology, score, amount,
       "end" AS opened
FROM read_parquet($rings) WHERE score >= $threshold
"""

_TAKEN = """
SELECT tx_id FROM read_parquet($ring_transactions)
SEMI JOIN (SELECT ring_id FROM read_parquet($rings) WHERE score >= $threshold) USING (ring_id)
"""

_BELOW = """
SELECT 'ring' AS kind, ring_id, CAST(NULL AS BIGINT) AS tx_id, typology, score, amount,
       "end" AS opened
FROM read_parquet($rings) WHERE score < $threshold
"""

#: Ties are in the order of the rows, which is that of time.
_LONE = """
SELECT 'transaction' AS kind, CAST(NULL AS VARCHAR) AS ring_id, tx_id,
       'transaction' AS typology, round(CAST(final_risk AS DOUBLE), 6) AS score, amount,
       time AS opened
FROM (SELECT tx_id, final_risk, amount, time, {wanted}, file_row_number AS row
      FROM read_parquet($augmented, file_row_number => true))
{without}
WHERE is_wanted ORDER BY final_risk DESC, row LIMIT $most
"""


def alerts_under(paths: RunPaths, thresholds: Thresholds) -> pd.DataFrame:
    """Return the alerts that a finished run raises under thresholds, rings first.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`: ``ring_id`` or ``tx_id`` names the alert, ``opened`` is the time of its
        last transaction, ``amount`` in currency units.

    Raises
    ------
    InputError
        If the thresholds are out of their ranges.
    RunError
        If a file of the run is missing.
    """
    thresholds.check()
    parts = [_lone(paths, thresholds)]
    if paths.rings.exists():
        given = {"rings": require(paths.rings), "threshold": thresholds.ring_alert_threshold}
        parts.insert(0, fetch(_RINGS + "ORDER BY score DESC, ring_id", given))
    return _together(parts)


def below_the_line(
    paths: RunPaths, thresholds: Thresholds, alerts: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return what detectors proposed and thresholds keep from being alerts.

    These are the rings scored below the threshold, and the unusual transactions (``is_anomaly``)
    that no alert holds, where a run raises alerts of lone transactions at all. What no detector
    proposed is not among them. ``alerts`` are those of :func:`alerts_under`, where they are known.

    Returns
    -------
    pandas.DataFrame
        As :func:`alerts_under`.
    """
    parts = []
    if paths.rings.exists():
        given = {"rings": require(paths.rings), "threshold": thresholds.ring_alert_threshold}
        parts.append(fetch(_BELOW + "ORDER BY score DESC, ring_id", given))
    manifest = read_json(paths.manifest)
    if not no_lone(manifest):
        raised = alerts_under(paths, thresholds) if alerts is None else alerts
        taken = raised["tx_id"].dropna().astype("int64").tolist()
        sql, known = _without_alerted(paths, thresholds)
        lone = fetch(
            _LONE.format(wanted="is_anomaly AS is_wanted", without=sql),
            {**known, "augmented": require(paths.augmented), "most": 2**62},
        )
        parts.append(lone[~lone["tx_id"].isin(taken)])
    return _together(parts)


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)] or parts[-1:]
    if not filled:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(filled, ignore_index=True)[list(COLUMNS)].astype(
        {"kind": "str", "ring_id": "str", "tx_id": "Int64", "typology": "str"}
    )


def _without_alerted(paths: RunPaths, thresholds: Thresholds) -> tuple[str, dict[str, Any]]:
    """Return what leaves out the transactions of alerted rings, and its parameters."""
    if not paths.ring_transactions.exists():
        return "", {}
    return f"ANTI JOIN ({_TAKEN}) USING (tx_id)", {
        "rings": require(paths.rings),
        "ring_transactions": require(paths.ring_transactions),
        "threshold": thresholds.ring_alert_threshold,
    }


def no_lone(manifest: Mapping[str, Any]) -> bool:
    """Tell whether a run raises no alerts of lone transactions, whatever the thresholds are."""
    return any(str(note).startswith(_NO_LONE) for note in manifest.get("notes") or ())


def wanted_by_model(
    paths: RunPaths, manifest: Mapping[str, Any]
) -> tuple[str | None, dict[str, float]]:
    """Return the condition on a transaction that a model finds risky, with its parameter.

    ``None`` and nothing for a run without a model: there unusual transactions are meant.
    """
    threshold = (manifest.get("metrics") or {}).get("threshold")
    if threshold is None or FRAUD_PROBABILITY not in pq.read_schema(paths.augmented).names:
        return None, {}
    # Scores are float32, and so were they compared.
    condition = "CAST(fraud_probability AS FLOAT) >= CAST($limit AS FLOAT)"
    return condition, {"limit": float(threshold)}


def lone_by_model(paths: RunPaths) -> bool:
    """Tell whether lone alerts are what a model finds risky: no share of all, and no fewest."""
    return wanted_by_model(paths, read_json(paths.manifest))[0] is not None


def most_lone(paths: RunPaths, thresholds: Thresholds) -> int:
    """Return how many lone transactions a run raises alerts of at most."""
    manifest = read_json(paths.manifest)
    if no_lone(manifest):
        return 0
    if wanted_by_model(paths, manifest)[0] is not None:
        return thresholds.max_lone
    rows = pq.read_metadata(require(paths.augmented)).num_rows
    share = max(thresholds.min_lone, int(rows * thresholds.lone_share))
    return min(share, thresholds.max_lone)


def _lone(paths: RunPaths, thresholds: Thresholds) -> pd.DataFrame:
    condition, limit = wanted_by_model(paths, read_json(paths.manifest))
    without, more = _without_alerted(paths, thresholds)
    given = {"augmented": require(paths.augmented), "most": most_lone(paths, thresholds)}
    wanted = f"{condition or 'is_anomaly'} AS is_wanted"
    return fetch(_LONE.format(wanted=wanted, without=without), given | limit | more)

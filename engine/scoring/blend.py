"""``final_risk``: a documented blend that rises with every score it is made of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.config import RiskConfig

Float32 = npt.NDArray[np.float32]


def base_risk(
    rule: Float32, anomaly: Float32, probability: Float32 | None, config: RiskConfig
) -> Float32:
    """Blend the scores of a transaction, all in [0, 1], into its risk before ring evidence.

    With a model: 0.85 probability + 0.10 anomaly + 0.05 rule. Without: 0.60 anomaly + 0.40 rule,
    the proportion the original design gives its score and its second opinion.
    """
    if probability is not None:
        p, a, r = config.with_model
        return np.asarray(p * probability + a * anomaly + r * rule, np.float32)
    a, r = config.without_model
    return np.asarray(a * anomaly + r * rule, np.float32)


def with_ring_evidence(risk: Float32, ring_score: Float32, config: RiskConfig) -> Float32:
    """Raise the risk of transactions that prove a ring.

    ``risk + (1 - risk) * ring_share * ring_score``: rises in both and stays in [0, 1].

    Parameters
    ----------
    ring_score
        float32, shape (n,): highest score of the rings a transaction proves; 0 outside rings.
    """
    return np.asarray(risk + (1 - risk) * config.ring_share * ring_score, np.float32)

"""``final_risk`` rises with every score it is made of and stays in [0, 1]."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import RiskConfig
from engine.scoring.blend import base_risk, with_ring_evidence

CONFIG = RiskConfig()
#: float32 rounds, and the blend with it.
ROUNDING = 1e-6
shares = st.floats(0, 1, width=32)


def one(value: float) -> npt.NDArray[np.float32]:
    return np.array([value], np.float32)


def base(rule: float, anomaly: float, probability: float | None) -> float:
    p = None if probability is None else one(probability)
    return float(base_risk(one(rule), one(anomaly), p, CONFIG)[0])


def raised(risk: float, ring: float) -> float:
    return float(with_ring_evidence(one(risk), one(ring), CONFIG)[0])


def test_the_model_weighs_most_where_there_is_one() -> None:
    assert base(1.0, 0.5, 0.8) == pytest.approx(0.85 * 0.8 + 0.10 * 0.5 + 0.05 * 1.0)


def test_without_a_model_anomaly_and_rules_make_the_risk() -> None:
    assert base(1.0, 0.5, None) == pytest.approx(0.6 * 0.5 + 0.4 * 1.0)


def test_a_ring_takes_half_of_what_is_left_to_certainty() -> None:
    assert raised(0.2, 1.0) == pytest.approx(0.6)
    assert raised(0.2, 0.5) == pytest.approx(0.4)
    assert raised(0.2, 0.0) == pytest.approx(0.2)


def test_risks_are_float32() -> None:
    assert base_risk(one(1), one(1), one(1), CONFIG).dtype == np.float32
    assert with_ring_evidence(one(1), one(1), CONFIG).dtype == np.float32


@given(shares, shares, st.none() | shares)
def test_the_blend_stays_between_zero_and_one(
    rule: float, anomaly: float, probability: float | None
) -> None:
    assert 0 <= base(rule, anomaly, probability) <= 1


@given(shares, shares, shares, shares)
def test_the_blend_rises_with_each_score(low: float, high: float, a: float, b: float) -> None:
    low, high = sorted((low, high))
    assert base(low, a, b) <= base(high, a, b) + ROUNDING
    assert base(a, low, b) <= base(a, high, b) + ROUNDING
    assert base(a, b, low) <= base(a, b, high) + ROUNDING
    assert base(low, a, None) <= base(high, a, None) + ROUNDING
    assert base(a, low, None) <= base(a, high, None) + ROUNDING


@given(shares, shares, shares)
def test_ring_evidence_only_raises_the_risk(risk: float, weak: float, strong: float) -> None:
    weak, strong = sorted((weak, strong))
    assert risk <= raised(risk, weak) + ROUNDING
    assert raised(risk, weak) <= raised(risk, strong) + ROUNDING
    assert raised(risk, strong) <= 1

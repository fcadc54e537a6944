"""Communities of the riskiest transactions: candidates of a size and a risk that fit a ring."""

from __future__ import annotations

import numpy as np
import pytest

from engine.config import GraphConfig, RingConfig
from engine.rings.candidates import Candidate, members
from engine.rings.clusters import find_clusters, riskiest
from tests.engine.rows import Row, transactions, transfers_of

#: X, Y and Z pay each other round; ordinary payments stand beside them.
RISKY: list[Row] = [(1, "X", "Y", 5), (2, "Y", "Z", 5), (3, "Z", "X", 5)]
ORDINARY: list[Row] = [(float(4 + i), f"A{i}", f"B{i}", 5) for i in range(7)]


def clusters(
    risk: float = 0.9, config: RingConfig | None = None, *, has_model: bool = True
) -> list[Candidate]:
    config = config or RingConfig(risky_share=0.3)
    levels = [risk] * len(RISKY) + [0.01] * len(ORDINARY)
    transfers, _ = transfers_of(transactions(RISKY + ORDINARY), levels, has_model=has_model)
    return find_clusters(transfers, config, GraphConfig())


def test_risky_transactions_among_few_accounts_are_a_community() -> None:
    [community] = clusters()
    assert community.typology == "community"
    assert community.rows.tolist() == [0, 1, 2]
    assert community.hub == -1


def test_the_score_is_the_mean_risk_less_for_few_transactions() -> None:
    assert clusters()[0].score == pytest.approx(0.9 * (1 - 1 / 3))


def test_without_a_model_the_same_community_counts_for_less() -> None:
    assert clusters(has_model=False)[0].score < clusters()[0].score


def test_a_mean_risk_of_one_half_is_not_enough() -> None:
    assert clusters(risk=0.5) == []
    assert len(clusters(risk=0.51)) == 1


def test_a_community_has_no_fewer_and_no_more_accounts_than_the_settings_say() -> None:
    assert len(clusters(config=RingConfig(risky_share=0.3, min_accounts=3, max_accounts=3))) == 1
    assert clusters(config=RingConfig(risky_share=0.3, min_accounts=4)) == []
    assert clusters(config=RingConfig(risky_share=0.3, min_accounts=2, max_accounts=2)) == []


def test_two_groups_without_a_link_are_two_communities() -> None:
    rows = [*RISKY, (4.0, "U", "V", 5.0), (5.0, "V", "W", 5.0)]
    transfers, accounts = transfers_of(transactions(rows), 0.9, has_model=True)
    found = find_clusters(transfers, RingConfig(risky_share=1.0), GraphConfig())
    rings = [set(accounts.names.take(members(transfers, c.rows)).to_pylist()) for c in found]
    assert sorted(map(sorted, rings)) == [["U", "V", "W"], ["X", "Y", "Z"]]


def test_the_riskiest_share_keeps_ties_and_drops_transfers_to_oneself() -> None:
    rows: list[Row] = [(0, "A", "B", 1), (1, "B", "C", 1), (2, "C", "C", 1), (3, "D", "E", 1)]
    transfers, _ = transfers_of(transactions(rows), [0.9, 0.9, 0.9, 0.1])
    assert riskiest(transfers, 0.25).tolist() == [0, 1]
    assert riskiest(transfers, 1.0).tolist() == [0, 1, 3]


def test_even_a_tiny_share_is_one_transaction() -> None:
    transfers, _ = transfers_of(transactions(RISKY), [0.1, 0.8, 0.3])
    assert riskiest(transfers, 1e-9).tolist() == [1]


def test_members_are_the_distinct_ends_of_the_transactions() -> None:
    transfers, accounts = transfers_of(transactions(RISKY))
    codes = members(transfers, np.array([0, 1]))
    assert codes.tolist() == sorted(codes.tolist())
    assert set(accounts.names.take(codes).to_pylist()) == {"X", "Y", "Z"}


def test_without_a_model_no_community_reaches_the_alert_threshold() -> None:
    pairs = [("X", "Y"), ("Y", "Z"), ("Z", "X")]
    rows: list[Row] = [(float(i), *pairs[i % 3], 5) for i in range(30)]
    transfers, _ = transfers_of(transactions(rows), [1.0] * 30, has_model=False)
    config = RingConfig(risky_share=1.0)
    [community] = find_clusters(transfers, config, GraphConfig())
    assert community.score < config.ring_alert_threshold

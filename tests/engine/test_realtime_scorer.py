"""A run's scorer gives single transactions the scores of the run, with NumPy alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import xgboost as xgb
from hypothesis import given
from hypothesis import strategies as st

from engine.config import Config, RiskConfig
from engine.errors import InputError
from engine.generate import write_rings
from engine.lake import Lake, RunPaths
from engine.pipeline import run
from engine.plan import plan
from engine.realtime.export import boxes
from engine.realtime.profile import EMPTY, record
from engine.realtime.rings import Membership, ring_evidence, ring_links
from engine.realtime.scorer import Scorer
from engine.realtime.scorer_file import read_scorer, version_of, write_scorer
from engine.realtime.transaction import Transaction
from engine.scoring.blend import base_risk
from engine.scoring.model import Model
from tests.engine.realtime_rows import stream

REPOSITORY = Path(__file__).parents[2]
PAYSIM = REPOSITORY / "tests" / "data" / "paysim_sample.csv"
QUICK: dict[str, Any] = {"model": {"trees": 20, "min_positives": 5}}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake.open(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def with_model(lake: Lake) -> RunPaths:
    """Return a run that has a model."""
    run(lake, plan(lake, PAYSIM, config=Config().override(QUICK), run_id="paysim"))
    paths = lake.run("paysim")
    assert paths.model.exists()
    return paths


@pytest.fixture(scope="module")
def without_model(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    """Return a run of generated rings whose labels were left aside."""
    path = tmp_path_factory.mktemp("input") / "rings.csv"
    write_rings(6000, 3, path)
    run(lake, plan(lake, path, run_id="rings", labels="ignore"))
    return lake.run("rings")


def scorer_of(paths: RunPaths) -> Scorer:
    return read_scorer(paths.scorer.read_bytes())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["with_model", "without_model"])
def test_every_row_scored_alone_has_the_runs_scores(
    name: str, request: pytest.FixtureRequest
) -> None:
    paths: RunPaths = request.getfixturevalue(name)
    scorer = scorer_of(paths)
    profiles: dict[str, Any] = {}
    found = []
    for transaction in stream(pq.read_table(paths.prepped)):
        sender, receiver = (
            profiles.get(end, EMPTY) for end in (transaction.sender, transaction.receiver)
        )
        scored = scorer.score(sender, receiver, transaction)
        found.append((scored.rule, scored.anomaly, scored.probability, scored.base_risk))
        profiles |= record(profiles, transaction, scorer.spec.keep_seconds)
    of_run = pq.read_table(paths.augmented).to_pandas()
    rule, anomaly, probability, base = np.array(found, object).T
    has_model = scorer.model is not None
    assert has_model == of_run["fraud_probability"].notna().all()
    wanted = base_risk(
        of_run["rule_score"].to_numpy(), of_run["anomaly_score"].to_numpy(),
        of_run["fraud_probability"].to_numpy() if has_model else None, RiskConfig(),
    )  # fmt: skip
    assert (rule.astype(np.float32) == of_run["rule_score"]).all()
    assert np.abs(anomaly.astype(float) - of_run["anomaly_score"]).max() < 1e-5
    if has_model:
        assert np.abs(probability.astype(float) - of_run["fraud_probability"]).max() < 1e-5
    assert np.abs(base.astype(float) - wanted).max() < 1e-5


def booster_of(depth: int, seed: int = 0) -> tuple[xgb.Booster, np.ndarray]:
    """Return trees grown on noise, in which a feature comes back on a path, and rows."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(800, 4)).astype(np.float32)
    label = (values[:, 0] * values[:, 1] + rng.normal(size=800) > 0).astype(int)
    settings = {"max_depth": depth, "objective": "binary:logistic", "base_score": 0.2}
    return xgb.train(settings, xgb.DMatrix(values, label), 15), values


@pytest.mark.parametrize("depth", range(1, 9))
def test_boxes_give_the_margins_and_the_treeshap_of_xgboost(depth: int) -> None:
    booster, values = booster_of(depth)
    trees = boxes(booster, 4)
    wanted = booster.predict(xgb.DMatrix(values[:100]), pred_contribs=True)
    margins = booster.predict(xgb.DMatrix(values[:100]), output_margin=True)
    for row, shares, margin in zip(values, wanted, margins, strict=False):
        assert trees.margin(row) == pytest.approx(margin, abs=1e-5)
        assert trees.contributions(row) == pytest.approx(shares[:-1], abs=1e-5)


def test_a_value_at_the_very_cut_goes_right_as_in_xgboost() -> None:
    booster, _ = booster_of(4)
    trees = boxes(booster, 4)
    cuts = np.unique(np.concatenate([trees.low.ravel(), trees.high.ravel()]))
    rows = np.repeat(cuts[np.isfinite(cuts)], 4).reshape(-1, 4)
    margins = booster.predict(xgb.DMatrix(rows), output_margin=True)
    assert [trees.margin(row) for row in rows] == pytest.approx(margins.tolist(), abs=1e-5)


def test_trees_that_are_a_single_leaf() -> None:
    values = np.zeros((30, 2), np.float32)
    booster = xgb.train({"max_depth": 3}, xgb.DMatrix(values, np.ones(30)), 3)
    trees = boxes(booster, 2)
    margin = booster.predict(xgb.DMatrix(values[:1]), output_margin=True)[0]
    assert trees.margin(values[0]) == pytest.approx(margin, abs=1e-6)
    assert trees.contributions(values[0]).tolist() == [0, 0]


@pytest.mark.slow
def test_contributions_are_those_of_the_runs_model(with_model: RunPaths) -> None:
    scorer, model = scorer_of(with_model), Model.load(with_model.model)
    assert scorer.model is not None
    transaction = next(stream(pq.read_table(with_model.prepped)))
    scored = scorer.score(EMPTY, EMPTY, transaction)
    row = np.array([[scorer.value(scored, name) for name in model.names]], np.float32)
    wanted = model.booster.predict(xgb.DMatrix(row), pred_contribs=True)[0, :-1] * model.slope
    found = scorer.contributions(scored)
    assert list(found.values()) == pytest.approx(wanted.tolist(), abs=1e-4)


@pytest.mark.slow
def test_members_are_those_of_the_rings_that_alert(without_model: RunPaths) -> None:
    scorer = scorer_of(without_model)
    rings = pq.read_table(without_model.rings).to_pandas().set_index("ring_id")
    members = pq.read_table(without_model.ring_accounts).to_pandas()
    alerting = members[members["ring_id"].map(rings["score"]) >= 0.5]
    assert len(alerting) > 3
    assert {
        (one.ring_id, account) for account, found in scorer.members.items() for one in found
    } == set(zip(alerting["ring_id"], alerting["account"], strict=True))
    assert scorer.contexts.keys() == scorer.members.keys()


@pytest.mark.slow
def test_a_member_that_pays_a_member_is_riskier_than_a_member_that_pays_a_stranger(
    without_model: RunPaths,
) -> None:
    scorer = scorer_of(without_model)
    account, (one, *_) = next(iter(scorer.members.items()))
    mate = next(a for a, found in scorer.members.items()
                if a != account and one.ring_id in {other.ring_id for other in found})  # fmt: skip

    def risk(receiver: str) -> tuple[float, float]:
        scored = scorer.score(EMPTY, EMPTY, Transaction(account, receiver, 10.0, 1_770_000_000))
        return scored.base_risk, scored.risk

    base, inside = risk(mate)
    same_base, outside = risk("stranger")
    assert same_base == base < outside < inside <= 1
    assert inside == pytest.approx(base + (1 - base) * 0.5 * one.score, abs=1e-6)
    assert outside == pytest.approx(base + (1 - base) * 0.25 * one.score, abs=1e-6)


MEMBERSHIPS = st.lists(
    st.builds(Membership, st.sampled_from(["R1", "R2", "R3"]), st.just("cycle"), st.just("mule"),
              st.floats(0.5, 1)),
    max_size=3, unique_by=lambda one: one.ring_id,
).map(tuple)  # fmt: skip


@given(MEMBERSHIPS, MEMBERSHIPS, st.floats(0.5, 1))
def test_evidence_never_falls_when_a_membership_is_added(
    sender: tuple[Membership, ...], receiver: tuple[Membership, ...], score: float
) -> None:
    more = (*receiver, Membership("R4", "fan_in", "collector", score))
    evidence = ring_evidence(ring_links(sender, receiver))
    assert 0 <= evidence <= ring_evidence(ring_links(sender, more)) <= 1
    for link in ring_links(sender, receiver):
        in_both = {m.ring_id for m in sender} & {m.ring_id for m in receiver}
        assert (link.side == "both") == (link.ring_id in in_both)


@pytest.mark.slow
def test_a_scorer_survives_its_file_and_equal_ones_have_equal_names(with_model: RunPaths) -> None:
    content = with_model.scorer.read_bytes()
    scorer = read_scorer(content)
    assert write_scorer(scorer) == content
    assert scorer.version == version_of(content)
    assert version_of(write_scorer(replace(scorer, amount_limit=1.0))) != scorer.version


@pytest.mark.slow
def test_a_run_that_was_broken_off_leaves_the_very_scorer(
    with_model: RunPaths, tmp_path: Path
) -> None:
    lake = Lake.open(tmp_path)
    planned = plan(lake, PAYSIM, config=Config().override(QUICK), run_id="paysim")
    assert run(lake, planned, until="scores")["status"] == "waiting"
    assert not lake.run("paysim").scorer.exists()
    run(lake, planned)
    assert lake.run("paysim").scorer.read_bytes() == with_model.scorer.read_bytes()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no", b"{}", b"\x93NUMPY"])
def test_what_is_no_scorer_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="not a scorer"):
        read_scorer(content)


@pytest.mark.slow
def test_scoring_imports_numpy_alone(with_model: RunPaths) -> None:
    code = f"""
import sys
from pathlib import Path
from engine.realtime.reasons import reasons_of
from engine.realtime.scorer_file import read_scorer
from engine.realtime.sqlite_store import SqliteStore
from engine.realtime.transaction import Transaction
from engine.realtime.profile import EMPTY
scorer = read_scorer(Path({str(with_model.scorer)!r}).read_bytes())
transaction = Transaction("A", "B", 12000.0, 1770000000)
scored = scorer.score(EMPTY, EMPTY, transaction)
assert reasons_of(scorer, scored, transaction)
heavy = ["pandas", "pyarrow", "xgboost", "sklearn", "numba", "scipy", "duckdb", "boto3"]
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

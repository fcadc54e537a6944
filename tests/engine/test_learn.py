"""Learning rings from the labels of a generated year, judged on what they could not see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from engine.accounts import Accounts
from engine.backend import CPU
from engine.config import Config
from engine.features.build import build_features
from engine.generate.rings import generate_rings
from engine.rings.candidates import Transfers, members
from engine.rings.learning import LearnedRings, Lesson, learn_rings
from engine.rings.learning.truth import ring_codes
from engine.rings.overlap import best_overlaps
from engine.rings.rare import ring_window
from engine.rings.search import search
from engine.scoring.metrics import measure
from tests.engine.rows import transfers_of

pytestmark = pytest.mark.slow

ROWS = 40_000
PAST = 32_000


class Year:
    """A generated year as the ring stage sees it."""

    def __init__(self) -> None:
        data = generate_rings(ROWS, seed=3, rings=60)
        table = data.transactions
        day = table["step"].to_numpy().astype("timedelta64[D]")
        canonical = pa.table(
            {
                "tx_id": pa.array(np.arange(ROWS)),
                "time": pa.array(np.datetime64("2026-01-01T00:00:00", "us") + day),
                "sender": table["sender"].cast(pa.string()),
                "receiver": table["receiver"].cast(pa.string()),
                "amount": table["amount"],
            }
        )
        self.transfers: Transfers
        self.accounts: Accounts
        self.transfers, self.accounts = transfers_of(canonical)
        self.label = table["is_laundering"].to_numpy().astype(np.int8)
        ring = pa.array(table["ring_id"].to_numpy().astype(str), mask=self.label == 0)
        self.ring = ring_codes(pa.table({"ring_label": ring}), self.label)
        features = build_features(canonical, self.accounts, Config().features, CPU)
        self.lesson = Lesson(features, self.label, self.ring, PAST)
        self.window = ring_window(self.transfers.seconds, Config().rings)
        self.candidates = search(self.transfers, Config().rings).candidates
        code = {name: i for i, name in enumerate(self.accounts.names.to_pylist())}
        start = data.rings["start"].to_numpy() * 86_400 + self.transfers.seconds[0]
        self.future = [
            frozenset(code[name] for name in ring)
            for ring, begin in zip(data.rings["members"].to_pylist(), start, strict=True)
            if begin >= self.transfers.seconds[PAST]
        ]

    def learn(self, lesson: Lesson) -> LearnedRings:
        found = learn_rings(self.transfers, lesson, self.candidates, self.window)
        assert isinstance(found, LearnedRings)
        return found

    def alerted(self, found: LearnedRings) -> list[frozenset[int]]:
        """Return the accounts of the rings over the threshold that start in the future."""
        return [
            frozenset(members(self.transfers, ring.rows).tolist())
            for ring in found.rings
            if ring.score >= 0.5 and ring.rows[0] >= PAST
        ]


@pytest.fixture(scope="module")
def year() -> Year:
    return Year()


@pytest.fixture(scope="module")
def learned(year: Year) -> LearnedRings:
    return year.learn(year.lesson)


def test_rings_of_the_future_are_found_by_what_the_past_taught(
    year: Year, learned: LearnedRings
) -> None:
    alerted = year.alerted(learned)
    assert len(year.future) >= 8
    assert (best_overlaps(year.future, alerted) >= 0.5).mean() >= 0.7
    assert (best_overlaps(alerted, year.future) >= 0.5).mean() >= 0.7


def test_transactions_of_the_future_are_told_apart(year: Year, learned: LearnedRings) -> None:
    figures = measure(year.label[PAST:], learned.probability[PAST:], learned.threshold)
    assert figures is not None
    assert figures.average_precision >= 0.8


def test_labels_of_the_future_change_nothing(year: Year, learned: LearnedRings) -> None:
    label, ring = year.label.copy(), np.array(year.ring)
    label[PAST:], ring[PAST:] = 1 - label[PAST:], 5
    again = year.learn(replace(year.lesson, label=label, ring=ring))
    assert again.probability.tolist() == learned.probability.tolist()
    assert [(r.rows.tolist(), r.score) for r in again.rings] == [
        (r.rows.tolist(), r.score) for r in learned.rings
    ]


def test_without_the_names_of_rings_they_are_pieced_together_and_it_is_said(year: Year) -> None:
    found = year.learn(replace(year.lesson, ring=None))
    assert "does not say which fraud belongs together" in found.notes[0]
    assert (best_overlaps(year.future, year.alerted(found)) >= 0.5).mean() >= 0.6

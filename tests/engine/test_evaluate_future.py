"""A run that learned from labels is judged on the future; every figure here is worked by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.config import Config
from engine.errors import InputError
from engine.evaluate import evaluate_run
from engine.intake import load_mapping, mapping_to_toml
from engine.lake import Lake, write_json

DAY = 86_400_000_000
NEW_YEAR = 1_767_225_600_000_000  # 2026-01-01, the amlsim schema's step 0

#: Ten rows, a day each: the test part is rows 8 and 9. Only row 8 is laundering.
ROWS = [
    ("A", "B"), ("B", "C"), ("A", "C"), ("J", "K"), ("K", "L"),
    ("G", "H"), ("H", "I"), ("E", "F"), ("D", "E"), ("X", "Y"),
]  # fmt: skip
LABEL = [1, 1, 0, 0, 0, 0, 0, 0, 1, 0]
#: Of the two test rows, the innocent one ranks first.
RISK = [0.9, 0.8, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.3, 0.4]

#: typology, members, first and last day
TRUE: list[tuple[str, str, int, int]] = [
    ("fan_in", "ABC", 1, 2),
    ("cycle", "DEF", 8, 9),
    ("cycle", "GHI", 9, 9),
    ("fan_out", "JKL", 8, 12),  # goes on after the last row
]
#: typology, members, score, first day, transactions
PREDICTED = [
    ("fan_in", "ABC", 0.9, 1, [0, 1]),
    ("cycle", "DEF", 0.8, 7, [7, 8]),  # begins a day before the test part
    ("fan_in", "AB", 0.7, 8, [8]),  # overlaps a ring of the past by two thirds
    ("fan_out", "XY", 0.6, 9, [9]),
    ("cycle", "GHI", 0.3, 9, [5, 6]),  # below the alert threshold
]


@dataclass
class SmallRun:
    """A finished run of ten rows, written by hand."""

    lake: Lake
    changes: dict[str, Any] = field(default_factory=dict)

    def write(self) -> None:
        paths = self.lake.run("r")
        manifest = {
            "run_id": "r", "status": "done", "labels": "auto", "has_accounts": True,
            "metrics": {"precision": 0.5, "recall": 1.0}, "config": Config().to_dict(),
            "mapping": mapping_to_toml(load_mapping("amlsim")), **self.changes,
        }  # fmt: skip
        write_json(paths.manifest, manifest)
        sender, receiver = zip(*ROWS, strict=True)
        table = pa.table(
            {
                "tx_id": list(range(10)),
                "time": pa.array([NEW_YEAR + day * DAY for day in range(10)], pa.timestamp("us")),
                "sender": sender, "receiver": receiver,
                "label": pa.array(LABEL, pa.int8()), "final_risk": pa.array(RISK, pa.float32()),
            }
        )  # fmt: skip
        names = sorted({*sender, *receiver})
        rings = pa.table(
            {
                "ring_id": [f"P{i}" for i in range(5)],
                "typology": [p[0] for p in PREDICTED],
                "score": [p[2] for p in PREDICTED],
                "start": pa.array([NEW_YEAR + p[3] * DAY for p in PREDICTED], pa.timestamp("us")),
            }
        )
        accounts = [(f"P{i}", a) for i, p in enumerate(PREDICTED) for a in p[1]]
        proof = [(f"P{i}", t) for i, p in enumerate(PREDICTED) for t in p[4]]
        for path, made in (
            (paths.prepped, table),
            (paths.augmented, table),
            (paths.accounts, pa.table({"account": names})),
            (paths.rings, rings.take([4, 2, 0, 3, 1])),
            (paths.ring_accounts, _pairs("account", accounts)),
            (paths.ring_transactions, _pairs("tx_id", proof)),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(made, path)


def _pairs(name: str, pairs: list[tuple[str, Any]]) -> pa.Table:
    return pa.table({"ring_id": [p[0] for p in pairs], name: [p[1] for p in pairs]})


@pytest.fixture
def run(tmp_path: Path) -> SmallRun:
    made = SmallRun(Lake.open(tmp_path / "lake"))
    made.write()
    return made


def truth(tmp_path: Path, **columns: Any) -> str:
    """Write the true rings; a column given as None is left out."""
    table: dict[str, Any] = {
        "ring_id": list(range(len(TRUE))),
        "typology": [ring[0] for ring in TRUE],
        "members": [list(ring[1]) for ring in TRUE],
        "start": [ring[2] for ring in TRUE],
        "end": [ring[3] for ring in TRUE],
        **columns,
    }
    path = tmp_path / "truth.parquet"
    pq.write_table(pa.table({k: v for k, v in table.items() if v is not None}), path)
    return str(path)


def test_future_rings_are_compared_with_all_rings_of_the_other_side(
    run: SmallRun, tmp_path: Path
) -> None:
    report = evaluate_run(run.lake, "r", truth(tmp_path))
    # True: DEF (found, a day early) and GHI (missed). Predicted: AB (correct, about a ring of the
    # past) and XY (wrong).
    assert report["judged_on"] == "rings that start in the last 20 %"
    assert report["judged_from"] == "2026-01-09T00:00:00"
    main = report["rings"]["0.5"]
    assert (main["true"], main["found"], main["predicted"], main["correct"]) == (2, 1, 2, 1)
    assert (report["ring_recall"], report["ring_precision"], report["ring_f1"]) == (0.5, 0.5, 0.5)


def test_the_whole_set_stays_under_a_key_of_its_own(run: SmallRun, tmp_path: Path) -> None:
    whole = evaluate_run(run.lake, "r", truth(tmp_path))["whole_set"]
    main = whole["rings"]["0.5"]
    assert (main["true"], main["found"], main["predicted"], main["correct"]) == (4, 2, 4, 3)
    assert whole["by_typology"]["0.5"]["cycle"]["ring_recall"] == 0.5
    assert whole["accounts"]["correct"] == 6  # A to F, of the eight accounts in predicted rings


def test_a_budget_of_the_future_holds_future_alerts_alone(run: SmallRun, tmp_path: Path) -> None:
    report = evaluate_run(run.lake, "r", truth(tmp_path))
    # Two true rings, so the two best future alerts: AB and XY, which find neither DEF nor GHI.
    budget = report["at_budget"]["0.5"]["top_true"]
    assert (budget["predicted"], budget["found"], budget["correct"]) == (2, 0, 1)


def test_typologies_are_those_of_the_judged_rings(run: SmallRun, tmp_path: Path) -> None:
    table = evaluate_run(run.lake, "r", truth(tmp_path))["by_typology"]["0.5"]
    assert list(table) == ["cycle", "fan_in", "fan_out"]
    assert (table["cycle"]["true"], table["cycle"]["found"]) == (2, 1)
    assert (table["fan_in"]["predicted"], table["fan_in"]["correct"]) == (1, 1)
    assert (table["fan_out"]["true"], table["fan_out"]["predicted"]) == (0, 1)


def test_future_accounts_by_hand(run: SmallRun, tmp_path: Path) -> None:
    accounts = evaluate_run(run.lake, "r", truth(tmp_path))["accounts"]
    # True: D to I. Predicted: A, B, X, Y. By score: A B (.7), X Y (.6), G H I (.3), the rest (0):
    # the three hits G, H, I come at ranks 5 to 7, then 6 of all 14 accounts tie at the end.
    assert (accounts["true"], accounts["predicted"], accounts["correct"]) == (6, 4, 0)
    assert accounts["average_precision"] == pytest.approx(3 / 6 * 3 / 7 + 3 / 6 * 6 / 14, abs=1e-6)
    assert accounts["by_typology"]["cycle"]["true"] == 6
    assert accounts["at_budget"]["top_true"]["correct"] == 2  # G and H


def test_future_transactions_by_hand(run: SmallRun, tmp_path: Path) -> None:
    figures = evaluate_run(run.lake, "r", truth(tmp_path))["transactions_in_rings"]
    # Rows 8 and 9 are judged: 8 is laundering; all three alerts with proof there name 8 and 9.
    assert (figures["true"], figures["predicted"], figures["correct"]) == (1, 2, 1)
    assert figures["average_precision"] == 0.5  # row 9 ranks before row 8
    assert figures["by_typology"]["cycle"] == {
        "true": 1, "found": 1, "recall": 1.0, "predicted": 1, "correct": 1, "precision": 1.0,
    }  # fmt: skip


def test_the_transaction_model_has_an_f1(run: SmallRun, tmp_path: Path) -> None:
    report = evaluate_run(run.lake, "r", truth(tmp_path))
    assert report["transactions"]["f1"] == pytest.approx(2 / 3, abs=1e-6)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": "ignore", "metrics": {}},
        {"metrics": {}},  # too few labels: nothing was learned
        {"config": Config().override({"model": {"use": "model.json"}}).to_dict()},
    ],
)
def test_a_run_that_learned_nothing_here_is_judged_on_all_rings(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    run = SmallRun(Lake.open(tmp_path / "lake"), changes)
    run.write()
    report = evaluate_run(run.lake, "r", truth(tmp_path))
    assert report["judged_on"] == "all rings"
    assert (report["ring_recall"], report["ring_precision"]) == (0.5, 0.75)
    assert "whole_set" not in report


def test_moments_and_step_numbers_say_the_same(run: SmallRun, tmp_path: Path) -> None:
    steps = evaluate_run(run.lake, "r", truth(tmp_path))
    moments = {
        name: pa.array([NEW_YEAR + day * DAY for day in days], pa.timestamp("us"))
        for name, days in (("start", [r[2] for r in TRUE]), ("end", [r[3] for r in TRUE]))
    }
    assert evaluate_run(run.lake, "r", truth(tmp_path, **moments)) == steps
    written = [f"2026-01-{1 + ring[2]:02d}" for ring in TRUE]
    assert evaluate_run(run.lake, "r", truth(tmp_path, start=written)) == steps


def test_a_truth_without_times_judges_all_rings_and_says_so(run: SmallRun, tmp_path: Path) -> None:
    report = evaluate_run(run.lake, "r", truth(tmp_path, start=None, end=None))
    assert report["judged_on"] == "all rings"
    assert "no column start" in report["note"]


def test_times_that_cannot_be_read_are_refused(run: SmallRun, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"start of row 2 is 'soon'.*no moment"):
        evaluate_run(run.lake, "r", truth(tmp_path, start=["2026-01-01", "soon", "x", "y"]))
    with pytest.raises(InputError, match=r"start of row 1 is None"):
        evaluate_run(run.lake, "r", truth(tmp_path, start=[None, 8, 9, 8]))


def test_step_numbers_need_a_run_that_counts_steps(tmp_path: Path) -> None:
    changes = {"mapping": mapping_to_toml(load_mapping("canonical"))}
    run = SmallRun(Lake.open(tmp_path / "lake"), changes)
    run.write()
    with pytest.raises(InputError, match=r"start holds numbers.*write start as a timestamp"):
        evaluate_run(run.lake, "r", truth(tmp_path))


def test_members_must_be_lists(run: SmallRun, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="members must hold a list"):
        evaluate_run(run.lake, "r", truth(tmp_path, members=["ABC"] * 4))

"""Runs that learn from analysts' decisions: which labels they use, and that none leaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from engine.cli import main
from engine.config import Config
from engine.errors import InputError
from engine.feedback import keep_feedback
from engine.jobs import start_run
from engine.label_record import read_record
from engine.lake import Lake, read_json, write_json
from engine.pipeline import run
from engine.plan import plan, plan_rest
from engine.scoring.model import Model

pytestmark = pytest.mark.slow

PAYSIM = Path(__file__).parents[2] / "tests" / "data" / "paysim_sample.csv"
QUICK: dict[str, Any] = {"model": {"trees": 5, "min_positives": 5}}
#: What labels may change; everything else of a scored transaction is a feature.
LEARNED = {"label", "fraud_probability", "final_risk"}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,500 labelled PaySim rows."""
    path = tmp_path_factory.mktemp("input") / "day.csv"
    path.write_text("".join(PAYSIM.open().readlines()[:1501]))
    return path


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake.open(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def plain(lake: Lake, source: Path) -> pd.DataFrame:
    """The scored transactions of a run without decisions."""
    run_file(lake, source, run_id="plain")
    return scored(lake, "plain")


@pytest.fixture(scope="module")
def turned(lake: Lake, plain: pd.DataFrame) -> Path:
    """Decisions against the labels of four frauds and forty clean rows, and one elsewhere."""
    rows = pd.concat([plain[plain["label"] == 1].head(4), plain[plain["label"] == 0].head(40)])
    decided = decisions(rows, 1 - rows["label"])
    stranger = decided.head(1).assign(sender="nobody")
    return keep_feedback(pd.concat([decided, stranger]), lake.root / "feedback")


def decisions(rows: pd.DataFrame, label: pd.Series[int]) -> pd.DataFrame:
    return rows[["sender", "receiver", "time", "amount"]].assign(
        label=label, alert="A000001", disposition="decided", decided_at=pd.Timestamp("2026-05-01")
    )


def run_file(lake: Lake, path: Path, **choices: Any) -> dict[str, Any]:
    return run(lake, plan(lake, path, config=Config().override(QUICK), **choices))


def scored(lake: Lake, run_id: str) -> pd.DataFrame:
    return pd.read_parquet(lake.run(run_id).augmented)


@pytest.fixture(scope="module")
def decided(lake: Lake, source: Path, turned: Path) -> dict[str, Any]:
    """The manifest of a run with the decisions."""
    return run_file(lake, source, run_id="decided", feedback=turned)


def test_decisions_go_over_the_labels_of_the_input(
    lake: Lake, plain: pd.DataFrame, decided: dict[str, Any], turned: Path
) -> None:
    told = decided["labels"]
    changed = int((scored(lake, "decided")["label"] != plain["label"]).sum())
    assert changed == 44
    assert told["source"] == "input+feedback"
    assert (told["decisions"], told["matched"], told["overridden"]) == (45, 44, 44)
    assert (told["decided_positives"], told["decided_negatives"]) == (40, 4)
    assert told["positives"] == plain["label"].sum() + 40 - 4
    assert told["positives"] + told["negatives"] == len(plain)
    assert told["file"] == turned.name
    assert len(told["sha256"]) == 64


def test_no_label_is_in_a_feature(lake: Lake, plain: pd.DataFrame, decided: dict[str, Any]) -> None:
    other = scored(lake, "decided")
    assert list(other.columns) == list(plain.columns)
    for name in set(plain.columns) - LEARNED:
        pd.testing.assert_series_equal(plain[name], other[name])


def test_the_decisions_teach_the_model_and_its_card_says_so(
    lake: Lake, plain: pd.DataFrame, decided: dict[str, Any]
) -> None:
    assert not scored(lake, "decided")["fraud_probability"].equals(plain["fraud_probability"])
    card = Model.load(lake.run("decided").model).trained_on
    assert (card["labels"], card["feedback"]) == ("input+feedback", decided["labels"]["sha256"])
    assert Model.load(lake.run("plain").model).trained_on["labels"] == "input"


def test_decisions_are_part_of_what_names_a_run(lake: Lake, source: Path, turned: Path) -> None:
    without, with_them = plan(lake, source), plan(lake, source, feedback=turned)
    assert without.run_id == plan(lake, source, feedback=None).run_id != with_them.run_id
    assert with_them.run_id == plan(lake, source, feedback=turned).run_id


def test_other_decisions_cannot_take_a_runs_id(
    lake: Lake, source: Path, decided: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match="other settings"):
        run_file(lake, source, run_id="decided")


def test_an_input_without_labels_learns_from_decisions_alone(
    lake: Lake, source: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.csv"
    given = pd.read_csv(source)
    given.drop(columns=["isFraud", "isFlaggedFraud"]).to_csv(bare, index=False)
    first = run_file(lake, bare, run_id="bare")
    assert (first["labels"]["source"], first["labels"]["positives"]) == ("none", 0)
    rows = scored(lake, "bare").iloc[:30]
    label = pd.Series([1] * 20 + [0] * 10, index=rows.index)
    feedback = keep_feedback(decisions(rows, label), tmp_path)
    told = run_file(lake, bare, run_id="taught", feedback=feedback)
    assert told["labels"]["source"] == "feedback"
    assert (told["labels"]["positives"], told["labels"]["overridden"]) == (20, 0)
    assert scored(lake, "taught")["fraud_probability"].notna().all()
    assert any("nobody decided counts as clean" in note for note in told["notes"])
    strangers = keep_feedback(decisions(rows.assign(sender="x"), label), tmp_path)
    none = run_file(lake, bare, run_id="strangers", feedback=strangers)
    assert (none["labels"]["source"], none["labels"]["matched"]) == ("none", 0)
    assert any("none of the 30 decisions" in note for note in none["notes"])


def broken_off(lake: Lake, source: Path, stage: str, feedback: Path) -> None:
    def listener(_: float, message: str) -> None:
        if message.startswith(f"{stage}:"):
            raise OSError("disk full")

    planned = plan(lake, source, config=Config().override(QUICK), run_id="r", feedback=feedback)
    with pytest.raises(OSError, match="disk full"):
        run(lake, planned, listener)


def test_a_run_goes_on_with_its_decisions(
    lake: Lake, source: Path, turned: Path, decided: dict[str, Any], tmp_path: Path
) -> None:
    other = Lake.open(tmp_path)
    copy = tmp_path / "decisions.parquet"
    copy.write_bytes(turned.read_bytes())
    broken_off(other, source, "intake", copy)
    broken_off(other, source, "features", copy)
    copy.unlink()  # the labels are with the transactions by now
    done = run(other, plan_rest(other, "r"))
    assert done["labels"] == {**decided["labels"], "file": copy.name, "uri": str(copy)}
    assert scored(other, "r").equals(scored(lake, "decided"))


def test_decisions_that_changed_before_they_were_read_are_refused(
    source: Path, turned: Path, tmp_path: Path
) -> None:
    lake = Lake.open(tmp_path)
    copy = tmp_path / "decisions.parquet"
    copy.write_bytes(turned.read_bytes())
    broken_off(lake, source, "intake", copy)
    pd.read_parquet(copy).head(3).to_parquet(copy)
    with pytest.raises(InputError, match="was changed since the run began"):
        plan_rest(lake, "r")


def test_a_run_of_an_earlier_version_goes_on(source: Path, tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)

    def listener(_: float, message: str) -> None:
        if message.startswith("scores:"):
            raise OSError("disk full")

    planned = plan(lake, source, config=Config().override(QUICK), run_id="r")
    with pytest.raises(OSError, match="disk full"):
        run(lake, planned, listener)
    manifest = lake.run("r").manifest
    write_json(manifest, {**read_json(manifest), "labels": "auto"})
    done = run(lake, plan_rest(lake, "r"))
    assert (done["labels"]["mode"], done["labels"]["source"]) == ("auto", "input")
    assert read_record({"labels": "ignore"})["mode"] == "ignore"


def test_a_run_in_a_process_of_its_own_is_told_of_the_decisions(
    lake: Lake, source: Path, turned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched: list[list[str]] = []
    monkeypatch.setattr("engine.jobs._launch", lambda _, __, arguments: launched.append(arguments))
    start_run(lake, source, run_id="r", feedback=turned)
    (arguments,) = launched
    assert arguments[arguments.index("--feedback") + 1] == str(turned)


def test_decisions_do_not_go_with_ignored_labels_or_without_accounts(
    lake: Lake, source: Path, turned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["run", str(source), "--lake", str(tmp_path), "--feedback", str(turned)]
    assert main([*command, "--labels", "ignore"]) == 2
    assert "--feedback goes with --labels auto" in capsys.readouterr().err
    cards = tmp_path / "cards.csv"
    names = ["Time", *(f"V{i}" for i in range(1, 29)), "Amount", "Class"]
    cards.write_text(",".join(names) + "\n" + ",".join(["1"] * 30 + ["0"]) + "\n")
    with pytest.raises(InputError, match="schema creditcard has none"):
        plan(lake, cards, feedback=turned)
    assert main(["run", str(source), "--lake", str(tmp_path), "--feedback", "nowhere"]) == 2
    assert "nowhere: no such file" in capsys.readouterr().err

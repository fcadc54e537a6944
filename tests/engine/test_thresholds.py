"""What thresholds make of a run: the very alerts, true ones with an interval, missed money."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from engine.cli import main
from engine.errors import InputError
from engine.evaluation.expected import expected_amount, expected_true, strata
from engine.generate import write_rings
from engine.lake import Lake, RunPaths, read_json, write_json
from engine.query.threshold_alerts import (
    Thresholds,
    alerts_under,
    below_the_line,
    lone_by_model,
)
from engine.query.threshold_curve import Team, by_threshold, ring_scores, suggest
from engine.query.threshold_effect import effect
from engine.query.threshold_judged import Verdicts
from engine.query.threshold_sample import draw
from tests.judged_run import judged_run
from tests.small_run import write_small_run

LOWER = "[rings]\nring_alert_threshold = 0.2\n[alerts]\nmin_lone = 7\nmax_lone = 9\n"


@pytest.fixture
def small(tmp_path: Path) -> RunPaths:
    """Ring R00001 (score 0.9, 650 in four transactions), R00002 (0.4, 999); 5 and 6 unusual."""
    paths = write_small_run(tmp_path)
    frame = pd.read_parquet(paths.augmented)
    frame["is_anomaly"] = frame["tx_id"].isin([5, 6])
    frame.to_parquet(paths.augmented, index=False)
    return paths


def label(paths: RunPaths, *positives: int) -> None:
    frame = pd.read_parquet(paths.augmented)
    frame.assign(label=frame["tx_id"].isin(positives).astype("int8")).to_parquet(
        paths.augmented, index=False
    )
    write_json(paths.manifest, read_json(paths.manifest) | {"labels": "auto"})


def named(alerts: pd.DataFrame) -> list[object]:
    ring = alerts["ring_id"].notna()
    return [r if is_ring else t for r, t, is_ring in
            zip(alerts["ring_id"], alerts["tx_id"], ring, strict=True)]  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The same transfers run with the default thresholds and with others, labels or not."""
    root = tmp_path_factory.mktemp("thresholds")
    source, settings = root / "transfers.parquet", root / "lower.toml"
    write_rings(4000, 3, source)
    settings.write_text(LOWER)
    for run_id, more in (("default", []), ("lower", ["--config", str(settings)])):
        for labels in ("auto", "ignore"):
            name = f"{run_id}-{labels}"
            arguments = ["run", str(source), "--lake", str(root / "lake"), "--run-id", name]
            assert main([*arguments, "--labels", labels, *more]) == 0
    return Lake.open(root / "lake")


@pytest.mark.parametrize("labels", ["auto", "ignore"])
@pytest.mark.parametrize("made_with", ["default", "lower"])
def test_the_alerts_are_those_that_a_run_with_these_thresholds_raises(
    runs: Lake, made_with: str, labels: str
) -> None:
    raised = pd.read_parquet(runs.run(f"{made_with}-{labels}").alerts)
    wanted = Thresholds.of_run(runs.read_manifest(f"{made_with}-{labels}"))
    for asked in ("default", "lower"):
        found = alerts_under(runs.run(f"{asked}-{labels}"), wanted)
        assert set(named(found)) == set(named(raised))
        assert sorted(found["score"]) == sorted(raised["score"])


@pytest.mark.parametrize("run_id", ["default-auto", "default-ignore"])
def test_counts_by_threshold_are_those_of_the_alerts(runs: Lake, run_id: str) -> None:
    paths = runs.run(run_id)
    counts = by_threshold(paths, Thresholds())
    for share in (0.0, 0.3, 0.5, 0.9, 1.0):
        found = alerts_under(paths, Thresholds(ring_alert_threshold=share))
        row = counts[counts["threshold"] == share].iloc[0]
        assert row["alerts"] == len(found)
        assert row["lone"] == (found["kind"] == "transaction").sum()


def test_a_lower_line_turns_a_lone_alert_into_a_ring(small: RunPaths) -> None:
    now, lower = Thresholds(), Thresholds(ring_alert_threshold=0.4)
    assert named(alerts_under(small, now)) == ["R00001", 5, 6]
    assert named(alerts_under(small, lower)) == ["R00001", "R00002", 6]
    made = effect(small, now, lower, Team())
    assert (named(made.gained), named(made.lost)) == (["R00002"], [5])
    assert (made.before.rings, made.before.lone, made.after.rings, made.after.lone) == (1, 2, 2, 1)


def test_below_the_line_is_what_was_proposed_and_is_no_alert(small: RunPaths) -> None:
    none = Thresholds(ring_alert_threshold=0.95, min_lone=0, max_lone=0)
    assert named(below_the_line(small, none)) == ["R00001", "R00002", 5, 6]
    assert named(below_the_line(small, Thresholds())) == ["R00002"]


def test_missed_money_is_what_is_labelled_and_in_no_alert(small: RunPaths) -> None:
    label(small, 1, 4, 5)  # 100 and 300 in R00001, 999 in R00002
    high = Thresholds(ring_alert_threshold=0.5, min_lone=0, max_lone=0)
    made = effect(small, high, replace(high, ring_alert_threshold=0.3), Team())
    assert made.before.missed.basis == "labels"
    assert (made.before.missed.amount, made.before.missed.total) == (999.0, 1399.0)
    assert made.after.missed.amount == 0.0


def test_a_ring_is_true_where_half_of_its_transactions_are(small: RunPaths) -> None:
    label(small, 1, 4)
    assert effect(small, Thresholds(), Thresholds(), Team()).before.true.true == 1
    label(small, 1)
    assert effect(small, Thresholds(), Thresholds(), Team()).before.true.true == 0


def test_without_labels_and_decisions_nothing_is_known(small: RunPaths) -> None:
    line = effect(small, Thresholds(), Thresholds(), Team()).before
    assert (line.true.true, line.true.low, line.missed.amount, line.missed.basis) == (None,) * 4
    assert line.true.unknown == line.alerts == 3


def test_a_run_told_to_leave_labels_aside_is_judged_without_them(small: RunPaths) -> None:
    label(small, 1, 2, 3, 4, 5)
    write_json(small.manifest, read_json(small.manifest) | {"labels": "ignore"})
    line = effect(small, Thresholds(), Thresholds(), Team()).before
    assert (line.true.true, line.true.unknown, line.missed.basis) == (None, 3, None)
    assert ring_scores(small)["unknown"].sum() == 2
    said = effect(small, Thresholds(), Thresholds(), Team(), Verdicts({"R00001": 0}, {})).before
    assert (said.true.true, said.true.judged) == (0.0, 1)


def test_missed_money_of_a_run_with_a_model_is_of_the_rows_it_was_not_taught(
    tmp_path: Path,
) -> None:
    paths = judged_run(tmp_path)  # its test rows hold four frauds of 40; one is below the model's
    paths.prepped.parent.mkdir(parents=True, exist_ok=True)
    pd.read_parquet(paths.augmented).to_parquet(paths.prepped, index=False)
    missed = effect(paths, Thresholds(), Thresholds(), Team()).before.missed
    assert (missed.amount, missed.total, missed.is_part) == (40.0, 160.0, True)


def test_with_a_model_the_share_and_the_fewest_lone_alerts_change_nothing(
    small: RunPaths, tmp_path: Path
) -> None:
    by_model = judged_run(tmp_path / "judged")
    by_model.prepped.parent.mkdir(parents=True, exist_ok=True)
    pd.read_parquet(by_model.augmented).to_parquet(by_model.prepped, index=False)
    none = Thresholds(lone_share=0.00001, min_lone=0)
    for paths, is_by_model, lost in ((by_model, True, 0), (small, False, 2)):
        assert lone_by_model(paths) == is_by_model
        assert effect(paths, Thresholds(), none, Team()).n_lost == lost


def test_decisions_and_a_labelled_sample_tell_of_alerts_and_of_money(small: RunPaths) -> None:
    said = Verdicts({"R00001": 1, "R00002": 1}, {5: 0})
    line = effect(small, Thresholds(), Thresholds(), Team(), said).before
    assert line.true.true == pytest.approx(1 + 0)
    assert line.true.unknown == 1  # 6 has a risk of 0.6: nothing is known of its band
    assert (line.missed.basis, line.missed.amount) == ("sample", 999.0)


def test_the_team_works_the_best_alerts_first(small: RunPaths) -> None:
    label(small, 1, 2, 3, 4)
    slow = Team(analysts=1, hours=1, minutes=180)  # a third of an alert a day, three days
    line = effect(small, Thresholds(), Thresholds(), slow).before
    assert line.days == pytest.approx(3)
    assert (line.true.alerts, line.worked.alerts, line.worked.true) == (3, 1, 1)


def test_the_suggested_threshold_is_the_lowest_that_fits(small: RunPaths) -> None:
    rings_only = Thresholds(min_lone=0, max_lone=0)
    assert suggest(small, rings_only, Team(1, 8, 60)) == 0.0
    assert suggest(small, rings_only, Team(1, 1, 180)) == 0.41
    assert suggest(small, Thresholds(), Team(1, 0.1, 600)) is None


def test_three_people_of_six_hours_work_36_alerts_of_half_an_hour() -> None:
    assert Team(3, 6, 30).a_day == 36
    with pytest.raises(InputError, match="one analyst or more"):
        assert Team(0, 6, 30).a_day


def test_rings_are_counted_by_score(small: RunPaths) -> None:
    label(small, 5)
    found = ring_scores(small)
    assert found[found["low"] == 0.4][["true", "false"]].to_numpy().tolist() == [[1, 0]]
    assert found[found["low"] == 0.9][["true", "false"]].to_numpy().tolist() == [[0, 1]]
    assert found["true"].sum() + found["false"].sum() == 2


def test_a_sample_is_drawn_again_by_its_seed_and_evenly_of_the_strata(runs: Lake) -> None:
    paths = runs.run("default-ignore")
    high = Thresholds(ring_alert_threshold=0.99)
    one, again, other = (draw(paths, high, 12, seed) for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(one.items, again.items)
    assert named(one.items) != named(other.items)
    counts = one.items["stratum"].value_counts()
    for name, number in one.sizes.items():
        assert counts.get(name, 0) <= number
    assert set(named(one.items)) <= set(named(below_the_line(paths, high)))
    with pytest.raises(InputError, match="1 to 500 items"):
        draw(paths, high, 0, 1)


def test_a_stratum_is_a_kind_and_a_band_of_the_score() -> None:
    found = strata(pd.Series(["ring", "ring", "transaction"]), pd.Series([0.5, 1.0, 0.04]))
    assert found.tolist() == ["ring 5", "ring 9", "transaction 0"]


def known(*labels: int, stratum: str = "ring 5") -> pd.DataFrame:
    return pd.DataFrame(
        {"stratum": stratum, "label": [float(one) for one in labels], "amount": 100.0}
    )


def test_the_expected_number_is_the_share_known_times_the_alerts() -> None:
    found = expected_true(pd.Series(["ring 5"] * 40), known(1, 1, 1, 0))
    assert found.true == 30
    assert found.low is not None
    assert found.high is not None
    assert 8 < found.low < 30 < found.high <= 40
    assert (found.unknown, found.judged) == (0, 4)


def test_more_that_is_known_makes_the_interval_narrower() -> None:
    alerts = pd.Series(["ring 5"] * 100)
    few, many = (expected_true(alerts, known(*[1, 0] * n)) for n in (2, 200))
    assert few.high is not None and few.low is not None  # noqa: PT018
    assert many.high is not None and many.low is not None  # noqa: PT018
    assert many.high - many.low < (few.high - few.low) / 2


def test_what_nothing_is_known_of_is_counted_apart() -> None:
    alerts = pd.Series(["ring 5"] * 4 + ["ring 9"] * 6)
    found = expected_true(alerts, known(1, 0))
    assert (found.true, found.unknown) == (2, 6)


def test_an_interval_never_leaves_out_what_was_seen() -> None:
    found = expected_true(pd.Series(["ring 5"] * 1000), known(0, 0, 0))
    assert (found.true, found.low) == (0, 0)
    assert found.high is not None
    assert found.high > 100


def test_money_is_the_share_known_times_the_items_times_the_mean_of_the_true_ones() -> None:
    items = pd.DataFrame({"stratum": ["ring 5"] * 10, "amount": 7.0})
    told = known(1, 0).assign(amount=[300.0, 20.0])
    assert expected_amount(items, told).true == 10 * 0.5 * 300.0


def test_where_every_item_is_known_the_missed_money_is_certain() -> None:
    items = pd.DataFrame({"stratum": "ring 4", "amount": [100.0] * 40})
    told = items.assign(label=[1] * 4 + [0] * 36)

    found = expected_amount(items, told)

    assert (found.true, found.low, found.high) == (400.0, 400.0, 400.0)

"""The doubling series and the hub: slopes by hand, and the tables on tiny data."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine import bench_scaling
from engine.bench_scaling import add_hub, bench_hub, bench_series, hub_table, series_table, slope
from engine.generate import generate_rings

SIZES = (1000, 2000, 4000)


def test_the_slope_is_the_power_by_which_time_grows() -> None:
    assert slope(SIZES, [1.0, 2.0, 4.0]) == 1.0
    assert slope(SIZES, [1.0, 4.0, 16.0]) == 2.0
    assert slope(SIZES, [3.0, 3.0, 3.0]) == 0.0
    assert slope((1000,), [1.0]) is None
    assert slope(SIZES, [0.0, 1.0, 2.0]) is None  # too quick to be timed


def test_n_log_n_has_the_slope_that_the_docstring_says() -> None:
    sizes = tuple(100_000 * 2**step for step in range(6))
    n_log_n = slope(sizes, [n * np.log(n) for n in sizes])
    assert n_log_n is not None
    assert 1.05 < n_log_n < 1.1


def test_the_series_table_has_a_row_a_stage_and_detector() -> None:
    report = {
        "sizes": [1000, 2000], "seconds": {"stage rings": [1.0, 2.0], "detector fans": [0.0, 0.1]},
        "slope": {"stage rings": 1.0, "detector fans": None},
        "slope_last_three": {"stage rings": 1.0, "detector fans": None},
    }  # fmt: skip
    assert series_table(report).splitlines()[2:] == [
        "| what | 1,000 | 2,000 | slope | slope, last three |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| stage rings | 1.00 | 2.00 | 1.00 | 1.00 |",
        "| detector fans | 0.00 | 0.10 | – | – |",
    ]


def test_the_hub_is_one_account_with_half_its_edges_each_way() -> None:
    ordinary = generate_rings(500, 1).transactions
    table = add_hub(ordinary, 301, 1)
    sender, receiver = table["sender"].to_numpy(), table["receiver"].to_numpy()
    hub = sender.max()
    assert hub not in ordinary["sender"].to_numpy()
    assert ((sender == hub).sum(), (receiver == hub).sum()) == (151, 150)
    assert not ((sender == hub) & (receiver == hub)).any()
    assert (np.diff(table["step"].to_numpy()) >= 0).all()
    assert table.num_rows == 801


def test_the_hub_table_says_what_was_bounded() -> None:
    figures = {"stages": {"rings": 1.5}, "wall_seconds": 4.0, "peak_rss_mb": 1200.0,
               "rings": 3, "notes": ["2 hubs were cut"]}  # fmt: skip
    report = {"ordinary_rows": 1000, "hub_rows": 500, "with_hub": figures,
              "without_hub": {**figures, "notes": []}}  # fmt: skip
    lines = hub_table(report).splitlines()
    assert lines[0] == "| seconds | 1,000 ordinary + a hub with 500 | as many, no hub |"
    assert "| stage rings | 1.5 | 1.5 |" in lines
    assert lines[-1] == "- 2 hubs were cut"


@pytest.mark.slow
def test_both_run_on_tiny_data(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    series = bench_series((1000, 2000), 1, "cpu")
    printed = capsys.readouterr().out
    assert json.loads(printed[: printed.rindex("}") + 1]) == series
    assert {"stage rings", "detector fans", "detector structuring"} <= set(series["seconds"])
    assert all(len(values) == 2 for values in series["seconds"].values())
    # The kernels are compiled by now.
    monkeypatch.setattr(bench_scaling, "_warm_up", lambda *_: None)
    hub = bench_hub(1000, 1, "cpu", 1000)
    assert hub["with_hub"]["stages"].keys() == hub["without_hub"]["stages"].keys()
    assert "as many, no hub" in capsys.readouterr().out

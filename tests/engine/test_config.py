"""Settings: defaults, single values replaced by a TOML file, and mistakes that are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.config import Config
from engine.errors import InputError


def load(folder: Path, text: str) -> Config:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return Config.load(path)


def test_without_a_file_the_defaults_stand() -> None:
    assert Config.load(None) == Config()


def test_a_file_replaces_single_values_and_leaves_the_rest(tmp_path: Path) -> None:
    config = load(tmp_path, "[model]\ntrees = 300\n[alerts]\nmax_lone = 500\n")
    assert (config.model.trees, config.alerts.max_lone) == (300, 500)
    assert config.model.depth == Config().model.depth
    assert config.rings == Config().rings


def test_a_whole_number_stands_for_a_decimal_and_a_list_for_a_tuple() -> None:
    config = Config().override({"graph": {"resolution": 2}, "features": {"windows_hours": [2, 48]}})
    assert config.graph.resolution == 2.0
    assert isinstance(config.graph.resolution, float)
    assert config.features.windows_hours == (2, 48)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"modle": {}}, "unknown section 'modle'; did you mean 'model'"),
        ({"model": {"treees": 1}}, r"unknown setting in \[model\] 'treees'; did you mean 'trees'"),
        ({"zzz": {}}, "known: features, rules"),
        ({"model": {"trees": "many"}}, "trees must be int, not str"),
        ({"model": {"trees": True}}, "trees must be int, not bool"),
        ({"model": {"trees": 1.5}}, "trees must be int, not float"),
        ({"model": {"train": True}}, "train must be float, not bool"),
        ({"model": 7}, r"\[model\] must be a table"),
    ],
)
def test_a_mistake_is_refused_with_the_way_to_mend_it(
    overrides: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Config().override(overrides)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.toml: no such file"):
        Config.load(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not valid TOML"):
        load(tmp_path, "[model\ntrees=1")


def test_an_override_leaves_the_original_alone() -> None:
    config = Config()
    config.override({"model": {"trees": 1}})
    assert config == Config()


def test_settings_are_kept_as_json_with_the_ring_threshold_on_top() -> None:
    kept = json.loads(json.dumps(Config().override({"rings": {"min_surprise": 2.5}}).to_dict()))
    assert kept["rings"]["min_surprise"] == 2.5
    assert kept["ring_alert_threshold"] == kept["rings"]["ring_alert_threshold"]
    assert set(kept) == {
        "features", "rules", "anomaly", "model", "risk", "graph", "rings", "alerts",
        "ring_alert_threshold",
    }  # fmt: skip


def test_what_was_kept_gives_the_same_settings_back() -> None:
    config = Config().override({"features": {"windows_hours": [3]}, "risk": {"ring_share": 0.4}})
    kept = json.loads(json.dumps(config.to_dict()))
    del kept["ring_alert_threshold"]
    assert Config().override(kept) == config


def test_the_weights_of_each_blend_sum_to_one() -> None:
    risk = Config().risk
    assert sum(risk.with_model) == pytest.approx(1.0)
    assert sum(risk.without_model) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"features": {"balances": "befor"}}, "use one of none, before, all"),
        ({"features": {"windows_hours": ["a"]}}, "windows_hours must be int"),
        ({"features": {"windows_hours": [0]}}, "windows_hours is 0; it must be at least 1"),
        ({"risk": {"with_model": [1.0]}}, "with_model must be a list of 3 numbers"),
        ({"model": {"train": 2.0}}, "train is 2.0; it must lie between 0 and 1"),
        ({"model": {"train": 0.95}}, "train . choose"),
        ({"anomaly": {"rows_per_tree": 40_000}}, "rows_per_tree must lie between 2 and 16,000"),
    ],
)
def test_a_value_that_no_run_could_mean_is_refused(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Config().override(overrides)


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        Config.load(tmp_path)

"""A file of settings with single values changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import Config
from engine.errors import InputError
from engine.settings_file import write_settings

BASE = '[model]\ntrees = 50\nuse = "a \\"b\\".json"\n[rings]\nring_alert_threshold = 0.4\n'


def test_what_is_changed_stands_and_the_rest_stays(tmp_path: Path) -> None:
    base = tmp_path / "base.toml"
    base.write_text(BASE)
    path = write_settings(base, {"rings": {"ring_alert_threshold": 0.7}}, tmp_path / "made")
    found = Config.load(path)
    assert found == Config.load(base).override({"rings": {"ring_alert_threshold": 0.7}})
    assert (found.model.trees, found.model.use) == (50, 'a "b".json')


def test_without_a_base_all_else_is_the_default(tmp_path: Path) -> None:
    overrides = {"alerts": {"min_lone": 5, "lone_share": 0.001}}
    assert Config.load(write_settings(None, overrides, tmp_path)) == Config().override(overrides)


def test_the_same_settings_are_one_file(tmp_path: Path) -> None:
    one, again, other = (
        write_settings(None, {"alerts": {"min_lone": n}}, tmp_path) for n in (5, 5, 6)
    )
    assert one == again
    assert one != other


def test_what_no_run_could_mean_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown setting"):
        write_settings(None, {"alerts": {"most_lone": 5}}, tmp_path)
    assert list(tmp_path.iterdir()) == []

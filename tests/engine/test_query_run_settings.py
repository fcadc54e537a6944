"""Settings that differ from the defaults, and between two runs."""

from __future__ import annotations

from typing import Any

from engine.config import Config
from engine.query.run_settings import changed_settings, differing_settings


def manifest(**told: Any) -> dict[str, Any]:
    return {
        "input": {"name": "a.csv", "sha256": "0" * 64}, "schema": "paysim", "labels": "auto",
        "engine": {"kind": "cpu", "device": "2 cores", "versions": {"numpy": "2.4"}},
        "config": Config().to_dict(), **told,
    }  # fmt: skip


def config(**sections: dict[str, Any]) -> dict[str, Any]:
    return Config().override(sections).to_dict()


def test_the_defaults_change_nothing() -> None:
    assert changed_settings(manifest()).empty
    assert differing_settings(manifest(), manifest()).empty


def test_a_changed_setting_stands_beside_its_default() -> None:
    changed = changed_settings(manifest(config=config(model={"trees": 300}, rules={})))
    assert changed.to_numpy().tolist() == [["model.trees", "300", "200"]]


def test_a_threshold_is_named_once() -> None:
    changed = changed_settings(manifest(config=config(rings={"ring_alert_threshold": 0.6})))
    assert changed["setting"].tolist() == ["rings.ring_alert_threshold"]


def test_settings_of_earlier_versions_are_compared_as_far_as_they_go() -> None:
    assert changed_settings(manifest(config={"model": {"trees": 200}})).empty
    old = {"model": {"gone": 1}}
    assert changed_settings(manifest(config=old)).to_numpy().tolist() == [["model.gone", "1", ""]]


def test_two_runs_differ_in_labels_engine_and_settings() -> None:
    one = manifest(labels="ignore", config=config(model={"depth": 4}))
    other = manifest(
        engine={"kind": "cpu", "device": "2 cores", "versions": {"numpy": "2.5"}},
        config=Config().to_dict(),
    )
    assert differing_settings(one, other).to_numpy().tolist() == [
        ["labels", "ignore", "auto"],
        ["version of numpy", "2.4", "2.5"],
        ["model.depth", "4", "6"],
    ]


def test_what_one_run_has_not_is_empty_there() -> None:
    decided = {"mode": "auto", "source": "feedback", "sha256": "abcdef0123456789"}
    differ = differing_settings(manifest(labels=decided), manifest())
    assert differ.to_numpy().tolist() == [["feedback sha256", "abcdef012345", ""]]

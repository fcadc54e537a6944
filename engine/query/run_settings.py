"""What a run was told to do: where its settings differ from the defaults, or from another run's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from engine.config import Config
from engine.label_record import read_record

#: Stands beside the section it comes from, for checks outside the project.
_REPEATED = "ring_alert_threshold"


def changed_settings(manifest: Mapping[str, Any]) -> pd.DataFrame:
    """Return the settings of a run that are not the defaults of this version.

    Returns
    -------
    pandas.DataFrame
        ``setting, value, default`` as texts, by name, e.g. ``model.trees, 300, 200``. What the run
        knows nothing of, since its version did not have it, is left out.
    """
    defaults = _flat(Config().to_dict())
    rows = [
        (name, value, defaults.get(name, ""))
        for name, value in sorted(_flat(manifest.get("config") or {}).items())
        if value != defaults.get(name)
    ]
    return pd.DataFrame(rows, columns=["setting", "value", "default"], dtype="str")


def differing_settings(manifest: Mapping[str, Any], other: Mapping[str, Any]) -> pd.DataFrame:
    """Return what differs in how two runs were made.

    Returns
    -------
    pandas.DataFrame
        ``setting, value, other`` as texts: schema, labels, engine, library versions, and settings,
        in this order; what only one of the runs has is empty for the other.
    """
    mine, its = _made_by(manifest), _made_by(other)
    rows = [
        (name, mine.get(name, ""), its.get(name, ""))
        for name in dict.fromkeys([*mine, *its])
        if mine.get(name, "") != its.get(name, "")
    ]
    return pd.DataFrame(rows, columns=["setting", "value", "other"], dtype="str")


def _made_by(manifest: Mapping[str, Any]) -> dict[str, str]:
    labels, engine = read_record(manifest), manifest.get("engine") or {}
    told = {
        "input": str((manifest.get("input") or {}).get("name", "")),
        "input sha256": str((manifest.get("input") or {}).get("sha256", ""))[:12],
        "schema": str(manifest.get("schema", "")),
        "labels": str(labels["mode"]),
        "feedback sha256": str(labels["sha256"] or "")[:12],
        "model sha256": str(manifest.get("model_sha256") or "")[:12],
        "engine": str(engine.get("kind", "")),
        "device": str(engine.get("device", "")),
    }
    versions = {
        f"version of {name}": str(version)
        for name, version in sorted((engine.get("versions") or {}).items())
    }
    return {**told, **versions, **dict(sorted(_flat(manifest.get("config") or {}).items()))}


def _flat(config: Mapping[str, Any]) -> dict[str, str]:
    """Return ``{"model": {"trees": 200}}`` as ``{"model.trees": "200"}``."""
    flat: dict[str, str] = {}
    for section, values in config.items():
        if isinstance(values, Mapping):
            flat |= {f"{section}.{name}": json.dumps(value) for name, value in values.items()}
        elif section != _REPEATED:
            flat[section] = json.dumps(values)
    return flat

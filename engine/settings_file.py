"""A file of settings made from another one with single values changed, for a run to be told."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.config import Config
from engine.lake import replacing


def write_settings(
    base: str | Path | None, overrides: Mapping[str, Mapping[str, Any]], folder: Path
) -> Path:
    """Write settings as TOML, under a name made of their content; the same ones are one file.

    Parameters
    ----------
    base
        A file of settings that ``overrides`` go over; ``None``: the defaults.
    overrides
        Values by section, e.g. ``{"rings": {"ring_alert_threshold": 0.6}}``.
    folder
        Where the file goes.

    Raises
    ------
    InputError
        If the file or a value is none that a run could mean.
    """
    Config.load(base).override({name: dict(part) for name, part in overrides.items()})
    whole: dict[str, dict[str, Any]] = {}
    if base is not None:
        whole = tomllib.loads(Path(base).read_text(encoding="utf-8"))
    for section, values in overrides.items():
        whole[section] = {**whole.get(section, {}), **values}
    text = "\n".join(
        line
        for section, values in sorted(whole.items())
        for line in (f"[{section}]", *(f"{k} = {_toml(v)}" for k, v in sorted(values.items())), "")
    )
    path = folder / f"settings-{hashlib.sha256(text.encode()).hexdigest()[:12]}.toml"
    if not path.exists():
        with replacing(path) as part:
            part.write_text(text, encoding="utf-8")
    return path


def _toml(value: Any) -> str:
    """Write a value: numbers, texts, truth values and lists look in TOML as they do in JSON."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)

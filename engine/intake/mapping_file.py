"""Mappings as TOML files: the built-in schemas and the ones that users write."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import fields
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, cast

from engine.errors import InputError
from engine.intake.mapping import (
    MAPPABLE,
    NEGATIVE,
    POSITIVE,
    UNIT_MICROSECONDS,
    Mapping,
    TimeRule,
    TimeUnit,
)

SCHEMA_FOLDER = Path(__file__).parent / "schemas"
#: Built-in schemas in the order of preference when a header fits several equally well.
BUILTIN = ("canonical", "paysim", "amlsim", "ibm-aml", "creditcard")

_TOP = ("name", "description", "delimiter", "features", "columns", "time", "label")


def builtin_mappings() -> dict[str, Mapping]:
    """Return the built-in mappings by name, the preferred first."""
    return {name: _builtin(name) for name in BUILTIN}


def load_mapping(name_or_path: str | Path) -> Mapping:
    """Load a built-in mapping by name, or a mapping from a TOML file.

    Raises
    ------
    InputError
        If there is no such mapping, or the file is not a mapping; the message names the key.
    """
    name = str(name_or_path)
    if name in BUILTIN:
        return _builtin(name)
    path = Path(name_or_path)
    if not path.is_file():
        near = get_close_matches(name.casefold(), BUILTIN, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(
            f"schema {name!r} is neither a file nor a built-in schema; "
            f"{hint}Built-in: {', '.join(BUILTIN)}"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"schema {name} cannot be read: {error}") from error
    return parse_mapping(text, name)


def parse_mapping(text: str, source: str = "mapping") -> Mapping:
    """Read a mapping from TOML text; ``source`` names it in messages.

    Raises
    ------
    InputError
        If the text is not TOML, or a key is unknown, missing, or of the wrong type.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{source} is not valid TOML: {error}") from error
    try:
        return _mapping(values, default_name=Path(source).stem)
    except InputError as error:
        raise InputError(f"{source}: {error}") from error


def mapping_to_toml(mapping: Mapping) -> str:
    """Write a mapping as TOML; :func:`parse_mapping` reads the same mapping back."""
    lines = [f"name = {_quote(mapping.name)}", f"description = {_quote(mapping.description)}"]
    if mapping.delimiter is not None:
        lines.append(f"delimiter = {_quote(mapping.delimiter)}")
    if mapping.features:
        lines.append(f"features = {_list(mapping.features)}")
    lines += ["", "[columns]"]
    lines += [f"{name} = {_list(sources)}" for name, sources in mapping.columns.items()]
    lines += ["", "[time]"]
    if mapping.time.unit is None:
        lines.append(f"format = {_quote(mapping.time.format or 'iso')}")
    else:
        lines.append(f"unit = {_quote(mapping.time.unit)}")
        lines.append(f"first = {mapping.time.first!r}")
        lines.append(f"origin = {_quote(mapping.time.origin)}")
    lines += ["", "[label]", f"positive = {_list(mapping.positive)}"]
    lines.append(f"negative = {_list(mapping.negative)}")
    return "\n".join(lines) + "\n"


@cache
def _builtin(name: str) -> Mapping:
    path = SCHEMA_FOLDER / f"{name}.toml"
    return parse_mapping(path.read_text(encoding="utf-8"), path.name)


def _mapping(values: dict[str, Any], default_name: str) -> Mapping:
    _only(values, _TOP, "key")
    label = _table(values, "label")
    _only(label, ("positive", "negative"), "key in [label]")
    delimiter = values.get("delimiter")
    return Mapping(
        name=_text(values.get("name", default_name), "name"),
        description=_text(values.get("description", ""), "description"),
        columns=_columns(_table(values, "columns")),
        time=_time(_table(values, "time")),
        positive=_label_values(label.get("positive", list(POSITIVE)), "[label] positive"),
        negative=_label_values(label.get("negative", list(NEGATIVE)), "[label] negative"),
        features=_texts(values.get("features", []), "features"),
        delimiter=None if delimiter is None else _text(delimiter, "delimiter"),
    )


def _columns(table: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    if "tx_id" in table:
        raise InputError("[columns] tx_id is not mapped: it is the position of the row; remove it")
    _only(table, MAPPABLE, "column in [columns]")
    return {name: _texts(value, f"[columns] {name}") for name, value in table.items()}


def _time(table: dict[str, Any]) -> TimeRule:
    _only(table, [f.name for f in fields(TimeRule)], "key in [time]")
    if "unit" not in table:
        extra = sorted(set(table) - {"format"})
        if extra:
            raise InputError(f'[time] {extra[0]} is given without unit, e.g. unit = "hour"')
        return TimeRule(format=_text(table.get("format", "iso"), "[time] format"))
    first, origin = table.get("first", 0), table.get("origin", TimeRule().origin)
    if isinstance(first, bool) or not isinstance(first, (int, float)):
        raise InputError(f"[time] first must be a number, not {first!r}")
    origin = origin.isoformat() if hasattr(origin, "isoformat") else _text(origin, "[time] origin")
    form = table.get("format")
    unit = _text(table["unit"], "[time] unit")
    if unit not in UNIT_MICROSECONDS:
        known = ", ".join(UNIT_MICROSECONDS)
        raise InputError(f"[time] unit {unit!r} is not known; use one of {known}")
    return TimeRule(cast(TimeUnit, unit), float(first), origin, form)


def _label_values(value: Any, key: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(str(item).strip().casefold() for item in values)


def _only(table: dict[str, Any], known: Collection[str], what: str) -> None:
    for name in table:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            raise InputError(f"unknown {what} {name!r}; {hint}")


def _table(values: dict[str, Any], key: str) -> dict[str, Any]:
    table = values.get(key, {})
    if not isinstance(table, dict):
        raise InputError(f"{key} must be a table: write [{key}] on a line of its own")
    return table


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{key} must be text in quotes, not {value!r}")
    return value


def _texts(value: Any, key: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(_text(item, key) for item in values)


def _quote(text: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(_quote(text) for text in texts) + "]"

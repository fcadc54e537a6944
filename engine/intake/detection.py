"""Telling the schema of a file from its header, and explaining when none fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from engine.errors import SchemaError
from engine.intake.mapping import REQUIRED, Mapping, missing, plain, resolve
from engine.intake.mapping_file import builtin_mappings
from engine.intake.source import Source, open_source

_SHOWN_HEADERS = 40
_NEAR = 0.5


def detect(path: str | Path) -> Mapping:
    """Tell which built-in schema a file has, by its header.

    The schema with the most columns found wins. A tie goes to the earlier of canonical, paysim,
    amlsim, ibm-aml, creditcard: so an AMLSim log without its label column counts as PaySim.

    Raises
    ------
    SchemaError
        If no schema fits; names what the closest one lacks.
    InputError
        If the file is no table.
    """
    return match(open_source(path))


def match(source: Source) -> Mapping:
    """Tell which built-in schema an opened file has; see :func:`detect`."""
    candidates = list(builtin_mappings().values())
    fitting = [m for m in candidates if not missing(m, resolve(m, source.header))]
    if not fitting:
        raise SchemaError(_explain(source, candidates))
    return max(fitting, key=lambda mapping: _columns_found(mapping, source.header))


def require(source: Source, mapping: Mapping) -> dict[str, str]:
    """Find a mapping's columns in a file: canonical name to header.

    Raises
    ------
    SchemaError
        If a column that the mapping needs is missing.
    """
    found = resolve(mapping, source.header)
    if missing(mapping, found):
        raise SchemaError(_explain(source, [mapping]))
    return found


def _columns_found(mapping: Mapping, header: Sequence[str]) -> int:
    return sum(name in mapping.columns for name in resolve(mapping, header))


def _explain(source: Source, candidates: Sequence[Mapping]) -> str:
    best = max(candidates, key=lambda mapping: _likeness(mapping, source.header))
    found = resolve(best, source.header)
    lacks = "; ".join(_lack(best, name, source.header) for name in missing(best, found))
    if len(candidates) == 1:
        start = f"{source.path} does not fit schema {best.name}: {lacks}."
    else:
        start = f"{source.path} fits no known schema. The closest is {best.name}: {lacks}."
    return (
        f"{start} The file's columns: {_listed(source.header)}. Rename columns, or describe the "
        "file in a mapping of your own: copy engine/intake/schemas/canonical.toml, put your "
        "column names in it, and pass it with --schema FILE.toml"
    )


def _lack(mapping: Mapping, name: str, header: Sequence[str]) -> str:
    wanted = mapping.columns.get(name, (name,))
    near = max(header, key=lambda column: _nearness(wanted, column))
    text = f"column {' or '.join(repr(w) for w in wanted)} is missing"
    if wanted != (name,):
        text += f" (for {name})"
    if _nearness(wanted, near) >= _NEAR:
        text += f", nearest is {near!r}"
    return text


def _likeness(mapping: Mapping, header: Sequence[str]) -> float:
    needed = [mapping.columns[name] for name in REQUIRED if name in mapping.columns]
    if not mapping.has_accounts:
        needed.append(mapping.features)
    best = [max(_nearness(wanted, column) for column in header) for wanted in needed]
    return sum(best) / len(best)


def _nearness(wanted: Iterable[str], column: str) -> float:
    return max(SequenceMatcher(None, plain(name), plain(column)).ratio() for name in wanted)


def _listed(header: Sequence[str]) -> str:
    shown = ", ".join(header[:_SHOWN_HEADERS])
    more = len(header) - _SHOWN_HEADERS
    return f"{shown} and {more} more" if more > 0 else shown

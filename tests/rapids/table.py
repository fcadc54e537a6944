"""The table of signatures that was extracted from the wheels of RAPIDS."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("signatures.json")
_UFUNC_KEYWORDS = {"out", "dtype", "casting"}
_KINDS = {kind.name: kind for kind in inspect._ParameterKind}


@dataclass(frozen=True, slots=True)
class Signatures:
    """Names of the libraries and how each may be called."""

    names: dict[str, dict[str, Any]]
    versions: dict[str, str]

    def has(self, name: str) -> bool:
        """Tell whether the libraries have a name."""
        return name in self.names

    def bind(self, name: str, positional: int, keywords: tuple[str, ...]) -> None:
        """Check a call against the signature.

        Raises
        ------
        TypeError
            If the call does not fit.
        KeyError
            If the table lacks the name.
        """
        entry = self.names[name]
        if entry["kind"] == "ufunc":
            surplus = set(keywords) - _UFUNC_KEYWORDS
            if surplus or not entry["nin"] <= positional <= entry["nin"] + entry["nout"]:
                raise TypeError(f"{name}: {positional} arguments and {sorted(surplus)}")
        elif entry["kind"] == "documented":
            unknown = set(keywords) - set(entry["names"])
            if unknown or positional > len(entry["names"]):
                raise TypeError(f"{name} takes {entry['names']}, not {sorted(unknown)}")
        elif entry["kind"] == "function":
            signature = inspect.Signature(
                [
                    inspect.Parameter(
                        parameter, _KINDS[kind],
                        default=None if has_default else inspect.Parameter.empty,
                    )
                    for parameter, kind, has_default in entry["parameters"]
                ]
            )  # fmt: skip
            signature.bind(*[None] * positional, **dict.fromkeys(keywords))
        else:
            raise TypeError(f"{name} is a {entry['kind']} and cannot be called")


@cache
def load_table() -> Signatures:
    """Return the committed table."""
    stored = json.loads(TABLE.read_text(encoding="utf-8"))
    return Signatures(stored["names"], stored["versions"])

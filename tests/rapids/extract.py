"""Extract from installed RAPIDS the signatures of every name the engine uses.

Run it with an interpreter that has requirements-gpu.txt; no GPU is needed::

    .venv-gpu/bin/python -m tests.rapids.extract

It writes ``tests/rapids/signatures.json``, which CI checks the code against, and fails if the
libraries lack a name.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from importlib.metadata import version
from typing import Any

from tests.rapids.calls import uses
from tests.rapids.table import TABLE

_DISTRIBUTIONS = (
    "cupy-cuda13x", "cudf-cu13", "cuml-cu13", "cugraph-cu13", "pylibcugraph-cu13", "nvforest-cu13",
    "rmm-cu13",
)  # fmt: skip


def main() -> int:
    """Write the table; return 1 if a name is missing."""
    names: dict[str, dict[str, Any]] = {}
    missing = []
    for name in sorted({name for use in uses() for name in use.name.split("|")}):
        try:
            names[name] = describe(name, find(name))
        except (ImportError, AttributeError) as error:
            missing.append(f"{name}: {error}")
    versions = {name: version(name) for name in _DISTRIBUTIONS}
    TABLE.write_text(
        json.dumps({"versions": versions, "names": names}, indent=1) + "\n", encoding="utf-8"
    )
    print(f"{len(names)} names written to {TABLE}")
    for line in missing:
        print(f"missing: {line}", file=sys.stderr)
    return 1 if missing else 0


def find(name: str) -> Any:
    """Return what a dotted name means; a member goes before a module of the same name."""
    first, *rest = name.split(".")
    path, found = first, importlib.import_module(first)
    for part in rest:
        path = f"{path}.{part}"
        try:
            found = getattr(found, part)
        except AttributeError:
            found = importlib.import_module(path)
    return found


def describe(name: str, found: Any) -> dict[str, Any]:
    """Tell how an object may be called."""
    if type(found).__name__ == "ufunc":
        return {"kind": "ufunc", "nin": found.nin, "nout": found.nout}
    if not callable(found) or (isinstance(found, type) and name.startswith("cupy.")):
        return {"kind": "object"}
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return {"kind": "documented", "names": _accepted(name, found, _documented(found))}
    return {
        "kind": "function",
        "parameters": [
            [p.name, p.kind.name, p.default is not inspect.Parameter.empty]
            for p in parameters
            if p.name not in ("self", "cls")
        ],
    }


def _accepted(name: str, found: Any, documented: list[str]) -> list[str]:
    """Return the parameters of a compiled class that are documented, and used and accepted.

    Compiled classes read their keywords before they look at the values, so that a class called
    with nothing but ``None`` tells whether it knows a keyword.
    """
    if not isinstance(found, type):
        return documented
    for use in uses():
        if use.name == name:
            for keyword in set(use.keywords) - set(documented):
                try:
                    found(*[None] * (use.positional or 0), **{keyword: None})
                except TypeError as error:
                    if "unexpected keyword" in str(error):
                        raise AttributeError(f"no keyword {keyword}") from error
                documented = [*documented, keyword]
    return documented


def _documented(found: Any) -> list[str]:
    """Return the parameters that a compiled object's documentation names, in order."""
    text = inspect.getdoc(found) or ""
    own = getattr(found, "__name__", "")
    call = re.match(rf"(?:\w+\.)?{re.escape(own)}\(([^)]*)\)", text)
    if call and call[1].strip():
        words = [part.split("=")[0].split() for part in call[1].split(",")]
        return [part[-1] for part in words if part and part[-1] not in ("self", "/", "*")]
    section = text.partition("Parameters\n----------\n")[2]
    section = re.split(r"\n(?:Returns|Examples|Attributes|Raises|Notes)\n-+", section)[0]
    return re.findall(r"^(\w+)\s*:", section, flags=re.MULTILINE)


if __name__ == "__main__":
    sys.exit(main())

"""Every name of CuPy and RAPIDS that the engine uses, and how it calls it, read from its source.

Standard library only: the interpreter that has RAPIDS runs this too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENGINE = Path(__file__).parents[2] / "engine"
GPU = ENGINE / "backend" / "gpu"
LIBRARIES = ("cupy", "cudf", "cuml", "cugraph", "pylibcugraph", "nvforest", "rmm")

#: Methods of objects that a library hands out, by name: the classes they may belong to.
METHODS = {
    "factorize": ("cudf.Series.factorize",),
    "to_arrow": ("cudf.DataFrame.to_arrow", "cudf.Index.to_arrow"),
    "to_parquet": ("cudf.DataFrame.to_parquet",),
    "fit": ("cuml.ensemble.IsolationForest.fit",),
    "as_sklearn": ("cuml.ensemble.IsolationForest.as_sklearn",),
    "predict": ("nvforest.GPUForestInferenceRegressor.predict",),
    "allocation_counts": ("rmm.mr.StatisticsResourceAdaptor.allocation_counts",),
}
#: Methods of CuPy's array that the stages call.
ARRAY_METHODS = ("astype", "get", "max", "ravel", "sort", "sum", "view")


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One use of a name: called with so many positional arguments and these keywords, or not.

    ``positional`` is None where the name is only read. A method that several classes have names
    each of them, with ``|`` between: the call must fit one.
    """

    name: str
    positional: int | None
    keywords: tuple[str, ...]
    where: str


def uses() -> list[Use]:
    """Return every use in the engine, in order."""
    found = set()
    for path in sorted(ENGINE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        where = str(path.relative_to(ENGINE.parent))
        names = _imported(tree) if path.is_relative_to(GPU) else {}
        found |= set(_uses(tree, names, where, with_methods=path.is_relative_to(GPU)))
    found |= {Use(f"cupy.ndarray.{name}", None, (), "the stages") for name in ARRAY_METHODS}
    return sorted(found, key=lambda use: (use.name, use.where, use.positional or 0, use.keywords))


def _imported(tree: ast.AST) -> dict[str, str]:
    """Return what each local name stands for, where a library is behind it."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in LIBRARIES:
                    local = alias.asname or alias.name.split(".")[0]
                    names[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in LIBRARIES:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _uses(tree: ast.AST, names: dict[str, str], where: str, *, with_methods: bool) -> Iterator[Use]:
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute | ast.Name) or id(node) in inner:
            continue
        name = _dotted(node, names)
        call = called.get(id(node))
        if name is not None and name.endswith(".at"):
            name, call = name.removesuffix(".at"), None
        elif name is None and with_methods and isinstance(node, ast.Attribute):
            name = "|".join(METHODS.get(node.attr, ()))
        if name and call is None:
            yield Use(name, None, (), where)
        elif name and call is not None:
            keywords = tuple(sorted(k.arg for k in call.keywords if k.arg))
            yield Use(name, len(call.args), keywords, where)


def _dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """Return the full name of an expression: ``xp.sort`` is ``cupy.sort``."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if not isinstance(node, ast.Attribute):
        return None
    owner = node.value
    if isinstance(owner, ast.Name) and owner.id == "xp":
        return f"cupy.{node.attr}"
    if isinstance(owner, ast.Attribute) and owner.attr == "xp":
        return f"cupy.{node.attr}"
    before = _dotted(owner, names)
    return None if before is None else f"{before}.{node.attr}"

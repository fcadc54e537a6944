"""Every CuPy and RAPIDS name the engine uses is in RAPIDS 26.10 and takes the arguments given.

Nothing here runs on a GPU: names and arguments are checked against a table that
``tests/rapids/extract.py`` took from the wheels.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.rapids.calls import GPU, Use, _imported, _uses, uses
from tests.rapids.table import Signatures, load_table

REQUIREMENTS = Path(__file__).parents[2] / "requirements-gpu.txt"
USES = uses()


def check(use: Use, table: Signatures) -> None:
    names = use.name.split("|")
    assert all(table.has(name) for name in names), (
        f"{use.where} uses {use.name}, which is not in the table; run "
        "`.venv-gpu/bin/python -m tests.rapids.extract` to learn whether RAPIDS has it"
    )
    assert use.positional is None or any(fits(use, name, table) for name in names), (
        f"{use.where} calls {use.name} with {use.positional} arguments and {use.keywords}"
    )


def fits(use: Use, name: str, table: Signatures) -> bool:
    try:
        table.bind(name, use.positional or 0, use.keywords)
    except TypeError:
        return False
    return True


@pytest.mark.parametrize("use", USES, ids=lambda use: f"{use.name}-{use.where}-{use.positional}")
def test_without_a_gpu_a_use_fits_the_signature_of_the_wheel(use: Use) -> None:
    check(use, load_table())


def test_without_a_gpu_the_uses_of_every_library_were_found() -> None:
    found = {use.name.split(".")[0] for use in USES}
    assert found == {"cupy", "cudf", "cuml", "pylibcugraph", "nvforest", "rmm"}
    assert any(use.where == "engine/features/history.py" for use in USES)
    called = {use.name for use in USES if use.positional is not None}
    assert {"pylibcugraph.SGGraph", "pylibcugraph.louvain", "cudf.read_csv", "cupy.sort"} <= called
    assert "cudf.DataFrame.to_arrow|cudf.Index.to_arrow" in called


@pytest.mark.parametrize(
    "line",
    [
        "cupy.serchsorted(a, b)",
        "cupy.searchsorted(a, b, where='left')",
        "cupy.searchsorted(a)",
        "cupy.maximum(a, b, c, d)",
        "pylibcugraph.louvain(handle, graph, 100, 1e-7, 1.0)",
        "pylibcugraph.louvain(handle, graph, 100, 1e-7, 1.0, False, 7)",
        "pylibcugraph.SGGraph(handle, props, a, b, weights=w)",
        "pylibcugraph.merge_asof(a, b)",
        "names.factorize(size=3)",
    ],
)
def test_without_a_gpu_a_wrong_call_is_found(line: str) -> None:
    tree = ast.parse(f"import cupy\nimport pylibcugraph\n{line}")
    (use,) = _uses(tree, _imported(tree), "here", with_methods=True)
    with pytest.raises(AssertionError, match="here"):
        check(use, load_table())


def test_the_table_is_of_the_versions_that_are_installed() -> None:
    pinned = dict(re.findall(r"^([\w-]+)==([\w.]+)", REQUIREMENTS.read_text(), re.MULTILINE))
    for name, version in load_table().versions.items():
        assert pinned.get(name) == version, f"{name}: extract the table again after a new pin"


def test_the_gpu_package_is_looked_at() -> None:
    assert {path.name for path in GPU.glob("*.py")} == {
        "__init__.py", "backend.py", "frames.py", "graph.py", "memory.py", "models.py",
    }  # fmt: skip

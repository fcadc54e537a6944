"""Which part of the program may import which, and what pages leave to the engine."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
OWN = {"engine", "aws", "app", "pages", "tests"}


def sources(*folders: str) -> list[Path]:
    """Return the Python files under some folders, by their path in the repository."""
    found = [path for folder in folders for path in (REPOSITORY / folder).rglob("*.py")]
    return sorted(path.relative_to(REPOSITORY) for path in found)


def imports(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, also inside functions."""
    for node in ast.walk(ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def offenders(folders: tuple[str, ...], *forbidden: str) -> dict[str, set[str]]:
    """Return the files that import a forbidden module, with what they import."""
    table = {
        str(path): {
            name
            for name in imports(path)
            if any(name == module or name.startswith(f"{module}.") for module in forbidden)
        }
        for path in sources(*folders)
    }
    return {path: names for path, names in table.items() if names}


def test_there_are_files_to_look_at() -> None:
    for folder in ("engine", "app", "pages"):
        assert len(sources(folder)) > 3
    assert "engine.lake" in set(imports(Path("engine/plan.py")))


def test_the_engine_knows_no_user_interface_and_no_cloud() -> None:
    forbidden = ("streamlit", "st_aggrid", "plotly", "boto3", "botocore", "app", "pages", "aws")
    assert offenders(("engine",), *forbidden) == {}


def test_the_cloud_part_knows_the_engine_alone() -> None:
    assert offenders(("aws",), *(OWN - {"aws", "engine"}), "streamlit") == {}


def test_nothing_imports_a_page_or_the_entry_of_the_app() -> None:
    assert offenders(("engine", "aws", "app", "pages"), "pages", "app.main") == {}


def test_the_program_never_imports_its_tests() -> None:
    assert offenders(("engine", "aws", "app", "pages"), "tests", "pytest", "hypothesis") == {}


@pytest.mark.parametrize(
    ("module", "home"),
    [
        ("st_aggrid", "app/ui/alert_grid.py"),
        ("pyvis", "engine/network.py"),
        ("duckdb", "engine/query/database.py"),
    ],
)
def test_a_library_is_wrapped_in_one_place(module: str, home: str) -> None:
    assert list(offenders(("engine", "aws", "app", "pages"), module)) == [home]


def test_only_the_gpu_backend_knows_the_gpus_libraries() -> None:
    libraries = ("cupy", "cupyx", "cudf", "cuml", "cugraph", "pylibcugraph", "nvforest", "rmm")
    found = offenders(("engine", "aws", "app", "pages"), *libraries)
    assert found
    assert {str(Path(path).parent) for path in found} == {"engine/backend/gpu"}


def test_every_stage_is_one_code_path() -> None:
    stages = ("engine/features", "engine/graph", "engine/scoring", "engine/rings", "engine/alerts")
    assert offenders(stages, "engine.backend.gpu", "engine.backend.cpu") == {}
    for path in sources(*stages):
        assert ".kind" not in (REPOSITORY / path).read_text(encoding="utf-8"), path


def test_pages_leave_computing_to_the_engine() -> None:
    forbidden = ("duckdb", "sqlalchemy", "sqlite3", "numpy", "pyarrow", "sklearn", "xgboost")
    assert offenders(("pages",), *forbidden) == {}


@pytest.mark.parametrize("path", sources("pages"), ids=str)
def test_a_page_neither_groups_nor_joins_nor_asks_in_sql(path: Path) -> None:
    tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert called.isdisjoint({"groupby", "merge", "pivot_table", "iterrows", "itertuples"})
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    sql = [t for t in texts if isinstance(t, str) and t.lstrip().upper().startswith("SELECT ")
           and " FROM " in t.upper()]  # fmt: skip
    assert sql == []


@pytest.mark.parametrize("path", sources("engine", "aws", "app", "pages"), ids=str)
def test_no_module_is_a_bag_of_everything(path: Path) -> None:
    assert path.stem not in {"utils", "common", "helpers", "misc"}


def test_own_packages_do_not_hide_the_standard_library() -> None:
    assert OWN.isdisjoint(sys.stdlib_module_names)

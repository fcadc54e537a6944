"""The function's folder: all that scoring imports of this project is in it, and little else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from aws import names
from aws.infer import package
from tests.aws.infer_service import event, service_of, small_run

pytestmark = pytest.mark.slow

_ANSWER = """
import json, sys
from types import SimpleNamespace
from aws.infer.handler import handler
event = json.loads(sys.stdin.read())
answer = handler(event, SimpleNamespace(function_name="f", memory_limit_in_mb=0,
                                        invoked_function_arn="", aws_request_id=""))
own = [m.__file__ for n, m in sys.modules.items() if n.split(".")[0] in ("aws", "engine")]
heavy = [n for n in ("pandas", "pyarrow", "xgboost", "sklearn", "numba", "boto3",
                     "botocore.client", "streamlit", "starlette") if n in sys.modules]
files = [m.__file__ for m in sys.modules.values() if getattr(m, "__file__", None)]
print(json.dumps({"status": answer["statusCode"], "own": own, "heavy": heavy, "files": files}))
"""


def test_the_folders_own_modules_score_in_a_fresh_interpreter(tmp_path: Path) -> None:
    paths = small_run(tmp_path)
    service_of(paths, tmp_path)
    folder = tmp_path / "package"
    package.copy_modules(folder)
    body = json.dumps({"sender": "A", "receiver": "B", "amount": 5})
    environment = {
        "PYTHONPATH": str(folder), "PATH": os.environ["PATH"], names.LAKE: str(paths.root),
        names.PROFILES: f"sqlite:///{tmp_path / 'profiles.sqlite'}",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", _ANSWER], input=json.dumps(event("POST", "/infer", body)),
        capture_output=True, text=True, cwd=tmp_path, env=environment, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["status"] == 200
    assert {str(Path(own).is_relative_to(folder)) for own in told["own"]} == {"True"}
    assert told["heavy"] == []
    packages = Path(numpy.__file__).parents[1]
    used = [Path(file).relative_to(packages) for file in told["files"] if str(packages) in file]
    assert len(used) > 100
    dropped = {
        found.relative_to(packages) for pattern in package.NEEDLESS[2:]
        for found in packages.glob(pattern)
    }  # fmt: skip
    assert not [file for file in used if "tests" in file.parts or dropped & set(file.parents)]


def test_the_whole_folder_answers_on_lambdas_python_without_any_other_package(
    tmp_path: Path,
) -> None:
    interpreter = package.find_python()
    if interpreter is None:
        pytest.skip("no Python 3.12 is at hand")
    paths = small_run(tmp_path)
    service_of(paths, tmp_path)
    assert package.main([str(tmp_path / "package")]) == 0
    environment = {
        "PATH": "/usr/bin", "HOME": str(tmp_path), names.LAKE: str(paths.root),
        names.PROFILES: f"sqlite:///{tmp_path / 'profiles.sqlite'}",
    }  # fmt: skip
    body = json.dumps({"sender": "A", "receiver": "B", "amount": 5})
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'package')!r})\n{_ANSWER}"
    done = subprocess.run(
        [interpreter, "-S", "-c", code], input=json.dumps(event("POST", "/infer", body)),
        capture_output=True, text=True, cwd=tmp_path, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == 200


def test_what_is_imported_only_on_aws_imports_from_the_folder_alone(tmp_path: Path) -> None:
    package.copy_modules(tmp_path / "package")
    modules = [
        name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for name in package.MODULES
    ]
    code = f"import importlib\nfor name in {modules!r}: importlib.import_module(name)"
    environment = {"PYTHONPATH": str(tmp_path / "package"), "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)


def test_the_wheels_are_pinned_as_the_program_pins_them() -> None:
    root = Path(__file__).parents[2]
    pins = (root / "requirements.txt").read_text().splitlines()
    wanted = [
        line
        for line in (root / "aws" / "infer" / "requirements.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert wanted
    assert set(wanted) <= set(pins)


@pytest.mark.parametrize("other", ["precious.txt", "aws/infer/precious.txt"])
def test_a_folder_with_something_else_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], other: str
) -> None:
    precious = tmp_path / other
    precious.parent.mkdir(parents=True, exist_ok=True)
    precious.write_text("mine")
    assert package.main([str(tmp_path)]) == 1
    assert "something else" in capsys.readouterr().err
    assert package.main([str(precious)]) == 1
    assert precious.read_text() == "mine"


def test_the_repository_and_what_holds_it_are_never_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "parent" / "repository"
    (root / "aws" / "infer").mkdir(parents=True)
    monkeypatch.setattr(package, "_ROOT", root)
    monkeypatch.chdir(root)
    for folder in (root.parent, root):
        (folder / package.MARKER).touch()  # not even then
    for name in (".", "..", str(root), str(root / "aws" / ".."), str(tmp_path)):
        assert package.main([name]) == 1
        assert "this program itself" in capsys.readouterr().err
    assert (root / "aws" / "infer").is_dir()


def test_a_folder_that_was_made_here_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "build" / "infer"
    package.make_folder(folder)
    (folder / "left_over.py").touch()
    package.make_folder(folder)
    assert [path.name for path in folder.iterdir()] == [package.MARKER]

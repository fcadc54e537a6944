"""The folder that Lambda runs: ``python -m aws.infer.package FOLDER``.

It holds this project's own modules that scoring needs, and the wheels for Python 3.12 on x86-64
Linux; boto3 is part of Lambda's runtime. Where a Python 3.12 is at hand the modules are compiled,
with unchecked hashes: files of a zip have new dates, and a start without compiling is much shorter.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.errors import EngineError, RunError

_ROOT = Path(__file__).resolve().parents[2]
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_PYTHON = "3.12"
#: Stands in every folder that this module made; no other folder is ever emptied.
MARKER = ".made-by-aws-infer-package"
#: What scoring imports of this project; a test holds the list against what is imported.
MODULES = (
    "aws/__init__.py", "aws/clients.py", "aws/names.py", "aws/s3_store.py",
    "aws/infer/__init__.py", "aws/infer/alert.py", "aws/infer/dynamodb.py", "aws/infer/explain.py",
    "aws/infer/figures.py", "aws/infer/handler.py", "aws/infer/models.py", "aws/infer/openapi.py",
    "aws/infer/quick_clients.py", "aws/infer/service.py", "aws/infer/settings.py",
    "engine/__init__.py", "engine/alerts/__init__.py", "engine/alerts/reasons.py",
    "engine/amounts.py", "engine/config.py", "engine/errors.py", "engine/identity.py",
    "engine/lake.py", "engine/realtime/__init__.py", "engine/realtime/boosting.py",
    "engine/realtime/coding.py", "engine/realtime/profile.py", "engine/realtime/reasons.py",
    "engine/realtime/rings.py", "engine/realtime/row.py", "engine/realtime/scorer.py",
    "engine/realtime/scorer_file.py", "engine/realtime/sqlite_store.py",
    "engine/realtime/store.py", "engine/realtime/transaction.py", "engine/risk_bands.py",
    "engine/scoring/__init__.py", "engine/scoring/blend.py", "engine/scoring/detector.py",
    "engine/storage.py", "engine/working_copy.py",
)  # fmt: skip
#: Parts of the wheels that scoring never reads.
NEEDLESS = ("**/tests", "**/*.pyi", "numpy/_core/include", "numpy/f2py", "bin")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the folder and print its size."""
    parser = argparse.ArgumentParser(prog="python -m aws.infer.package", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(arguments).folder
    try:
        make_folder(folder)
        install_wheels(folder)
        copy_modules(folder)
        interpreter = compile_modules(folder)
    except (EngineError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    how = f"compiled by {interpreter}" if interpreter else "not compiled: no Python 3.12 is at hand"
    print(f"{folder}: {size / 1e6:.1f} MB, {how}")
    return 0


def make_folder(folder: Path) -> None:
    """Make the folder, or empty one that this module has made before.

    Raises
    ------
    RunError
        If the folder is, or holds, this repository, or has something else in it.
    """
    if _ROOT.is_relative_to(folder.resolve()):
        raise RunError(f"{folder} holds this program itself; name a new folder")
    if (folder / MARKER).is_file():
        shutil.rmtree(folder)
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunError(f"{folder} holds something else; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()


def copy_modules(folder: Path) -> None:
    """Copy this project's own modules."""
    for module in MODULES:
        target = folder / module
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_ROOT / module, target)


def install_wheels(folder: Path) -> None:
    """Install the packages for Lambda's Python, whatever Python this is.

    Raises
    ------
    RunError
        If pip fails.
    """
    command = [
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--no-compile", "--only-binary", ":all:", "--implementation", "cp",
        "--python-version", _PYTHON, "--platform", "manylinux2014_x86_64",
        "--platform", "manylinux_2_28_x86_64", "--target", str(folder), "-r", str(_REQUIREMENTS),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RunError(f"pip: {done.stderr[-1000:]}")
    for pattern in NEEDLESS:
        for path in list(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def compile_modules(folder: Path) -> str | None:
    """Compile all modules with a Python 3.12; return which, None where there is none.

    Raises
    ------
    RunError
        If a module cannot be compiled.
    """
    interpreter = find_python()
    if interpreter is None:
        return None
    command = [interpreter, "-m", "compileall", "-q", "-j", "0",
               "--invalidation-mode", "unchecked-hash", str(folder)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RunError(f"compileall: {(done.stdout + done.stderr)[-1000:]}")
    return interpreter


def find_python() -> str | None:
    """Return a Python of Lambda's version that starts, None where there is none."""
    version = f"python{_PYTHON}"
    pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{_PYTHON}.*/bin/{version}"))
    for candidate in (sys.executable, shutil.which(version), *map(str, pyenv)):
        if candidate is None:
            continue
        ask = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        told = subprocess.run(ask, capture_output=True, text=True, check=False)
        if told.stdout.strip() == _PYTHON:
            return candidate
    return None


if __name__ == "__main__":
    sys.exit(main())

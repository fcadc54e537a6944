"""ministack's own environment: made where it is missing, with pinned packages."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
VENV = ROOT / ".venv" / "ministack"
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def python() -> Path:
    """Return the interpreter of ministack's environment; make the environment where needed."""
    interpreter = VENV / "bin" / "python"
    stamp = VENV / ".installed"
    wanted = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        _run(sys.executable, "-m", "venv", "--clear", str(VENV))
        _run(str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "-r", str(_REQUIREMENTS))  # fmt: skip
        stamp.write_text(wanted)
    return interpreter


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    python()
    (VENV / ".installed").touch()  # newer than the list: make has nothing to do

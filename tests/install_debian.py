"""Install what tests need of Debian (or Ubuntu) where it is missing: Chromium and PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Return 0: where something cannot be installed, the tests that need it fail and say why."""
    has_postgresql = _has_postgresql()
    wanted = [] if any(map(shutil.which, _BROWSERS)) else ["chromium", "fonts-liberation"]
    wanted += [] if has_postgresql else ["postgresql"]
    if not wanted:
        return 0
    names = " and ".join(name for name in wanted if name != "fonts-liberation")
    if shutil.which("apt-get") is None:
        print(f"no apt-get here: install {names} by hand; tests that need it will fail")
        return 0
    if not (_apt("update", "-qq") and _install(wanted)):
        print(f"{names} could not be installed; the tests that need it will fail and say so")
    elif not has_postgresql:
        _stop_clusters()
    return 0


def _has_postgresql() -> bool:
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def _install(packages: list[str]) -> bool:
    return _apt("install", "-y", "-qq", "--no-install-recommends", *packages)


def _apt(*arguments: str) -> bool:
    return _as_root("apt-get", *arguments) == 0


def _stop_clusters() -> None:
    """Stop the server that Debian's package has just made and started: tests start their own."""
    listed = subprocess.run(
        ["pg_lsclusters", "--no-header"], capture_output=True, text=True, check=False
    )
    for line in listed.stdout.splitlines():
        version, cluster, _, status, *_ = line.split()
        if status.startswith("online"):
            _as_root("pg_ctlcluster", version, cluster, "stop")


def _as_root(*command: str) -> int:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run([*sudo, *command], env=environment, check=False).returncode
    except FileNotFoundError:  # neither root nor sudo
        print(f"{command[0]} needs root, or sudo")
        return 1


if __name__ == "__main__":
    sys.exit(main())

"""Install Chromium for the browser tests where it is missing (Debian and Ubuntu)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_PACKAGES = ("chromium", "chromium-browser")


def main() -> int:
    """Return 0: where Chromium cannot be installed, the browser tests fail and say why."""
    if any(shutil.which(name) for name in _PACKAGES):
        return 0
    if shutil.which("apt-get") is None:
        print("no apt-get here: install Chromium by hand; the browser tests need it")
        return 0
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends",
                                        "chromium", "fonts-liberation"]):  # fmt: skip
        done = subprocess.run([*sudo, "apt-get", *command], env=environment, check=False)
        if done.returncode != 0:
            print(f"apt-get {command[0]} failed; the browser tests will fail and say so")
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Install Node.js where it is missing (Debian and Ubuntu): CDK's Python packages drive it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def main() -> int:
    """Return 0 if there is a ``node`` in the end."""
    if shutil.which("node") is None and shutil.which("apt-get") is not None:
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends",
                                            "nodejs"]):  # fmt: skip
            subprocess.run([*sudo, "apt-get", *command], env=environment, check=False)
    if shutil.which("node") is None:
        print("The infrastructure needs Node.js, and it could not be installed here: "
              "get version 20 or newer from https://nodejs.org", file=sys.stderr)  # fmt: skip
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m tests.aws.emulator``: AWS on this machine, until Ctrl-C.

It prints the variables that lead a program to it, as lines for a shell; they are also written to
the file that ``--variables`` names.
"""

from __future__ import annotations

import argparse
import shlex
import signal
from pathlib import Path

from tests.aws.emulator.launcher import emulated_aws


def main() -> None:
    """Start, print, wait."""
    parser = argparse.ArgumentParser(prog="python -m tests.aws.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the endpoint; default: a free one")
    parser.add_argument("--empty", action="store_true", help="deploy nothing")
    parser.add_argument("--variables", type=Path, metavar="FILE", help="write the lines here too")
    parser.add_argument("--folder", type=Path, help="keep the log and the templates here")
    arguments = parser.parse_args()
    if arguments.folder:
        arguments.folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with emulated_aws(
            arguments.folder, deployed=not arguments.empty, port=arguments.port
        ) as emulated:
            lines = [f"export {name}={shlex.quote(value)}"
                     for name, value in emulated.variables.items()]  # fmt: skip
            print("\n".join(lines), flush=True)
            if arguments.variables:
                arguments.variables.write_text("\n".join(lines) + "\n", encoding="utf-8")
            signal.pause()
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()

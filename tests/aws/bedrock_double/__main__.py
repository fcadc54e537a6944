"""Start the double: ``python -m tests.aws.bedrock_double --port 4599 --scenario good``."""

from __future__ import annotations

import argparse
import contextlib
import threading

from tests.aws.bedrock_double.scenarios import SCENARIOS
from tests.aws.bedrock_double.server import served


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.aws.bedrock_double")
    parser.add_argument("--port", type=int, default=4599)
    parser.add_argument("--scenario", default="good", choices=sorted(SCENARIOS))
    given = parser.parse_args()
    with served(given.scenario, given.port) as double, contextlib.suppress(KeyboardInterrupt):
        print(f"{double.url} plays {given.scenario}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()

"""How long ingestion takes for a large upload, and how much memory.

``python -m tests.aws.bench_ingest --rows 1000000`` uploads generated PaySim rows to the emulated
AWS and times the handler in a fresh process, as Lambda starts one: import, fetch, clean, write
back, and submit the jobs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from aws import names
from engine.generate import write_paysim
from tests.aws.emulator.environment import ROOT
from tests.aws.emulator.launcher import Emulated, emulated_aws

_CHILD = """
import json, sys, time
began = time.monotonic()
from aws.ingest.handler import handler
imported = time.monotonic()
answer = handler(json.load(sys.stdin), None)
done = time.monotonic()
from engine.processes import peak_rss_mb
print(json.dumps([imported - began, done - imported, peak_rss_mb(), answer]))
"""
_KEY = "elsewhere/bench.csv"


def main() -> None:
    """Measure, and print one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.aws.bench_ingest", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ringleader-bench-") as folder:
        path = Path(folder) / "paysim.csv"
        write_paysim(arguments.rows, arguments.seed, path)
        with emulated_aws() as aws:
            print(json.dumps({"rows": arguments.rows, **measure(aws, path)}))


def measure(aws: Emulated, path: Path) -> dict[str, Any]:
    """Upload a file where the deployed function hears nothing of it, and time the handler."""
    lake = aws.variables[names.LAKE].removeprefix("s3://")
    aws.client("s3").upload_file(str(path), lake, _KEY)
    for queue in names.QUEUES.values():
        aws.jobs("hold", queue=queue)  # the jobs would take the processors
    told = {"bucket": {"name": lake}, "object": {"key": _KEY, "size": path.stat().st_size}}
    message = {
        "messageId": "bench", "receiptHandle": "x", "eventSourceARN": "::::a:b",
        "body": json.dumps({"Records": [{"s3": told}]}),
    }  # fmt: skip
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", f"from aws import names; names.RAW = 'elsewhere'\n{_CHILD}"],
        input=json.dumps({"Records": [message]}), capture_output=True, text=True, check=True,
        cwd=ROOT, env={**os.environ, **aws.variables},
    )  # fmt: skip
    seconds = time.monotonic() - began
    imported, handled, memory, answer = json.loads(done.stdout.splitlines()[-1])
    if answer["batchItemFailures"]:
        raise RuntimeError(done.stderr)
    return {
        "megabytes": round(path.stat().st_size / 1e6, 1), "seconds": round(seconds, 2),
        "import_seconds": round(imported, 2), "handler_seconds": round(handled, 2),
        "peak_rss_mb": round(memory),
    }  # fmt: skip


if __name__ == "__main__":
    main()

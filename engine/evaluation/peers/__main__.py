"""``python -m engine.evaluation.peers PEER FOLDER``: one peer in a process of its own.

Prints one JSON object: the figures of each result by name, seconds, and peak memory.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from engine.config import Config
from engine.evaluation.peers.data import judge_peer, read_peer_input
from engine.evaluation.peers.registry import PEERS
from engine.processes import peak_rss_mb


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m engine.evaluation.peers")
    parser.add_argument("peer", choices=sorted(PEERS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--labels", action="store_true")
    arguments = parser.parse_args()
    source = arguments.folder / "transactions.parquet"
    began = time.monotonic()
    given = read_peer_input(source, arguments.labels, Config())
    results = PEERS[arguments.peer](given)
    seconds = round(time.monotonic() - began, 1)
    truth = arguments.folder / "rings.parquet"
    report = {
        name: judge_peer(given, result, truth, source)
        | {"seconds": seconds, "peak_rss_mb": peak_rss_mb()}
        for name, result in results.items()
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()

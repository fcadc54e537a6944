"""The peers' side of the ring benchmark: each in a process of its own, its answer kept on disk."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.config import Config
from engine.evaluation.peers.registry import NEED_LABELS, PEERS
from engine.identity import sha256_of
from engine.lake import read_json, write_json

#: A peer that takes longer is stopped, and the table says so.
LIMIT_SECONDS = 600
#: What a peer's answer depends on: when one of these changes, the answer is made anew.
_CODE = (
    "evaluation/peers/*", "evaluation/judge", "evaluation/ring_metrics", "evaluation/intervals",
    "evaluation/truth", "features/build", "features/history", "features/matrix",
    "scoring/anomaly", "scoring/blend", "scoring/metrics", "scoring/model", "scoring/rules",
    "scoring/split",
)  # fmt: skip
_SETTINGS = ("features", "rules", "anomaly", "model", "risk")
_ENGINE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class PeerRuns:
    """The peers on one set.

    Attributes
    ----------
    folder
        The set: ``transactions.parquet`` and ``rings.parquet``.
    modes
        The modes our runs were judged in; peers are judged in the first (no labels) and, if there
        is one, the second (labels, the last window).
    """

    folder: Path
    modes: list[str]

    def results(self) -> list[dict[str, Any]]:
        """Return one result a peer, variant and mode."""
        found = []
        for labelled, mode in zip((False, True), self.modes, strict=False):
            for peer in PEERS:
                if peer in NEED_LABELS and not labelled:
                    continue
                for name, figures in self._answer(peer, labelled).items():
                    found.append({"method": name, "mode": mode, **figures})
        return found

    def _answer(self, peer: str, labelled: bool) -> dict[str, Any]:
        kept = cache_folder() / f"{self._key(peer, labelled)}.json"
        if kept.exists():
            return read_json(kept)
        command = [sys.executable, "-m", "engine.evaluation.peers", peer, str(self.folder)]
        command += ["--labels"] if labelled else []
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return {peer: {"note": f"did not finish in {LIMIT_SECONDS // 60} minutes"}}
        if done.returncode != 0:
            why = (done.stderr.strip().splitlines() or ["killed"])[-1]
            return {peer: {"note": f"failed: {why}"}}
        answer: dict[str, Any] = json.loads(done.stdout)
        write_json(kept, answer)
        return answer

    def _key(self, peer: str, labelled: bool) -> str:
        sources = [path for name in _CODE for path in sorted(_ENGINE.glob(f"{name}.py"))]
        settings = Config().to_dict()
        parts = {
            "data": [sha256_of(self.folder / f"{n}.parquet") for n in ("transactions", "rings")],
            "code": [sha256_of(path) for path in sources],
            "config": {name: settings[name] for name in _SETTINGS},
            "peer": peer,
            "labels": labelled,
            "snapml": _version("snapml"),
        }
        text = json.dumps(parts, sort_keys=True, default=str)
        return f"{peer}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def cache_folder() -> Path:
    """Return where the peers' answers are kept (``XDG_CACHE_HOME``, else ``~/.cache``)."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "ringleader" / "peers"


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None

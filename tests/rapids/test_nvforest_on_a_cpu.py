"""The GPU engine's scoring of forests with the real nvForest, computing on the CPU: not a GPU test.

nvForest lives in a folder of its own (``make test`` fills it), so each check is a process that has
it on its path.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
NVFOREST = Path(sys.prefix) / "nvforest"

pytestmark = pytest.mark.skipif(
    not (NVFOREST / "nvforest").is_dir(), reason="nvForest is not there: run `make test`"
)


def with_nvforest(code: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False,
        cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": f"{NVFOREST}:{REPOSITORY}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_nvforest_on_a_cpu_scores_as_our_kernel_does() -> None:
    found = with_nvforest("""
import json
import numpy as np
from engine.backend import CPU
from engine.backend.gpu import models
from engine.config import AnomalyConfig
rng = np.random.default_rng(3)
values = rng.lognormal(size=(20_000, 6)).astype(np.float32)
values[:500] = values[500:1000]
model = CPU.fit_forest(values[:10_000], AnomalyConfig())
ours = CPU.forest(model)(values)
theirs = models.forest(model, np, "cpu")(values)
print(json.dumps([str(theirs.dtype), list(theirs.shape), float(np.abs(ours - theirs).max())]))
""")
    assert found[:2] == ["float32", [20_000]]
    assert found[2] < 1e-6


def test_nvforest_on_a_cpu_goes_left_at_the_very_threshold() -> None:
    found = with_nvforest("""
import json
import numpy as np
from engine.backend import CPU
from engine.backend.gpu import models
from engine.config import AnomalyConfig
values = (np.arange(8, dtype=np.float32) / np.float32(3)).reshape(-1, 1)
model = CPU.fit_forest(values, AnomalyConfig(trees=30, rows_per_tree=8))
cuts = np.unique([c for t in model.estimators_ for c in t.tree_.threshold if c > 0])
at = cuts.astype(np.float32).reshape(-1, 1)
apart = np.abs(CPU.forest(model)(at) - models.forest(model, np, "cpu")(at))
print(json.dumps([len(at), float(apart.max())]))
""")
    assert found[0] >= 4
    assert found[1] < 1e-6

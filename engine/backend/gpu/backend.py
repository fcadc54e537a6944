"""The GPU engine: CuPy arrays, cuDF frames, cuML and nvForest forests, XGBoost, cuGraph."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import cupy
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.backend.base import Array, Backend, Codes, to_host
from engine.backend.gpu import graph, memory, models
from engine.backend.parquet import read_batches, write_groups
from engine.backend.probe import Probe

if TYPE_CHECKING:
    import xgboost as xgb
    from sklearn.ensemble import IsolationForest

    from engine.config import AnomalyConfig, GraphConfig


class GpuBackend(Backend):
    """Computes on the first visible GPU.

    Features stay on the device until the scores are made. A thrifty backend brings every finished
    column to the CPU at once, folds leaves before it clusters, and writes with Arrow: slower, and
    with a fraction of the device's memory.
    """

    kind = "gpu"
    csv_block_bytes = 1 << 28
    recorded = (
        "numpy", "pandas", "pyarrow", "scikit-learn", "xgboost", "igraph", "numba", "cupy-cuda13x",
        "cudf-cu13", "cuml-cu13", "cugraph-cu13", "pylibcugraph-cu13", "nvforest-cu13", "rmm-cu13",
    )  # fmt: skip

    def __init__(
        self, found: Probe, reason: str, limit: int | None = None, *, is_thrifty: bool = False
    ) -> None:
        super().__init__(found.why, reason)
        self.is_thrifty = is_thrifty
        self._found, self._limit = found, limit
        memory.set_up(limit)

    @property
    def xp(self) -> ModuleType:
        module: ModuleType = cupy
        return module

    def keep(self, column: Array) -> Array:
        if self.is_thrifty:
            return to_host(column).astype(np.float32, copy=False)
        return super().keep(column)

    def parse_csv(
        self,
        text: pa.Buffer,
        header: Sequence[str],
        delimiter: str,
        types: dict[str, pa.DataType],
        *,
        joined_lines: bool,
        longest: int,
    ) -> dict[str, pa.Array]:
        from engine.backend.gpu import frames

        return frames.parse_csv(text, header, delimiter, types)

    def read_parquet(self, path: Path, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        if columns is None:
            return read_batches(path, None)
        from engine.backend.gpu import frames

        return frames.read_parquet(path, columns)

    def number_names(self, names: pa.Array) -> tuple[Codes, pa.Array]:
        from engine.backend.gpu import frames

        return frames.number_names(names)

    def write_parquet(
        self, table: pa.Table, path: Path, rows_a_group: int, report: Callable[[int], None]
    ) -> None:
        if self.is_thrifty:
            write_groups(table, path, rows_a_group, report)
            return
        from engine.backend.gpu import frames

        frames.write_parquet(table, path, rows_a_group)
        report(table.num_rows)

    def fit_forest(self, sample: npt.NDArray[np.float32], config: AnomalyConfig) -> IsolationForest:
        if config.fitted_by == "cuml":
            return models.fit_forest(sample, config)
        from engine.scoring.forest import fit_forest

        return fit_forest(sample, config)

    def forest(self, model: IsolationForest) -> Callable[[Array], Array]:
        return models.forest(model, cupy, "gpu")

    def boost(
        self,
        parameters: dict[str, Any],
        values: Array,
        label: Array,
        weight: Array,
        rounds: int,
        callbacks: Sequence[Any],
    ) -> xgb.Booster:
        return models.boost(parameters, values, label, weight, rounds, callbacks)

    def margin(self, booster: xgb.Booster, values: Array) -> Array:
        return models.margin(booster, values)

    def page_rank(
        self, source: Array, target: Array, amount: Array, n: int, damping: float
    ) -> Array:
        return graph.page_rank(source, target, amount, n, damping)

    def communities(
        self, source: Array, target: Array, amount: Array, n: int, config: GraphConfig
    ) -> Array:
        if not self.is_thrifty:
            return graph.communities(source, target, amount, n, config)
        from engine.graph.communities import find_communities

        ends = (to_host(source), to_host(target))
        return find_communities(*ends, to_host(amount), n, config, graph.cluster_on_device)

    def components(self, source: Array, target: Array, n: int) -> Array:
        return graph.components(source, target, n)

    def is_out_of_memory(self, error: BaseException) -> bool:
        return memory.is_out_of_memory(error)

    def thriftier(self) -> Backend | None:
        gc.collect()  # what the failed attempt held must be free before the next one
        if self.is_thrifty:
            return None
        return GpuBackend(self._found, self.reason, self._limit, is_thrifty=True)

    def peak_device_mb(self) -> float | None:
        return memory.peak_mb()

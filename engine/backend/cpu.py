"""The CPU engine, the embedded default: NumPy, Arrow, scikit-learn, numba, XGBoost, igraph."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from engine.backend.base import Array, Backend, Codes, threads
from engine.backend.parquet import read_batches, write_groups
from engine.errors import InputError

if TYPE_CHECKING:
    import xgboost as xgb
    from sklearn.ensemble import IsolationForest

    from engine.config import AnomalyConfig, GraphConfig

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_PARSE_BYTES = 1 << 20


class CpuBackend(Backend):
    """Computes on the cores of this machine.

    Libraries that take long to import are imported by the method that needs them: a command that
    only plans a run does not wait for them.
    """

    kind = "cpu"
    recorded = (
        "numpy", "pandas", "pyarrow", "scikit-learn", "xgboost-cpu", "xgboost", "igraph", "numba",
    )  # fmt: skip

    def __init__(self, reason: str = "the embedded default") -> None:
        super().__init__(f"{threads()} CPU cores, {platform.machine()}", reason)

    @property
    def xp(self) -> ModuleType:
        return np

    def map(self, function: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
        """Apply a function to items in threads: array calls release the interpreter."""
        if threads() == 1:
            return super().map(function, items)
        with ThreadPoolExecutor(max_workers=min(len(items), threads())) as pool:
            return list(pool.map(function, items))

    def stream(
        self, function: Callable[[_Item], _Result], items: Sequence[_Item]
    ) -> Iterator[_Result]:
        if threads() == 1:
            yield from super().stream(function, items)
            return
        with ThreadPoolExecutor(max_workers=min(len(items), threads())) as pool:
            yield from pool.map(function, items)

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
        table = pa_csv.read_csv(
            text,
            read_options=pa_csv.ReadOptions(
                column_names=list(header), block_size=max(_PARSE_BYTES, 2 * longest)
            ),
            parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=joined_lines),
            convert_options=pa_csv.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                null_values=[""],
                strings_can_be_null=False,
            ),
        )
        return {name: table.column(name).combine_chunks() for name in types}

    def read_parquet(self, path: Path, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        return read_batches(path, columns)

    def number_names(self, names: pa.Array) -> tuple[Codes, pa.Array]:
        encoded = names.dictionary_encode()
        codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
        return codes, encoded.dictionary.cast(pa.string())

    def write_parquet(
        self, table: pa.Table, path: Path, rows_a_group: int, report: Callable[[int], None]
    ) -> None:
        write_groups(table, path, rows_a_group, report)

    def fit_forest(self, sample: npt.NDArray[np.float32], config: AnomalyConfig) -> IsolationForest:
        from engine.scoring.forest import fit_forest

        if config.fitted_by == "cuml":
            raise InputError(
                'config: [anomaly] fitted_by = "cuml" needs the GPU engine, and this run computes '
                'on the CPU; use fitted_by = "scikit-learn"'
            )
        return fit_forest(sample, config)

    def forest(self, model: IsolationForest) -> Callable[[Array], Array]:
        from engine.scoring.forest import flatten, score_rows

        flat = flatten(model)
        return lambda values: score_rows(flat, values)

    def boost(
        self,
        parameters: dict[str, Any],
        values: Array,
        label: Array,
        weight: Array,
        rounds: int,
        callbacks: Sequence[Any],
    ) -> xgb.Booster:
        import xgboost as xgb

        data = xgb.QuantileDMatrix(values, label=label, weight=weight, nthread=threads())
        settings = {**parameters, "device": "cpu", "nthread": threads()}
        return xgb.train(settings, data, num_boost_round=rounds, callbacks=list(callbacks))

    def margin(self, booster: xgb.Booster, values: Array) -> Array:
        return booster.inplace_predict(values, predict_type="margin")

    def page_rank(
        self, source: Array, target: Array, amount: Array, n: int, damping: float
    ) -> Array:
        from engine.graph.pagerank import rank_pages

        return rank_pages(source, target, amount, n, damping)

    def communities(
        self, source: Array, target: Array, amount: Array, n: int, config: GraphConfig
    ) -> Array:
        from engine.graph.communities import find_communities

        return find_communities(source, target, amount, n, config)

    def components(self, source: Array, target: Array, n: int) -> Array:
        from engine.graph.communities import find_components

        return find_components(source, target, n)


CPU = CpuBackend()

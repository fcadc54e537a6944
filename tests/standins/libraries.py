"""Stand-ins for pylibcugraph, nvForest, cuML, cuDF, RMM and XGBoost's use of a device."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import igraph
import numpy as np
import pandas as pd
import pyarrow as pa
import xgboost as xgb
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.ensemble import IsolationForest

from tests.standins.arrays import DeviceArray, DeviceMemory


def _module(name: str, **members: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(members)
    return module


class _Graph:
    """Edges as ``SGGraph`` takes them; vertices come back shuffled, as from a device."""

    def __init__(
        self, resource_handle: Any, graph_properties: Any, src_or_offset_array: DeviceArray,
        dst_or_index_array: DeviceArray, weight_array: DeviceArray | None = None,
        store_transposed: bool = False, renumber: bool = False, do_expensive_check: bool = False,
        vertices_array: DeviceArray | None = None,
    ) -> None:  # fmt: skip
        assert src_or_offset_array.dtype == dst_or_index_array.dtype == np.int32
        assert weight_array is not None
        assert weight_array.dtype in (np.float32, np.float64)
        self.properties, self.is_transposed = graph_properties, store_transposed
        self.memory = weight_array._memory
        self.source, self.target = src_or_offset_array.get(), dst_or_index_array.get()
        self.weight = weight_array.get()
        named = vertices_array.get() if vertices_array is not None else np.empty(0, np.int32)
        vertices = np.unique(np.concatenate([self.source, self.target, named]))
        self.vertices = np.random.default_rng(5).permutation(vertices)
        pairs = set(zip(self.source.tolist(), self.target.tolist(), strict=True))
        assert len(pairs) == len(self.source), "parallel edges in a graph that is no multigraph"
        assert not graph_properties.is_symmetric or pairs == {(b, a) for a, b in pairs}
        # Inner numbers as after ``renumber``: the place of each vertex.
        self.number = {int(v): i for i, v in enumerate(self.vertices)}

    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        inner = np.vectorize(self.number.__getitem__, otypes=[np.int64])
        return inner(self.source), inner(self.target)

    def on_device(self, *arrays: np.ndarray) -> tuple[DeviceArray, ...]:
        return tuple(DeviceArray(array, self.memory) for array in arrays)


def _louvain(
    handle: Any, graph: _Graph, max_level: int, threshold: float, resolution: float, check: bool
) -> tuple[DeviceArray, DeviceArray, float]:
    assert graph.properties.is_symmetric, "Louvain needs an undirected graph"
    source, target = graph.ends()
    once = source <= target
    # A loop's entry in the matrix is twice its weight.
    weight = np.where(source == target, graph.weight / 2, graph.weight)[once]
    edges = np.stack([source[once], target[once]], 1)
    found = igraph.Graph(n=len(graph.vertices), edges=edges).community_multilevel(
        weights=weight.tolist(), resolution=resolution
    )
    # Cluster ids have nothing to do with vertex ids.
    clusters = (np.asarray(found.membership) * 7 + 3).astype(np.int32)
    return *graph.on_device(graph.vertices, clusters), float(found.modularity)  # type: ignore[return-value]


def _components(
    handle: Any, graph: _Graph, offsets: None, indices: None, weights: None, labels: None,
    check: bool,
) -> tuple[DeviceArray, ...]:  # fmt: skip
    assert graph.properties.is_symmetric, "weakly connected components need an undirected graph"
    source, target = graph.ends()
    n = len(graph.vertices)
    links = coo_array((np.ones(len(source), np.int8), (source, target)), shape=(n, n))
    label = connected_components(links, directed=False)[1].astype(np.int32)
    return graph.on_device(graph.vertices, label * 5 + 2)


def _page_rank(
    handle: Any, graph: _Graph, vertices: None, sums: None, guessed: None, guesses: None,
    alpha: float, epsilon: float, max_iterations: int, check: bool, *,
    fail_on_nonconvergence: bool = True,
) -> tuple[Any, ...]:  # fmt: skip
    assert graph.is_transposed, "PageRank would transpose the graph, at the price of its memory"
    assert not graph.properties.is_symmetric
    source, target = graph.ends()
    network = igraph.Graph(
        n=len(graph.vertices), edges=np.stack([source, target], 1), directed=True
    )
    rank = np.asarray(network.pagerank(damping=alpha, weights=graph.weight.tolist()))
    found = graph.on_device(graph.vertices, rank)
    return found if fail_on_nonconvergence else (*found, True)


def pylibcugraph() -> ModuleType:
    """Return the module ``pylibcugraph``."""
    return _module(
        "pylibcugraph",
        ResourceHandle=lambda: object(),
        GraphProperties=lambda is_symmetric=False, is_multigraph=False: SimpleNamespace(
            is_symmetric=is_symmetric, is_multigraph=is_multigraph
        ),
        SGGraph=_Graph,
        louvain=_louvain,
        pagerank=_page_rank,
        weakly_connected_components=_components,
    )


def nvforest(memory: DeviceMemory) -> ModuleType:
    """Return the module ``nvforest``: a column of scores, positive, in double precision."""

    class Loaded:
        def __init__(self, model: IsolationForest) -> None:
            self._model = model

        def predict(self, values: DeviceArray) -> DeviceArray:
            scores = -self._model.score_samples(values.get())
            return DeviceArray(scores.reshape(-1, 1), memory)

    def load_from_sklearn(model: IsolationForest, *, device: str) -> Loaded:
        assert device == "gpu"
        return Loaded(model)

    return _module("nvforest", load_from_sklearn=load_from_sklearn)


def cuml() -> dict[str, ModuleType]:
    """Return the modules of cuML: a forest whose random numbers are not scikit-learn's."""

    class DeviceForest:
        def __init__(self, *, n_estimators: int, max_samples: int, random_state: int) -> None:
            self._model = IsolationForest(
                n_estimators=n_estimators, max_samples=max_samples, random_state=random_state + 1
            )

        def fit(self, values: np.ndarray) -> DeviceForest:
            self._model.fit(values)
            return self

        def as_sklearn(self) -> IsolationForest:
            return self._model

    ensemble = _module("cuml.ensemble", IsolationForest=DeviceForest)
    return {"cuml": _module("cuml", ensemble=ensemble), "cuml.ensemble": ensemble}


def cudf(memory: DeviceMemory) -> ModuleType:
    """Return the module ``cudf``, on pandas: other nulls and strings than the real one's.

    Told to spill, it lays a layer of its own over the pool when it first holds something.
    """
    spills: dict[str, bool] = {}

    def hold() -> None:
        from rmm import mr

        pool = mr.get_current_device_resource()
        if spills.get("spill") and not isinstance(pool, mr.FailureCallbackResourceAdaptor):
            mr.set_current_device_resource(mr.FailureCallbackResourceAdaptor(pool, bool))

    class Index:
        def __init__(self, values: pa.Array) -> None:
            self._values = values

        def to_arrow(self) -> pa.Array:
            return self._values

    class Series:
        def __init__(self, values: pa.Array) -> None:
            hold()
            self._values = values

        @classmethod
        def from_arrow(cls, values: pa.Array) -> Series:
            return cls(values)

        def factorize(self) -> tuple[DeviceArray, Index]:
            encoded = self._values.dictionary_encode()
            codes = encoded.indices.to_numpy(zero_copy_only=False)
            return DeviceArray(codes, memory), Index(encoded.dictionary)

    class Frame:
        def __init__(self, table: pa.Table) -> None:
            hold()
            self._table = table

        @classmethod
        def from_arrow(cls, table: pa.Table) -> Frame:
            assert not any(pa.types.is_dictionary(kind) for kind in table.schema.types)
            return cls(table)

        def __getitem__(self, names: list[str]) -> Frame:
            return Frame(self._table.select(names))

        def to_arrow(self, *, preserve_index: bool) -> pa.Table:
            return self._table

        def to_parquet(
            self, path: Path, *, compression: str, index: bool, row_group_size_rows: int
        ) -> None:
            import pyarrow.parquet as pq

            pq.write_table(
                self._table, path, compression=compression, row_group_size=row_group_size_rows
            )

    def read_csv(file: Any, **options: Any) -> Frame:
        frame = pd.read_csv(
            file, sep=options["sep"], header=None, names=options["names"],
            usecols=options["usecols"], dtype="str", keep_default_na=False,
        )  # fmt: skip
        for name, kind in options["dtype"].items():
            if kind == "float64":  # what cannot be read becomes null, without a word
                frame[name] = pd.to_numeric(frame[name], errors="coerce")
        return Frame(pa.Table.from_pandas(frame, preserve_index=False))

    def read_parquet(path: Path, **options: Any) -> Frame:
        import pyarrow.parquet as pq

        (groups,) = options["row_groups"]
        table = pq.ParquetFile(path).read_row_groups(groups, columns=options["columns"])
        for index, field in enumerate(table.schema):
            if pa.types.is_dictionary(field.type):
                plain = table.column(index).cast(field.type.value_type)
                table = table.set_column(index, field.name, plain)
        return Frame(table)

    return _module(
        "cudf", Series=Series, DataFrame=Frame, read_csv=read_csv, read_parquet=read_parquet,
        set_option=spills.__setitem__,
    )  # fmt: skip


def rmm(memory: DeviceMemory) -> dict[str, ModuleType]:
    """Return the modules of RMM; the pool's high mark is that of the stand-in's memory."""

    class Adaptor:
        def __init__(self, upstream_mr: Any, callback: Any = None) -> None:
            self.upstream_mr = upstream_mr

    class Counting(Adaptor):
        @property
        def allocation_counts(self) -> SimpleNamespace:
            return SimpleNamespace(peak_bytes=memory.peak)

    class Spilling(Adaptor):
        pass

    def limited(pool: Any, limit: int) -> Any:
        memory.limit = limit
        return pool

    current: list[Any] = [None]
    mr = _module(
        "rmm.mr",
        CudaAsyncMemoryResource=lambda: object(),
        StatisticsResourceAdaptor=Counting,
        FailureCallbackResourceAdaptor=Spilling,
        LimitingResourceAdaptor=limited,
        get_current_device_resource=lambda: current[0],
        set_current_device_resource=lambda pool: current.__setitem__(0, pool),
    )
    allocators = _module("rmm.allocators.cupy", rmm_cupy_allocator=lambda size: None)
    return {
        "rmm": _module("rmm", mr=mr),
        "rmm.mr": mr,
        "rmm.allocators": _module("rmm.allocators", cupy=allocators),
        "rmm.allocators.cupy": allocators,
    }


def xgboost(memory: DeviceMemory) -> ModuleType:
    """Return XGBoost that takes arrays of the device and trains on the CPU all the same."""

    class DeviceBooster(xgb.Booster):
        def set_param(self, params: Any, value: Any = None) -> None:
            assert params == {"device": "cuda"}

        def inplace_predict(self, data: Any, **options: Any) -> Any:
            found = super().inplace_predict(data.get(), **options)
            return DeviceArray(np.asarray(found), memory)

    def matrix(values: DeviceArray, *, label: DeviceArray, weight: DeviceArray) -> Any:
        return xgb.QuantileDMatrix(values.get(), label=label.get(), weight=weight.get())

    def train(settings: dict[str, Any], data: Any, **options: Any) -> xgb.Booster:
        assert settings["device"] == "cuda"
        booster = xgb.train({**settings, "device": "cpu"}, data, **options)
        booster.__class__ = DeviceBooster
        return booster

    return _module("xgboost", QuantileDMatrix=matrix, train=train, Booster=xgb.Booster)

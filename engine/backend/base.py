"""What differs between the engines that can run the stages: the contract of a backend.

Every other line of the stages is one code path, written against the array module ``xp``. Arrays a
backend hands out live where it computes; :func:`to_host` brings them to the CPU.
"""

from __future__ import annotations

import os
import platform
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    import xgboost as xgb
    from sklearn.ensemble import IsolationForest

    from engine.config import AnomalyConfig, GraphConfig

EngineChoice = Literal["auto", "cpu", "gpu"]
Kind = Literal["cpu", "gpu"]
Array = Any  # numpy.ndarray or cupy.ndarray
Codes = npt.NDArray[np.int32]
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Backend(ABC):
    """An engine that can run the stages.

    Attributes
    ----------
    kind
        ``cpu`` or ``gpu``.
    device
        The device in words, for people.
    reason
        Why this engine was taken.
    csv_block_bytes
        How much of a CSV file is parsed at once.
    """

    kind: ClassVar[Kind]
    csv_block_bytes: ClassVar[int] = 1 << 24
    #: Distributions whose versions a run records, where they are installed.
    recorded: ClassVar[tuple[str, ...]] = ()

    def __init__(self, device: str, reason: str) -> None:
        self.device = device
        self.reason = reason

    @property
    @abstractmethod
    def xp(self) -> ModuleType:
        """The array module that stages are written against: NumPy or CuPy."""

    def map(self, function: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
        """Apply a function to items, side by side where that is faster."""
        return [function(item) for item in items]

    def stream(
        self, function: Callable[[_Item], _Result], items: Sequence[_Item]
    ) -> Iterator[_Result]:
        """Apply a function to items and yield each result as soon as its turn comes."""
        return map(function, items)

    def keep(self, column: Array) -> Array:
        """Return a finished feature as float32 where it shall stay until the scores are made."""
        return self.xp.asarray(column, dtype=self.xp.float32)

    # Frames

    @abstractmethod
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
        """Parse whole records without a header line: the columns of ``types``, by name.

        Parameters
        ----------
        types
            ``float64`` or ``string`` by column; empty text is null in numbers, empty in text.
        joined_lines
            Whether a quoted value holds a line break.
        longest
            Bytes of the longest record.

        Raises
        ------
        pyarrow.ArrowInvalid
            If a value does not fit its type.
        """

    @abstractmethod
    def read_parquet(self, path: Path, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Read a Parquet file part by part, in the order of its rows.

        Parameters
        ----------
        columns
            The columns wanted; None where names repeat, so that only their places tell them apart.
        """

    @abstractmethod
    def number_names(self, names: pa.Array) -> tuple[Codes, pa.Array]:
        """Number distinct names in order of first appearance.

        Parameters
        ----------
        names
            large_string, shape (n,), without nulls.

        Returns
        -------
        codes, distinct
            int32 of shape (n,) on the CPU, and a string array with ``distinct[code]``.
        """

    @abstractmethod
    def write_parquet(
        self, table: pa.Table, path: Path, rows_a_group: int, report: Callable[[int], None]
    ) -> None:
        """Write a wide table of numbers to a Parquet file; ``report`` is told the rows written."""

    # Models

    @abstractmethod
    def fit_forest(self, sample: npt.NDArray[np.float32], config: AnomalyConfig) -> IsolationForest:
        """Fit an isolation forest; the model is scikit-learn's whatever fitted it."""

    @abstractmethod
    def forest(self, model: IsolationForest) -> Callable[[Array], Array]:
        """Return the function from float32 rows to float32 scores in (0, 1), high is abnormal."""

    @abstractmethod
    def boost(
        self,
        parameters: dict[str, Any],
        values: Array,
        label: Array,
        weight: Array,
        rounds: int,
        callbacks: Sequence[Any],
    ) -> xgb.Booster:
        """Train gradient-boosted trees."""

    @abstractmethod
    def margin(self, booster: xgb.Booster, values: Array) -> Array:
        """Return the log-odds of rows, float32."""

    # Graph

    @abstractmethod
    def page_rank(
        self, source: Array, target: Array, amount: Array, n: int, damping: float
    ) -> Array:
        """Return the PageRank of each account, float64, shape (n,), summing to one."""

    @abstractmethod
    def communities(
        self, source: Array, target: Array, amount: Array, n: int, config: GraphConfig
    ) -> Array:
        """Return Louvain communities, int32, shape (n,), numbered by smallest account code."""

    @abstractmethod
    def components(self, source: Array, target: Array, n: int) -> Array:
        """Return weakly connected components, int32, numbered by smallest account code."""

    # Memory

    def is_out_of_memory(self, error: BaseException) -> bool:
        """Tell whether an error says that the device's memory ran out."""
        return False

    def thriftier(self) -> Backend | None:
        """Return a backend that needs less memory on the device, if there is one."""
        return None

    def peak_device_mb(self) -> float | None:
        """Return the most device memory held so far in MiB; None where there is no device."""
        return None

    def describe(self) -> dict[str, Any]:
        """Return kind, device, reason and library versions for ``run.json``."""
        return {
            "kind": self.kind,
            "device": self.device,
            "reason": self.reason,
            "versions": {"python": platform.python_version(), **_versions(self.recorded)},
        }


def to_host(array: Array) -> npt.NDArray[Any]:
    """Return an array as NumPy's, copied from the device where it lives there."""
    return array if isinstance(array, np.ndarray) else np.asarray(array.get())


def threads() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _versions(names: Sequence[str]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # the GPU stack has xgboost, the CPU stack xgboost-cpu
            continue
    return found

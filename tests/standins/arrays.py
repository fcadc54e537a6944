"""A stand-in for CuPy: arrays that do not mix with NumPy's."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from tests.rapids.table import Signatures

#: What atomicMax and atomicMin take in CuPy (its ``_routines_indexing``).
_ATOMIC = ("int32", "float32", "float64", "uint32", "uint64")
#: What makes an array out of values on the CPU; every other function refuses them.
_UPLOADS = ("asarray", "array")


class DeviceMemoryError(MemoryError):
    """The stand-in for CuPy's OutOfMemoryError."""


@dataclass
class DeviceMemory:
    """Counts the bytes that arrays hold, and refuses more than ``limit``."""

    limit: int | None = None
    live: int = 0
    peak: int = 0

    def take(self, size: int) -> None:
        if self.limit is not None and self.live + size > self.limit:
            raise DeviceMemoryError(f"out of memory allocating {size:,} bytes")
        self.live += size
        self.peak = max(self.peak, self.live)

    def give(self, size: int) -> None:
        self.live -= size


class DeviceArray:
    """An array whose values the CPU sees only through ``get``."""

    __array_ufunc__ = None  # a NumPy array on the other side of an operator leaves it to us

    def __init__(self, values: np.ndarray, memory: DeviceMemory, owner: Any = None) -> None:
        self._values, self._memory, self._owner = values, memory, owner
        if owner is None:
            memory.take(values.nbytes)
            weakref.finalize(self, memory.give, values.nbytes)

    dtype = property(lambda self: self._values.dtype)
    shape = property(lambda self: self._values.shape)
    size = property(lambda self: self._values.size)
    ndim = property(lambda self: self._values.ndim)

    def get(self) -> np.ndarray:
        """Copy the values to the CPU."""
        return self._values.copy()

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Use `.get()`.")

    def __len__(self) -> int:
        return len(self._values)

    def __float__(self) -> float:
        return float(self._values)

    def __int__(self) -> int:
        return int(self._values)

    def __bool__(self) -> bool:
        return bool(self._values)

    def __getitem__(self, index: Any) -> DeviceArray:
        found = self._values[plain(index)]
        return self._wrap(
            np.asarray(found), self if np.shares_memory(found, self._values) else None
        )

    def __setitem__(self, index: Any, value: Any) -> None:
        where = plain(index)
        if isinstance(where, np.ndarray) and where.dtype != bool:
            _refuse_contradiction(where, np.broadcast_to(plain(value), where.shape))
        self._values[where] = plain(value)

    def astype(self, dtype: Any, copy: bool = True) -> DeviceArray:
        return self._wrap(self._values.astype(dtype, copy=True), None)

    def view(self, dtype: Any) -> DeviceArray:
        return self._wrap(self._values.view(dtype), self)

    def ravel(self) -> DeviceArray:
        return self._wrap(self._values.ravel(), self)

    def sort(self) -> None:
        self._values.sort()

    def sum(self) -> DeviceArray:
        return self._wrap(np.asarray(self._values.sum()), None)

    def max(self) -> DeviceArray:
        return self._wrap(np.asarray(self._values.max()), None)

    def _wrap(self, values: np.ndarray, owner: DeviceArray | None) -> DeviceArray:
        return DeviceArray(values, self._memory, owner)


def plain(value: Any) -> Any:
    """Return what NumPy can compute with; an array of the CPU is refused."""
    if isinstance(value, DeviceArray):
        return value._values
    if isinstance(value, np.ndarray) and value.ndim:
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    if isinstance(value, tuple | list):
        return type(value)(plain(item) for item in value)
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


def _refuse_contradiction(where: np.ndarray, values: np.ndarray) -> None:
    """Refuse to assign two values to one place: which of them stays is not defined on a device."""
    if len(where) == 0:
        return
    if where.min() < 0:
        raise IndexError("a negative index is never meant here, and CuPy would wrap it silently")
    order = np.argsort(where, kind="stable")
    same = where[order][1:] == where[order][:-1]
    if (same & (values[order][1:] != values[order][:-1])).any():
        raise ValueError("two values for one place: the result is not defined on a device")


def _operator(name: str) -> Callable[..., Any]:
    def apply(self: DeviceArray, *others: Any) -> Any:
        result = getattr(self._values, name)(*(plain(other) for other in others))
        if result is NotImplemented:
            return result
        return self if result is self._values else self._wrap(np.asarray(result), None)

    return apply


for _name in (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift",
):  # fmt: skip
    for _kind in ("", "r", "i"):
        setattr(DeviceArray, f"__{_kind}{_name}__", _operator(f"__{_kind}{_name}__"))
for _name in ("eq", "ne", "lt", "le", "gt", "ge", "invert", "neg", "abs"):
    setattr(DeviceArray, f"__{_name}__", _operator(f"__{_name}__"))
DeviceArray.__hash__ = None  # type: ignore[assignment]


class _Function:
    """A function of CuPy: its name, its arguments, and its values only from the device."""

    def __init__(self, name: str, memory: DeviceMemory, known: Signatures) -> None:
        self._name, self._memory, self._known = name, memory, known

    def __call__(self, *given: Any, **named: Any) -> Any:
        self._known.bind(f"cupy.{self._name}", len(given), tuple(named))
        if self._name in _UPLOADS:
            given = tuple(v._values if isinstance(v, DeviceArray) else v for v in given)
            on_device = given[0] if isinstance(given[0], np.ndarray) else np.asarray(given[0])
            result: Any = np.array(on_device, named.get("dtype"))
        else:
            result = getattr(np, self._name)(*plain(given), **plain(named))
        target = named.get("out")
        return target if target is not None else self._wrapped(result)

    def _wrapped(self, result: Any) -> Any:
        if isinstance(result, tuple):
            return tuple(self._wrapped(part) for part in result)
        return DeviceArray(np.asarray(result), self._memory)

    def at(self, target: DeviceArray, index: DeviceArray, values: Any) -> None:
        """Apply in place at indices that may repeat."""
        if str(target.dtype) not in _ATOMIC:
            raise TypeError(f"scatter_max only supports {', '.join(_ATOMIC)} as data type")
        getattr(np, self._name).at(target._values, plain(index), plain(values))


class CupyStandIn(ModuleType):
    """The module ``cupy``: names it does not have raise AttributeError."""

    ndarray = DeviceArray

    def __init__(self, memory: DeviceMemory, known: Signatures) -> None:
        super().__init__("cupy")
        self._memory, self._known = memory, known
        self.cuda = SimpleNamespace(set_allocator=lambda allocator: None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        kind = getattr(np, name, None)
        if isinstance(kind, type) and issubclass(kind, np.generic):
            return kind
        if not self._known.has(f"cupy.{name}"):
            raise AttributeError(
                f"cupy.{name} is not in the table of signatures; if RAPIDS has it, "
                "run tests/rapids/extract.py with an interpreter that has RAPIDS"
            )
        return _Function(name, self._memory, self._known)

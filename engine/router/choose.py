"""The choice of the engine, with its reasons: GPU here, CPU here, or AWS Batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import psutil

from engine.backend import EngineChoice, Kind
from engine.backend.probe import Probe
from engine.config import ComputeConfig
from engine.errors import InputError
from engine.processes import this_machine
from engine.router.money import month_to_date
from engine.router.size import Size
from engine.router.throughput import Throughput, throughput

Place = Literal["gpu", "cpu", "batch"]
Wanted = EngineChoice | Literal["batch"]
NAMES: dict[Place, str] = {"gpu": "GPU here", "cpu": "CPU here", "batch": "AWS Batch"}


@dataclass(frozen=True, slots=True)
class Option:
    """One place where the run could be computed.

    Attributes
    ----------
    is_available, why_not
        Whether it could be taken, and if not, what stands in the way.
    mend
        The commands or steps that would make it available; empty where there is none.
    seconds, memory_mb
        Estimates; None where nothing was measured yet.
    cost_usd
        Estimated price; None where the time is not known and the price is not zero.
    basis
        Where the estimates come from.
    """

    place: Place
    is_available: bool
    why_not: str
    mend: tuple[str, ...]
    seconds: float | None
    memory_mb: float | None
    cost_usd: float | None
    basis: str


#: AWS Batch where the lake is in a folder.
NO_BATCH = Option(
    "batch", False, "its jobs read and write a lake on S3, and this lake is in a folder",
    ("start with RINGLEADER_LAKE=s3://BUCKET; “On AWS” in the README makes the bucket",),
    None, None, None, "",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """The choice and everything it rests on; it goes into ``run.json`` as it is.

    Attributes
    ----------
    choice
        The place taken.
    reason
        Why, in one sentence.
    warnings
        What may go wrong, a sentence each.
    spent_usd, cap_usd
        Cost of this month's runs, and the most they may cost.
    """

    choice: Place
    reason: str
    rows: int
    rows_are_exact: bool
    options: tuple[Option, ...]
    warnings: tuple[str, ...]
    spent_usd: float
    cap_usd: float

    @property
    def chosen(self) -> Option:
        """Return the option taken."""
        return next(option for option in self.options if option.place == self.choice)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)


def route(
    size: Size,
    schema: str,
    wanted: Wanted,
    found: Probe,
    manifests: Sequence[dict[str, Any]],
    config: ComputeConfig,
    free_mb: float | None = None,
    batch: Option = NO_BATCH,
) -> Route:
    """Choose where a run is computed.

    Parameters
    ----------
    wanted
        ``auto`` leaves the choice to us; ``cpu``, ``gpu`` and ``batch`` are obeyed or refused.
    found
        What the probe says of the GPU.
    manifests
        Runs of the lake: the figures of those made here make the estimates, the costs of all
        count against the cap.
    free_mb
        Memory that can be had, in MiB; default: what the system says.
    batch
        What AWS Batch would take.

    Raises
    ------
    InputError
        If the engine asked for would go over the monthly cap.
    """
    spent = month_to_date(manifests)
    left = max(config.monthly_cap_usd - spent, 0.0)
    here = [run for run in manifests if run.get("machine", this_machine()) == this_machine()]
    options = (
        _gpu(size.rows, throughput("gpu", schema, here), found, config, left),
        _cpu(size.rows, throughput("cpu", schema, here), config, left),
        _within(batch, left),
    )
    by_place = {option.place: option for option in options}
    free = psutil.virtual_memory().available / 2**20 if free_mb is None else free_mb
    choice, reason = _choose(size, wanted, by_place, config, free)
    taken = by_place[choice]
    if taken.cost_usd is not None and taken.cost_usd > left:
        raise InputError(
            f"the run would cost about {taken.cost_usd:.2f} USD and the monthly cap leaves "
            f"{left:.2f} USD; raise [compute] monthly_cap_usd, or wait for the next month"
        )
    return Route(
        choice, reason, size.rows, size.is_exact, options, _warnings(by_place["cpu"], choice, free),
        round(spent, 4), config.monthly_cap_usd,
    )  # fmt: skip


def _choose(
    size: Size, wanted: Wanted, options: dict[Place, Option], config: ComputeConfig, free: float
) -> tuple[Place, str]:
    if wanted != "auto":
        return wanted, "asked for"
    gpu, needed = options["gpu"], options["cpu"].memory_mb
    is_too_big = needed is not None and needed > free
    if is_too_big and not gpu.is_available and options["batch"].is_available:
        return "batch", "the run needs more memory than is free here"
    about = "" if size.is_exact else "about "
    rows = f"{about}{size.rows:,} rows"
    if not gpu.is_available:
        return "cpu", f"no usable GPU: {gpu.why_not}"
    least = config.min_gpu_rows
    if size.rows < least:
        return (
            "cpu",
            f"{rows} are fewer than {least:,}: loading the GPU's libraries would take longer",
        )
    return "gpu", f"a GPU is here, and {rows} are at least {least:,}"


def _gpu(
    rows: int, known: Throughput | None, found: Probe, config: ComputeConfig, left: float
) -> Option:
    mend = tuple(problem.mend for problem in found.problems)
    why_not = "" if found.is_usable else found.why
    return _option("gpu", why_not, mend, rows, known, config.gpu_usd_per_hour, left)


def _cpu(rows: int, known: Throughput | None, config: ComputeConfig, left: float) -> Option:
    return _option("cpu", "", (), rows, known, config.cpu_usd_per_hour, left)


def _option(
    place: Place,
    why_not: str,
    mend: tuple[str, ...],
    rows: int,
    known: Throughput | None,
    usd_per_hour: float,
    left: float,
) -> Option:
    seconds = None if known is None else round(known.seconds(rows), 1)
    memory = None if known is None else round(known.memory_mb(rows))
    cost = 0.0 if usd_per_hour == 0 else None
    if usd_per_hour and seconds is not None:
        cost = round(seconds / 3600 * usd_per_hour, 4)
    if not why_not and cost is not None and cost > left:
        why_not = f"the monthly cap leaves {left:.2f} USD"
        mend = ("raise [compute] monthly_cap_usd",)
    basis = "not measured yet" if known is None else known.basis
    return Option(place, not why_not, why_not, mend, seconds, memory, cost, basis)


def _within(batch: Option, left: float) -> Option:
    if not batch.is_available or batch.cost_usd is None or batch.cost_usd <= left:
        return batch
    why_not = f"the monthly cap leaves {left:.2f} USD"
    return replace(
        batch, is_available=False, why_not=why_not, mend=("raise [compute] monthly_cap_usd",)
    )


def kind_of(route: Route) -> Kind:
    """Return the engine of a run that is computed on this machine."""
    return "gpu" if route.choice == "gpu" else "cpu"


def _warnings(cpu: Option, choice: Place, free_mb: float) -> tuple[str, ...]:
    if choice != "cpu" or cpu.memory_mb is None or cpu.memory_mb <= free_mb:
        return ()
    return (
        f"the run needs about {cpu.memory_mb / 1024:.1f} GiB of memory and "
        f"{free_mb / 1024:.1f} GiB are free: the system may stop it; use a larger machine, "
        "or a part of the input",
    )

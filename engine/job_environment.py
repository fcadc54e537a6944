"""What a job in a container is to run, where the command line leaves it open.

The variables are the original design's: ``BUCKET`` and ``INPUT_KEY`` name the object to work on.
``RUN_ID`` names the run, so that a second job goes on with what the first has left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.config import Config
from engine.errors import InputError

_PREPPED = re.compile(r"prepped/(?P<run_id>[^/]+)/transactions\.parquet")


@dataclass(frozen=True, slots=True)
class JobInput:
    """Input, lake and run id of a command; what is None was not given."""

    input: str | None
    lake: str | None
    run_id: str | None


def complete(given: JobInput, environment: Mapping[str, str]) -> JobInput:
    """Fill in what the command line left out.

    Parameters
    ----------
    environment
        ``RINGLEADER_LAKE``, else ``BUCKET``, names the lake; ``RUN_ID`` the run; ``INPUT_KEY`` an
        object of the lake. The key of a run's cleaned transactions
        (``prepped/<run_id>/transactions.parquet``) stands for that run.
    """
    if given.input is not None:
        return given
    bucket = environment.get("BUCKET")
    lake = (
        given.lake or environment.get("RINGLEADER_LAKE") or (f"s3://{bucket}" if bucket else None)
    )
    run_id = given.run_id or environment.get("RUN_ID") or None
    key = environment.get("INPUT_KEY")
    prepped = _PREPPED.fullmatch(key or "")
    if prepped is not None:
        return JobInput(None, lake, run_id or prepped["run_id"])
    return JobInput(f"{lake}/{key}" if key else None, lake, run_id)


def with_price(config: Config, environment: Mapping[str, str]) -> Config:
    """Return the settings with the price of a rented machine, where the environment tells it.

    ``RINGLEADER_USD_PER_HOUR`` is that of its time, ``RINGLEADER_START_USD`` that of all starts of
    machines for the run.

    Raises
    ------
    InputError
        If one is not a price.
    """
    an_hour = _price(environment, "RINGLEADER_USD_PER_HOUR")
    start = _price(environment, "RINGLEADER_START_USD")
    compute = config.compute
    if an_hour is not None:
        compute = replace(compute, cpu_usd_per_hour=an_hour, gpu_usd_per_hour=an_hour)
    if start is not None:
        compute = replace(compute, start_usd=start)
    return replace(config, compute=compute)


def _price(environment: Mapping[str, str], name: str) -> float | None:
    told = environment.get(name)
    if told is None:
        return None
    try:
        return float(told)
    except ValueError as error:
        raise InputError(f"{name} is {told!r}; set it to a number") from error

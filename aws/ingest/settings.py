"""Settings of the ingestion function, from its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from aws import names
from engine.errors import InputError

Small = Literal["run", "leave"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How uploads are treated.

    Attributes
    ----------
    lake
        Address of the lake.
    batch_rows
        Uploads with more rows go to AWS Batch (the original design: 50 000).
    batch_kind
        Which queue they go to.
    small
        What becomes of the others: ``run`` computes in place, ``leave`` leaves them to the app.
    dead_letters
        URL of the queue that takes what could not be taken in, with the reason; empty for none.
    """

    lake: str
    batch_rows: int = 50_000
    batch_kind: names.Kind = "cpu"
    small: Small = "run"
    dead_letters: str = ""

    @classmethod
    def load(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings.

        Raises
        ------
        InputError
            If one is missing or is not what it may be.
        """
        lake = environment.get(names.LAKE, "")
        if not lake.startswith("s3://"):
            raise InputError(f"{names.LAKE} is {lake!r}; set it to s3://BUCKET")
        rows = environment.get(names.BATCH_ROWS, "50000")
        if not rows.isdigit():
            raise InputError(f"{names.BATCH_ROWS} is {rows!r}; set it to a number of rows")
        kind, small = environment.get(names.BATCH_KIND, "cpu"), environment.get(names.SMALL, "run")
        if kind not in ("gpu", "cpu"):
            raise InputError(f"{names.BATCH_KIND} is {kind!r}; set it to gpu or cpu")
        if small not in ("run", "leave"):
            raise InputError(f"{names.SMALL} is {small!r}; set it to run or leave")
        return cls(
            lake, int(rows), cast(names.Kind, kind), cast(Small, small),
            environment.get(names.DEAD_LETTERS, ""),
        )  # fmt: skip

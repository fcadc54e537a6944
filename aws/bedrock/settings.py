"""Which models write narratives, in which order, and how each of them is asked."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from aws import names
from engine.errors import InputError

#: How a model is asked for JSON; see ``models.toml``.
Way = Literal["schema", "tool", "offer", "text"]

_CATALOGUE = Path(__file__).with_name("models.toml")


@dataclass(frozen=True, slots=True)
class Model:
    """A model of Bedrock.

    Attributes
    ----------
    model_id
        Of the model, or of an inference profile that leads to it.
    ways
        How it may be asked, the best first.
    is_quiet
        Whether its thinking is turned off.
    max_tokens
        Most tokens of an answer.
    """

    model_id: str
    ways: tuple[Way, ...] = ("schema", "tool", "offer", "text")
    is_quiet: bool = False
    max_tokens: int = 4000


@dataclass(frozen=True, slots=True)
class Settings:
    """How narratives are asked for.

    Attributes
    ----------
    models
        In the order in which they are tried; none: the template writes.
    seconds
        For a whole narrative, all tries together.
    silence
        Seconds without a word after which a try is given up. A schema that Bedrock has not seen
        for a day is compiled first, which can take minutes: ``python -m aws.doctor --warm``.
    """

    models: tuple[Model, ...] = ()
    seconds: float = 60.0
    silence: float = 30.0

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the environment and the catalogue of models.

        Raises
        ------
        InputError
            If a value cannot be meant.
        """
        given = ",".join(
            environment.get(name, "") for name in (names.BEDROCK_MODEL, names.BEDROCK_FALLBACKS)
        )
        chosen = dict.fromkeys(one.strip() for one in given.split(",") if one.strip())
        if not chosen:
            return cls()
        path = Path(environment.get(names.BEDROCK_CATALOGUE) or _CATALOGUE)
        catalogue = _catalogue(path)
        try:
            return cls(
                tuple(_model(model_id, catalogue) for model_id in chosen),
                seconds=_seconds(environment),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path}: {error}") from error


def _seconds(environment: Mapping[str, str]) -> float:
    given = environment.get(names.BEDROCK_SECONDS) or Settings().seconds
    try:
        seconds = float(given)
    except ValueError as error:
        raise InputError(
            f"{names.BEDROCK_SECONDS} is {given!r}, not a number of seconds"
        ) from error
    if not 1 <= seconds <= 600:
        raise InputError(f"{names.BEDROCK_SECONDS} is {given}; it must lie between 1 and 600")
    return seconds


def _catalogue(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: the catalogue of models cannot be read ({error}); mend it, or unset "
            f"{names.BEDROCK_CATALOGUE}"
        ) from error


def _model(model_id: str, catalogue: dict[str, Any]) -> Model:
    known = (one for one in catalogue.get("model", ()) if one["part"] in model_id)
    told = {**catalogue["default"], **next(known, {})}
    ways = tuple(told["ways"])
    if not ways or not set(ways) <= set(get_args(Way)):
        raise ValueError(f"ways of {model_id} are {list(ways)}; choose among {get_args(Way)}")
    return Model(model_id, ways, bool(told["quiet"]), int(told["max_tokens"]))

"""A snapshot: a view of the explorer with all it showed, so that later data never change it.

The content is canonical JSON (keys sorted, no spaces, ASCII): the same view of the same run is the
same text to the byte, and its SHA-256 tells whether it is still the text of then. It holds the
view (start, steps, filters, layout, moment), the scene (accounts with their positions, links,
transfers), and its origin: the run, its input, and what detected.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, get_args

import pandas as pd

from engine.errors import InputError
from engine.explorer.as_of import until
from engine.explorer.frames import from_plain, to_plain
from engine.explorer.scene import Moments, Scene
from engine.explorer.view import Action, Filters, Layout, Order, Start, Step, View

#: Of the content; a later one would be read by another function.
FORMAT = 1

_FRAMES = ("nodes", "rollups", "edges", "events")
_BROKEN = "this is no content of a snapshot"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a view was one of.

    Attributes
    ----------
    run_id, started
        The run; a run made anew under the same id started at another moment.
    input_name, input_sha256
        What it read.
    engine, versions
        Kind of engine, and the versions of the libraries that computed, by name.
    config_sha256
        Of the detector's settings as canonical JSON.
    model_sha256
        Of the model, if one was used.
    currency
        Of all amounts, if the data name one.
    """

    run_id: str
    started: str
    input_name: str
    input_sha256: str
    engine: str
    versions: Mapping[str, str]
    config_sha256: str
    model_sha256: str | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Frozen:
    """A snapshot's content.

    Attributes
    ----------
    origin, view, scene
        What was frozen; the scene is that of the whole period.
    sums
        Of the links as of the view's moment, where the scene does not hold all transfers: see
        :func:`engine.explorer.as_of.sums_by`.
    """

    origin: Origin
    view: View
    scene: Scene
    sums: pd.DataFrame | None = None

    def as_of(self, moment: datetime | None) -> Scene:
        """Return the scene as it was at a moment.

        Its sums are of all transfers at the view's own moment, and at any other where the scene
        holds all of them; else a note says that they are not.
        """
        return until(self.scene, moment, self.sums if moment == self.view.as_of else None)


def freeze(
    manifest: Mapping[str, Any],
    view: View,
    scene: Scene,
    currency: str | None = None,
    sums: pd.DataFrame | None = None,
) -> str:
    """Write a view with what it shows as the content of a snapshot.

    Parameters
    ----------
    manifest
        ``run.json`` of the run.
    view, scene
        What is shown, with account ids as they are.
    currency
        Of the amounts, if known.
    sums
        As of the view's moment, where the scene does not hold all transfers.
    """
    shown: dict[str, Any] = {name: to_plain(getattr(scene, name)) for name in _FRAMES}
    shown["moments"] = None if scene.moments is None else asdict(scene.moments)
    shown["notes"] = list(scene.notes)
    content = {
        "format": FORMAT,
        "origin": asdict(origin_of(manifest, currency)),
        "view": asdict(view),
        "scene": shown,
    }
    if sums is not None:
        content["sums"] = to_plain(sums)
    return _canonical(content)


def read(content: str) -> Frozen:
    """Read the content of a snapshot.

    Raises
    ------
    InputError
        If it is none, or of a format that this program does not know.
    """
    try:
        plain = json.loads(content)
        if plain["format"] != FORMAT:
            raise InputError(
                f"the snapshot has format {plain['format']}, and this program reads {FORMAT}: "
                "it was kept by a later one; update the program"
            )
        sums = from_plain(plain["sums"]) if "sums" in plain else None
        origin, view = Origin(**plain["origin"]), _view(plain["view"])
        return Frozen(origin, view, _scene(plain["scene"]), sums)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{_BROKEN}: {error}") from error


def sha256(content: str) -> str:
    """Return the SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content.encode()).hexdigest()


def origin_of(manifest: Mapping[str, Any], currency: str | None = None) -> Origin:
    """Return what a run's manifest says of the origin of its views."""
    engine, source = manifest["engine"], manifest["input"]
    return Origin(
        run_id=str(manifest["run_id"]),
        started=str(manifest["started"]),
        input_name=str(source["name"]),
        input_sha256=str(source["sha256"]),
        engine=str(engine["kind"]),
        versions={str(name): str(one) for name, one in (engine.get("versions") or {}).items()},
        config_sha256=sha256(_canonical(manifest.get("config") or {})),
        model_sha256=manifest.get("model_sha256"),
        currency=currency,
    )


def _canonical(value: Any) -> str:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False,
        default=_moment_text,
    )  # fmt: skip


def _moment_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} cannot be written to a snapshot")


def _view(plain: Mapping[str, Any]) -> View:
    start = plain["start"]
    return View(
        start=Start(start["ring_id"], tuple(start["accounts"])),
        steps=tuple(_step(one) for one in plain["steps"]),
        filters=_filters(plain["filters"]),
        layout=_one_of(plain["layout"], Layout),
        as_of=_moment(plain["as_of"]),
        selected=plain["selected"],
    )


def _step(plain: Mapping[str, Any]) -> Step:
    return Step(
        action=_one_of(plain["action"], Action),
        account=plain["account"],
        budget=int(plain["budget"]),
        order=_one_of(plain["order"], Order),
        filters=_filters(plain["filters"]),
    )


def _filters(plain: Mapping[str, Any]) -> Filters:
    return Filters(
        min_amount=float(plain["min_amount"]),
        start=_moment(plain["start"]),
        end=_moment(plain["end"]),
        types=tuple(plain["types"]),
        min_risk=float(plain["min_risk"]),
    )


def _scene(plain: Mapping[str, Any]) -> Scene:
    told = plain["moments"]
    moments = None
    if told is not None:
        moments = Moments(**{name: datetime.fromisoformat(one) for name, one in told.items()})
    frames = {name: from_plain(plain[name]) for name in _FRAMES}
    return Scene(**frames, moments=moments, notes=tuple(plain["notes"]))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _one_of(value: Any, kind: Any) -> Any:
    if value not in get_args(kind):
        raise ValueError(f"{value!r} is none of {', '.join(get_args(kind))}")
    return value

"""The rules of a jurisdiction for reports of suspicion: read from a file, each with its source."""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from engine.errors import InputError

#: Names a folder with more files of rules, or with others in place of those that come along.
FOLDER_VARIABLE = "RINGLEADER_JURISDICTIONS"

_OWN = Path(__file__).parent / "jurisdictions"

Days = Literal["calendar", "working"]
Place = Literal["introduction", "body", "conclusion"]


@dataclass(frozen=True, slots=True)
class Clock:
    """How long there is to file.

    Attributes
    ----------
    days
        Of the kind ``kind``, after the day on which it starts.
    starts
        What starts it, in words.
    rest_days
        Days of the week that are no working days: 1 is Monday, 7 is Sunday.
    """

    name: str
    days: int
    kind: Days
    starts: str
    source: str
    rest_days: tuple[int, ...] = (6, 7)


@dataclass(frozen=True, slots=True)
class Threshold:
    """An amount, in currency units, from which a report is due; ``when`` says in which case."""

    amount: int
    when: str
    source: str


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """What one authority asks of a report.

    Attributes
    ----------
    code
        Name of its file, e.g. ``us``.
    report, short
        What the report is called, e.g. ``Suspicious Activity Report`` and ``SAR``.
    watermark
        What every page of a draft bears; on nothing else.
    longest
        Most characters of the narrative.
    forbidden
        Phrases that a narrative must not have, in lower case.
    keeps_line_breaks
        Whether the authority's system keeps them.
    most_bytes
        Of the one CSV file that may go with it.
    to_state
        What the program cannot know and who files must state, by place in the narrative.
    sources
        Source of ``narrative``, ``attachment``, ``keeping``, ``to_state``.
    sha256
        Of the file.
    """

    code: str
    name: str
    agency: str
    report: str
    short: str
    currency: str
    watermark: str
    longest: int
    forbidden: tuple[str, ...]
    keeps_line_breaks: bool
    most_bytes: int
    clocks: tuple[Clock, ...]
    thresholds: tuple[Threshold, ...]
    keep_years: int
    keep_from: str
    to_state: dict[Place, tuple[str, ...]]
    sources: dict[str, str]
    sha256: str


def codes() -> tuple[str, ...]:
    """Return the codes of all jurisdictions whose rules there are."""
    return tuple(sorted(_files()))


def load(code: str) -> Jurisdiction:
    """Read the rules of a jurisdiction.

    Raises
    ------
    InputError
        If there are none, or the file lacks a rule or the source of one.
    """
    path = _files().get(code)
    if path is None:
        raise InputError(
            f"there are no rules of {code!r}; there are {', '.join(codes())}. Put {code}.toml into "
            f"the folder that {FOLDER_VARIABLE} names"
        )
    content = path.read_bytes()
    try:
        return _read(code, tomllib.loads(content.decode()), hashlib.sha256(content).hexdigest())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path.name} is no file of a jurisdiction's rules: {error}") from error


def _files() -> dict[str, Path]:
    folders = [_OWN]
    more = os.environ.get(FOLDER_VARIABLE)
    if more:
        folders.append(Path(more))
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


def _read(code: str, rules: dict[str, Any], digest: str) -> Jurisdiction:
    narrative, attachment = rules["narrative"], rules["attachment"]
    keeping, to_state = rules["keeping"], rules["to_state"]
    parts = {"narrative": narrative, "attachment": attachment, "keeping": keeping,
             "to_state": to_state}  # fmt: skip
    return Jurisdiction(
        code=code,
        **{name: _text(rules, name) for name in _TEXTS},
        longest=_positive(narrative, "longest"),
        forbidden=tuple(str(one).lower() for one in narrative["forbidden"]),
        keeps_line_breaks=bool(narrative["keeps_line_breaks"]),
        most_bytes=_positive(attachment, "most_bytes"),
        clocks=tuple(_clock(one) for one in rules["clocks"]),
        thresholds=tuple(
            Threshold(_positive(one, "amount"), _text(one, "when"), _text(one, "source"))
            for one in rules.get("thresholds", ())
        ),
        keep_years=_positive(keeping, "years"),
        keep_from=_text(keeping, "starts"),
        to_state={place: tuple(to_state.get(place, ())) for place in get_args(Place)},
        sources={name: _text(part, "source") for name, part in parts.items()},
        sha256=digest,
    )


_TEXTS = ("name", "agency", "report", "short", "currency", "watermark")


def _clock(rule: dict[str, Any]) -> Clock:
    kind = rule["kind"]
    rest = tuple(rule.get("rest_days", (6, 7)))
    if kind not in get_args(Days):
        raise ValueError(f"kind is {' or '.join(get_args(Days))}, not {kind!r}")
    if not set(rest) < set(range(1, 8)):
        raise ValueError(f"rest_days are numbers of days from 1 to 7, not all of them: {rest}")
    return Clock(
        _text(rule, "name"), _positive(rule, "days"), kind, _text(rule, "starts"),
        _text(rule, "source"), rest,
    )  # fmt: skip


def _text(rules: dict[str, Any], name: str) -> str:
    value = rules[name]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} is a text, not {value!r}")
    return value


def _positive(rules: dict[str, Any], name: str) -> int:
    value = rules[name]
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} is a whole number above 0, not {value!r}")
    return value

"""What of the queue is asked for, and how a link says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

from engine.errors import InputError

#: The order of the queue: priority, then the highest score, then what is due first.
WORKING_ORDER: Final = "queue"

Order = Literal[
    "queue", "id", "title", "typology", "score", "priority", "amount", "n_accounts",
    "last_activity", "opened_at", "due_at", "closed_at", "status",
]  # fmt: skip
Show = Literal["working", "snoozed", "suppressed", "closed", "all"]
Status = Literal["open", "in_review", "awaiting_approval", "closed"]

ORDERS: tuple[Order, ...] = get_args(Order)
SHOWS: tuple[Show, ...] = get_args(Show)
STATUSES: tuple[Status, ...] = get_args(Status)

#: Assignees that are not logins.
ME = "me"
NOBODY = "nobody"

#: Longest text that is searched for; the database keeps no more of an account's name.
MAX_SEARCH = 400


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which alerts, in which order.

    Attributes
    ----------
    data_set
        Name of the input; ``None`` takes all.
    show
        ``working`` leaves out what is closed, snoozed or suppressed; ``snoozed`` and
        ``suppressed`` take only that, of what is not closed.
    statuses, typologies
        Those to keep; empty keeps all that ``show`` keeps.
    min_score
        Lowest score kept, 0 to 1.
    min_amount, max_amount
        Range of the amount in currency units, both ends included.
    start, end
        Range of the last activity: from ``start`` on, before ``end``; without a time zone, UTC.
    search
        Name or number of an alert (``AL-12``, ``12``), its id in its run, part of its title, of an
        account or of a note.
    whole
        Whether ``search`` is the name of an alert or a whole account, and is looked for as no more.
    names_account
        Whether a whole ``search`` that is no alert's name is an account; else nothing is found.
    assignee
        ``me``, ``nobody``, or a login; ``None`` takes all.
    overdue
        Keep only what should have been done by now.
    sort, descending
        Order; equal values keep the order of the alert ids. The working order (``queue``) has one
        direction.
    """

    data_set: str | None = None
    show: Show = "working"
    statuses: tuple[Status, ...] = ()
    typologies: tuple[str, ...] = ()
    min_score: float = 0.0
    min_amount: float | None = None
    max_amount: float | None = None
    start: datetime | None = None
    end: datetime | None = None
    search: str = ""
    whole: bool = False
    names_account: bool = True
    assignee: str | None = None
    overdue: bool = False
    sort: Order = WORKING_ORDER
    descending: bool = True

    def __post_init__(self) -> None:
        """Refuse what no queue has, so that a link or a saved view of it is told."""
        _one_of("show", self.show, SHOWS)
        _one_of("sort", self.sort, ORDERS)
        for status in self.statuses:
            _one_of("status", status, STATUSES)
        if not 0 <= self.min_score <= 1:
            raise InputError(f"min_score is a number from 0 to 1, not {self.min_score}")
        if len(self.search) > MAX_SEARCH:
            raise InputError(
                f"the search has {len(self.search):,} characters; at most {MAX_SEARCH:,} are "
                "looked for"
            )

    def to_params(self) -> dict[str, str | list[str]]:
        """Write what differs from the default as query parameters, or to be saved as JSON."""
        params: dict[str, str | list[str]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                params[field.name] = _written(value)
        return params

    @classmethod
    def from_params(cls, params: Mapping[str, str | Sequence[str]]) -> QueueFilter:
        """Read what :meth:`to_params` wrote; parameters of other names are of somebody else.

        Raises
        ------
        InputError
            If a value is none that the parameter can have.
        """
        known = {field.name for field in fields(cls)}
        return cls(**{name: _read(name, value) for name, value in params.items() if name in known})


def _written(value: Any) -> str | list[str]:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return _in_utc(value).isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def _read(name: str, value: str | Sequence[str]) -> Any:
    if name in ("statuses", "typologies"):
        return (value,) if isinstance(value, str) else tuple(value)
    text = value if isinstance(value, str) else next(iter(value), "")
    try:
        if name in ("min_score", "min_amount", "max_amount"):
            return float(text)
        if name in ("start", "end"):
            return _in_utc(datetime.fromisoformat(text))
    except ValueError as error:
        raise InputError(f"{name} cannot be {text!r}: {error}") from error
    if name in ("overdue", "descending", "whole", "names_account"):
        _one_of(name, text, ("yes", "no"))
        return text == "yes"
    return text


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise InputError(f"{name} is one of {', '.join(allowed)}, not {value!r}")

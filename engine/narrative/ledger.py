"""The fact ledger of an alert: all that a narrative may say, computed by code, with its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from engine.errors import InputError

#: What kind of value a fact has; see :class:`Fact`.
Kind = Literal[
    "amount", "count", "share", "score", "moment", "date", "duration", "account", "path", "text"
]

#: Which question a fact answers; ``counter`` speaks for innocence, ``method`` for the detection.
Topic = Literal["who", "what", "when", "where", "why", "how", "counter", "method"]

#: Of the form of the JSON.
VERSION = 1

Value = int | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known.

    Attributes
    ----------
    fact_id
        ``F1``, ``F2``, … in the order of the ledger.
    key
        What it is, the same in every ledger, e.g. ``ring.amount``, ``account.out_amount``.
    kind
        ``amount`` is an integer of minor units, ``count`` an integer, ``share`` and ``score`` a
        decimal in text (``0.912``; a share of 1 is 100 %), ``moment`` UTC in ISO 8601 with ``Z``,
        ``date`` ISO 8601, ``duration`` an integer of seconds, ``account`` an id, ``path`` ids in
        the order of the money, ``text`` words of the program (never of the data).
    unit
        The currency of an amount, ``s`` of a duration; else empty.
    label
        What it is, in words, e.g. ``money that moved inside the ring``.
    topic
        The question that it answers.
    is_key
        Whether a complete narrative says it.
    subjects
        Accounts that it speaks of, besides those in ``value``.
    tx_ids
        Transactions that it was computed from, at most :data:`MOST_TX_IDS` of ``n_tx``.
    query
        The function and the arguments that gave it, e.g. ``ring_detail.get_ring('R-3')``.
    """

    fact_id: str
    key: str
    kind: Kind
    value: Value
    unit: str
    label: str
    topic: Topic
    is_key: bool = False
    subjects: tuple[str, ...] = ()
    tx_ids: tuple[int, ...] = ()
    n_tx: int = 0
    query: str = ""


#: Most transactions that a fact names.
MOST_TX_IDS = 500


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is known of one alert, in order; account ids are as they are.

    Attributes
    ----------
    run_id, alert_id, ring_id
        The alert of a run; ``ring_id`` is ``None`` for a lone transaction.
    typology
        Name of its typology.
    currency
        ISO code; ``None`` where the data name none.
    input_sha256, config_hash, engine
        What it was computed from, by which settings and which version.
    """

    run_id: str
    alert_id: str
    ring_id: str | None
    typology: str
    currency: str | None
    input_sha256: str
    config_hash: str
    engine: str
    facts: tuple[Fact, ...]

    def fact(self, fact_id: str) -> Fact | None:
        """Return a fact by its id."""
        return next((one for one in self.facts if one.fact_id == fact_id), None)

    def of(self, *keys: str) -> tuple[Fact, ...]:
        """Return the facts of some keys, in the order of the ledger."""
        return tuple(one for one in self.facts if one.key in keys)

    def accounts(self) -> tuple[str, ...]:
        """Return every account that a fact names, in order of first mention."""
        found: dict[str, None] = {}
        for one in self.facts:
            path = one.value if isinstance(one.value, tuple) else ()
            alone = (str(one.value),) if one.kind == "account" else ()
            found |= dict.fromkeys((*alone, *path, *one.subjects))
        return tuple(found)


def canonical(ledger: Ledger) -> str:
    """Write a ledger as canonical JSON: sorted keys, no spaces, Unicode as it is."""
    content = {"version": VERSION, **asdict(ledger)}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(ledger: Ledger) -> str:
    """Return the hash of a ledger's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(ledger).encode()).hexdigest()


def read(text: str) -> Ledger:
    """Read a ledger from its JSON.

    Raises
    ------
    InputError
        If the text is no ledger of a version that is known.
    """
    try:
        content = json.loads(text)
        if content.pop("version") != VERSION:
            raise ValueError("another version")
        facts = tuple(_fact(one) for one in content.pop("facts"))
        return Ledger(facts=facts, **content)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"this is no fact ledger that can be read ({error})") from error


def _fact(content: Mapping[str, Any]) -> Fact:
    lists = {name: tuple(content[name]) for name in ("subjects", "tx_ids")}
    value = content["value"]
    fact = Fact(**{**content, **lists, "value": tuple(value) if isinstance(value, list) else value})
    if fact.kind not in get_args(Kind) or set(content) != {one.name for one in fields(Fact)}:
        raise ValueError(f"{fact.fact_id} has the kind {fact.kind!r}")
    return fact

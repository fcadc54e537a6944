"""What an evidence pack holds: the report, and all that it was made from, in files of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from engine.explorer import export, snapshot
from engine.explorer.export import Sheet
from engine.explorer.scene import Scene
from engine.explorer.view import View
from engine.narrative.ledger import Ledger, canonical
from engine.narrative.verdict import Narrative
from engine.spreadsheet import csv_bytes

#: What a run's manifest tells of how it was made; the rest is of the machine.
_OF_RUN = (
    "run_id", "started", "finished", "input", "schema", "engine", "config", "labels",
    "model_sha256", "counts",
)  # fmt: skip

_README = """Evidence pack of {name}

report.pdf          the report of the alert
narrative.json      its text: each sentence with the facts that it cites
facts.json          the fact ledger that every number was verified against; where account ids are
                    as in the data, the SHA-256 of this file is the ledger's hash in the report
transactions.csv    every transaction of the evidence; moments are in UTC
graph.json          the network: accounts with their places, links, transfers, and the run's origin
graph.html          the same as a page that opens without a network
configuration.json  input, settings and versions that it was computed from
audit.json          who did what with the alert: entries of the audit with the hashes of its chain
manifest.json       the SHA-256 of every other file
verify_pack.py      checks all of this with nothing but Python 3

To check it: unzip verify_pack.py and run   python verify_pack.py {file}
It finds any byte that was changed. Who makes all hashes anew is found by the audit of Ringleader,
which holds the SHA-256 of manifest.json of each pack that was taken away.
{accounts}
"""
_PSEUDONYMS = "Account ids are pseudonyms in all files of this pack."
_IDS = "Account ids are as they are in the data."


@dataclass(frozen=True, slots=True)
class Graph:
    """The network of an alert as the explorer draws it, and what there is to know of it."""

    view: View
    scene: Scene
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a pack holds, with account ids as whoever takes it away may see them.

    Attributes
    ----------
    name
        Of the alert, e.g. ``AL-12``.
    report
        The PDF.
    narrative, ledger
        The text, and the facts that it was verified against.
    transactions
        Of the evidence, in time order; moments in UTC.
    run
        ``run.json`` of the run.
    audit
        Entries of the audit on the alert, the earliest first.
    graph
        ``None`` where the input names no accounts.
    has_account_ids
        Whether account ids are as they are, not pseudonyms.
    """

    name: str
    report: bytes
    narrative: Narrative
    ledger: Ledger
    transactions: pd.DataFrame
    run: Mapping[str, Any]
    audit: Sequence[Mapping[str, Any]]
    graph: Graph | None
    has_account_ids: bool


def files_of(contents: Contents) -> dict[str, bytes]:
    """Return the files of a pack by name, without its manifest."""
    return {
        "README.txt": _readme(contents),
        "report.pdf": contents.report,
        "narrative.json": _json(asdict(contents.narrative)),
        "facts.json": canonical(contents.ledger).encode(),
        "transactions.csv": csv_bytes(contents.transactions),
        "configuration.json": _json({n: contents.run[n] for n in _OF_RUN if n in contents.run}),
        "audit.json": _json(list(contents.audit)),
        **(_graph(contents.graph, contents) if contents.graph else {}),
    }


def _graph(graph: Graph, contents: Contents) -> dict[str, bytes]:
    kept = snapshot.freeze(contents.run, graph.view, graph.scene, contents.ledger.currency)
    return {
        "graph.json": kept.encode(),
        "graph.html": export.page(graph.scene, graph.sheet).encode(),
    }


def _readme(contents: Contents) -> bytes:
    accounts = _IDS if contents.has_account_ids else _PSEUDONYMS
    told = _README.format(name=contents.name, file=f"{contents.name}.zip", accounts=accounts)
    if contents.graph is None:
        lines = told.splitlines(keepends=True)
        told = "".join(line for line in lines if not line.startswith("graph."))
    return told.encode()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"

"""Gather what is known of an alert into its fact ledger: all that a narrative may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from engine.explorer.snapshot import origin_of
from engine.lake import RunPaths
from engine.narrative import gather_ring, gather_transfers, gather_why, words
from engine.narrative.gather_book import Book, begins_days
from engine.narrative.gather_case import CaseFacts as CaseFacts
from engine.narrative.gather_case import EarlierAlert as EarlierAlert
from engine.narrative.gather_case import add_case
from engine.narrative.gather_lone import add_lone
from engine.narrative.ledger import Ledger
from engine.query.alert_detail import AlertDetail, get_alert
from engine.query.database import fetch, require
from engine.query.overview import currency as currency_of
from engine.query.ring_detail import get_ring
from engine.query.rings import ring_transactions
from engine.query.run_model import manifest_of, rows_of

_MEMBERS = "SELECT account, role FROM read_parquet($members) WHERE ring_id = $ring_id"


def gather(paths: RunPaths, alert_id: str, extra: CaseFacts | None = None) -> Ledger:
    """Gather the facts of an alert, in a fixed order: the same for the same run, always.

    Parameters
    ----------
    paths
        Files of the run.
    alert_id
        Id of the alert in the run, e.g. ``A000001``.
    extra
        What the workbench knows besides; ``None`` says that it was not asked.

    Raises
    ------
    InputError
        If the run has no alert of that id.
    """
    alert, manifest = get_alert(paths, alert_id), manifest_of(paths)
    currency = currency_of(paths)
    evidence = _evidence(paths, alert)
    book = Book(currency, begins_days(evidence["time"]))
    _add_names(book, alert)
    if alert.ring_id is None:
        add_lone(book, paths, alert, evidence.iloc[0])
        gather_why.add_lone_reasons(book, alert, f"alert_detail.get_alert({alert_id!r})")
    else:
        _add_ring(book, paths, alert, evidence)
    add_case(book, extra)
    _add_method(book, paths, alert, manifest)
    origin = origin_of(manifest, currency)
    return Ledger(
        run_id=paths.run_id,
        alert_id=alert_id,
        ring_id=alert.ring_id,
        typology=alert.typology,
        currency=currency,
        input_sha256=origin.input_sha256,
        config_hash=origin.config_sha256,
        engine=origin.engine,
        facts=tuple(book.facts),
    )


def _evidence(paths: RunPaths, alert: AlertDetail) -> pd.DataFrame:
    if alert.ring_id is not None:
        return ring_transactions(paths, alert.ring_id, limit=None)
    assert alert.tx_id is not None
    return rows_of(paths, [alert.tx_id])


def _add_names(book: Book, alert: AlertDetail) -> None:
    query = f"alert_detail.get_alert({alert.alert_id!r})"
    book.add("alert.id", "text", alert.alert_id, "id of the alert", "method", query=query)
    if alert.ring_id is not None:
        book.add("ring.id", "text", alert.ring_id, "id of the ring", "method", query=query)
    book.add("ring.typology", "text", words.typology(alert.typology), "typology", "how",
             is_key=True, query=query)  # fmt: skip


def _add_ring(book: Book, paths: RunPaths, alert: AlertDetail, transfers: pd.DataFrame) -> None:
    assert alert.ring_id is not None
    ring, name = get_ring(paths, alert.ring_id), repr(alert.ring_id)
    rows, detail = f"rings.ring_transactions({name})", f"ring_detail.get_ring({name})"
    members = _members(paths, alert.ring_id, transfers)
    gather_ring.add_members(book, members, f"ring_accounts of {name}")
    gather_transfers.add_transfers(book, transfers, rows)
    gather_ring.add_principals(book, paths, gather_ring.principals(members), transfers)
    gather_ring.add_path(book, alert.typology, transfers, rows)
    gather_ring.add_passed_on(book, ring.passed_on, detail)
    gather_ring.add_outside(book, paths, list(alert.accounts), transfers)
    gather_transfers.add_single_transfers(book, transfers, rows)
    earliest = transfers[transfers["time"] == transfers["time"].iloc[0]]
    largest = int(earliest.loc[earliest["amount"].idxmax(), "tx_id"])
    gather_ring.add_trace(book, paths, largest, "amount of the largest of the earliest transfers")
    gather_why.add_ring_reasons(book, alert, f"alert_detail.get_alert({alert.alert_id!r})")
    gather_why.add_checks(book, ring, detail)


def _members(paths: RunPaths, ring_id: str, transfers: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts of a ring with their roles, those that moved most first."""
    members = fetch(_MEMBERS, {"members": require(paths.ring_accounts), "ring_id": ring_id})
    moved = sum(
        members["account"].map(transfers.groupby(side)["amount"].sum()).fillna(0.0)
        for side in ("sender", "receiver")
    )
    ranked = members.assign(moved=moved)
    return ranked.sort_values(["moved", "account"], ascending=[False, True], ignore_index=True)


def _add_method(
    book: Book, paths: RunPaths, alert: AlertDetail, manifest: Mapping[str, Any]
) -> None:
    learned = alert.ring_id is not None and get_ring(paths, alert.ring_id).learned
    query = f"alert_detail.get_alert({alert.alert_id!r})"
    gather_why.add_method(book, alert, learned, manifest, query)

"""The fact ledger of the six transactions of the small run, worked out by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from engine.errors import InputError
from engine.narrative.gather import CaseFacts, EarlierAlert, gather
from engine.narrative.gather_book import Book
from engine.narrative.gather_ring import add_path
from engine.narrative.ledger import Fact, Ledger, canonical, read, sha256
from tests.small_run import write_small_run


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Return the ledger of the ring: A and B pay H, H pays X."""
    return gather(write_small_run(tmp_path_factory.mktemp("lake")), "A000001")


def value(ledger: Ledger, key: str, subject: str | None = None) -> object:
    """Return the value of the only fact of a key (about an account)."""
    found = [one for one in ledger.of(key) if subject is None or subject in one.subjects]
    assert len(found) == 1, key
    return found[0].value


def test_a_ring_is_told_in_counts_and_in_minor_units(ring: Ledger) -> None:
    assert value(ring, "ring.accounts") == 4
    assert value(ring, "ring.transfers") == 4
    assert value(ring, "ring.amount") == 650_00
    assert (value(ring, "ring.smallest"), value(ring, "ring.largest")) == (50_00, 300_00)
    assert ring.of("ring.amount")[0].tx_ids == (1, 2, 3, 4)


def test_times_are_moments_in_utc_and_durations_seconds(ring: Ledger) -> None:
    assert value(ring, "ring.start") == "2026-01-01T00:00:00Z"
    assert value(ring, "ring.end") == "2026-01-02T00:00:00Z"
    assert value(ring, "ring.duration") == 86_400
    assert (value(ring, "busiest.date"), value(ring, "busiest.amount")) == ("2026-01-01", 350_00)


def test_shares_and_differences_are_computed_in_advance(ring: Ledger) -> None:
    assert value(ring, "account.in_amount", "H") == 350_00
    assert value(ring, "account.out_amount", "H") == 300_00
    assert value(ring, "account.passed_share", "H") == "0.857143"
    assert value(ring, "account.difference", "H") == 50_00


def test_each_transfer_has_its_time_its_amount_and_both_accounts(ring: Ledger) -> None:
    told = [(one.value, one.subjects, one.tx_ids) for one in ring.of("transfer.amount")]
    assert told == [
        (100_00, ("A", "H"), (1,)), (200_00, ("B", "H"), (2,)), (50_00, ("A", "H"), (3,)),
        (300_00, ("H", "X"), (4,)),
    ]  # fmt: skip


def test_followed_money_adds_up(ring: Ledger) -> None:
    parts = [value(ring, f"trace.{key}") for key in ("amount", "passed", "rest")]
    assert parts == [100_00, 100_00, 0]


def test_no_text_of_the_data_stands_in_a_label_or_a_query(ring: Ledger) -> None:
    texts = {word for one in ring.facts for word in (*one.label.split(), *one.query.split())}
    assert texts.isdisjoint({"A", "B", "H", "X", "P", "Q", "Fan", "TRANSFER"})


def test_a_ledger_is_the_same_each_time_and_reads_back(ring: Ledger, tmp_path: Path) -> None:
    again = gather(write_small_run(tmp_path), "A000001")
    assert sha256(again) == sha256(ring)
    assert read(canonical(ring)) == ring
    assert [one.fact_id for one in ring.facts] == [f"F{n + 1}" for n in range(len(ring.facts))]


def test_a_lone_transaction_is_told_with_both_accounts(tmp_path: Path) -> None:
    ledger = gather(write_small_run(tmp_path), "A000002")
    assert (value(ledger, "lone.sender"), value(ledger, "lone.receiver")) == ("P", "Q")
    assert (value(ledger, "lone.amount"), value(ledger, "lone.time")) == (999_00, "2026-01-03")
    assert (value(ledger, "pair.earlier"), value(ledger, "pair.rings")) == (0, 1)


def test_data_without_accounts_have_a_ledger_too(tmp_path: Path) -> None:
    ledger = gather(write_small_run(tmp_path, has_accounts=False), "A000002")
    assert value(ledger, "lone.amount") == 999_00
    assert ledger.accounts() == ()


def test_the_workbench_adds_earlier_alerts(tmp_path: Path) -> None:
    paths, day = write_small_run(tmp_path), datetime(2026, 1, 1)
    earlier = tuple(EarlierAlert(f"AL-{n}", day, "false positive", ("A",)) for n in (1, 2))
    told = gather(paths, "A000001", CaseFacts(earlier))
    assert (value(told, "earlier.alerts"), value(told, "earlier.decided")) == (2, 2)
    assert value(gather(paths, "A000001", CaseFacts()), "earlier.alerts") == 0
    assert gather(paths, "A000001").of("earlier.alerts") == ()


def test_an_alert_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="A999999"):
        gather(write_small_run(tmp_path), "A999999")


def test_facts_are_typed(ring: Ledger) -> None:
    def is_well(one: Fact) -> bool:
        is_number = one.kind in ("amount", "count", "duration")
        return isinstance(one.value, int) == is_number and one.n_tx >= len(one.tx_ids)

    assert all(map(is_well, ring.facts))


@pytest.mark.parametrize(
    ("amounts", "share"), [((200.0, 150.0), "0.75"), ((0.0, 150.0), None), ((200.0, 0.0), "0")]
)
def test_a_chain_that_begins_with_nothing_has_a_path_and_no_share_of_it(
    amounts: tuple[float, float], share: str | None
) -> None:
    book = Book("INR", is_daily=False)
    transfers = pd.DataFrame(
        {"tx_id": [1, 2], "sender": ["A", "B"], "receiver": ["B", "C"], "amount": amounts}
    )
    add_path(book, "chain", transfers, "rings")
    told = {fact.key: fact.value for fact in book.facts}
    assert told.pop("ring.path") == ("A", "B", "C")
    assert told == ({} if share is None else {"path.share": share})

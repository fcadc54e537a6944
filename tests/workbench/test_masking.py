"""Pseudonyms: no account id is left in a result, and the same account is the same everywhere."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

import engine.query
from engine.lake import Lake, RunPaths
from engine.query import alert_detail, lineage, ring_detail, ring_flow, ring_list, rings
from engine.query.run_comparison import new_alerts
from engine.query.search import Search
from engine.trace import Limits
from engine.workbench.database import Workbench
from engine.workbench.masked import masked_alerts, masked_query
from engine.workbench.masking import Masker, reveal
from engine.workbench.models import Alert, AlertAccount, AuditEntry
from engine.workbench.permissions import NotAllowedError
from engine.workbench.secret import secret
from tests.small_run import write_small_run
from tests.workbench.staff import hire

KEY = bytes(32)
SMALL = ("A", "B", "H", "X", "P", "Q", "Z")

#: Arguments after the run's files, of each function of ``engine.query`` that takes some.
ARGUMENTS: dict[str, Callable[[RunPaths], tuple[Any, ...]]] = {
    "get_alert": lambda paths: ("A000002",),
    "alert_transactions": lambda paths: (alert_detail.get_alert(paths, "A000001"),),
    "alert_of_ring": lambda paths: ("R00001",),
    "count_rings": lambda paths: (ring_list.RingFilter(),),
    "page_rings": lambda paths: (ring_list.RingFilter(),),
    "get_ring": lambda paths: ("R00001",),
    "ring_members": lambda paths: ("R00001",),
    "ring_edges": lambda paths: ("R00001",),
    "ring_transactions": lambda paths: ("R00001",),
    "related_rings": lambda paths: ("R00001",),
    "compare_roles": lambda paths: ("R00001", "R00002"),
    "shared_transactions": lambda paths: ("R00001", "R00002"),
    "rejects": lambda paths: (10,),
    "account_activity": lambda paths: (_collector(paths),),
    "riskiest_accounts": lambda paths: (5,),
    "account_entries": lambda paths: (_collector(paths),),
    "transactions_by_id": lambda paths: ([1, 4],),
    "account_findings": lambda paths: (_collector(paths),),
    "account_facts": lambda paths: ([_collector(paths)],),
    "account_peers": lambda paths: (_collector(paths),),
    "account_verdict": lambda paths: (_collector(paths),),
    "entries": lambda paths: ([_collector(paths)],),
    "counterparties": lambda paths: ([_collector(paths)],),
    "edges_among": lambda paths: (pd.read_parquet(paths.accounts)["account"].tolist(),),
    "get_transfer": lambda paths: (4,),
    "trace_money": lambda paths: (4, "backward", "fifo", Limits()),
    "paid_later": lambda paths: (1, "forward", "fifo", Limits(max_gap_hours=1)),
    "rings_of": lambda paths: (4,),
    "transfers_of": lambda paths: (_collector(paths), "in"),
    "trace_transfers": lambda paths: (4, "backward", ("fifo", "proportional"), Limits()),
    "trace_ends": lambda paths: (4, "backward", ("fifo", "proportional"), Limits()),
    "find": lambda paths: (Search(_collector(paths)),),
    "transaction": lambda paths: (4,),
}
NOT_SHOWN = {
    "open_ledger": "what is asked of the ledger is shown, not its columns",
    "build": "makes the ledger",
    "folder_of": "where the ledger lies",
    **dict.fromkeys(
        (
            "alerts_under",
            "below_the_line",
            "wanted_by_model",
            "lone_by_model",
            "most_lone",
            "read_labels",
            "ring_scores",
            "days_of",
            "may_judge",
            "by_threshold",
            "suggest",
        ),
        "what the effect of thresholds is counted from",
    ),
    **dict.fromkeys(
        ("effect", "draw"),
        "figures, and rings and rows by number: tests/pages/test_thresholds",
    ),
    **dict.fromkeys(
        ("transaction_reasons", "account_reasons"),
        "need a model: tests/pages/test_account",
    ),
    "mentioned_accounts": "what masking itself asks",
    "read_rings": "what lineage is made of",
    "rejects_csv": "bytes: refused, see below",
}


def _none(paths: RunPaths) -> tuple[Any, ...]:
    return ()


def _collector(paths: RunPaths) -> str:
    """Return the account that is H of the small run."""
    members = pd.read_parquet(paths.ring_accounts)
    return str(members.loc[members["role"] == "collector", "account"].iloc[0])


def functions() -> Iterator[Callable[..., Any]]:
    """Yield every public function of ``engine.query`` that reads a run.

    Those of the Model page give figures of models, of which the small run has none.
    """
    for module in iter_modules(engine.query.__path__):
        if module.name.startswith("model_") or module.name in ("run_model", "risk_parts"):
            continue
        for name, found in vars(import_module(f"engine.query.{module.name}")).items():
            if inspect.isfunction(found) and found.__module__ == f"engine.query.{module.name}":
                first = next(iter(inspect.signature(found).parameters), "")
                if not name.startswith("_") and first == "paths" and name not in NOT_SHOWN:
                    yield found


def renamed_run(folder: Path, names: dict[str, str]) -> RunPaths:
    """Write the small run with other account ids, named in titles and reasons as real ones are."""
    paths = write_small_run(folder)
    for name, columns in (
        ("augmented", ("sender", "receiver")), ("ring_accounts", ("account",)),
        ("accounts", ("account",)),
    ):  # fmt: skip
        path = paths.outputs()[name]
        frame = pd.read_parquet(path)
        for column in columns:
            frame[column] = frame[column].map(names)
        frame.to_parquet(path, index=False)
    _name_in_alerts(paths.alerts, names)
    _name_in_rings(paths.rings, names)
    rejected = pd.DataFrame(
        {"row": [1], "reason": [f"sender is too long: {names['A']}"], "raw": [f"{names['A']},1"]}
    )
    paths.rejects.parent.mkdir(parents=True, exist_ok=True)
    rejected.to_parquet(paths.rejects, index=False)
    return paths


def _name_in_alerts(path: Path, names: dict[str, str]) -> None:
    frame = pd.read_parquet(path)
    frame["title"] = [
        f"Fan-in: 3 accounts paid {names['H']} within 2 days",
        f"TRANSFER of 999.00 from {names['P']} to {names['Q']}",
        f"TRANSFER of 10.00 from {names['A']} to {names['Z']}",
    ]
    burst = f"{names['H']} was paid by 3 new counterparties within 2 days; its own rate predicts 0"
    reason = {"code": "burst", "text": burst, "value": 3.0, "threshold": 0.1, "tx_ids": [1]}
    frame.loc[0, "reasons"] = json.dumps([reason])
    frame.to_parquet(path, index=False)


def _name_in_rings(path: Path, names: dict[str, str]) -> None:
    passed = {
        "account": names["H"], "in_amount": 350.0, "out_amount": 300.0, "retention": 0.86,
        "hours": 22.0,
    }  # fmt: skip
    frame = pd.read_parquet(path)
    frame["evidence"] = [json.dumps({"passed_on": [passed]}), "{}"]
    frame.to_parquet(path, index=False)


def texts(value: Any) -> Iterator[str]:
    """Yield every text anywhere in a result."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, pd.DataFrame):
        for name in value.columns:
            yield from texts(value[name].tolist())
    elif isinstance(value, dict):
        yield from texts([*value, *value.values()])
    elif is_dataclass(value):
        yield from texts([getattr(value, field.name) for field in fields(value)])
    elif hasattr(value, "tolist") or isinstance(value, (list, tuple, set, frozenset)):
        items = value.tolist() if hasattr(value, "tolist") else value
        for one in items if isinstance(items, (list, tuple, set, frozenset)) else ():
            yield from texts(one)


#: Ids with a sign that no word of ours holds: where it shows, an id does.
MARK = "\u0436"
account_ids = st.tuples(st.text(max_size=8), st.text(max_size=8)).map(MARK.join)


def test_each_function_that_takes_more_than_a_run_has_arguments_here() -> None:
    names = {found.__name__ for found in functions()}
    assert len(names) > 20
    assert set(ARGUMENTS) <= names


@given(st.lists(account_ids, min_size=7, max_size=7, unique=True))
@settings(max_examples=25, deadline=None)
def test_no_account_id_is_left_in_the_result_of_any_query(ids: list[str]) -> None:
    masker = Masker(KEY)
    with TemporaryDirectory() as folder:
        paths = renamed_run(Path(folder), dict(zip(SMALL, ids, strict=True)))
        for function in functions():
            arguments = ARGUMENTS.get(function.__name__, _none)(paths)
            result = masked_query(masker, paths, function(paths, *arguments))
            assert [t for t in texts(result) if MARK in t] == [], function.__name__


def test_hostile_ids_are_found_in_titles_as_well(tmp_path: Path) -> None:
    ids = [
        "<script>alert('H')</script>", "=cmd()|'/c calc'!A0", "from A to B", "x to y", "99.5",
        "R\u200f\u05d0", "z" * 10_000,
    ]  # fmt: skip
    paths = renamed_run(tmp_path, dict(zip(SMALL, ids, strict=True)))
    found = pd.read_parquet(paths.alerts, columns=["alert_id", "ring_id", "tx_id", "title"])
    page = masked_query(Masker(KEY), paths, found.sort_values("alert_id"))
    to = {one: Masker(KEY).account(one) for one in ids}
    assert list(page["title"]) == [
        f"Fan-in: 3 accounts paid {to[ids[2]]} within 2 days",
        f"TRANSFER of 999.00 from {to[ids[4]]} to {to[ids[5]]}",
        f"TRANSFER of 10.00 from {to[ids[0]]} to {to[ids[6]]}",
    ]


def test_what_is_computed_from_masked_frames_holds_pseudonyms_alone(tmp_path: Path) -> None:
    paths, masker = write_small_run(tmp_path), Masker(KEY)
    members = masked_query(masker, paths, rings.ring_members(paths, "R00001"))
    edges = masked_query(masker, paths, rings.ring_edges(paths, "R00001"))
    flow = ring_flow.flow_of(members, edges)
    assert flow.into.account == masker.account("H")
    detail = ring_detail.get_ring(paths, "R00001")
    assert masked_query(masker, paths, detail) == detail


def test_lists_of_gained_and_lost_accounts_are_masked(tmp_path: Path) -> None:
    write_small_run(tmp_path, run_id="one")
    write_small_run(tmp_path, run_id="two")
    found = lineage.lineage(Lake.open(tmp_path), "two", "one")
    found["gained"] = [["A", "B"], []]
    masked = Masker(KEY).value(found)
    assert masked["gained"].tolist() == [[Masker(KEY).account("A"), Masker(KEY).account("B")], []]
    assert masked["ring_id"].tolist() == found["ring_id"].tolist()


def test_titles_of_alerts_that_another_run_has_not_are_masked(tmp_path: Path) -> None:
    paths = renamed_run(tmp_path, {name: f"{MARK}{name}" for name in SMALL})
    write_small_run(tmp_path, run_id="none", found_nothing=True)
    new = new_alerts(Lake.open(tmp_path), "small", "none")
    assert MARK in "".join(new.alerts["title"])
    assert [t for t in texts(masked_query(Masker(KEY), paths, new)) if MARK in t] == []


def test_who_was_asked_for_is_masked_where_a_text_alone_names_them(tmp_path: Path) -> None:
    paths, masker, other = write_small_run(tmp_path), Masker(KEY), "C\\9"
    frame = pd.DataFrame({"account": ["A"], "told": [f"A is drawn, {other} is not: {other!r}"]})
    told = masked_query(masker, paths, frame, [other])["told"].item()
    assert told.startswith(
        f"{masker.account('A')} is drawn, {masker.account(other)} is not: 'acct-"
    )


def test_what_is_masked_stays_as_it_was(tmp_path: Path) -> None:
    paths = write_small_run(tmp_path)
    detail = alert_detail.get_alert(paths, "A000001")
    frame = rings.ring_edges(paths, "R00001")
    before = frame.copy()
    results: dict[str, Any] = {"detail": detail, "edges": frame}
    masked = masked_query(Masker(KEY), paths, results)
    assert detail.accounts == ("A", "B", "H", "X")
    pd.testing.assert_frame_equal(frame, before)
    assert masked["edges"].dtypes.to_dict() == before.dtypes.to_dict()
    assert masked["edges"]["amount"].tolist() == before["amount"].tolist()


@given(st.lists(st.text(max_size=30), max_size=50))
def test_equal_accounts_have_equal_pseudonyms_and_different_ones_differ(ids: list[str]) -> None:
    masker, again = Masker(KEY), Masker(KEY)
    given_out = {one: masker.account(one) for one in ids}
    assert given_out == {one: again.account(one) for one in ids}
    assert len(set(given_out.values())) == len(set(ids))
    for one, pseudonym in given_out.items():
        assert masker.original(pseudonym) == one


def test_a_pseudonym_depends_on_the_secret_and_is_readable() -> None:
    assert Masker(KEY).account("C123") != Masker(bytes([1] * 32)).account("C123")
    assert pd.Series([Masker(KEY).account("C123")]).str.fullmatch("acct-[a-z2-7]{8}").all()


def test_what_is_no_pseudonym_is_its_own_original() -> None:
    assert Masker(KEY).original("C123") == "C123"
    assert Masker(KEY).original("acct-aaaaaaaa") == "acct-aaaaaaaa"


@pytest.mark.parametrize(
    ("text", "accounts", "masked"),
    [
        ("C12 paid C123", ["C12"], "{C12} paid C123"),
        ("C12, C12.", ["C12"], "{C12}, {C12}."),
        ("C12-7 and C12", ["C12", "C12-7"], "{C12-7} and {C12}"),
        ("12 accounts paid 1,234.12 to 34", ["34"], "12 accounts paid 1,234.12 to {34}"),
        ("pays 12,500.00", ["12", "500"], "pays 12,500.00"),
        ("5 mules and 5 in 5 days: 5 of 24", ["5"], "5 mules and {5} in 5 days: 5 of 24"),
        ("no account", [], "no account"),
        ("", ["C12"], ""),
        ("an empty id", [""], "an empty id"),
    ],
)
def test_only_whole_ids_are_replaced_in_a_text(text: str, accounts: list[str], masked: str) -> None:
    masker = Masker(KEY)
    expected = masked.replace("{", "\0{")
    for one in accounts:
        expected = expected.replace(f"\0{{{one}}}", masker.account(one))
    assert masker.text(text, accounts) == expected


@dataclass
class Opaque:
    """Something that holds what cannot be looked into."""

    content: object


@pytest.mark.parametrize("value", [b"A,B", Opaque(object()), [object()], {"x": bytearray(b"A")}])
def test_what_cannot_be_looked_into_is_refused(value: object) -> None:
    with pytest.raises(NotAllowedError, match="may hold account ids"):
        Masker(KEY).value(value)


def test_missing_accounts_stay_missing() -> None:
    frame = pd.DataFrame({"account": ["A", None], "n": [1, 2]})
    masked = Masker(KEY).frame(frame)
    assert masked["account"].isna().tolist() == [False, True]


def test_a_large_frame_is_masked_within_seconds() -> None:
    n = 100_000
    ids = [f"C{i:09d}" for i in range(n)]
    frame = pd.DataFrame({"sender": ids, "title": [f"TRANSFER of 1.00 from {i}" for i in ids]})
    started = process_time()
    masked = Masker(KEY).frame(frame)
    assert not masked["title"].str.contains("C0").any()
    assert process_time() - started < 15


def test_the_queues_titles_and_notes_are_masked_by_what_the_workbench_knows(
    workbench: Workbench,
) -> None:
    workbench.write(_two_alerts)
    masker = Masker(secret(workbench))
    page = pd.DataFrame({"id": [1], "title": ["TRANSFER of 5.00 from C1 to C2"]})
    note = ["like C3, who paid C1 (not C9)."]
    frame, notes = workbench.read(masked_alerts, masker, (page, note), [1], note)
    to = {one: masker.account(one) for one in ("C1", "C2", "C3")}
    assert frame["title"].tolist() == [f"TRANSFER of 5.00 from {to['C1']} to {to['C2']}"]
    assert notes == [f"like {to['C3']}, who paid {to['C1']} (not C9)."]


def test_the_secret_is_made_once_and_is_no_setting(workbench: Workbench) -> None:
    made = secret(workbench)
    assert len(made) == 32
    assert secret(workbench) == made
    entries = workbench.read(lambda session: session.scalars(select(AuditEntry)).all())
    assert not any(made.hex() in entry.after for entry in entries)


def test_asking_to_see_account_ids_is_for_admins_and_audited(workbench: Workbench) -> None:
    workbench.write(reveal, hire(workbench, "root", "admin"))
    entry = workbench.read(lambda session: session.scalars(select(AuditEntry)).one())
    assert (entry.actor, entry.action, entry.subject) == ("root", "reveal_accounts", "user root")
    with pytest.raises(NotAllowedError):
        workbench.write(reveal, hire(workbench, "anna", "analyst"))


def _two_alerts(session: Session) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for number, accounts in ((1, ("C1", "C2")), (2, ("C3",))):
        session.add(
            Alert(
                id=number, data_set="d", kind="transaction", fingerprint=str(number),
                typology="transaction", title="t", score=0.5, amount=5.0, n_accounts=2,
                first_activity=moment, last_activity=moment, lineage="same", run_id="r",
                run_alert_id=f"A{number}", priority=1, opened_at=moment, due_at=moment,
            )
        )  # fmt: skip
        session.flush()
        for account in accounts:
            session.add(AlertAccount(alert_id=number, account=account, role="member"))

"""Rows that are not whole go aside with the right reason, and take no good row with them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.backend import CpuBackend, cpu
from engine.errors import InputError
from engine.intake import Intake, Mapping, load_mapping, read_transactions

HEADER = (
    "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,"
    "newbalanceDest,isFraud,isFlaggedFraud"
)
STEP, TYPE, AMOUNT, SENDER, BEFORE, AFTER, RECEIVER, _, _, LABEL, _ = range(11)


def good_fields(number: int) -> list[str]:
    return [
        str(1 + number // 10), "TRANSFER", f"{number}.25", f"C{number}", "500.5", "",
        f"M{number}", "0.0", "7", str(number % 2), "0",
    ]  # fmt: skip


def joined(fields: list[str]) -> bytes:
    return ",".join(fields).encode()


@dataclass(frozen=True)
class Corruption:
    """One kind of damage to a line, and the reason it must be rejected for."""

    damage: Callable[[list[str]], bytes]
    reason: str


def put(column: int, value: str) -> Callable[[list[str]], bytes]:
    return lambda fields: joined([*fields[:column], value, *fields[column + 1 :]])


CORRUPTIONS = {
    "missing step": Corruption(put(STEP, ""), "time (step) is missing"),
    "step is text": Corruption(put(STEP, "one"), "time (step) is not a number: 'one'"),
    "negative step": Corruption(
        put(STEP, "-3"), "time (step) is out of range (not negative, years 1970 to 2200): -3.0"
    ),
    "step beyond 2200": Corruption(
        put(STEP, "9e9"),
        "time (step) is out of range (not negative, years 1970 to 2200): 9000000000.0",
    ),
    "missing sender": Corruption(put(SENDER, "  "), "sender (nameOrig) is missing"),
    "missing receiver": Corruption(put(RECEIVER, ""), "receiver (nameDest) is missing"),
    "missing amount": Corruption(put(AMOUNT, ""), "amount is missing"),
    "amount is text": Corruption(put(AMOUNT, "12x3"), "amount is not a number: '12x3'"),
    "amount is NaN": Corruption(put(AMOUNT, "nan"), "amount is NaN"),
    "amount is infinite": Corruption(put(AMOUNT, "inf"), "amount is infinite: inf"),
    "negative amount": Corruption(put(AMOUNT, "-5.5"), "amount is negative: -5.5"),
    "huge amount": Corruption(
        put(AMOUNT, "1e14"), "amount is above 10,000,000,000,000: 100000000000000.0"
    ),
    "balance is text": Corruption(
        put(BEFORE, "much"), "sender_balance_before (oldbalanceOrg) is not a number: 'much'"
    ),
    "label is a word": Corruption(
        put(LABEL, "maybe"), "label (isFraud) is neither fraud nor not fraud: 'maybe'"
    ),
    "a column less": Corruption(
        lambda fields: joined(fields[:-1]), "wrong number of columns: found 10, expected 11"
    ),
    "a column more": Corruption(
        lambda fields: joined([*fields, "0"]), "wrong number of columns: found 12, expected 11"
    ),
    "decimal comma": Corruption(
        put(AMOUNT, "12,3"), "wrong number of columns: found 12, expected 11"
    ),
    "open quote": Corruption(put(SENDER, '"C5'), "unbalanced quotes"),
    "stray quotes": Corruption(put(SENDER, 'C"5"'), "stray quote inside a field"),
    "not UTF-8": Corruption(
        lambda fields: b"\xff" + joined(fields), "not UTF-8: byte 0xff at position 1"
    ),
    "NUL byte": Corruption(put(SENDER, "C\0"), "NUL byte"),
    "lone CR": Corruption(put(SENDER, "C\r5"), "stray carriage return"),
    "header again": Corruption(lambda fields: HEADER.encode(), "header repeated"),
}


@pytest.fixture
def paysim() -> Mapping:
    return load_mapping("paysim")


@pytest.fixture(params=[1 << 24, 5_000], ids=["one block", "many blocks"])
def block_bytes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Blocks of 5,000 bytes put every kind of damage on a border between blocks somewhere."""
    monkeypatch.setattr(CpuBackend, "csv_block_bytes", request.param)
    monkeypatch.setattr(cpu, "_PARSE_BYTES", min(request.param, 1 << 20) // 10)
    return int(request.param)


def write(folder: Path, lines: list[bytes], end: bytes = b"\n") -> Path:
    path = folder / "input.csv"
    path.write_bytes(end.join([HEADER.encode(), *lines]) + end)
    return path


def reasons(intake: Intake) -> dict[int, str]:
    return dict(zip(*intake.rejects.select(["row", "reason"]).to_pydict().values(), strict=True))


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_thousand_damaged_rows_are_rejected_and_no_good_row_is_lost(
    tmp_path: Path, paysim: Mapping, block_bytes: int, end: bytes
) -> None:
    chance = random.Random(5)
    kinds = (list(CORRUPTIONS.values()) * 50)[:1000]
    plan: list[Corruption | None] = [*kinds, *[None] * 3000]
    chance.shuffle(plan)
    lines = [
        joined(good_fields(row)) if kind is None else kind.damage(good_fields(row))
        for row, kind in enumerate(plan)
    ]

    intake = read_transactions(write(tmp_path, lines, end), paysim)

    assert intake.rows_in == 4000 == len(intake.transactions) + len(intake.rejects)
    good = [row for row, kind in enumerate(plan) if kind is None]
    assert intake.transactions["tx_id"].to_pylist() == good
    assert intake.transactions["sender"].to_pylist() == [f"C{row}" for row in good]
    assert intake.transactions["amount"].to_pylist() == [row + 0.25 for row in good]
    assert intake.transactions["sender_balance_after"].null_count == 3000
    assert intake.transactions["label"].to_pylist() == [row % 2 for row in good]
    assert reasons(intake) == {row + 1: kind.reason for row, kind in enumerate(plan) if kind}
    raw = [lines[row].decode(errors="backslashreplace") for row, kind in enumerate(plan) if kind]
    assert intake.rejects["raw"].to_pylist() == raw


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_one_damaged_row_between_two_good_ones(tmp_path: Path, paysim: Mapping, name: str) -> None:
    corruption = CORRUPTIONS[name]
    lines = [
        joined(good_fields(0)), corruption.damage(good_fields(1)), joined(good_fields(2))
    ]  # fmt: skip
    intake = read_transactions(write(tmp_path, lines), paysim)
    assert reasons(intake) == {2: corruption.reason}
    assert intake.transactions["tx_id"].to_pylist() == [0, 2]


def test_a_value_may_hold_line_ends_delimiters_and_doubled_quotes(
    tmp_path: Path, paysim: Mapping, block_bytes: int
) -> None:
    odd = put(SENDER, '"Ann, ""the\nhammer""\n\nLee"')
    lines = [odd(good_fields(row)) for row in range(200)]
    intake = read_transactions(write(tmp_path, lines), paysim)
    assert intake.rows_in == 200
    assert intake.transactions["tx_id"].to_pylist() == [*range(200)]
    assert set(intake.transactions["sender"].to_pylist()) == {'Ann, "the\nhammer"\n\nLee'}


def test_an_open_quote_takes_no_good_row_with_it_to_the_next_quote(
    tmp_path: Path, paysim: Mapping, block_bytes: int
) -> None:
    opening, closing = b'1,TRANSFER,1,"C1', b'",1,1,M1,1,1,0,0'
    lines = [opening, joined(good_fields(1)), closing] * 50
    intake = read_transactions(write(tmp_path, lines), paysim)
    assert intake.transactions["tx_id"].to_pylist() == [*range(1, 150, 3)]
    assert set(intake.rejects["reason"].to_pylist()) == {"unbalanced quotes"}


def test_an_open_quote_at_the_very_end_is_rejected(tmp_path: Path, paysim: Mapping) -> None:
    lines = [joined(good_fields(0)), CORRUPTIONS["open quote"].damage(good_fields(1))]
    assert reasons(read_transactions(write(tmp_path, lines), paysim)) == {2: "unbalanced quotes"}


def test_a_last_line_that_is_cut_off_is_rejected(tmp_path: Path, paysim: Mapping) -> None:
    path = tmp_path / "input.csv"
    path.write_bytes(b"\n".join([HEADER.encode(), joined(good_fields(0)), b"9,TRANSFER,4"]))
    intake = read_transactions(path, paysim)
    assert reasons(intake) == {2: "last line is cut off: found 3 columns, expected 11"}


def test_a_whole_last_line_needs_no_line_end(tmp_path: Path, paysim: Mapping) -> None:
    path = tmp_path / "input.csv"
    path.write_bytes(b"\n".join([HEADER.encode(), joined(good_fields(0)), joined(good_fields(1))]))
    assert len(read_transactions(path, paysim).transactions) == 2


def test_blank_lines_are_no_rows(tmp_path: Path, paysim: Mapping) -> None:
    lines = [joined(good_fields(0)), b"", b"   ", joined(good_fields(1)), b"", b""]
    intake = read_transactions(write(tmp_path, lines), paysim)
    assert intake.rows_in == 2
    assert intake.transactions["tx_id"].to_pylist() == [0, 1]


def test_the_first_fault_in_column_order_is_the_reason(tmp_path: Path, paysim: Mapping) -> None:
    fields = good_fields(0)
    fields[AMOUNT], fields[SENDER], fields[LABEL] = "x", "", "?"
    intake = read_transactions(write(tmp_path, [joined(good_fields(1)), joined(fields)]), paysim)
    assert reasons(intake) == {2: "sender (nameOrig) is missing"}


def test_outer_spaces_do_not_spoil_a_row(tmp_path: Path, paysim: Mapping) -> None:
    spaced = joined([f" {value} " for value in good_fields(1)])
    spoiled = CORRUPTIONS["amount is text"].damage(good_fields(2))
    for lines in ([spaced], [spaced, spoiled]):
        (row,) = read_transactions(write(tmp_path, lines), paysim).transactions.to_pylist()
        assert (row["sender"], row["receiver"], row["amount"]) == ("C1", "M1", 1.25)
        assert (row["type"], row["label"], row["sender_balance_after"]) == ("TRANSFER", 1, None)


def test_a_file_without_a_good_row_is_refused_with_its_reasons(
    tmp_path: Path, paysim: Mapping
) -> None:
    lines = [put(AMOUNT, "x")(good_fields(row)) for row in range(3)] + [b"junk"]
    with pytest.raises(InputError) as raised:
        read_transactions(write(tmp_path, lines), paysim)
    message = str(raised.value)
    assert "none of the 4 rows" in message
    assert "3 rows: amount is not a number; first is row 1: 1,TRANSFER,x" in message
    assert "1 rows: wrong number of columns; first is row 4: junk" in message


def test_a_mostly_rejected_start_is_a_warning(tmp_path: Path, paysim: Mapping) -> None:
    lines = [b"junk", b"junk", joined(good_fields(0))]
    (warning,) = read_transactions(write(tmp_path, lines), paysim).warnings
    assert warning.startswith("2 of the first 3 rows are rejected for one reason: wrong number")


def test_parquet_rows_are_judged_alike_and_shown_as_json(tmp_path: Path) -> None:
    path = tmp_path / "input.parquet"
    table = pa.table(
        {
            "step": pa.array([0, 1, None, 3, 4], pa.int32()),
            "type": ["TRANSFER"] * 5,
            "amount": [1.0, -2.0, 3.0, float("nan"), 5.0],
            "sender": pa.array([11, 12, 13, 14, None], pa.int64()),
            "receiver": pa.array([21, 22, 23, 24, 25], pa.int64()),
        }
    )
    pq.write_table(table, path)
    intake = read_transactions(path, load_mapping("amlsim"))
    assert intake.transactions["sender"].to_pylist() == ["11"]
    assert reasons(intake) == {
        2: "amount is negative: -2.0",
        3: "time (step) is missing",
        4: "amount is NaN",
        5: "sender is missing",
    }
    assert intake.rejects["raw"][0].as_py() == (
        '{"step": 1, "type": "TRANSFER", "amount": -2.0, "sender": 12, "receiver": 22}'
    )
    assert re.search('"amount": "nan"', intake.rejects["raw"][2].as_py())


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        ("2026-02-30", "is not an ISO 8601 date: '2026-02-30'"),
        ("now", "is not an ISO 8601 date: 'now'"),
        ("1969-12-31T23:59:59", "is out of range"),
        ("2201-01-01", "is out of range"),
        ("", "is missing"),
    ],
)
def test_dates_that_are_none(tmp_path: Path, moment: str, reason: str) -> None:
    path = tmp_path / "input.csv"
    path.write_text(
        f"time,sender,receiver,amount\n2200-12-31T23:59:59Z,A,B,1\n{moment},A,B,1\n"
        "2026-01-01T00:00:00+02:00,A,B,1\n"
    )
    intake = read_transactions(path, load_mapping("canonical"))
    assert reasons(intake)[2].startswith(f"time {reason}")
    assert [str(t) for t in intake.transactions["time"].to_pylist()] == [
        "2025-12-31 22:00:00",
        "2200-12-31 23:59:59",
    ]

"""What holds for any garbage: no good row is lost or changed, and every row is counted once."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.intake import Intake, load_mapping, read_transactions
from engine.intake.lines import Layout
from engine.intake.records import find_records
from engine.intake.values import to_numbers

HEADER = b"time,sender,receiver,amount,type"
LAYOUT = Layout(",", 5, HEADER)
PLAIN = st.text("ab ,;\"\t'ä€", max_size=6)

#: Bytes that hurt a CSV reader, more often than chance would have it.
GARBAGE = st.one_of(
    st.binary(max_size=12),
    st.lists(st.sampled_from([b'"', b",", b"\r", b"\0", b"\xff", b"a", b"\xc3\xa4", b" "])).map(
        b"".join
    ),
)


def good_line(number: int, name: str = "") -> bytes:
    """A record whose sender is quoted only where CSV needs it."""
    sender = f"S{name}"
    if any(mark in sender for mark in ',"\n'):
        sender = '"' + sender.replace('"', '""') + '"'
    return f"2026-01-01,{sender},R,{number + 1}.5,good".encode()


def read(data: bytes) -> Intake:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input.csv"
        path.write_bytes(data)
        return read_transactions(path, load_mapping("canonical"))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(PLAIN, GARBAGE), min_size=1, max_size=25), st.booleans())
def test_no_good_row_is_lost_whatever_lies_between(parts: list[str | bytes], ends: bool) -> None:
    names = [part for part in [*parts, "last"] if isinstance(part, str)]
    numbers = iter(range(len(names)))
    lines = [
        good_line(next(numbers), part) if isinstance(part, str) else part
        for part in [*parts, "last"]
    ]
    intake = read(b"\n".join([HEADER, *lines]) + (b"\n" if ends else b""))

    good = [row for row in intake.transactions.to_pylist() if row["type"] == "good"]
    assert [row["amount"] for row in good] == [i + 1.5 for i in range(len(names))]
    assert [row["sender"] for row in good] == [f"S{name}".strip() for name in names]
    assert intake.rows_in == len(intake.transactions) + len(intake.rejects)
    ids = [*intake.transactions["tx_id"].to_pylist()]
    ids += [row - 1 for row in intake.rejects["row"].to_pylist()]
    assert sorted(ids) == list(range(intake.rows_in))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(GARBAGE, st.just(good_line(1, "x\ny"))), max_size=25), st.data())
def test_records_do_not_depend_on_where_blocks_are_cut(
    lines: list[bytes], data: st.DataObject
) -> None:
    text = b"\n".join(lines)
    whole = find_records(text, LAYOUT, 0, at_end=True)
    cut = data.draw(st.integers(0, len(text)))
    first = find_records(text[:cut], LAYOUT, 0, at_end=False)
    second = find_records(text[first.consumed :], LAYOUT, first.n_rows, at_end=True)

    assert first.text + second.text == whole.text
    assert [*first.rows, *second.rows] == [*whole.rows]
    assert first.rejects + second.rejects == whole.rejects
    assert first.n_rows + second.n_rows == whole.n_rows


@given(st.one_of(st.text("0123456789+-.eE_ xinfa", max_size=8), st.floats().map(str)))
def test_numbers_are_those_of_python_without_underscores(text: str) -> None:
    numbers = to_numbers(pa.array([text]))
    stripped = text.strip()
    try:
        expected = float(stripped) if "_" not in stripped else None
    except ValueError:
        expected = None
    if expected is None:
        assert numbers.unreadable[0] == bool(stripped)
        assert numbers.missing[0] != bool(stripped)
    else:
        assert not numbers.unreadable[0]
        assert numbers.values[0] == expected or math.isnan(expected)

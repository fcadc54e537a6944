"""Reading a file: formats, order, numbering, previews, and files that are no tables."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from engine import columns
from engine.backend import CpuBackend
from engine.errors import InputError, SchemaError
from engine.intake import detect, load_mapping, preview, read_transactions

HEADER = "step,type,amount,nameOrig,nameDest,isFraud\n"
BODY = "".join(f"{1 + i // 3},PAYMENT,{i}.5,C{i},M{i % 7},{i % 2}\n" for i in range(500))
TEXT = (HEADER + BODY).encode()


def write(folder: Path, data: bytes, name: str = "input.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def read(path: Path) -> pa.Table:
    return read_transactions(path, detect(path)).transactions


def test_canonical_columns_have_their_types_and_order(tmp_path: Path) -> None:
    transactions = read(write(tmp_path, TEXT))
    expected = ["tx_id", "time", "sender", "receiver", "amount", "type", "label"]
    assert transactions.column_names == expected
    assert transactions.schema.types == [columns.CANONICAL[name] for name in expected]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("input.csv.gz", gzip.compress(TEXT)),
        ("two-members.gz", gzip.compress(TEXT[:700]) + gzip.compress(TEXT[700:])),
        ("input.csv.zst", zstandard.compress(TEXT)),
        ("compressed-but-named.csv", zstandard.compress(TEXT)),
    ],
)
def test_a_compressed_file_reads_like_the_plain_one(tmp_path: Path, name: str, data: bytes) -> None:
    assert read(write(tmp_path, data, name)) == read(write(tmp_path, TEXT))


def test_parquet_reads_like_the_csv_it_was_made_from(tmp_path: Path) -> None:
    frame = pd.read_csv(io.BytesIO(TEXT))
    frame.to_parquet(tmp_path / "input.parquet")
    assert read(tmp_path / "input.parquet") == read(write(tmp_path, TEXT))


def test_ids_that_pandas_made_floats_are_whole_numbers_again(tmp_path: Path) -> None:
    table = pa.table(
        {
            "time": [datetime(2026, 1, 1)] * 3,
            "sender": [1e15, 2.0, float("nan")],
            "receiver": ["A", "B", "C"],
            "amount": [1.0] * 3,
        }
    )
    pq.write_table(table, tmp_path / "input.parquet")
    intake = read_transactions(tmp_path / "input.parquet", load_mapping("canonical"))
    assert intake.transactions["sender"].to_pylist() == ["1000000000000000", "2"]
    assert intake.rejects["reason"].to_pylist() == ["sender is missing"]


def test_times_with_a_zone_become_utc(tmp_path: Path) -> None:
    moment = pa.array([datetime(2026, 1, 1, 12)], pa.timestamp("ns", "Asia/Tokyo"))
    pq.write_table(
        pa.table({"time": moment, "sender": ["A"], "receiver": ["B"], "amount": [1]}),
        tmp_path / "input.parquet",
    )
    assert read(tmp_path / "input.parquet")["time"].to_pylist() == [datetime(2026, 1, 1, 12)]


@pytest.mark.parametrize("block_bytes", [64, 1000, 1 << 24])
def test_the_size_of_blocks_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    expected = read(write(tmp_path, TEXT))
    monkeypatch.setattr(CpuBackend, "csv_block_bytes", block_bytes)
    assert read(write(tmp_path, TEXT)) == expected


def test_rows_are_sorted_by_time_and_equal_times_keep_their_order(tmp_path: Path) -> None:
    body = "5,P,1,A,B,0\n2,P,2,A,B,0\n5,P,3,A,B,0\n2,P,4,A,B,0\n"
    transactions = read(write(tmp_path, (HEADER + body).encode()))
    assert transactions["tx_id"].to_pylist() == [1, 3, 0, 2]
    assert transactions["amount"].to_pylist() == [2.0, 4.0, 1.0, 3.0]


def test_a_prepped_file_reads_back_the_same(tmp_path: Path) -> None:
    first = read(write(tmp_path, TEXT))
    pq.write_table(first, tmp_path / "prepped.parquet")
    assert detect(tmp_path / "prepped.parquet").name == "canonical"
    assert read(tmp_path / "prepped.parquet") == first


def test_a_prepped_creditcard_file_reads_back_the_same(tmp_path: Path) -> None:
    first = read(write(tmp_path, b"Time,V1,Amount,Class\n0,0.5,3,0\n1,,4,1\n"))
    pq.write_table(first, tmp_path / "prepped.parquet")
    second = read(tmp_path / "prepped.parquet")
    assert second == first


def test_a_type_is_never_null(tmp_path: Path) -> None:
    transactions = read(write(tmp_path, (HEADER + "1,,1,A,B,0\n1,P,1,A,B,\n").encode()))
    assert transactions["type"].to_pylist() == ["", "P"]
    assert transactions["label"].to_pylist() == [0, 0]


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    path = write(tmp_path, gzip.compress(TEXT))
    read_transactions(path, detect(path), lambda share, words: told.append((share, words)))
    assert told[-1] == (1.0, "500 rows read")


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_cut_off_compressed_file_is_never_read_in_part(
    tmp_path: Path, compress: object, keep: float
) -> None:
    assert callable(compress)
    data = compress(TEXT)
    path = write(tmp_path, data[: int(len(data) * keep)], "input.gz")
    with pytest.raises(InputError, match=r"cut off or damaged after .*fetch the file again"):
        read_transactions(path, load_mapping("paysim"))


def test_a_file_cut_off_after_its_head_is_told_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = zstandard.compress(TEXT)
    path = write(tmp_path, data)
    mapping = detect(path)
    monkeypatch.setattr("engine.intake.source.HEAD_BYTES", 100)
    path.write_bytes(data[:-20])
    with pytest.raises(InputError, match="fetch the file again"):
        read_transactions(path, mapping)


def _workbook() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return buffer.getvalue()


NO_TABLES = {
    "empty file": (b"", "is empty"),
    "blank lines": (b"\n\n\n", "is empty"),
    "empty gzip": (gzip.compress(b""), "is empty"),
    "header alone": (HEADER.encode(), "a header and no rows"),
    "header and blank lines": (HEADER.encode() + b"\r\n\r\n", "a header and no rows"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "PDF document; export the table as CSV"),
    "workbook": (_workbook(), "Excel workbook; unpack it, or save the sheet as CSV"),
    "UTF-16": (TEXT.decode().encode("utf-16"), "iconv -f UTF-16 -t UTF-8"),
    "UTF-16 without mark": (TEXT.decode().encode("utf-16-le"), "iconv -f UTF-16 -t UTF-8"),
    "Latin-1 header": ("Länge,step\n1,2\n".encode("latin-1"), "header is not UTF-8"),
    "binary": (bytes(range(1, 256)) * 40, "not a text table|header is not UTF-8"),
    "JSON": (b'[{"step": 1,\n "amount": 2}]\n', "looks like JSON"),
    "CR line ends": (TEXT.replace(b"\n", b"\r"), "lines end with CR alone"),
    "no line end in a megabyte": (b"a" * (1 << 20), "first line is longer than 1 MB"),
    "damaged Parquet": (b"PAR1" + b"x" * 100, "Parquet file is cut off or damaged"),
}


@pytest.mark.parametrize("name", NO_TABLES)
def test_a_file_that_is_no_table_is_refused_in_one_message(tmp_path: Path, name: str) -> None:
    data, message = NO_TABLES[name]
    path = write(tmp_path, data)
    with pytest.raises(InputError, match=message) as raised:
        detect(path)
    assert str(path) in str(raised.value)
    with pytest.raises(InputError, match=message):
        read_transactions(path, load_mapping("paysim"))
    problem = preview(path).problem
    assert problem == str(raised.value)


def test_a_folder_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder; name one CSV"):
        detect(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        detect(tmp_path / "none.csv")


def test_an_empty_parquet_file_has_no_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"step": pa.array([], pa.int32())}), tmp_path / "input.parquet")
    with pytest.raises(InputError, match="has columns and no rows"):
        detect(tmp_path / "input.parquet")


def test_a_parquet_column_of_an_impossible_type_is_named(tmp_path: Path) -> None:
    table = pa.table({"time": ["2026"], "sender": ["A"], "receiver": ["B"], "amount": [[1.0]]})
    pq.write_table(table, tmp_path / "input.parquet")
    with pytest.raises(SchemaError, match="column 'amount' has the type list<"):
        read(tmp_path / "input.parquet")


def test_a_preview_shows_the_first_rows_as_given_and_as_read(tmp_path: Path) -> None:
    shown = preview(write(tmp_path, TEXT), rows=5)
    assert (shown.problem, shown.mapping) == (None, load_mapping("paysim"))
    assert shown.header == tuple(HEADER.strip().split(","))
    assert shown.raw is not None
    assert shown.canonical is not None
    assert len(shown.raw) == len(shown.canonical) == 5
    assert list(shown.raw.slice(4, 1).to_pylist()[0].values()) == [
        "2", "PAYMENT", "4.5", "C4", "M4", "0",
    ]  # fmt: skip
    assert shown.canonical["amount"].to_pylist() == [0.5, 1.5, 2.5, 3.5, 4.5]


def test_a_preview_of_parquet_equals_that_of_csv(tmp_path: Path) -> None:
    pd.read_csv(io.BytesIO(TEXT)).to_parquet(tmp_path / "input.parquet")
    from_csv, from_parquet = preview(write(tmp_path, TEXT)), preview(tmp_path / "input.parquet")
    assert from_parquet == from_csv


def test_a_preview_without_a_schema_still_shows_the_file(tmp_path: Path) -> None:
    shown = preview(write(tmp_path, b"a,b\n1,2\n3,\n"))
    assert shown.raw is not None
    assert shown.raw.to_pylist() == [{"a": "1", "b": "2"}, {"a": "3", "b": ""}]
    assert (shown.canonical, shown.mapping) == (None, None)
    assert shown.problem is not None
    assert "fits no known schema" in shown.problem


def test_a_preview_says_when_no_row_can_be_read(tmp_path: Path) -> None:
    path = write(tmp_path, (HEADER + "1,P,x,A,B,0\n").encode())
    shown = preview(path)
    assert shown.problem is not None
    assert shown.problem.endswith("amount is not a number: 'x'")


def test_a_preview_reads_only_the_start_of_a_file(tmp_path: Path) -> None:
    data = zstandard.compress(TEXT * 20_000)
    path = write(tmp_path, data[: len(data) // 2])
    assert preview(path, rows=10).problem is None

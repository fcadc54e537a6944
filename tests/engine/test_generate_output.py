"""Generated tables are written in the format that the suffix names."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.errors import InputError
from engine.generate import write_table

TABLE = pa.table({"step": [1, 2], "amount": [9839.64, 181.0], "name": ["C1", "M2"]})
CSV = "step,amount,name\n1,9839.64,C1\n2,181,M2\n"


def test_csv_has_plain_header_and_numbers(tmp_path: Path) -> None:
    path = write_table(TABLE, tmp_path / "out.csv")
    assert path.read_text() == CSV


def test_csv_gz_holds_the_same_text(tmp_path: Path) -> None:
    path = write_table(TABLE, tmp_path / "out.csv.gz")
    assert gzip.decompress(path.read_bytes()).decode() == CSV


def test_parquet_keeps_the_table(tmp_path: Path) -> None:
    assert pq.read_table(write_table(TABLE, tmp_path / "out.parquet")).equals(TABLE)


def test_missing_folders_are_made_and_no_part_file_stays(tmp_path: Path) -> None:
    path = write_table(TABLE, str(tmp_path / "new" / "folder" / "out.csv"))
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("name", ["out.xlsx", "out", "out.gz", "csv"])
def test_unknown_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"end the name in \.csv, \.csv\.gz, \.parquet"):
        write_table(TABLE, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "out.csv"
    folder.mkdir()
    with pytest.raises(InputError, match="is a folder"):
        write_table(TABLE, folder)

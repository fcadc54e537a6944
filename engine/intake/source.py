"""Opening an input: what kind of file it is, its header, and its decompressed bytes."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import InputError

HEAD_BYTES = 1 << 20
DELIMITERS = ",;\t|"

Compression = Literal["gzip", "zstd"]

_COMPRESSED: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_PARQUET = b"PAR1"
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NOT_READ: dict[bytes, str] = {
    b"%PDF": "a PDF document; export the table as CSV",
    b"PK\x03\x04": "a zip archive or an Excel workbook; unpack it, or save the sheet as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV UTF-8",
    b"SQLite format 3": "an SQLite database; export the table as CSV",
    b"BZh": "compressed with bzip2; unpack it, or compress it with gzip or zstd",
    b"\xfd7zXZ": "compressed with xz; unpack it, or compress it with gzip or zstd",
    b"7z\xbc\xaf": "a 7-Zip archive; unpack it",
    b"Rar!": "a RAR archive; unpack it",
    b"ORC": "an ORC file; convert it to Parquet",
    b"Obj\x01": "an Avro file; convert it to Parquet",
    b"ARROW1": "an Arrow file; convert it to Parquet",
}


@dataclass(frozen=True, slots=True)
class Source:
    """An input file that has been looked at.

    Attributes
    ----------
    header
        Column names, made unique: a repeated ``Account`` becomes ``Account.1``.
    header_line
        The header as it stands in the file, without the line end; empty for Parquet.
    body
        Offset of the first byte after the header in the decompressed text.
    """

    path: Path
    kind: Literal["csv", "parquet"]
    header: tuple[str, ...]
    compression: Compression | None = None
    delimiter: str = ","
    header_line: bytes = b""
    body: int = 0


def open_source(path: str | Path, delimiter: str | None = None) -> Source:
    """Look at a file's first bytes: its kind, compression, delimiter, and header.

    Parameters
    ----------
    path
        CSV, plain or compressed with gzip or zstd, or Parquet: told by content, not by name.
    delimiter
        Column separator; ``None`` takes the one of ``, ; tab |`` found most often in the header.

    Raises
    ------
    InputError
        If the file is missing, is a folder, is empty, has no rows, or is no such table.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path} is a folder; name one CSV or Parquet file")
    try:
        with path.open("rb") as stream:
            magic = stream.read(16)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    if not magic:
        raise InputError(f"{path} is empty: it has neither a header nor rows")
    if magic.startswith(_PARQUET):
        return _open_parquet(path)
    compression = next((c for m, c in _COMPRESSED.items() if magic.startswith(m)), None)
    return _open_csv(path, compression, delimiter)


@contextmanager
def open_bytes(source: Source) -> Iterator[ByteReader]:
    """Open a CSV source for reading its decompressed bytes, from the header on."""
    with pa.OSFile(str(source.path), "rb") as file:
        stream = pa.CompressedInputStream(file, source.compression) if source.compression else file
        yield ByteReader(source.path, file, stream)


@dataclass(slots=True)
class ByteReader:
    """Decompressed bytes of a file, with errors that say what to do."""

    path: Path
    file: Any
    stream: Any
    done: int = 0

    @property
    def share(self) -> float:
        """Part of the file read so far, 0 to 1."""
        size = self.file.size()
        return min(self.file.tell() / size, 1.0) if size else 1.0

    def read(self, size: int) -> bytes:
        """Read up to ``size`` bytes; fewer only at the end.

        Raises
        ------
        InputError
            If the compressed stream is cut off or damaged.
        """
        parts = []
        while size > 0:
            try:
                part = self.stream.read(size)
            except OSError as error:
                raise InputError(
                    f"{self.path}: the compressed file is cut off or damaged after "
                    f"{self.done:,} bytes of text ({error}); fetch the file again"
                ) from error
            if not part:
                break
            parts.append(part)
            size -= len(part)
            self.done += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Number repeated header names as pandas does, and name empty ones by their position."""
    unique: list[str] = []
    for position, given in enumerate(names, start=1):
        name = candidate = given or f"column {position}"
        repeats = 0
        while candidate in unique:
            repeats += 1
            candidate = f"{name}.{repeats}"
        unique.append(candidate)
    return tuple(unique)


def split_header(line: bytes, delimiter: str) -> list[str]:
    """Split a header line into names without quotes and outer spaces."""
    names = next(csv.reader([line.decode("utf-8")], delimiter=delimiter, skipinitialspace=True), [])
    return [name.strip() for name in names]


def _open_parquet(path: Path) -> Source:
    try:
        with pq.ParquetFile(path) as file:
            rows, header = file.metadata.num_rows, tuple(file.schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path}: the Parquet file is cut off or damaged ({error}); fetch the file again"
        ) from error
    if rows == 0:
        raise InputError(f"{path} has columns and no rows")
    return Source(path, "parquet", unique_names(header))


def _open_csv(path: Path, compression: Compression | None, delimiter: str | None) -> Source:
    with open_bytes(Source(path, "csv", (), compression)) as reader:
        head = reader.read(HEAD_BYTES)
    _refuse_other_kinds(path, head)
    start = len(_BOM) if head.startswith(_BOM) else 0
    start += len(head[start:]) - len(head[start:].lstrip(b"\r\n"))
    end = head.find(b"\n", start)
    line = head[start : end if end >= 0 else None].rstrip(b"\r")
    if not line.strip():
        raise InputError(f"{path} is empty: it has neither a header nor rows")
    _refuse_binary(path, line)
    if end < 0 and len(head) == HEAD_BYTES:
        raise InputError(f"{path}: the first line is longer than 1 MB; this is no table")
    if end < 0 or (len(head) < HEAD_BYTES and not head[end:].strip()):
        raise InputError(f"{path} has a header and no rows")
    if delimiter is None:
        counts = {mark: line.count(mark.encode()) for mark in DELIMITERS}
        delimiter = max(counts, key=lambda mark: counts[mark])
    header = unique_names(split_header(line, delimiter))
    return Source(path, "csv", header, compression, delimiter, line, end + 1)


def _refuse_other_kinds(path: Path, head: bytes) -> None:
    for magic, what in _NOT_READ.items():
        if head.startswith(magic):
            raise InputError(f"{path} is {what}")
    if head.startswith(_UTF16) or head[1:40:2].count(0) > 15 or head[:40:2].count(0) > 15:
        raise InputError(
            f"{path} is UTF-16 text; convert it first: iconv -f UTF-16 -t UTF-8 IN > OUT"
        )


def _refuse_binary(path: Path, line: bytes) -> None:
    if b"\r" in line:
        raise InputError(f"{path}: lines end with CR alone; convert the line ends to LF")
    if any(byte < 32 and byte != 9 for byte in line):
        raise InputError(f"{path} is not a text table: its first line holds control characters")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: the header is not UTF-8 (byte {line[error.start]:#04x} at position "
            f"{error.start}); convert the file, e.g. iconv -f LATIN1 -t UTF-8 IN > OUT"
        ) from error
    if text.lstrip().startswith(("{", "[", "<")):
        raise InputError(f"{path} looks like JSON, XML or HTML; give a CSV or Parquet file")

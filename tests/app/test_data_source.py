"""Where inputs may come from, and how uploads are kept."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from app.ui.data_source import data_folders, list_files, save_upload
from app.ui.mapping_editor import suggest
from engine.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(tmp_path / "lake")


def save(lake: Lake, name: str, content: bytes) -> Path:
    return save_upload(lake, name, io.BytesIO(content))


def test_only_tables_are_listed(tmp_path: Path) -> None:
    for name in ("b.csv", "a.parquet", "c.csv.gz", "d.TXT.zst", "notes.md", ".hidden.csv", "e.gz"):
        (tmp_path / name).touch()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "f.tsv").touch()
    names = [str(path.relative_to(tmp_path)) for path in list_files(tmp_path)]
    assert names == ["a.parquet", "b.csv", "c.csv.gz", "d.TXT.zst", "deep/f.tsv"]


def test_the_true_rings_beside_a_file_are_not_offered_as_transactions(tmp_path: Path) -> None:
    for name in ("aml.csv.gz", "aml.rings.parquet"):
        (tmp_path / name).touch()
    assert [path.name for path in list_files(tmp_path)] == ["aml.csv.gz"]


def test_a_link_out_of_the_folder_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").touch()
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "link.csv").symlink_to(tmp_path / "secret.csv")
    assert list_files(tmp_path / "open") == []


def test_the_environment_names_the_folders(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert data_folders(lake)[0] == lake.raw
    monkeypatch.setenv("RINGLEADER_DATA", f"{tmp_path}{os.pathsep}/data")
    assert data_folders(lake) == [tmp_path, Path("/data")]


def test_an_upload_lands_in_raw_under_its_name(lake: Lake) -> None:
    path = save(lake, "march.csv", b"a,b\n1,2\n")
    assert path == lake.raw / "march.csv"
    assert path.read_bytes() == b"a,b\n1,2\n"
    assert [file.name for file in lake.raw.iterdir()] == ["march.csv"]


def test_a_name_cannot_lead_out_of_raw(lake: Lake) -> None:
    assert save(lake, "../../etc/pass wd.csv", b"x").parent == lake.raw
    assert save(lake, "..", b"x").parent == lake.raw


def test_the_same_upload_is_kept_once(lake: Lake) -> None:
    assert save(lake, "march.csv", b"one") == save(lake, "march.csv", b"one")
    assert len(list(lake.raw.iterdir())) == 1


def test_another_upload_of_the_same_name_replaces_nothing(lake: Lake) -> None:
    first, second = save(lake, "march.csv.gz", b"one"), save(lake, "march.csv.gz", b"two")
    # printf two | sha256sum: 3fc4ccfe…
    assert second.name == "march-3fc4ccfe.csv.gz"
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"two")


def test_a_likely_column_is_suggested() -> None:
    header = ["Booking date", "From account", "Payee", "Sum"]
    assert suggest("time", header) == "Booking date"
    assert suggest("sender", header) == "From account"
    assert suggest("receiver", header) == "Payee"
    assert suggest("currency", header) is None

"""``python -m engine.workbench``: proving the audit, upgrading, people; on both databases."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.workbench import audit
from engine.workbench.cli import main
from engine.workbench.database import Workbench, default_url
from engine.workbench.sign_in import authenticate
from tests.workbench.test_audit import three_entries, unguarded

pytestmark = pytest.mark.usefixtures("quick_hashing")


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "RINGLEADER_LAKE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_verify_as_a_program_says_that_the_chain_holds(workbench: Workbench, url: str) -> None:
    workbench.write(three_entries)
    head = workbench.read(audit.verify).head
    command = [sys.executable, "-m", "engine.workbench", "verify", "--database", url]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == 0, done.stderr
    assert "entries   3" in done.stdout
    assert f"head      {head}" in done.stdout
    assert "the chain holds" in done.stdout


def test_verify_tells_of_each_tampered_entry_and_exits_with_1(
    workbench: Workbench, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    workbench.write(three_entries)
    workbench.write(unguarded, "UPDATE audit SET actor = 'mallory' WHERE seq = 2")
    assert main(["verify", "--database", url]) == 1
    assert "TAMPERED  entry 2 was changed" in capsys.readouterr().out


def test_verify_with_a_head_kept_elsewhere(
    workbench: Workbench, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    workbench.write(three_entries)
    head = workbench.read(audit.verify).head
    assert main(["verify", "--database", url, "--head", head]) == 0
    assert main(["verify", "--database", url, "--head", "ab" * 32]) == 1
    assert "no entry has the hash abab" in capsys.readouterr().out


def test_people_are_added_listed_and_given_new_passwords(
    workbench: Workbench, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--database", url]
    assert main(["people", "add", "Anna", "--role", "reviewer", "--name", "Anna K", *place]) == 0
    assert authenticate(workbench, "anna", _password(capsys)).role == "reviewer"
    assert main(["people", "reset", "anna", *place]) == 0
    assert authenticate(workbench, "anna", _password(capsys)).name == "Anna K"
    assert main(["people", "list", *place]) == 0
    assert re.search(r"^anna +reviewer +yes +password +20", capsys.readouterr().out, re.MULTILINE)
    entries = workbench.read(audit.history, ["user anna"])
    assert [(e.actor, e.action) for e in entries if e.action != "sign_in"] == [
        ("command line", "reset_password"), ("command line", "create_user"),
    ]  # fmt: skip


def test_upgrade_makes_the_tables_where_people_add_would_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["upgrade", "--lake", str(tmp_path / "one")]) == 0
    assert main(["verify", "--lake", str(tmp_path / "one")]) == 0
    assert main(["people", "add", "root", "--role", "admin", "--lake", str(tmp_path / "two")]) == 0
    assert main(["verify", "--lake", str(tmp_path / "two")]) == 0


def test_the_database_is_that_of_the_environment_else_of_the_lake(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("lake", "other", "env"):
        assert main(["upgrade", "--lake", str(tmp_path / name)]) == 0
    capsys.readouterr()

    def verified() -> str:
        assert main(["verify"]) == 0
        return capsys.readouterr().out

    assert f"{tmp_path}/lake/workbench.sqlite" in verified()
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path / "other"))
    assert f"{tmp_path}/other/workbench.sqlite" in verified()
    monkeypatch.setenv("DATABASE_URL", default_url(tmp_path / "env"))
    assert f"{tmp_path}/env/workbench.sqlite" in verified()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify"], "there is no workbench at"),
        (["verify", "--database", "mysql://x/y"], "SQLite (a file) or PostgreSQL"),
        (["verify", "--lake", "s3://bucket"], "on S3, where no database can lie"),
        (["people", "list"], "start the app once"),
        (["people", "reset", "anna"], "start the app once"),
        (["people", "add", "an na", "--role", "admin"], "no spaces"),
    ],
)
def test_bad_input_is_told_and_exits_with_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert main(["verify", "--lake", str(tmp_path / "none")]) == 2
    assert not (tmp_path / "none").exists()


def test_a_database_without_tables_is_told_what_makes_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = Workbench.open(default_url(tmp_path))
    empty.write(lambda session: session.execute(text("CREATE TABLE x (y)")))
    assert main(["verify", "--lake", str(tmp_path)]) == 2
    assert "python -m engine.workbench upgrade" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["people"], ["people", "add", "anna"], ["verify", "x"]])
def test_bad_arguments_exit_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2


def _password(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.split()[-1]

"""The evidence pack: the same bytes for the same evidence, and no byte changes unseen."""

from __future__ import annotations

import hashlib
import io
import json
import random
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from engine.explorer.export import Sheet
from engine.narrative.ledger import Fact, Ledger, sha256
from engine.narrative.verdict import Line, Narrative, Part
from engine.pack import Contents, Graph, evidence_pack
from engine.pack.zip_file import packed
from tests.engine.scenes import MANIFEST, VIEW, scene

LEDGER = Ledger(
    "march", "A000001", "R000001", "fan_in", "INR", "ab" * 32, "cd" * 32, "1",
    (Fact("F1", "ring.amount", "amount", 19925, "INR", "money that moved", "what", tx_ids=(1, 2)),),
)  # fmt: skip
NARRATIVE = Narrative(
    "template", (Part("what", (Line("₹199.25 moved.", ("F1",), "template"),)),), sha256(LEDGER),
    1.0, 1,
)  # fmt: skip
CONTENTS = Contents(
    name="AL-12",
    report=b"%PDF-1.7 the report",
    narrative=NARRATIVE,
    ledger=LEDGER,
    transactions=pd.DataFrame({"tx_id": [1, 2], "sender": ["=1+1", "B"], "amount": [100.25, 99.0]}),
    run=MANIFEST,
    audit=[{"seq": 7, "action": "note", "hash": "ef" * 32}],
    graph=Graph(VIEW, scene(), Sheet("Ring R000001 of run march", ("amounts in INR",))),
    has_account_ids=True,
)
VERIFIER = Path(__file__).parents[2] / "engine" / "pack" / "verify_pack.py"
PROGRAM = compile(VERIFIER.read_text(encoding="utf-8"), str(VERIFIER), "exec")


def verdict(target: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what the verifier says of a pack: ``OK``, or what it leaves with."""
    monkeypatch.setattr(sys, "argv", [str(VERIFIER), str(target)])
    try:
        exec(PROGRAM, {"__file__": str(VERIFIER)})
    except SystemExit as left:
        return str(left.code)
    return "OK"


def unpacked(folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(evidence_pack(CONTENTS).content)) as pack:
        pack.extractall(folder)
    return folder


def read(name: str, contents: Contents = CONTENTS) -> bytes:
    with zipfile.ZipFile(io.BytesIO(evidence_pack(contents).content)) as pack:
        return pack.read(name)


def test_the_same_contents_are_the_same_bytes() -> None:
    assert evidence_pack(CONTENTS) == evidence_pack(replace(CONTENTS))


def test_the_verifier_is_short_and_needs_nothing_but_python(tmp_path: Path) -> None:
    assert len(VERIFIER.read_text(encoding="utf-8").splitlines()) <= 40
    pack = evidence_pack(CONTENTS)
    (tmp_path / "AL-12.zip").write_bytes(pack.content)
    # Without site-packages.
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(tmp_path / "AL-12.zip")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == (
        f"OK: 10 files are as they were written; SHA-256 of manifest.json: {pack.seal}\n"
    )


def test_any_byte_that_is_changed_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "small.zip"
    content = packed({"a.txt": b"evidence"}, {}).content
    for position in range(len(content)):
        changed = bytearray(content)
        changed[position] ^= 1 << position % 8
        file.write_bytes(changed)
        assert verdict(file, monkeypatch).startswith("CHANGED"), position
    file.write_bytes(content)
    assert verdict(file, monkeypatch) == "OK"


def test_a_byte_of_a_whole_pack_that_is_changed_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, file = evidence_pack(CONTENTS).content, tmp_path / "AL-12.zip"
    for position in random.Random(8).sample(range(len(content)), 50):
        changed = bytearray(content)
        changed[position] ^= 255
        file.write_bytes(changed)
        assert verdict(file, monkeypatch).startswith("CHANGED"), position


def test_what_was_changed_in_an_unpacked_pack_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = unpacked(tmp_path)
    assert verdict(folder, monkeypatch) == "OK"
    (folder / "facts.json").write_bytes((folder / "facts.json").read_bytes().replace(b"9", b"8"))
    (folder / "more.txt").write_text("put in")
    (folder / "report.pdf").unlink()
    assert verdict(folder, monkeypatch) == "CHANGED: facts.json, more.txt, report.pdf"
    (folder / "manifest.json").write_text("{}")
    assert verdict(folder, monkeypatch).startswith("CHANGED")


def test_the_facts_bear_the_hash_that_the_narrative_names() -> None:
    named = json.loads(read("narrative.json"))["ledger_sha256"]
    assert hashlib.sha256(read("facts.json")).hexdigest() == named
    assert json.loads(read("manifest.json"))["ledger_sha256"] == named


def test_the_files_say_what_they_hold() -> None:
    assert read("transactions.csv").decode().splitlines()[1] == "1,'=1+1,100.25"
    assert json.loads(read("configuration.json"))["config"] == MANIFEST["config"]
    assert json.loads(read("audit.json"))[0]["seq"] == 7
    graph = json.loads(read("graph.json"))
    assert graph["origin"]["run_id"] == "march"
    assert b"Content-Security-Policy" in read("graph.html")
    assert b"as they are in the data" in read("README.txt")
    told = read("README.txt", replace(CONTENTS, has_account_ids=False))
    assert b"pseudonyms in all files" in told


def test_an_alert_without_accounts_has_no_network() -> None:
    content = evidence_pack(replace(CONTENTS, graph=None)).content
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        assert not [name for name in pack.namelist() if name.startswith("graph")]
        assert b"graph." not in pack.read("README.txt")

"""Check an evidence pack: `python verify_pack.py PACK.zip`, or without a name where it lies."""

import hashlib
import json
import sys
import zipfile
import zlib
from pathlib import Path

BROKEN = (zipfile.BadZipFile, zlib.error, OSError, ValueError, LookupError, RuntimeError)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def files_of(pack: Path) -> dict[str, bytes]:
    if pack.is_dir():
        found = [file for file in pack.rglob("*") if file.is_file()]
        return {file.relative_to(pack).as_posix(): file.read_bytes() for file in found}
    content = pack.read_bytes()
    if sha256(content[:-64]).encode() != content[-64:]:
        raise ValueError("the zip does not end with the hash of what stands before")
    with zipfile.ZipFile(pack) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


try:
    files = files_of(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
    seal = sha256(files["manifest.json"])
    told = json.loads(files.pop("manifest.json"))["sha256"]
    found = {name: sha256(content) for name, content in files.items()}
    names = sorted(told.keys() | found.keys())
    wrong = [name for name in names if told.get(name) != found.get(name)]
except BROKEN as error:
    sys.exit(f"CHANGED: {error}")
if wrong:
    sys.exit(f"CHANGED: {', '.join(wrong)}")
print(f"OK: {len(files)} files are as they were written; SHA-256 of manifest.json: {seal}")

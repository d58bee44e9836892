"""Backup while writing, restore into an empty folder; every byte is checked against its digest."""

import hashlib
import json
import sqlite3
import tarfile
import tempfile
from pathlib import Path

FOLDERS = ("runs", "panel", "files")
DATABASE = "rongtong.sqlite3"
SEAL = "sha256:"
SEAL_LENGTH = 10 + len(SEAL) + 64 + 1 + 10


class BadBackup(Exception):
    """The archive is not one of ours, is damaged, or the target is not empty."""


def backup(file: Path) -> str:
    """Archive a consistent copy of the database with the folders it points to. The secret key stays behind."""
    from django.conf import settings
    from django.db import connection

    from rongtong.kernel.errors import Refused

    if connection.vendor != "sqlite":
        raise Refused("this database is PostgreSQL", remedy="use pg_dump, and copy runs, panel and files beside it")
    root = Path(settings.DATA_DIR)
    with tempfile.TemporaryDirectory(dir=root) as folder:
        copy = Path(folder) / DATABASE
        # the database first: folders only ever gain files, so nothing it points to can be missing
        with sqlite3.connect(root / DATABASE) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        paths = {DATABASE: copy}
        paths |= {str(p.relative_to(root)): p for name in FOLDERS for p in sorted((root / name).rglob("*")) if p.is_file()}
        if (root / "demo.json").is_file():
            paths["demo.json"] = root / "demo.json"
        manifest = {name: _digest(path) for name, path in paths.items()}
        (Path(folder) / "manifest.json").write_text(json.dumps(manifest))
        with tarfile.open(file, "w:gz", compresslevel=1) as archive:
            archive.add(Path(folder) / "manifest.json", "manifest.json")
            for name, path in paths.items():
                archive.add(path, name)
    seal = _seal(_digest(file))
    with file.open("ab") as stream:
        stream.write(seal)
    return f"{file}: {len(paths)} files; keep the secret key apart"


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _seal(digest: str) -> bytes:
    """An empty gzip member whose comment is the digest of all before it: tar reads over it, and a flipped bit that
    unpacks to the same bytes (deflate allows several spellings of a run of zeros) still shows.
    """
    comment = f"{SEAL}{digest}".encode() + b"\0"
    return b"\x1f\x8b\x08\x10\0\0\0\0\0\xff" + comment + b"\x03\0" + bytes(8)


def _is_sealed(file: Path) -> bool:
    content = hashlib.sha256()
    left = file.stat().st_size - SEAL_LENGTH
    with file.open("rb") as stream:
        while left > 0 and (block := stream.read(min(left, 1 << 20))):
            content.update(block)
            left -= len(block)
        return stream.read() == _seal(content.hexdigest())


def restore(file: Path, root: Path) -> str:
    """Unpack into a new folder, check every digest, then move it into place."""
    if root.exists() and any(path.name != "secret_key" for path in root.iterdir()):
        raise BadBackup(f"{root} is not empty; name an empty folder with RONGTONG_DATA_DIR")
    if not file.is_file():
        raise BadBackup("there is no such file; check the path")
    if not _is_sealed(file):
        raise BadBackup("the archive is cut short or damaged: its seal does not match; use another copy")
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root) as folder:
        beside = Path(folder)
        try:
            with tarfile.open(file, "r:gz") as archive:
                archive.extractall(beside, filter="data")
            manifest = json.loads((beside / "manifest.json").read_text())
        except (tarfile.TarError, OSError, EOFError, ValueError) as broken:
            raise BadBackup(f"the archive is damaged ({broken}); use another copy") from broken
        strange = [name for name in manifest if Path(name).is_absolute() or ".." in Path(name).parts]
        if strange:
            raise BadBackup(f"{strange[0]} lies outside the archive; use another copy")
        wrong = [name for name, digest in manifest.items() if not (beside / name).is_file() or _digest(beside / name) != digest]
        if wrong:
            raise BadBackup(f"{wrong[0]} differs from its digest; use another copy")
        for name in manifest:
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (beside / name).replace(target)
    return f"{root}: {len(manifest)} files restored; put the secret key beside them, then run rongtong doctor"

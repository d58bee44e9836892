"""Where papers lie: one file under DATA_DIR/papers named by the paper's random id."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings

BLOCK = 1024 * 1024


def folder() -> Path:
    place = Path(settings.DATA_DIR) / "papers"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def path_of(uid: object, suffix: str) -> Path:
    return folder() / f"{uid}.{suffix}"


def write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    handle, scratch = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    finally:
        Path(scratch).unlink(missing_ok=True)


def digest_of(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()

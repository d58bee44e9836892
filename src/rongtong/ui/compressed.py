"""The house's own style sheet and script are served compressed, like what tools/assets.py brings: a copy stands beside each.

Written anew at start where it is older than its source; in a folder that cannot be written (a wheel) what was built is used.
"""

import gzip
import os
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "ui"


def refresh(folder: Path = FOLDER) -> list[Path]:
    """Write the compressed copies that are absent or older than their source; returns those written."""
    written = []
    for source in sorted([*folder.glob("*.css"), *folder.glob("*.js"), *folder.glob("*.svg")]):
        copy = source.with_name(f"{source.name}.gz")
        if copy.exists() and copy.stat().st_mtime >= source.stat().st_mtime:
            continue
        beside = copy.with_name(f".{copy.name}.{os.getpid()}")
        try:
            beside.write_bytes(gzip.compress(source.read_bytes(), 9, mtime=0))
            beside.replace(copy)
        except OSError:
            copy.unlink(missing_ok=True) if os.access(folder, os.W_OK) else None
            continue
        written.append(copy)
    return written

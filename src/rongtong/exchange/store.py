"""Uploaded tables between preview and confirmation: a private folder beside the data, emptied when a batch is applied or a day old."""

import os
import shutil
import time
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from rongtong.exchange.models import Batch
from rongtong.kernel.errors import Refused

MAX_AGE_SECONDS = 24 * 3600


def folder() -> Path:
    path = Path(settings.DATA_DIR) / "exchange"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def path_of(batch: Batch) -> Path:
    return folder() / f"{batch.uid}{Path(batch.file_name).suffix.lower()[:6]}"


def keep(batch: Batch, source: Path) -> None:
    """Copy an uploaded file; uploads of previews that nobody confirmed are removed after a day."""
    forget_old()
    target = path_of(batch)
    shutil.copyfile(source, target)
    os.chmod(target, 0o600)


def kept(batch: Batch) -> Path:
    path = path_of(batch)
    if not path.is_file():
        raise Refused(_("The uploaded file is no longer kept"), remedy=_("upload it again"), code="upload_gone")
    return path


def forget(batch: Batch) -> None:
    path_of(batch).unlink(missing_ok=True)


def forget_old() -> None:
    limit = time.time() - MAX_AGE_SECONDS
    for path in folder().iterdir():
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)

"""Keep an upload: its kind is told from its bytes, it is written under its digest, fsynced and renamed, then it gets a row."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from rongtong.files.checks import check_spreadsheet
from rongtong.files.models import StoredFile
from rongtong.kernel.act import Actor
from rongtong.kernel.errors import Refused

MAX_MEGABYTES = 20
KINDS = {  # how the bytes begin -> media type and the endings that belong to it
    b"%PDF-": ("application/pdf", {".pdf"}),
    b"\x89PNG\r\n\x1a\n": ("image/png", {".png"}),
    b"\xff\xd8\xff": ("image/jpeg", {".jpg", ".jpeg"}),
    b"PK\x03\x04": ("application/vnd.openxmlformats-officedocument", {".docx", ".xlsx", ".pptx"}),
}
TEXT = {".txt", ".csv"}


class Upload(Protocol):
    """What Django gives for an uploaded file."""

    @property
    def name(self) -> str | None: ...
    @property
    def size(self) -> int | None: ...
    def chunks(self) -> Iterable[bytes]: ...


def store(by: Actor, upload: Upload) -> StoredFile:
    """Check and keep an upload; joins the act of the caller."""
    name = Path(upload.name or "").name[:200]
    if not upload.size:
        raise Refused(_("The file is empty"), field="file", remedy=_("choose the file again"), code="empty")
    if upload.size > MAX_MEGABYTES * 2**20:
        what = _("The file has %(size)d MB") % {"size": upload.size // 2**20}
        raise Refused(what, field="file", remedy=_("send at most %(most)d MB") % {"most": MAX_MEGABYTES}, code="too_large")
    folder = Path(settings.DATA_DIR) / "files"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, scratch = tempfile.mkstemp(dir=folder)
    try:
        digest, size, head = _write(handle, upload)
        media_type = _media_type(Path(scratch), name, head)
        target = path_of_digest(digest)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        os.replace(scratch, target)
    finally:
        Path(scratch).unlink(missing_ok=True)
    return StoredFile.objects.create(
        name=name, media_type=media_type, size=size, digest=digest, uploaded_by=str(by.uid), uploaded_label=by.label
    )


def _write(handle: int, upload: Upload) -> tuple[str, int, bytes]:
    content, size, head = hashlib.sha256(), 0, b""
    with os.fdopen(handle, "wb") as file:
        for block in upload.chunks():
            head = head or block[:4096]
            content.update(block)
            size += len(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return content.hexdigest(), size, head


def _media_type(path: Path, name: str, head: bytes) -> str:
    """The kind the bytes say; refused where the name says another."""
    ending = Path(name).suffix.lower()
    for start, (media_type, endings) in KINDS.items():
        if head.startswith(start) and ending in endings:
            if ending == ".xlsx":
                check_spreadsheet(path)
            return media_type
    if ending in TEXT and b"\0" not in head:
        return "text/plain"
    raise Refused(
        _("“%(name)s” is not a kind of file that is kept as evidence") % {"name": name},
        field="file", remedy=_("send pdf, png, jpg, docx, xlsx, pptx, txt or csv"), code="kind",
    )  # fmt: skip


def path_of_digest(digest: str) -> Path:
    return Path(settings.DATA_DIR) / "files" / digest[:2] / digest


def path_of(file: StoredFile) -> Path:
    return path_of_digest(file.digest)

"""The key of a wave, its tickets and its seal.

Each wave has one random key in a file of the data directory, made at launch and removed when the wave closes. It is in no table and in no
backup: a ticket is HMAC(key, person), the table holds its hash, so that rows alone tell neither who was invited nor who answered, and what
waits to be written together cannot be read from any copy of the database. A wave restored from a backup has no key; it can only be closed.

The seal: SHAKE-256(key, nonce) as a stream, HMAC-SHA-256 over nonce and text; padded, so that length says nothing.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused

FOLDER, BYTES, NONCE, MARK = "surveys", 32, 16, 32
PAD = 4096


def _path(uid: UUID) -> Path:
    return Path(settings.DATA_DIR) / FOLDER / f"{uid}.key"


def make(uid: UUID) -> None:
    """A new key for a wave that is being launched."""
    path = _path(uid)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # of a launch that was rolled back
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(BYTES))
        file.flush()
        os.fsync(file.fileno())


def forget(uid: UUID) -> None:
    """Remove a key. What is still sealed with it, and who held which ticket, cannot be found out any more."""
    _path(uid).unlink(missing_ok=True)


def is_here(uid: UUID) -> bool:
    return _path(uid).is_file()


def _key(uid: UUID, use: str) -> bytes:
    try:
        whole = _path(uid).read_bytes()
    except FileNotFoundError:
        what = _("The key of this wave is not on this machine: it was restored from a backup, which never holds one")
        raise Refused(what, remedy=_("close the wave, copy it and launch the copy"), code="no_key") from None
    return hmac.new(whole, use.encode(), hashlib.sha256).digest()


def ticket(uid: UUID, person: int) -> str:
    """What lets a person answer a wave once."""
    return tickets(uid, [person])[0]


def tickets(uid: UUID, persons: list[int]) -> list[str]:
    key = _key(uid, "ticket")
    return [hmac.new(key, str(person).encode(), hashlib.sha256).hexdigest() for person in persons]


def stub(code: str) -> str:
    """What the table keeps of a ticket."""
    return hashlib.sha256(code.encode()).hexdigest()


def seal(uid: UUID, content: Any, pad: int = PAD) -> str:
    """Content that only the wave's key opens, as long as any other."""
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % pad)
    nonce = secrets.token_bytes(NONCE)
    hidden = _stream(uid, nonce, text)
    return base64.b64encode(nonce + hidden + _mark(uid, nonce + hidden)).decode()


def unseal(uid: UUID, sealed: str) -> Any:
    """The content, or Refused if it was changed or sealed with another key."""
    try:
        whole = base64.b64decode(sealed, validate=True)
    except ValueError:
        whole = b""
    nonce, hidden, mark = whole[:NONCE], whole[NONCE:-MARK], whole[-MARK:]
    if not hidden or not hmac.compare_digest(mark, _mark(uid, nonce + hidden)):
        raise Refused(_("What was kept of the answers was changed or belongs to another wave"), remedy=_("start again"), code="seal")
    return json.loads(_stream(uid, nonce, hidden))


def _stream(uid: UUID, nonce: bytes, text: bytes) -> bytes:
    stream = hashlib.shake_256(_key(uid, "seal") + nonce).digest(len(text))
    return bytes(a ^ b for a, b in zip(text, stream, strict=True))


def _mark(uid: UUID, text: bytes) -> bytes:
    return hmac.new(_key(uid, "mark"), text, hashlib.sha256).digest()

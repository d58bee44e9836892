"""Codes people type and ids that leave the system."""

import unicodedata
import uuid

from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused

MAX_CODE = 64


def clean_code(text: str, *, field: str = "code") -> str:
    """A code as stored: NFKC, no surrounding space, no control or blank characters inside.

    >>> clean_code(" Ａ01 ")
    'A01'
    """
    code = unicodedata.normalize("NFKC", text).strip()
    if not code:
        raise Refused(_("The code is empty"), field=field, remedy=_("give every row a code"), code="code_empty")
    if len(code) > MAX_CODE or any(not ch.isprintable() or ch.isspace() for ch in code):
        what, remedy = _("“%(code)s” cannot be a code") % {"code": code[:MAX_CODE]}, _("use at most 64 characters, no spaces")
        raise Refused(what, field=field, remedy=remedy, code="code_invalid")
    return code


def random_id() -> uuid.UUID:
    """For rows that leave the system or must not show their order."""
    return uuid.uuid4()

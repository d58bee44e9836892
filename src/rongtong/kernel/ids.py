"""Codes people type and ids that leave the system."""

import unicodedata
import uuid

from rongtong.kernel.errors import Refused

MAX_CODE = 64


def clean_code(text: str, *, field: str = "code") -> str:
    """A code as stored: NFKC, no surrounding space, no control or blank characters inside.

    >>> clean_code(" Ａ01 ")
    'A01'
    """
    code = unicodedata.normalize("NFKC", text).strip()
    if not code:
        raise Refused("The code is empty", field=field, remedy="give every row a code", code="code_empty")
    if len(code) > MAX_CODE or any(not ch.isprintable() or ch.isspace() for ch in code):
        raise Refused(
            f"“{code[:MAX_CODE]}” cannot be a code", field=field, remedy="use at most 64 characters, no spaces", code="code_invalid"
        )
    return code


def random_id() -> uuid.UUID:
    """For rows that leave the system or must not show their order."""
    return uuid.uuid4()

"""The few ways in which the application says no. Each carries a sentence for a person: what, where, what to do."""

from dataclasses import dataclass


class Refused(Exception):
    """Input that cannot be accepted; nothing was changed."""

    def __init__(self, what: str, *, field: str = "", remedy: str = "", code: str = "invalid") -> None:
        super().__init__(what if not remedy else f"{what}; {remedy}")
        self.what, self.field, self.remedy, self.code = what, field, remedy, code


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands; empty parts are unknown."""

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        return ":".join([self.file, self.sheet, "" if self.row is None else str(self.row), self.column])


class NotAllowed(Exception):
    """The actor sees the object but may not do this to it (403). `reason` is a policy's reason code."""

    def __init__(self, reason: str = "not_permitted") -> None:
        super().__init__(reason)
        self.reason = reason


class Unseen(Exception):
    """The actor may not know that the object exists (404)."""


class Conflict(Refused):
    """Somebody else changed the record meanwhile, or an idempotency key was reused for another request (409)."""


class NoAuditWriter(RuntimeError):
    """No act runs unless it can be recorded."""

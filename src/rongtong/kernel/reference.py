"""Pointers to records of packages that the holder must not import: two columns instead of a foreign key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reference:
    """A record by its kind and primary key.

    >>> str(Reference("node", "12"))
    'node:12'
    """

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Reference":
        kind, _, key = text.partition(":")
        return cls(kind, key)


@dataclass(frozen=True, slots=True)
class RecordKind:
    """How to show a kind of record to somebody who only holds a Reference.

    `load(id)` returns the record or None; `title(record)` and `url(record)` describe it; `visible_to(actor, record)` guards it.
    """

    code: str
    name: Any
    load: Callable[[str], Any]
    title: Callable[[Any], str]
    url: Callable[[Any], str]
    visible_to: Callable[[Any, Any], bool]


_kinds: dict[str, RecordKind] = {}


def register_kind(kind: RecordKind) -> None:
    """Called once per kind from the owner's AppConfig.ready."""
    _kinds[kind.code] = kind


def kind_of(code: str) -> RecordKind | None:
    return _kinds.get(code)


def kinds() -> tuple[RecordKind, ...]:
    return tuple(_kinds.values())


def title_and_url(reference: Reference, actor: Any) -> tuple[str, str] | None:
    """Title and address of a referenced record, or None if it is gone or not for this actor."""
    kind = _kinds.get(reference.kind)
    record = kind.load(reference.id) if kind else None
    if kind is None or record is None or not kind.visible_to(actor, record):
        return None
    return kind.title(record), kind.url(record)

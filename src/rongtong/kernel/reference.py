"""Pointers to records of packages that the holder must not import: two columns instead of a foreign key."""

from collections.abc import Callable, Iterable
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


class Loader:
    """Loads records of a model by key: one, or many at once, with what their title and address need."""

    def __init__(self, model: Any, *related: str) -> None:
        self.model, self.related = model, related

    def __call__(self, key: str) -> Any:
        return self.many([key]).get(key)

    def many(self, keys: Iterable[str]) -> dict[str, Any]:
        rows = self.model._default_manager.filter(pk__in=[key for key in keys if key.isascii() and key.isdigit()])
        return {str(row.pk): row for row in (rows.select_related(*self.related) if self.related else rows)}


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


def titles_and_urls(code: str, keys: Iterable[str], actor: Any) -> dict[str, tuple[str, str]]:
    """The same for many records of a kind, in one question where the kind's loader can; those not for this actor are absent."""
    kind, wanted = _kinds.get(code), list(keys)
    if kind is None:
        return {}
    many = kind.load.many(wanted) if isinstance(kind.load, Loader) else {key: kind.load(key) for key in wanted}
    return {key: (kind.title(row), kind.url(row)) for key, row in many.items() if row is not None and kind.visible_to(actor, row)}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something a package above can do with a record: a label and where it is done."""

    label: Any
    url: str


OfferMaker = Callable[[Any, Any], list[Offer]]
_offers: dict[str, list[OfferMaker]] = {}


def register_offer(kind: str, offer: OfferMaker) -> None:
    """`offer(actor, record)` returns what is open to this actor; called once from AppConfig.ready."""
    if offer not in _offers.setdefault(kind, []):
        _offers[kind].append(offer)


def offers_of(kind: str, actor: Any, record: Any) -> list[Offer]:
    """Everything packages above offer to do with a record."""
    return [found for offer in _offers.get(kind, []) for found in offer(actor, record)]

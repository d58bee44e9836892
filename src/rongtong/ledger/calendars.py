"""The private calendar link of an account (only its digest is kept, like that of an API token), and what others put into the calendar."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.act import act, current
from rongtong.kernel.reference import Reference
from rongtong.ledger.models import CalendarLink, Matter
from rongtong.ledger.states import OPEN


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@act("ledger.make_calendar_link")
def make_link(*, by: User) -> str:
    """Replace the account's link; returns the secret part, which is not kept."""
    secret = secrets.token_urlsafe(24)
    CalendarLink.objects.update_or_create(owner=by, defaults={"digest": _digest(secret), "created_at": clock.now()})
    current().about(Reference("user", str(by.uid)))
    return secret


@act("ledger.withdraw_calendar_link")
def withdraw_link(*, by: User) -> bool:
    """The account's address stops working; whether there was one."""
    gone, _rows = CalendarLink.objects.filter(owner=by).delete()
    current().about(Reference("user", str(by.uid)), withdrawn=bool(gone))
    return bool(gone)


def link_of(account: User) -> CalendarLink | None:
    return CalendarLink.objects.filter(owner=account).first()


def account_of(secret: str) -> User | None:
    found = CalendarLink.objects.select_related("owner").filter(digest=_digest(secret), owner__is_active=True).first()
    return found.owner if found else None


def own(posts: Iterable[int]) -> QuerySet[Matter]:
    """Open matters that the holders of these posts handle or review."""
    mine = list(posts)
    rows = Matter.objects.select_related("lead", "leader_post", "handler_post", "partner")
    return rows.filter(Q(handler_post__in=mine) | Q(reviewer_post__in=mine), state__in=OPEN).order_by("due_on", "pk")


@dataclass(frozen=True, slots=True)
class Appointed:
    """Something with a time that a package above puts into the calendar: a meeting."""

    uid: str
    title: str
    url: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    changed_at: datetime | None = None

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(clock.BUSINESS_ZONE).date()


Source = Callable[[Any, date, date, bool], Iterable[Appointed]]  # actor, first day, last day, everything the actor sees or only its own
_sources: list[Source] = []


def register_source(source: Source) -> None:
    """Called from AppConfig.ready of a package above."""
    if source not in _sources:
        _sources.append(source)


def appointed(actor: Any, first: date, last: date, shows_all: bool = False) -> dict[date, list[Appointed]]:
    """What packages above put into the calendar between two days, both included, by day and time."""
    found: dict[date, list[Appointed]] = defaultdict(list)
    for one in sorted((one for source in _sources for one in source(actor, first, last, shows_all)), key=lambda one: one.starts_at):
        found[one.day].append(one)
    return found

"""The private calendar link of an account: only its digest is kept, like that of an API token."""

import hashlib
import secrets
from collections.abc import Iterable

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

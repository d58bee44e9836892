"""The filters of the list of meetings as they stand in an address."""

from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.kernel.errors import Refused, Unseen
from rongtong.kernel.periods import Period, parse_month
from rongtong.meetings.models import Meeting, MeetingKind, MeetingState
from rongtong.meetings.queries import Filters
from rongtong.trees.models import Node

NAMES = {"node": "at", "kind": "kind", "state": "state", "from_on": "month", "text": "text", "is_mine": "mine"}


def filters_of(request: HttpRequest) -> Filters:
    """Read them; unknown words filter nothing, a place outside the actor's sight is not found."""
    get = request.GET
    month = Period.month(parse_month(get["month"])) if get.get("month") else None
    return Filters(
        node=_node(request, get.get("at", "")), kind=get.get("kind", "")[:30], state=get.get("state", "") if get.get("state") in MeetingState.values else "",
        from_on=month.starts_on if month else None, to_on=month.next().starts_on if month else None, text=get.get("text", "").strip()[:60],
        is_mine=get.get("mine") == "1",
    )  # fmt: skip


def _node(request: HttpRequest, at: str) -> Node | None:
    if not at:
        return None
    found = nodes_of(request.user, Permission.MEETING_VIEW).filter(pk=int(at)).first() if at.isascii() and at.isdigit() else None
    if found is None:
        raise Unseen
    return found


def chips(request: HttpRequest, filters: Filters, kinds: list[MeetingKind]) -> list[dict[str, str]]:
    """One chip a filter, each with the address without it."""
    return [
        {"label": _label(name, getattr(filters, name), kinds), "query": with_query(request, **{address: ""})}
        for name, address in NAMES.items()
        if getattr(filters, name)
    ]


def _label(name: str, value: Any, kinds: list[MeetingKind]) -> str:
    if name == "kind":
        return next((str(kind) for kind in kinds if kind.code == value), value)
    if name == "state":
        return str(MeetingState(value).label)
    if name == "is_mine":
        return _("those I take part in")
    return f"{value:%Y-%m}" if isinstance(value, date) else str(value)


def with_query(request: HttpRequest, **changes: str) -> str:
    """The address's query with some parts changed; a changed filter starts at the first page."""
    query = request.GET.copy()
    for name in ("after", *changes):
        query.pop(name, None)
    for name, value in changes.items():
        if value:
            query[name] = value
    return query.urlencode()


def cursor_of(meeting: Meeting) -> str:
    """Where the next page begins."""
    return f"{meeting.starts_at.timestamp():.0f}_{meeting.pk}"


def after(rows: Any, cursor: str) -> Any:
    """The rows behind a cursor “seconds_id”, latest first."""
    if not cursor:
        return rows
    seconds, _sep, key = cursor.partition("_")
    try:
        at, pk = datetime.fromtimestamp(int(seconds), UTC), int(key)
    except (ValueError, OverflowError, OSError) as wrong:
        raise Refused(_("The page address is not whole"), field="after", remedy=_("start from the first page"), code="cursor") from wrong
    return rows.filter(starts_at__lte=at).filter(Q(starts_at__lt=at) | Q(pk__lt=pk))

"""Route of meetings: counts, days and states; the words of minutes do not leave by the API."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query

from rongtong.access.roles import Permission
from rongtong.accounts.session import account_of
from rongtong.api.endpoints import Filters, Page, listed, require
from rongtong.api.main import api
from rongtong.kernel.periods import Period, parse_month
from rongtong.meetings import queries
from rongtong.meetings.models import Meeting


@api.get("/meetings", response=Page)
def meeting_list(request: HttpRequest, f: Query[Filters]) -> dict[str, Any]:
    """Meetings in your area; `unit` and `party` host or partner it, `period` is the month in which it starts."""
    require(request, Permission.MEETING_VIEW)
    found = queries.meetings(account_of(request)).order_by()
    found = found.filter(code=f.code) if f.code else found
    for code, tree in ((f.unit, "B"), (f.party, "P")):
        if code:
            found = found.filter(Q(node__code=code, node__tree=tree) | Q(partner__code=code, partner__tree=tree))
    found = found.filter(state=f.state) if f.state else found
    if f.period:
        month = Period.month(parse_month(f.period))
        first, after = (queries.midnight(day) for day in (month.starts_on, month.next().starts_on))
        found = found.filter(starts_at__gte=first, starts_at__lt=after)
    return listed(found, _meeting, f)


def _meeting(m: Meeting) -> dict[str, Any]:
    nodes = {node.tree: node.code for node in (m.node, m.partner) if node is not None}
    names = (
        "code", "title", "year", "number", "state", "starts_at", "ends_at", "held_on", "mode", "should", "present", "on_leave", "voters",
        "voters_present", "is_valid", "version", "has_both_sides", "is_personal",
    )  # fmt: skip
    places = {"node_code": m.node.code, "unit_code": nodes.get("B"), "party_code": nodes.get("P")}
    return {name: getattr(m, name) for name in names} | places | {"kind": m.kind.code, "chair_code": m.chair.code if m.chair else None}

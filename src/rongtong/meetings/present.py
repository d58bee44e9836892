"""What the page of a meeting shows, gathered with a fixed number of questions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.language import in_language
from rongtong.kernel.reference import title_and_url
from rongtong.ledger.models import Side
from rongtong.ledger.queries import people_of
from rongtong.meetings import attending, minutes, queries
from rongtong.meetings.models import AgendaItem, Attendance, Meeting, MeetingState, Minutes, Presence, Resolution, Signature
from rongtong.organization.models import Appointment
from rongtong.plans import queries as plans
from rongtong.plans.models import IntegrationLink, LinkState, Milestone, Together
from rongtong.rules.models import RuleRow


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened, on which side, when, where to look."""

    on: date
    side: str
    text: str
    url: str = ""
    rank: int = 0  # the order within a day


def parts(actor: Any, meeting: Meeting) -> dict[str, Any]:
    """Everything that belongs to a meeting, as plain values."""
    resolutions = list(
        meeting.resolutions.select_related("item", "matter__lead", "matter__leader_post", "matter__handler_post").order_by("pk")
    )
    items = list(meeting.items.order_by("position"))
    people = list(meeting.attendance.select_related("person").order_by("person__pinyin", "pk"))
    versions = list(meeting.versions.order_by("-number"))
    people_now = people_of([row.matter for row in resolutions if row.matter], clock.today())
    links = _links(actor, meeting) if any(row.matter_id for row in resolutions) and meeting.has_both_sides else []
    return {
        "items": [_item(actor, item, resolutions) for item in items], "loose": [row for row in resolutions if row.item_id is None],
        "resolutions": [_resolution(row, people_now, bool(links)) for row in resolutions], "attendance": groups(people), "versions": versions,
        "signatures": _signatures(meeting), "moments": moments(meeting, resolutions, versions), "links": links,
        "kinds": Milestone.choices, "quorum": _quorum(meeting), "applied": queries.applied_items(meeting),
        "values": [(in_language(zh, en), meeting.values[code]) for code, zh, en, _form in meeting.kind.fields if code in meeting.values],
        "votes": list(meeting.votes.order_by("pk")),
    }  # fmt: skip


def _item(actor: Any, item: AgendaItem, resolutions: Iterable[Resolution]) -> dict[str, Any]:
    record = item.record
    return {
        "item": item,
        "record": title_and_url(record, actor) if record else None,
        "resolutions": [r for r in resolutions if r.item_id == item.pk],
    }


def _resolution(row: Resolution, people: dict[int, list[Appointment]], can_note: bool) -> dict[str, Any]:
    matter = row.matter
    leader, handler = (people.get(post or 0, []) for post in ((matter.leader_post_id, matter.handler_post_id) if matter else (0, 0)))
    return {"row": row, "matter": matter, "leader": leader, "handler": handler, "can_note": can_note and matter is not None}


def groups(rows: Iterable[Attendance]) -> list[tuple[str, list[Attendance]]]:
    """People by attendance, those not recorded yet first."""
    listed = list(rows)
    order = ["", *Presence.values]
    return [(code, found) for code in order if (found := [row for row in listed if row.presence == code])]


def _signatures(meeting: Meeting) -> list[Signature]:
    """Halves over the present text; a half over another text is void and not shown."""
    rows = list(Signature.objects.filter(meeting=meeting)) if meeting.state == MeetingState.HELD else []
    digest = minutes.digest_of(minutes.stored(meeting)) if rows else ""
    return [row for row in rows if row.digest == digest]


def _quorum(meeting: Meeting) -> RuleRow | None:
    day = meeting.held_on or meeting.starts_at.astimezone(clock.BUSINESS_ZONE).date()
    return attending.quorum_row(meeting, day)


def _links(actor: Any, meeting: Meeting) -> list[IntegrationLink]:
    """Confirmed links at the meeting's places whose togetherness the actor may note."""
    nodes = [meeting.node, *attending.linked(meeting.node, meeting.held_on or clock.today(), meeting.partner)]
    units = [node for node in nodes if node.is_business and access.can(actor, Permission.PLAN_EDIT, node)]
    rows = plans.links(actor).filter(state=LinkState.CONFIRMED, party_objective__plan__unit__in=units)
    return list(rows[:20]) if units else []


def moments(meeting: Meeting, resolutions: Iterable[Resolution], versions: Iterable[Minutes]) -> dict[str, list[Moment]]:
    """What happened, the latest first, Party side and production side apart; what concerns both stands on both."""
    both = Side.BOTH
    found = [
        Moment(_day(row.signed_at), both, _("Minutes signed, version %(number)s") % {"number": row.number}, rank=3) for row in versions
    ]
    found.append(Moment(_day(meeting.created_at), both, _("Prepared by %(who)s") % {"who": meeting.created_label}))
    if meeting.held_on:
        found.append(Moment(meeting.held_on, both, _("Held"), rank=1))
    for row in resolutions:
        if row.matter is not None:
            url = reverse("ledger:matter", args=[row.matter.pk])
            found.append(Moment(row.matter.starts_on, row.side, _("Assigned: %(title)s") % {"title": row.matter.title}, url, 2))
            if row.matter.closed_on:
                found.append(Moment(row.matter.closed_on, row.side, _("Closed out: %(title)s") % {"title": row.matter.title}, url, 4))
    found += _noted(resolutions)
    ordered = sorted(found, key=lambda one: (one.on, one.rank), reverse=True)
    return {side: [one for one in ordered if one.side in {side, both}] for side in (Side.PARTY, Side.PRODUCTION)}


def _day(at: datetime) -> date:
    return at.astimezone(clock.BUSINESS_ZONE).date()


def _noted(resolutions: Iterable[Resolution]) -> list[Moment]:
    """Steps of togetherness that these resolutions' matters prove."""
    rows = Together.objects.filter(matter_id__in=[row.matter_id for row in resolutions if row.matter_id])
    return [
        Moment(one.on, Side.BOTH, f"{one.get_kind_display()}: {one.link}", reverse("plans:link", args=[one.link_id]), 5)
        for one in rows.select_related("link__party_objective", "link__production_objective")
    ]

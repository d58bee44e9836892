"""Questions to the ledger. One scoped query stands behind the table, the board, the calendar and the supervision page."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Sum, Value, When
from django.utils.translation import gettext_lazy

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.ledger.models import Matter, Request, Sensitivity, Step
from rongtong.ledger.numbers import Reader
from rongtong.ledger.policies import posts_of
from rongtong.ledger.states import IN_PERSON, OPEN, OWN_HANDS, WITH_HANDLER, Light, State, Who
from rongtong.organization import queries as organization
from rongtong.organization.models import Appointment, Person
from rongtong.trees.models import AFTER, Node, TreeLink

LOOK_BACK_UNTIL, LOOK_BACKS = 400, 500  # days after which nobody is reminded any more; how many are read
RELATED = ("lead", "partner", "leader_post", "handler_post", "reviewer_post", "indicator")


def matters(actor: Any) -> QuerySet[Matter]:
    """Matters of the actor's units, those that are due first in front; restricted ones only in the inbox of who takes part."""
    rows = Matter.objects.select_related(*RELATED).filter(sensitivity=Sensitivity.NORMAL).order_by("due_on", "pk")
    return scoped(rows, actor, "lead", "partner", permission=Permission.MATTER_VIEW)


def page(rows: QuerySet[Matter], most: int) -> list[Matter]:
    """The first rows of a list: keys first, so that only what is shown is sorted and joined with all its columns."""
    keys = list(rows.select_related(None).values_list("pk", flat=True)[:most])
    return list(Matter.objects.filter(pk__in=keys).select_related(*RELATED).order_by("due_on", "pk"))


@dataclass(frozen=True, slots=True)
class Filters:
    """What an address may narrow a list to; empty is no filter."""

    node: Node | None = None
    states: tuple[str, ...] = ()
    side: str = ""
    origin: str = ""
    light: str = ""
    post: int = 0
    text: str = ""
    from_on: date | None = None
    to_on: date | None = None
    is_vacant: bool = False
    origins: tuple[str, ...] = ()
    mark: str = ""
    is_linked: bool = False


# what a list may be narrowed to besides its columns; figures lead to their records by these
MARKS = {
    "on_time": gettext_lazy("closed out on time"), "late": gettext_lazy("not closed out on time"), "personal": gettext_lazy("duties to be led in person"),
    "led": gettext_lazy("led in person"), "result": gettext_lazy("closed out with a business-side result"), "returned": gettext_lazy("returned at least once"),
    "recurred": gettext_lazy("recurred"), "urged": gettext_lazy("urged"), "raised": gettext_lazy("raised to the leader above"),
    "counted": gettext_lazy("counted in figures"), "full": gettext_lazy("supervised, not routine"),
}  # fmt: skip
COUNTED = ~Q(state__in=[State.DRAFT, State.VOID, State.SUSPENDED])  # what figures count


def marked(mark: str) -> Q:
    """The condition behind a mark."""
    closed = Q(state=State.CLOSED)
    conditions = {
        "on_time": closed & Q(closed_on__lte=F("due_on")), "late": COUNTED & ~(closed & Q(closed_on__lte=F("due_on"))),
        "personal": COUNTED & Q(is_personal=True), "led": COUNTED & Q(is_personal=True) & led_in_person(), "result": closed & ~Q(outcome=""),
        "returned": COUNTED & Q(returned__gt=0), "recurred": COUNTED & Q(reopened__gt=0), "urged": COUNTED & Q(urged__gt=0),
        "raised": Q(level__gt=0), "counted": COUNTED, "full": Q(is_light=False),
    }  # fmt: skip
    return conditions[mark]


def led_in_person() -> Q:
    """The leader took a step of his or her own: led it, or did it with own hands where leader and handler are one post."""
    steps = Step.objects.filter(matter=OuterRef("pk"), by_part=Who.LEADER)
    own = Q(Exists(steps.filter(kind__in=OWN_HANDS)), handler_post=F("leader_post"))
    return Q(Exists(steps.filter(kind__in=IN_PERSON))) | own


def at_places(node: Node, day: date, *, is_linked: bool) -> Q:
    """Matters of a node and everything below it; with what is linked to one of them, if asked for."""
    inside = Node.objects.filter(path__gte=node.path, path__lt=node.path + AFTER).order_by().values("pk")
    here = Q(lead__in=inside) | Q(partner__in=inside)
    if not is_linked:
        return here
    near, far = ("unit", "party") if node.is_business else ("party", "unit")
    open_then = Q(**{f"{near}__closed_on__isnull": True}) | Q(**{f"{near}__closed_on__gt": day})
    links = TreeLink.objects.on(day).filter(open_then, **{f"{near}__path__gte": node.path, f"{near}__path__lt": node.path + AFTER})
    linked = links.order_by().values(far)
    return here | Q(lead__in=linked) | Q(partner__in=linked)


def filtered(rows: QuerySet[Matter], f: Filters, day: date, soon: int) -> QuerySet[Matter]:
    """Narrow a list; `soon` is the number of days in which a matter shows yellow."""
    if f.node is not None:
        rows = rows.filter(at_places(f.node, day, is_linked=f.is_linked))
    equal = {
        "side": f.side, "origin": f.origin, "state__in": f.states, "due_on__gte": f.from_on, "due_on__lt": f.to_on, "origin__in": f.origins,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in equal.items() if value})
    rows = rows.filter(marked(f.mark)) if f.mark in MARKS else rows
    if f.post:
        rows = rows.filter(Q(handler_post=f.post) | Q(leader_post=f.post))
    if f.text:
        rows = rows.filter(Q(title__icontains=f.text) | Q(code__istartswith=f.text))
    if f.is_vacant:
        rows = rows.filter(state__in=OPEN).exclude(handler_post__in=Appointment.objects.on(day).order_by().values("post"))
    return rows.filter(light_condition(f.light, day, soon)) if f.light else rows


def light_condition(light: str, day: date, soon: int) -> Q:
    """The matters that show a light on a day."""
    open_now, edge = Q(state__in=OPEN), day + timedelta(days=soon)
    conditions = {
        Light.RED: open_now & Q(due_on__lt=day),
        Light.YELLOW: open_now & Q(due_on__gte=day, due_on__lte=edge),
        Light.GREEN: open_now & Q(due_on__gt=edge),
        Light.GREY: Q(state__in=[State.CLOSED, State.VOID]),
    }
    return conditions.get(Light(light), Q()) if light in set(Light) else Q()


def light_of(matter: Matter, day: date, soon: int) -> Light | None:
    """Green, yellow (so many days left), red (overdue), grey (closed); a draft shows none."""
    if matter.state in {State.CLOSED, State.VOID}:
        return Light.GREY
    if not matter.is_open:
        return None
    if matter.due_on < day:
        return Light.RED
    return Light.YELLOW if (matter.due_on - day).days <= soon else Light.GREEN


@dataclass(frozen=True, slots=True)
class Inbox:
    """What I do, what waits for my decision, what I wait for, and what I closed out and have to look back at."""

    do: list[Matter]
    decide: list[Matter]
    wait: list[Matter]
    back: list[Matter] = field(default_factory=list)


def inbox(actor: Any, most: int = 50, reader: Reader | None = None) -> Inbox:
    """An account's matters by the posts it serves in today; restricted ones included, because it takes part."""
    mine = posts_of(actor)
    rows = Matter.objects.select_related(*RELATED, "request__from_node").order_by("due_on", "pk")
    if not mine:
        return Inbox([], [], list(rows.filter(created_by=str(actor.uid), state__in=OPEN)[:most]))
    do = rows.filter(handler_post__in=mine, state__in=WITH_HANDLER)
    review = Q(reviewer_post__in=mine, state=State.SUBMITTED) & ~Q(handler_post__in=mine)
    asked = Q(leader_post__in=mine, asked_due_on__isnull=False, state__in=WITH_HANDLER)
    decide = sorted(rows.filter(review | asked)[: 2 * most], key=lambda matter: matter.state == State.SUBMITTED)  # extensions first
    wait = rows.filter(Q(leader_post__in=mine) | Q(created_by=str(actor.uid)), state__in=OPEN).exclude(handler_post__in=mine)
    return Inbox(list(do[:most]), decide, list(wait[:most]), look_backs(mine, clock.today(), most, reader))


def look_backs(posts: Collection[int], day: date, most: int = 50, reader: Reader | None = None) -> list[Matter]:
    """回头看: supervised matters that these posts review or lead, closed long enough ago, at which nobody has looked back yet."""
    rows = Matter.objects.filter(Q(reviewer_post__in=posts) | Q(leader_post__in=posts), state=State.CLOSED, is_light=False)
    rows = rows.filter(looked_back_on__isnull=True, closed_on__gte=day - timedelta(days=LOOK_BACK_UNTIL)).order_by("closed_on", "pk")
    reader, found = reader or Reader(day), []
    for matter in rows.select_related(*RELATED)[:LOOK_BACKS]:
        days = reader.at(matter.lead).look_back_days
        if days and matter.closed_on is not None and matter.closed_on + timedelta(days=days) <= day:
            found.append(matter)
    return found[:most]


def waiting(actor: Any, most: int = 200) -> list[Matter]:
    """What waits for this account, to do or to decide, what is due first in front."""
    mine = posts_of(actor)
    if not mine:
        return []
    review = Q(reviewer_post__in=mine, state=State.SUBMITTED) & ~Q(handler_post__in=mine)
    rows = Matter.objects.filter(Q(handler_post__in=mine, state__in=WITH_HANDLER) | review)
    return list(rows.order_by("due_on", "pk").only("title", "due_on")[:most])


def people_of(rows: Iterable[Matter], day: date) -> dict[int, list[Appointment]]:
    """Post to those who serve in it today, for every post of these matters."""
    posts = {post for m in rows for post in (m.leader_post_id, m.handler_post_id, m.reviewer_post_id) if post}
    return organization.serving(posts, day)


@dataclass(frozen=True, slots=True)
class Loop:
    """Closed-loop figures of a set of matters; None where nothing can be counted. `under` counts what the share is of."""

    due: int
    on_time: int
    closed: int
    returned: int
    recurred: int
    urged: int
    mean_days: float | None


def loop(rows: QuerySet[Matter], starts_on: date, ends_on: date) -> Loop:
    """Of the matters due in [starts_on, ends_on): closed on time, returned, recurring, urged, and the mean days from start to close."""
    due = rows.filter(due_on__gte=starts_on, due_on__lt=ends_on).exclude(state__in=[State.DRAFT, State.VOID, State.SUSPENDED]).order_by()
    one = Value(1)
    found = due.aggregate(
        due=Count("pk"),
        closed=Sum(Case(When(state=State.CLOSED, then=one), default=0, output_field=IntegerField())),
        on_time=Sum(Case(When(state=State.CLOSED, closed_on__lte=F("due_on"), then=one), default=0, output_field=IntegerField())),
        returned=Sum(Case(When(returned__gt=0, then=one), default=0, output_field=IntegerField())),
        recurred=Sum(Case(When(reopened__gt=0, then=one), default=0, output_field=IntegerField())),
        urged=Sum(Case(When(urged__gt=0, then=one), default=0, output_field=IntegerField())),
    )
    spans = due.filter(state=State.CLOSED).values_list("starts_on", "closed_on")[:20_000]
    days = [(closed - began).days for began, closed in spans if closed is not None]
    counts = {name: int(value or 0) for name, value in found.items()}
    return Loop(**counts, mean_days=sum(days) / len(days) if days else None)


def lights(rows: QuerySet[Matter], day: date, soon: int) -> dict[str, int]:
    """How many open matters show which light."""
    edge = day + timedelta(days=soon)
    found = rows.filter(state__in=OPEN).order_by().aggregate(
        red=Count("pk", filter=Q(due_on__lt=day)),
        yellow=Count("pk", filter=Q(due_on__gte=day, due_on__lte=edge)),
        green=Count("pk", filter=Q(due_on__gt=edge)),
    )  # fmt: skip
    return {name: int(count) for name, count in found.items()}


def by_unit(rows: QuerySet[Matter], day: date, soon: int, most: int = 100) -> list[dict[str, Any]]:
    """Units with open matters and how many of each light; those with most overdue first."""
    edge = day + timedelta(days=soon)
    grouped = rows.filter(state__in=OPEN).order_by().values("lead").annotate(
        red=Count("pk", filter=Q(due_on__lt=day)),
        yellow=Count("pk", filter=Q(due_on__gte=day, due_on__lte=edge)),
        green=Count("pk", filter=Q(due_on__gt=edge)),
        urged=Sum("urged"),
    )  # fmt: skip
    found = list(grouped.order_by("-red", "-yellow", "lead")[:most])
    nodes = Node.objects.in_bulk([row["lead"] for row in found])
    return [{**row, "node": nodes[row["lead"]]} for row in found]


def requests(actor: Any) -> QuerySet[Matter]:
    """工作联系单 between departments: those the actor's units asked or were asked, the longest silent first."""
    rows = Matter.objects.filter(request__isnull=False).select_related(*RELATED, "request__from_node")
    rows = rows.exclude(state=State.VOID).order_by(F("request__answered_on").asc(nulls_first=True), "request__asked_on", "pk")
    return scoped(rows, actor, "lead", "request__from_node", permission=Permission.MATTER_VIEW)


def answer_days(rows: QuerySet[Request]) -> float | None:
    """Mean days from request to answer over the answered ones."""
    spans = [
        (answered - asked).days
        for asked, answered in rows.filter(answered_on__isnull=False).values_list("asked_on", "answered_on")
        if answered
    ]
    return sum(spans) / len(spans) if spans else None


def due_between(rows: QuerySet[Matter], starts_on: date, ends_on: date) -> dict[date, list[Matter]]:
    """Matters by due date, for a calendar."""
    found: dict[date, list[Matter]] = defaultdict(list)
    for matter in rows.filter(due_on__gte=starts_on, due_on__lt=ends_on).exclude(state__in=[State.DRAFT, State.VOID])[:2000]:
        found[matter.due_on].append(matter)
    return found


def of_person(person: Person, day: date) -> QuerySet[Matter]:
    """Matters in which the person leads or handles today."""
    posts = Appointment.objects.on(day).filter(person=person).order_by().values("post")
    return Matter.objects.filter(Q(handler_post__in=posts) | Q(leader_post__in=posts)).order_by("due_on", "pk")


def past_due(ends_on: date, *origins: str) -> QuerySet[Matter]:
    """Matters whose due date passed before a day, of some origins (all, if none is named); drafts, void and suspended ones left out."""
    rows = Matter.objects.filter(due_on__lt=ends_on).exclude(state__in=[State.DRAFT, State.VOID, State.SUSPENDED])
    return rows.filter(origin__in=origins) if origins else rows


def referring_to(kind: str, keys: Sequence[str]) -> dict[str, list[Matter]]:
    """Matters that came from these records."""
    found: dict[str, list[Matter]] = defaultdict(list)
    for matter in Matter.objects.filter(origin_kind=kind, origin_id__in=list(keys)).select_related(*RELATED).order_by("due_on", "pk"):
        found[matter.origin_id].append(matter)
    return found

"""A leader's figures, for that leader and the superior only: two loads, led in person, regularity; and a unit's busy-season drop.

Nothing here counts meetings, photos or words. Missing stays missing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import BooleanField, Case, Q, QuerySet, Sum, When

from rongtong.duties.models import Issue
from rongtong.indicators.models import MonthClose, Observation
from rongtong.kernel.periods import Period, PeriodKind, add_months, month_of, month_range
from rongtong.ledger import queries as ledger
from rongtong.ledger.models import Matter, Origin, Side, Step
from rongtong.ledger.queries import Loop
from rongtong.ledger.states import PERSONALLY, State, Who
from rongtong.organization import queries as organization
from rongtong.organization.models import Appointment, Person, PostKind
from rongtong.rules import queries as rules
from rongtong.trees.models import Node

MOST = 5000
COUNTED = Q(state__in=[State.DRAFT, State.VOID, State.SUSPENDED])


@dataclass(frozen=True, slots=True)
class Load:
    """One month of one side: how many duties and matters were due, met on time, and followed through by the end."""

    month: int
    due: int
    on_time: int
    followed: int


@dataclass(frozen=True, slots=True)
class Led:
    """A matter whose leading post the person served in on the due date; `is_led` where a step of the leader's own shows it."""

    pk: int
    side: str
    origin: str
    origin_id: str
    due_on: date
    closed_on: date | None
    is_led: bool


def led_year(person: Person, day: date) -> list[Led]:
    """What a person led from a year before the month to the end of the half-year; read once for all figures of the page."""
    first, last = Period.month(add_months(month_of(day), -12)).starts_on, Period.of(PeriodKind.HALF, month_of(day)).ends_on
    memory: dict[tuple[date, date], list[Led]] = person.__dict__.setdefault("_led", {})
    if (first, last) not in memory:
        shown = Case(When(ledger.led_in_person(), then=True), default=False, output_field=BooleanField())
        rows = _led(person, first, last).annotate(is_led=shown)
        memory[first, last] = [Led(*row) for row in rows.values_list("pk", "side", "origin", "origin_id", "due_on", "closed_on", "is_led")]
    return memory[first, last]


def two_loads(person: Person, day: date, months: int = 12) -> dict[str, list[Load]]:
    """Side to the last months: matters that the person led, due in the month; a matter of both sides counts on both."""
    span = month_range(add_months(month_of(day), -months), add_months(month_of(day), -1))
    cells: dict[tuple[str, int], list[tuple[date, date | None]]] = defaultdict(list)
    for row in led_year(person, day):
        for one in (Side.PARTY, Side.PRODUCTION) if row.side == Side.BOTH else (row.side,):
            cells[str(one), month_of(row.due_on)].append((row.due_on, row.closed_on))
    return {str(side): [_load(month, cells.get((str(side), month), [])) for month in span] for side in (Side.PARTY, Side.PRODUCTION)}


def _load(month: int, rows: Sequence[tuple[date, date | None]]) -> Load:
    on_time = sum(closed is not None and closed <= due for due, closed in rows)
    return Load(month, len(rows), on_time, sum(closed is not None for _due, closed in rows))


def _led(person: Person, first: date, last: date) -> QuerySet[Matter]:
    """Matters due in a span whose leading post the person served in on the due date."""
    spans = Q(pk__in=[])
    for row in person.appointments.all():
        one = Q(leader_post=row.post_id, due_on__gte=row.starts_on)
        spans |= one & Q(due_on__lt=row.ends_on) if row.ends_on else one
    return Matter.objects.filter(spans, due_on__gte=first, due_on__lte=last).exclude(COUNTED).order_by("due_on", "pk")


@dataclass(frozen=True, slots=True)
class InPerson:
    """How often a leader deployed, inquired, coordinated and supervised in person in a half-year, and what was delegated or only attended."""

    counts: dict[str, int]
    matters: int
    touched: int
    has_account: bool

    @property
    def kinds_shown(self) -> int:
        return sum(count > 0 for count in self.counts.values())


def in_person(person: Person, day: date) -> InPerson:
    """The four “personally” over the matters of both sides that the person leads in the half-year; without an account nothing can be told.

    Touched is a matter that the leader led in a step of his or her own, or did with own hands; handing it out alone is delegating.
    """
    half = Period.of(PeriodKind.HALF, month_of(day))
    led = [row for row in led_year(person, day) if half.starts_on <= row.due_on <= half.ends_on]
    if person.account is None:
        return InPerson(dict.fromkeys(PERSONALLY, 0), len(led), 0, False)
    steps = Step.objects.filter(
        matter__in=[row.pk for row in led[:MOST]], by_uid=str(person.account.uid), on__gte=half.starts_on, on__lte=day
    )
    taken = list(steps.exclude(by_part=Who.HANDLER).values_list("kind", flat=True))
    counts = {name: sum(kind in kinds for kind in taken) for name, kinds in PERSONALLY.items()}
    return InPerson(counts, len(led), sum(row.is_led for row in led), True)


@dataclass(frozen=True, slots=True)
class Regularity:
    """In how many of the last twelve months something was closed, and whether half a year's work bunched before its end."""

    months: int
    kinds: int
    kinds_due: int
    burst_share: float | None
    is_burst: bool
    active: tuple[tuple[int, bool], ...] = ()  # each of the last twelve months, and whether something was closed in it


def regularity(person: Person, day: date, node: Node) -> Regularity:
    """Spread over months and kinds of duty; a burst by the rule row BURST, in the days before the end of the last full half-year."""
    rows = [(row.closed_on, row.origin_id) for row in led_year(person, day) if row.origin == Origin.DUTY and row.due_on <= day]
    codes = dict(Issue.objects.filter(pk__in={int(key) for _closed, key in rows}).values_list("pk", "duty_code"))
    closed = [(on, codes.get(int(key), "")) for on, key in rows if on is not None]
    half = Period.of(PeriodKind.HALF, month_of(day)).previous()
    inside = [on for on, _code in closed if half.starts_on <= on <= half.ends_on]
    row = rules.resolve("BURST", node, day)
    share = _late_share(inside, half.ends_on, float(row.arguments["days"])) if row is not None else None
    is_burst = row is not None and share is not None and share > float(row.arguments["share"])
    kinds_due = len({codes.get(int(key), "") for _closed, key in rows})
    span = month_range(add_months(month_of(day), -11), month_of(day))
    months = {month_of(on) for on, _code in closed} & set(span)
    active = tuple((month, month in months) for month in span)
    return Regularity(len(months), len({code for _on, code in closed}), kinds_due, share, is_burst, active)


def _late_share(closed: Sequence[date], ends_on: date, days: float) -> float | None:
    """Of what was closed in a half-year, the share in its last days."""
    return sum(on > ends_on - timedelta(days=days) for on in closed) / len(closed) if closed else None


@dataclass(frozen=True, slots=True)
class Drop:
    """忙时落差: share on time in the other months minus share on time in peak months, in points; None where one of them has no matter."""

    peak_months: tuple[int, ...]
    peak: tuple[int, int]
    other: tuple[int, int]
    months: Mapping[int, tuple[int, int]] = field(default_factory=dict)  # month to (on time, all)

    @property
    def points(self) -> float | None:
        if not (self.peak[1] and self.other[1]):
            return None
        return 100 * (self.other[0] / self.other[1] - self.peak[0] / self.peak[1])


def peak_months(unit: Node, day: date) -> tuple[int, ...]:
    """The months of the row PEAK-MONTHS: those of the last closed ones with the highest load (numerator) in the unit's class."""
    row = rules.resolve("PEAK-MONTHS", unit, day)
    if row is None:
        return ()
    closed = MonthClose.objects.filter(period__lt=month_of(day)).order_by("-period").values("period").distinct()
    span = closed[: int(row.arguments["of_last"])]
    same = organization.classmates(unit, day).order_by().values("unit")
    rows = Observation.objects.filter(is_current=True, indicator__code=row.arguments["indicator"], period__in=span)
    rows = rows.filter(Q(node__in=same) | Q(node=unit))
    loads = rows.filter(numerator__isnull=False).order_by().values_list("period").annotate(load=Sum("numerator"))
    ranked = sorted(loads, key=lambda pair: (-(pair[1] or 0.0), pair[0]))[: int(row.arguments["months"])]
    return tuple(sorted(period for period, _load in ranked))


def busy_drop(unit: Node, nodes: Iterable[int], day: date, peaks: tuple[int, ...] | None = None) -> Drop:
    """On-time share of the duties of a unit and its organisation in peak months against the others of the last twelve.

    `peaks`: the peak months, where the caller has asked for them already.
    """
    peaks = peak_months(unit, day) if peaks is None else peaks
    first = Period.month(add_months(month_of(day), -12)).starts_on
    places = list(nodes)
    rows = Matter.objects.filter(Q(lead__in=places) | Q(partner__in=places), origin=Origin.DUTY, due_on__gte=first, due_on__lt=day)
    months: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for due_on, closed_on in rows.exclude(COUNTED).values_list("due_on", "closed_on"):
        on_time, whole = months[month_of(due_on)]
        months[month_of(due_on)] = (on_time + (closed_on is not None and closed_on <= due_on), whole + 1)
    return drop_of(months, peaks)


def drop_of(months: Mapping[int, tuple[int, int]], peaks: tuple[int, ...]) -> Drop:
    """The drop from month to (on time, all), where the months are counted already."""
    return Drop(peaks, _total(months, lambda month: month in peaks), _total(months, lambda month: month not in peaks), dict(months))


def _total(months: Mapping[int, tuple[int, int]], wanted: Callable[[int], bool]) -> tuple[int, int]:
    """On time and all of the wanted months."""
    cells = [cell for month, cell in months.items() if wanted(month)]
    return sum(on_time for on_time, _whole in cells), sum(whole for _on_time, whole in cells)


def own_loop(person: Person, day: date) -> Loop:
    """The closed loop of what a person handled in the last twelve months: on time, returned, recurring, urged, mean days."""
    first = Period.month(add_months(month_of(day), -12)).starts_on
    spans = Q(pk__in=[])
    for row in person.appointments.all():
        one = Q(handler_post=row.post_id, due_on__gte=row.starts_on)
        spans |= one & Q(due_on__lt=row.ends_on) if row.ends_on else one
    return ledger.loop(Matter.objects.filter(spans), first, day)


def led_matters(person: Person, day: date, most: int = 30) -> list[Matter]:
    """Matters of the business side and of both, no duties, that the person leads and that are open or fell due in the last twelve months."""
    first = Period.month(add_months(month_of(day), -12)).starts_on
    rows = _led(person, first, day.replace(year=day.year + 1, day=min(day.day, 28))).exclude(origin=Origin.DUTY)
    rows = rows.filter(side__in=[Side.PRODUCTION, Side.BOTH]).select_related(*ledger.RELATED).order_by("-due_on", "-pk")
    return list(rows[:most])


def places_of(person: Person, day: date) -> list[Appointment]:
    """The posts a person serves in, leading ones first."""
    rows = Appointment.objects.on(day).filter(person=person).select_related("post__node", "person")
    return sorted(rows.order_by("post__node__tree", "post__kind", "pk"), key=lambda row: row.post.kind == PostKind.STAFF)

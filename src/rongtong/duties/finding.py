"""Records that close a routine duty without anybody typing: looked for by the clock, for marks that duties name.

    register_finder("plan:joined", lambda matters, on: [Found(matter.pk, Reference("plan", "3"), day, in_person=False)])

A finder gets the open matters of duties that name its mark, each with the nodes and the period it is about, and says which are proved.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.duties.models import Issue
from rongtong.indicators.models import Indicator, Observation
from rongtong.kernel.act import SYSTEM, Actor, act, current
from rongtong.kernel.clock import BUSINESS_ZONE
from rongtong.kernel.periods import Period, PeriodKind
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger.models import Matter, Origin, Side, Step
from rongtong.ledger.states import OPEN, State, Who
from rongtong.rules.models import RuleResult
from rongtong.rules.models import State as RuleState

LIFE_RULES = "OL-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An open matter of a duty: where it is, which period it is about, and whether only the leader in person can prove it."""

    matter: Matter
    period: Period
    is_personal: bool

    @property
    def nodes(self) -> tuple[int, ...]:
        return tuple(node for node in (self.matter.lead_id, self.matter.partner_id) if node)


@dataclass(frozen=True, slots=True)
class Found:
    """What proves a matter, since when, and whether whoever leads it did it in person."""

    matter: Matter
    record: Reference
    on: date
    in_person: bool = False


Finder = Callable[[Sequence[Wanted], date], Iterable[Found]]
_finders: dict[str, Finder] = {}


def register_finder(mark: str, finder: Finder) -> None:
    """Called once from the owner's AppConfig.ready; the mark is what a duty names in `proved_by`."""
    _finders[mark] = finder


def period_of(matter: Matter) -> Period:
    """The period of an occurrence: the last two parts of its key."""
    _rest, kind, code = str(matter.occurrence).rsplit(":", 2)
    return Period.of(PeriodKind(kind), int(code))


@act("duties.prove_found")
def prove_found(*, by: Actor, on: date) -> int:
    """Close what the records prove by a day; how many matters. Safe to repeat: what is closed is not looked at again."""
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    closed = set()
    for mark, wanted in _wanted(on).items():
        for found in _finders[mark](wanted, on):
            if found.matter.pk not in closed:
                ledger.prove(by=SYSTEM, matter=found.matter, record=found.record, on=found.on, in_person=found.in_person)
                closed.add(found.matter.pk)
    current().about(Reference("duty", "proved"), on=str(on), closed=len(closed))
    return len(closed)


def _wanted(on: date) -> dict[str, list[Wanted]]:
    """Mark to the open matters, begun by the day, of duties that name it."""
    rows = Matter.objects.filter(origin=Origin.DUTY, origin_kind="duty_issue", is_light=True, state__in=OPEN, starts_on__lte=on)
    matters = list(rows.filter(occurrence__isnull=False).select_related("lead", "partner", "leader_post").order_by("pk"))
    marks = _marks({int(matter.origin_id) for matter in matters})
    found: dict[str, list[Wanted]] = defaultdict(list)
    for matter in matters:
        for mark in marks.get(int(matter.origin_id), ()):
            found[mark].append(Wanted(matter, period_of(matter), matter.is_personal))
    return found


def _marks(keys: set[int]) -> dict[int, list[str]]:
    """Issue to the marks of its duty that somebody looks for."""
    rows = Issue.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "duty__proved_by")
    return {pk: [mark for mark in marks if mark in _finders] for pk, marks in rows}


def delivered(wanted: Sequence[Wanted], on: date) -> Iterable[Found]:
    """data:delivered: every typed monthly figure that the department owns stands for the month; proved by the last of them."""
    owners = {one.matter.lead_id for one in wanted}
    owned: dict[int, set[int]] = defaultdict(set)
    rows = Indicator.objects.filter(owner__in=owners, is_on=True, collector="", expression="", frequency="month")
    for pk, owner in rows.order_by("pk").values_list("pk", "owner_id"):
        owned[owner or 0].add(pk)
    for one in wanted:
        needed = owned.get(one.matter.lead_id, set())
        values = Observation.objects.filter(indicator__in=needed, period=one.period.code, is_current=True).order_by("entered_at", "pk")
        given = {indicator: (pk, at) for pk, indicator, at in values.values_list("pk", "indicator_id", "entered_at")}
        if needed and set(given) == needed:
            pk, at = max(given.values(), key=lambda pair: pair[1])
            day = at.astimezone(BUSINESS_ZONE).date()
            if day <= on:
                yield Found(one.matter, Reference("observation", str(pk)), day)


def deployed_together(wanted: Sequence[Wanted], on: date) -> Iterable[Found]:
    """matter:both_sides: in the period the leader handed out a matter of both sides in the own scope."""
    for one in wanted:
        rows = Matter.objects.filter(Q(lead__in=one.nodes) | Q(partner__in=one.nodes), side=Side.BOTH).exclude(origin=Origin.DUTY)
        rows = rows.exclude(state__in=[State.DRAFT, State.VOID])
        steps = Step.objects.filter(matter__in=rows.order_by().values("pk"), kind="assign", by_part=Who.LEADER)
        last = min(one.period.ends_on, on)
        step = steps.filter(on__gte=one.period.starts_on, on__lte=last, matter__leader_post=one.matter.leader_post).order_by("pk").first()
        if step is not None:
            yield Found(one.matter, Reference("matter", str(step.matter_id)), step.on, in_person=True)


def lived(wanted: Sequence[Wanted], on: date) -> Iterable[Found]:
    """rules:life: of the rules of organisational life that fall due in the month, none is late or open, and at least one is met."""
    over = [one for one in wanted if one.period.ends_on <= on]
    nodes, months = {node for one in over for node in one.nodes}, {one.period.code for one in over}
    results: dict[tuple[int, int], list[RuleResult]] = defaultdict(list)
    rows = RuleResult.objects.filter(node__in=nodes, period__in=months, rule_code__startswith=LIFE_RULES).order_by("rule_code")
    for row in rows:
        results[row.node_id, row.period].append(row)
    for one in over:
        there = results.get((one.matter.lead_id, one.period.code), [])
        met = [row for row in there if row.state == RuleState.MET]
        if met and not any(row.state in {RuleState.LATE, RuleState.DUE, RuleState.NOT_ENOUGH_DATA} for row in there):
            yield Found(one.matter, Reference("rule_result", str(met[0].pk)), one.period.ends_on)


def register() -> None:
    """Called from AppConfig.ready."""
    register_finder("data:delivered", delivered)
    register_finder("matter:both_sides", deployed_together)
    register_finder("rules:life", lived)

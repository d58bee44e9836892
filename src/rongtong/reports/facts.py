"""What the records say of a Party organisation in a year, gathered once for every paper about it. Nothing here is typed in, nothing is guessed.

Every figure carries its source; what the records do not hold is missing, with the reason, and never zero.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum

from rongtong.kernel import clock
from rongtong.kernel.periods import Period, PeriodKind
from rongtong.ledger import queries as ledger
from rongtong.ledger.models import Matter
from rongtong.ledger.queries import Loop
from rongtong.meetings import queries as meetings
from rongtong.meetings.models import HELD_STATES, Meeting
from rongtong.meetings.talks import Coverage, talk_coverage
from rongtong.organization import queries as organization
from rongtong.organization.models import Appointment, PartyOrganisation
from rongtong.panel import queries as panel
from rongtong.plans import queries as plans
from rongtong.plans.models import Carrier, IntegrationLink, LinkState, Objective, PlanState, Result
from rongtong.roster import queries as roster
from rongtong.roster.queries import Member
from rongtong.rules.models import RuleResult
from rongtong.rules.queries import results
from rongtong.trees.models import Node, TreeLink


@dataclass(frozen=True, slots=True)
class Held:
    """Meetings of one kind in the year: how many, how many of those called came, how many the secretary chaired."""

    kind: str
    count: int
    should: int
    present: int
    counted: int  # meetings whose attendance is recorded
    by_secretary: int


@dataclass(frozen=True, slots=True)
class Kept:
    """How often a rule was met over the year's periods."""

    code: str
    title: str
    source: str
    met: int
    late: int
    excused: int
    unknown: int

    @property
    def asked(self) -> int:
        return self.met + self.late


@dataclass(frozen=True, slots=True)
class Standing:
    """Level and balance of a unit in a month, and a year before; None where it is not measured."""

    unit: Node
    month: int
    run: int
    now: dict[str, Any] | None
    before: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything about an organisation in a year that the asking account may see."""

    node: Node
    year: int
    until: date
    party: PartyOrganisation | None
    committee: tuple[Appointment, ...]
    members: tuple[Member, ...]
    units: tuple[Node, ...]
    meetings: tuple[Meeting, ...]
    held: tuple[Held, ...]
    kept: tuple[Kept, ...]
    talks: Coverage | None
    loop: Loop
    matters: tuple[Matter, ...]
    objectives: tuple[Objective, ...]
    links: tuple[IntegrationLink, ...]
    carriers: tuple[Carrier, ...]
    results: tuple[Result, ...]
    standings: tuple[Standing, ...]


MOST = 300  # rows of a list in a paper; what is left out is counted and said


def gather(actor: Any, node: Node, year: int) -> Facts:
    """Read a year of an organisation through the eyes of an account; until today in the current year."""
    first, last = date(year, 1, 1), min(date(year, 12, 31), clock.today())
    units = _units(node, last)
    rows = list(meetings.meetings(actor).filter(node=node, state__in=HELD_STATES, held_on__year=year).order_by("held_on", "pk")[:MOST])
    due = ledger.matters(actor).filter(Q(lead=node) | Q(partner=node))
    talks = talk_coverage([node], year, day=last).get(node.pk)
    return Facts(
        node, year, last, PartyOrganisation.objects.select_related("node").filter(node=node).first(),
        tuple(organization.holders(node, organization.PARTY_POSTS, last)), tuple(roster.members(node, last)), tuple(units), tuple(rows),
        held_by_kind(actor, node, year), kept_rules(actor, node, year), talks if talks is not None and talks.is_known else None,
        ledger.loop(due, first, last), tuple(ledger.page(due.filter(due_on__gte=first, due_on__lte=last), MOST)), _objectives(actor, node, year),
        _links(actor, node, year), tuple(plans.carriers(actor).filter(party=node, starts_on__lte=last, ends_on__gte=first)[:MOST]),
        tuple(plans.results(actor).filter(Q(party=node) | Q(unit__in=units), on__gte=first, on__lte=last)[:MOST]),
        _standings(actor, units, year),
    )  # fmt: skip


def _units(node: Node, day: date) -> list[Node]:
    """The business units an organisation is linked to, the unit itself for a unit."""
    if node.is_business:
        return [node]
    rows = TreeLink.objects.on(day).filter(party=node).select_related("unit").order_by("unit__path")
    return [row.unit for row in rows]


def held_by_kind(actor: Any, node: Node, year: int) -> tuple[Held, ...]:
    """Meetings held in the year by kind; attendance only over meetings in which it was recorded."""
    rows = meetings.meetings(actor).filter(node=node, state__in=HELD_STATES, held_on__year=year).order_by()
    counted = Q(should__isnull=False, present__isnull=False)
    found = rows.values("kind__position", "kind__name").annotate(
        count=Count("pk"), should_sum=Sum("should", filter=counted), present_sum=Sum("present", filter=counted),
        counted=Count("pk", filter=counted), led=Count("pk", filter=Q(chair_part="secretary")),
    )  # fmt: skip
    return tuple(
        Held(row["kind__name"], row["count"], row["should_sum"] or 0, row["present_sum"] or 0, row["counted"], row["led"])
        for row in found.order_by("kind__position")
    )


def kept_rules(actor: Any, node: Node, year: int) -> tuple[Kept, ...]:
    """Per rule the states of its periods in the year; a rolling rule is told once, by its last month."""
    rows = list(results(actor).filter(node=node, period__gte=year * 100 + 1, period__lte=year * 100 + 12).order_by("rule_code", "period"))
    by_code: dict[str, list[RuleResult]] = defaultdict(list)
    for row in rows:
        by_code[row.rule_code].append(row)
    return tuple(_kept(code, found) for code, found in sorted(by_code.items()))


def _kept(code: str, rows: Sequence[RuleResult]) -> Kept:
    told = rows if rows[-1].row.period_kind else rows[-1:]
    count = {state: sum(row.state == state for row in told) for state in ("met", "late", "excused", "not_enough_data")}
    row = rows[-1].row
    return Kept(code, row.title, row.source_text, count["met"], count["late"], count["excused"], count["not_enough_data"])


def _objectives(actor: Any, node: Node, year: int) -> tuple[Objective, ...]:
    rows = plans.objectives(actor).filter(Q(plan__party=node) | Q(plan__unit=node), plan__year=year, dropped_on__isnull=True)
    return tuple(rows.exclude(plan__state=PlanState.DRAFT)[:MOST])


def _links(actor: Any, node: Node, year: int) -> tuple[IntegrationLink, ...]:
    own = Q(party_objective__plan__party=node) | Q(party_objective__plan__unit=node)
    return tuple(plans.links(actor).filter(own, party_objective__plan__year=year, state=LinkState.CONFIRMED)[:MOST])


def _standings(actor: Any, units: Sequence[Node], year: int) -> tuple[Standing, ...]:
    """D, U1 and U2 of the linked units in the last measured month of the year, and twelve months before."""
    run = panel.run_for(Period.of(PeriodKind.MONTH, year * 100 + 12)) or panel.run_for()
    if run is None or run.period // 100 < year:
        return ()
    found = []
    for unit in units:
        scores = {row["period"]: row for row in panel.scores(actor, run, node=unit)}
        months = [month for month in scores if month // 100 == year]
        if months:
            last = max(months)
            found.append(Standing(unit, last, run.number, scores[last], scores.get(last - 100)))
    return tuple(found)

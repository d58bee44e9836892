"""The responsibility and mechanism gaps of a node: named figures with their records, never one composite. A gap without records is not shown as zero."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from rongtong.cockpit import meeting_gaps
from rongtong.cockpit import steps as next_steps
from rongtong.duties import figures
from rongtong.duties import queries as duties
from rongtong.duties.assigning import implementations
from rongtong.kernel.periods import Period, add_months, month_of
from rongtong.ledger import queries as ledger
from rongtong.ledger.models import Matter, Origin, Request, Step
from rongtong.ledger.states import PERSONALLY, State
from rongtong.plans.models import CarrierState, IntegrationLink, LinkState, Objective, PlanSide, PlanState
from rongtong.trees.models import Node

UNDER_WAY = (CarrierState.RUNNING, CarrierState.CHECKED, CarrierState.ENDED)


@dataclass(frozen=True, slots=True)
class Named:
    """One figure of a gap. `part` of `whole`, or a number with its unit; `reason` where it cannot be told; `url` leads to the records."""

    name: str
    explained: str
    url: str
    part: int | None = None
    whole: int = 0
    number: float | None = None
    unit: str = ""
    reason: str = ""
    low: float | None = None  # in the unit of the number; of a share in 0..1
    high: float | None = None
    n: int = 0

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.part is not None and self.whole else None


@dataclass(frozen=True, slots=True)
class Gap:
    code: str
    title: str
    complaint: str
    figures: tuple[Named, ...]
    sees: str = ""  # what these figures can see
    blind: str = ""  # and what they cannot
    step: next_steps.Step | None = None  # what to do next
    owner: str = ""  # and who


def gaps(actor: Any, node: Node, day: date) -> list[Gap]:
    """Both gaps of a node with everything below it and what is linked to it."""
    nodes = duties.nodes_under(node, day)
    year = meeting_gaps.year_of(node, nodes, day)
    return [_responsibility(actor, node, nodes, day, year), _mechanism(node, nodes, day, year)]


def _of_year(nodes: Collection[int], day: date) -> QuerySet[Matter]:
    """Matters of these nodes that fell due in the last twelve months; drafts, void and suspended ones left out."""
    first = Period.month(add_months(month_of(day), -12)).starts_on
    return ledger.past_due(day).filter(Q(lead__in=list(nodes)) | Q(partner__in=list(nodes)), due_on__gte=first)


def _responsibility(actor: Any, node: Node, nodes: dict[int, Node], day: date, year: meeting_gaps.Year) -> Gap:
    here = f"at={node.pk}"
    issued = implementations(list(duties.issues(actor).filter(node__in=list(nodes))), day)
    count, months = _counts(_of_year(list(nodes), day))
    table = reverse("ledger:table")
    found = (
        _share(
            _("duties with one serving leader and one handler"), _("of the duties in force here today"), f"{reverse('duties:matrix')}?{here}",
            sum(one.hole is None for one in issued), len(issued), _("no duty is issued here"),
        ),
        _share(
            _("duties met on time"), _("of those that fell due in the last twelve months"), f"{table}?{here}&origin=duty", count["on_time"],
            count["owed"], _("no duty fell due"),
        ),
        _share(
            _("led in person"), _("personal duties of the last twelve months with a step of the leader's own"), f"{table}?{here}&origin=duty",
            count["touched"], count["personal"], _("no personal duty fell due"),
        ),
        _drop(node, figures.drop_of(months, year.peaks), here),
        _share(
            _("instructions done"), _("instructions past due whose matter closed with a business-side result"), f"{table}?{here}&origin=instruction",
            count["done"], count["deployed"], _("no instruction fell due"),
        ),
        *(_share(*row) for row in meeting_gaps.responsibility(year, table, here)),
        _life_drop(node, year),
    )  # fmt: skip
    return Gap(
        "responsibility", _("Responsibility"), _("who is to implement it"), found, _("what was assigned, done and recorded, when and by whom"),
        _("how well it was done, and what nobody recorded"),
    )  # fmt: skip


def _counts(rows: QuerySet[Matter]) -> tuple[dict[str, int], dict[int, tuple[int, int]]]:
    """Everything that is counted over a year's matters, in one question; and month to the duties met on time and all of them."""
    kinds = [kind for kinds in PERSONALLY.values() for kind in kinds if kind not in {"assign", "draft"}]
    own = Exists(Step.objects.filter(matter=OuterRef("pk"), by_part="leader", kind__in=kinds))
    owed, closed = Q(origin=Origin.DUTY), Q(state=State.CLOSED)
    deployed = Q(origin=Origin.INSTRUCTION)
    found = rows.order_by().values("due_on__year", "due_on__month").annotate(
        owed=Count("pk", filter=owed), on_time=Count("pk", filter=owed & closed & Q(closed_on__lte=F("due_on"))),
        personal=Count("pk", filter=owed & Q(is_personal=True)), touched=Count("pk", filter=Q(own, owed, is_personal=True)),
        deployed=Count("pk", filter=deployed), done=Count("pk", filter=deployed & closed & ~Q(outcome="")),
    )  # fmt: skip
    counted: list[Any] = list(found)
    names = ("owed", "on_time", "personal", "touched", "deployed", "done")
    months = {row["due_on__year"] * 100 + row["due_on__month"]: (row["on_time"], row["owed"]) for row in counted}
    return {name: sum(row[name] for row in counted) for name in names}, months


def _share(name: str, explained: str, url: str, part: int, whole: int, none: str) -> Named:
    return Named(name, explained, url, part if whole else None, whole, reason="" if whole else none)


def _drop(node: Node, found: figures.Drop, here: str) -> Named:
    name, explained = _("busy-season drop"), _("on time in the other months minus in peak production months, in points")
    url = f"{reverse('ledger:table')}?{here}&origin=duty"
    if not node.is_business:
        return Named(name, explained, url, reason=_("told at business units"))
    if found.points is None:
        return Named(name, explained, url, reason=_("no closed months with a load, or no duty fell due in them"))
    return Named(name, explained, url, number=found.points, unit=_("points"))


def _life_drop(node: Node, year: meeting_gaps.Year) -> Named:
    name, explained = _("busy-season drop of organisational life"), _("kept in the other months minus in peak production months, in points")
    if not node.is_business:
        return Named(name, explained, year.rules_url, reason=_("told at business units"))
    if year.kept.drop is None:
        return Named(name, explained, year.rules_url, reason=_("no closed months with a load, or nothing was due in them"))
    return Named(name, explained, year.rules_url, number=year.kept.drop, unit=_("points"))


def _mechanism(node: Node, nodes: dict[int, Node], day: date, year: meeting_gaps.Year) -> Gap:
    rows = Objective.objects.filter(plan__year=day.year, dropped_on__isnull=True).exclude(plan__state=PlanState.DRAFT)
    rows = rows.filter(Q(plan__unit__in=list(nodes)) | Q(plan__party__in=list(nodes)))
    joined = IntegrationLink.objects.filter(state=LinkState.CONFIRMED)
    active = joined.filter(carrier__state__in=UNDER_WAY, carrier__starts_on__lte=day, carrier__ends_on__gte=day)
    party, production = Q(side=PlanSide.PARTY), Q(side=PlanSide.PRODUCTION)
    count = rows.order_by().aggregate(
        all=Count("pk"), both=Count("pk", filter=Q(co_owner__isnull=False)), party=Count("pk", filter=party),
        joined=Count("pk", filter=Q(Exists(joined.filter(party_objective=OuterRef("pk"))), party)), production=Count("pk", filter=production),
        covered=Count("pk", filter=Q(Exists(active.filter(production_objective=OuterRef("pk"))), production)),
    )  # fmt: skip
    no_plan, plans = _("no adopted plan of this year"), reverse("plans:plans")
    found = (
        _share(
            _("Party objectives joined to production"), _("by a link that both sides confirmed"), reverse("plans:links"), count["joined"],
            count["party"], no_plan,
        ),
        _share(_("objectives planned together"), _("with an owner on both sides"), plans, count["both"], count["all"], no_plan),
        _share(
            _("production objectives with a carrier under way"), _("joined by a confirmed link"), reverse("plans:carriers"), count["covered"],
            count["production"], no_plan,
        ),
        *(_share(*row) for row in meeting_gaps.mechanism(year, reverse("ledger:table"), f"at={node.pk}")),
        _answers(list(nodes), day),
    )  # fmt: skip
    return Gap(
        "mechanism", _("Mechanism"), _("where, which and how to integrate"), found, _("what both sides joined, deployed and advanced together"),
        _("whether working together changed a result: only a study tells that"),
    )  # fmt: skip


def _answers(nodes: list[int], day: date) -> Named:
    first = Period.month(add_months(month_of(day), -12)).starts_on
    rows = Request.objects.filter(Q(from_node__in=nodes) | Q(matter__lead__in=nodes), asked_on__gte=first)
    mean = ledger.answer_days(rows)
    name, explained = _("days to answer between departments"), _("mean over the requests answered in the last twelve months")
    reason = "" if mean is not None else _("no request was answered")
    return Named(name, explained, reverse("ledger:requests"), number=mean, unit=pgettext("unit", "days"), reason=reason)

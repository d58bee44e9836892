"""What to do next at a node, at most five things, each with its place; and how its duties fare in busy months."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, Window
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongtong.access.policies import can
from rongtong.access.roles import Permission
from rongtong.cockpit.picture import NOT_APPLICABLE
from rongtong.duties import figures
from rongtong.duties import queries as duties
from rongtong.duties.assigning import implementations
from rongtong.indicators.models import Indicator
from rongtong.kernel.language import in_language
from rongtong.kernel.periods import Period, add_months, month_of, month_range
from rongtong.ledger import queries as ledger
from rongtong.panel import queries as panel
from rongtong.panel.models import Run
from rongtong.plans import queries as plans
from rongtong.plans.models import LinkState
from rongtong.rules import queries as rules
from rongtong.trees.models import Node

MOST = 5


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next: what, why, and the button that leads there."""

    title: str
    why: str
    button: str
    url: str


@dataclass(frozen=True, slots=True)
class Place:
    """A node with everything below it and what is linked to it, on a day, in the period of a run."""

    actor: Any
    node: Node
    nodes: dict[int, Node]
    day: date
    run: Run | None
    period: int

    @classmethod
    def of(cls, actor: Any, node: Node, day: date, period: Period | None) -> "Place":
        run = panel.run_for(period)
        code = period.code if period else run.period if run else add_months(month_of(day), -1)
        return cls(actor, node, duties.nodes_under(node, day), day, run, code)

    def can(self, permission: Permission) -> bool:
        return can(self.actor, permission, self.node)


def steps_at(place: Place) -> list[Step]:
    """The first things to do at a node, what nobody does first; what is not shown is not asked."""
    parts: tuple[Callable[[Place], Iterator[Step]], ...] = (_holes, _overdue, _missed, _links, _rules, _obstacle, _missing)
    return list(islice((step for part in parts for step in part(place)), MOST))


def _holes(place: Place) -> Iterator[Step]:
    if not place.can(Permission.DUTY_VIEW):
        return
    issued = implementations(list(duties.issues(place.actor).filter(node__in=list(place.nodes))), place.day)
    holes = [one for one in issued if one.hole]
    if holes:
        title = ngettext("%(count)d duty has nobody who implements it", "%(count)d duties have nobody who implements them", len(holes))
        button = _("Name who does it") if place.can(Permission.MATTER_ASSIGN) else _("See who is missing")
        yield Step(title % {"count": len(holes)}, holes[0].sentence, button, f"{reverse('duties:matrix')}?at={place.node.pk}&holes=1")


def _overdue(place: Place) -> Iterator[Step]:
    if not place.can(Permission.MATTER_VIEW):
        return
    rows = ledger.filtered(ledger.matters(place.actor), ledger.Filters(node=place.node, light="red"), place.day, 0)
    first = rows.select_related(None).annotate(whole=Window(Count("pk"))).values_list("title", "due_on", "whole")[:1]
    for name, due_on, count in first:
        title = ngettext("%(count)d matter is overdue", "%(count)d matters are overdue", count) % {"count": count}
        why = _("longest: %(title)s, due on %(day)s") % {"title": name, "day": due_on}
        yield Step(title, why, _("See what is overdue"), f"{reverse('ledger:table')}?at={place.node.pk}&light=red")


def _missed(place: Place) -> Iterator[Step]:
    """The missed targets of a unit that have been missed the longest; for a node above units the count in its area."""
    if not (place.node.is_business and place.can(Permission.OBSERVATION_VIEW)):
        return
    missed = plans.missed_targets(place.actor, place.period, place.node)
    streaks = sorted(((_streak(place, one), one) for one in missed), key=lambda pair: -pair[0])
    for streak, one in streaks[:2]:
        indicator = one.target.indicator
        words = {"value": f"{one.value:.{indicator.decimals}f}", "target": f"{one.target.target:g}", "unit": indicator.unit_label}
        title = ngettext("%(name)s missed its target", "%(name)s missed its target %(count)d months in a row", streak)
        why = _("%(value)s %(unit)s, target %(target)s") % words
        url = f"{reverse('ledger:ask')}?target={one.target.pk}"
        is_asker = place.can(Permission.MATTER_ASSIGN)
        page = f"{reverse('indicators:indicator', args=[indicator.code])}?{urlencode({'at': place.node.pk, 'month': place.period})}"
        yield Step(
            title % {"name": indicator.label, "count": streak}, why, _("Ask for support") if is_asker else _("See the series"), url if is_asker else page
        )  # fmt: skip


def _streak(place: Place, missed: plans.Missed) -> int:
    """For how many months up to this one the run saw the target missed without a break."""
    if place.run is None:
        return 1
    rows = panel.values(place.actor, place.run, node=place.node, indicator_id=missed.target.indicator_id)
    known = {row["period"]: row for row in rows}
    count, month = 0, place.period
    while (row := known.get(month)) and row["value"] is not None and row["target"] is not None:
        if plans.is_met(row["value"], row["target"], missed.target.indicator.direction):
            break
        count, month = count + 1, add_months(month, -1)
    return max(count, 1)


def _links(place: Place) -> Iterator[Step]:
    if not place.can(Permission.PLAN_VIEW):
        return
    inside = Q(party_objective__plan__unit__in=list(place.nodes)) | Q(production_objective__plan__unit__in=list(place.nodes))
    waiting = list(plans.links(place.actor).filter(inside, state=LinkState.PROPOSED).order_by("lapses_on", "pk")[:2])
    if waiting:
        count = len(waiting)
        title = _("A link waits for a side: %(link)s") % {"link": str(waiting[0])} if count == 1 else _("Links wait for a side to confirm")
        why = _("lapses on %(day)s") % {"day": waiting[0].lapses_on}
        yield Step(title, why, _("Look at it"), reverse("plans:link", args=[waiting[0].pk]))


def _rules(place: Place) -> Iterator[Step]:
    if not place.can(Permission.RULE_VIEW):
        return
    late = list(rules.results(place.actor).filter(node__in=list(place.nodes), state="late").order_by("level", "due_on")[:1])
    for found in late:
        title = _("%(rule)s: late") % {"rule": in_language(found.row.title, found.row.title_en)}
        yield Step(title, found.node.label, _("Why, and what to do"), reverse("rules:which", args=[found.rule_code, found.node_id]))


def _obstacle(place: Place) -> Iterator[Step]:
    """The largest obstacle, where the unit's own people can take it up."""
    if place.run is None:
        return
    first = next((row for row in panel.obstacles(place.actor, place.run, node=place.node, period=place.period) if row["rank"] == 1), None)
    indicator = Indicator.objects.filter(pk=first["indicator_id"]).first() if first else None
    if first is None or indicator is None:
        return
    why = _("%(share).1f %% of what is missing to the full score") % {"share": 100 * first["degree"]}
    title = _("%(name)s holds the balance down most") % {"name": indicator.label}
    if place.can(Permission.MATTER_ASSIGN):
        query = urlencode({"lead": place.node.code, "origin": "obstacle", "side": "both", "title": indicator.label})
        yield Step(title, why, _("Assign a matter"), f"{reverse('ledger:create')}?{query}")
    else:
        yield Step(title, why, _("See the obstacles"), f"{reverse('cockpit:cockpit')}?at={place.node.pk}#obstacles")


def _missing(place: Place) -> Iterator[Step]:
    """A unit without enough data learns on which side it lacks values."""
    if place.run is None or not place.can(Permission.OBSERVATION_VIEW):
        return
    score = next(iter(panel.scores(place.actor, place.run, node=place.node, period=place.period)), None)
    if score is None or score["d"] is not None or score["state"] == NOT_APPLICABLE:
        return
    url = f"{reverse('indicators:quality')}?{urlencode({'at': place.node.pk, 'month': place.period})}"
    yield Step(_("Values are missing for a D"), _("a missing value is left out, it is never counted as 0"), _("See what is missing"), url)


@dataclass(frozen=True, slots=True)
class Busy:
    """The on-time share of duties month by month with the peak months marked, and the drop in points."""

    months: tuple[int, ...]
    shares: tuple[float | None, ...]
    peaks: tuple[int, ...]
    drop: figures.Drop


def busy(place: Place) -> Busy | None:
    """忙时落差 of a business unit over the last twelve months; None where no duty fell due or no peak months are known."""
    if not (place.node.is_business and place.can(Permission.DUTY_VIEW)):
        return None
    drop = figures.busy_drop(place.node, list(place.nodes), place.day)
    if drop.points is None:
        return None
    span = month_range(add_months(month_of(place.day), -12), add_months(month_of(place.day), -1))
    counts = [drop.months.get(month, (0, 0)) for month in span]
    shares = tuple(100 * on_time / whole if whole else None for on_time, whole in counts)
    return Busy(tuple(span), shares, drop.peak_months, drop)

"""What plans hold of every unit and Party organisation; forms fill it in from here."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rongtong.burden.facts import Fact, register_facts
from rongtong.plans.models import Carrier, Plan, PlanState
from rongtong.plans.states import ACTIVE

_CARRIERS, _PLANS = _("page of the carrier"), _("the plan of the year")


def _plans(nodes: Sequence[int], day: date) -> Mapping[int, str]:
    """The plan of the year that carries both sides, with its version."""
    rows = Plan.objects.filter(Q(unit__in=nodes) | Q(party__in=nodes), year=day.year).exclude(state=PlanState.DRAFT).select_related("unit")
    found: dict[int, str] = {}
    for plan in rows.order_by("-pk"):
        for node in (plan.unit_id, plan.party_id):
            if node:
                found[node] = f"{plan} v{plan.version}"
    return found


def _running(nodes: Sequence[int], day: date) -> Mapping[int, str]:
    """The names of the carriers under way."""
    rows = Carrier.objects.filter(Q(unit__in=nodes) | Q(party__in=nodes), state__in=ACTIVE, starts_on__lte=day, ends_on__gte=day)
    found: dict[int, list[str]] = defaultdict(list)
    for carrier in rows.order_by("pk"):
        for node in (carrier.unit_id, carrier.party_id):
            found[node].append(carrier.title)
    return {node: "、".join(titles) for node, titles in found.items()}


def register() -> None:
    """Called from AppConfig.ready."""
    register_facts(
        Fact("plan.pair", _("plan of both sides for the year"), _PLANS, "", _plans),
        Fact("carrier.running", _("carriers under way"), _CARRIERS, "", _running),
        Fact("carrier.target", _("targets of carriers"), _CARRIERS),
        Fact("carrier.baseline", _("baselines of carriers"), _CARRIERS),
    )

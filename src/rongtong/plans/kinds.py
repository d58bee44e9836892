"""How others show a plan, an objective, a link, a carrier or a result that they only hold a reference to; what keeps a unit open."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel.reference import Loader, RecordKind, register_kind
from rongtong.organization.restructuring import Still, register_open_things
from rongtong.plans.models import Carrier, CarrierState, IntegrationLink, Objective, Plan, Result
from rongtong.trees.models import Node

OPEN = (CarrierState.DECLARED, CarrierState.APPROVED, CarrierState.RUNNING, CarrierState.CHECKED, CarrierState.ENDED)


def _any(actor: Any, *nodes: Node | None) -> bool:
    return any(access.can(actor, Permission.PLAN_VIEW, node) for node in nodes if node is not None)


def open_carriers(node: Node, on: date) -> Sequence[Still]:
    """Carriers under way end before their unit or organisation does."""
    rows = Carrier.objects.filter(Q(unit=node) | Q(party=node), state__in=OPEN).order_by("pk")
    names = list(rows.values_list("title", flat=True))
    return [Still(str(_("carriers under way")), tuple(names[:5]), len(names), str(_("end or stop them")))] if names else []


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(
        RecordKind("plan", _("Plan"), Loader(Plan, "unit", "party"), str, lambda p: reverse("plans:plan", args=[p.pk]),
                   lambda actor, p: _any(actor, p.unit, p.party))
    )  # fmt: skip
    register_kind(
        RecordKind("objective", _("Objective"), Loader(Objective, "plan__unit", "plan__party"), str,
                   lambda o: f"{reverse('plans:plan', args=[o.plan_id])}#o{o.pk}", lambda actor, o: _any(actor, o.plan.unit, o.plan.party))
    )  # fmt: skip
    register_kind(
        RecordKind("integration_link", _("Integration link"),
                   Loader(IntegrationLink, "party_objective__plan__unit", "production_objective__plan__unit"), str,
                   lambda x: reverse("plans:link", args=[x.pk]),
                   lambda actor, x: _any(actor, x.party_objective.plan.unit, x.production_objective.plan.unit))
    )  # fmt: skip
    register_kind(
        RecordKind("carrier", _("Carrier"), Loader(Carrier, "unit", "party"), str, lambda c: reverse("plans:carrier", args=[c.pk]),
                   lambda actor, c: _any(actor, c.unit, c.party))
    )  # fmt: skip
    register_kind(
        RecordKind("result", _("Result"), Loader(Result, "unit", "party"), str, lambda r: f"{reverse('plans:results')}#r{r.pk}",
                   lambda actor, r: _any(actor, r.unit, r.party))
    )  # fmt: skip
    register_open_things(open_carriers)

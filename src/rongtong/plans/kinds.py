"""How others show a plan, an objective, a link, a carrier or a result that they only hold a reference to; what keeps a unit open."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel.reference import Loader, RecordKind, Reference, register_kind
from rongtong.ledger.handing import Carried, register_carried
from rongtong.organization.models import Post
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


def _stated(ended: frozenset[str]) -> Any:
    """A record that was stopped, declined or lapsed says so wherever it is named."""
    return lambda row: f"{row}（{row.get_state_display()}）" if row.state in ended else str(row)


def _carried(post: Post, on: date) -> Iterable[Carried]:
    """Objectives of this year and carriers under way that a post owns: part of its hand-over."""
    rows = Objective.objects.filter(Q(owner=post) | Q(co_owner=post), dropped_on__isnull=True, due_on__gte=on).order_by("due_on", "pk")
    yield from (Carried(Reference("objective", str(pk)), due_on) for pk, due_on in rows.values_list("pk", "due_on"))
    owned = Carrier.objects.filter(owner=post, state__in=OPEN).order_by("ends_on", "pk")
    yield from (Carried(Reference("carrier", str(pk)), ends_on) for pk, ends_on in owned.values_list("pk", "ends_on"))


def register() -> None:
    """Called from AppConfig.ready."""
    register_carried("plans", _("Objectives and carriers"), _carried)
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
                   Loader(IntegrationLink, "party_objective__plan__unit", "production_objective__plan__unit"),
                   _stated(frozenset({"declined", "lapsed"})),
                   lambda x: reverse("plans:link", args=[x.pk]),
                   lambda actor, x: _any(actor, x.party_objective.plan.unit, x.production_objective.plan.unit))
    )  # fmt: skip
    register_kind(
        RecordKind("carrier", _("Carrier"), Loader(Carrier, "unit", "party"), _stated(frozenset({"stopped"})), lambda c: reverse("plans:carrier", args=[c.pk]),
                   lambda actor, c: _any(actor, c.unit, c.party))
    )  # fmt: skip
    register_kind(
        RecordKind("result", _("Result"), Loader(Result, "unit", "party"), str, lambda r: f"{reverse('plans:results')}#r{r.pk}",
                   lambda actor, r: _any(actor, r.unit, r.party))
    )  # fmt: skip
    register_open_things(open_carriers)

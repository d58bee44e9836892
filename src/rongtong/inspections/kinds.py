"""How others show an inspection, a place of it, or a finding that they only hold a reference to; what it asks of units."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rongtong.burden.askings import register_asker
from rongtong.inspections import policies, queries
from rongtong.inspections.models import Finding, Inspection, Place
from rongtong.kernel.reference import Loader, RecordKind, register_kind
from rongtong.organization.restructuring import Still, register_open_things
from rongtong.trees.models import Node


def _place_title(place: Place) -> str:
    return f"{place.inspection.title} · {place.node.name}"


def _place_url(place: Place) -> str:
    return reverse("inspections:place", args=[place.pk])


def open_problems(node: Node, on: date) -> Sequence[Still]:
    """Findings without a matter are assigned or withdrawn before their unit goes."""
    rows = Finding.objects.filter(place__node=node, matter__isnull=True, withdrawn_on__isnull=True).order_by("pk")
    names = tuple(rows.values_list("text", flat=True)[:5])
    return [Still(str(_("findings that nobody mends")), names, rows.count(), str(_("assign or withdraw them")))] if names else []


def register() -> None:
    """Called from AppConfig.ready."""
    register_kind(
        RecordKind(
            "inspection",
            _("Inspection"),
            Loader(Inspection, "node"),
            str,
            lambda x: reverse("inspections:inspection", args=[x.pk]),
            policies.sees,
        )
    )
    register_kind(
        RecordKind(
            "inspection_place",
            _("Inspection of a unit"),
            Loader(Place, "inspection__node", "node"),
            _place_title,
            _place_url,
            policies.sees_place,
        )
    )
    register_kind(
        RecordKind("finding", _("Finding of an inspection"), Loader(Finding, "place__inspection__node", "place__node"), str,
                   lambda f: f"{_place_url(f.place)}#f{f.pk}", policies.sees_finding)
    )  # fmt: skip
    register_asker("inspections", queries.askings)
    register_open_things(open_problems)

"""Schemes and their versions: which holds when, what an actor may read, which codes a criterion may name."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.indicators.models import Indicator
from rongtong.organization.models import UnitClass, UnitClassAssignment
from rongtong.rules.models import RuleRow
from rongtong.schemes import policies
from rongtong.schemes.checking import Known
from rongtong.schemes.data import FactKind
from rongtong.schemes.ledger_facts import FIGURES
from rongtong.schemes.models import STANDING, Scheme, SchemeVersion, State
from rongtong.surveys import figures as surveys
from rongtong.trees.models import Node


def versions(actor: Any) -> QuerySet[SchemeVersion]:
    """Every version the actor may read, newest first; drafts only for whoever edits schemes."""
    rows = SchemeVersion.objects.select_related("scheme", "unit_class").order_by("unit_class__code", "scheme__code", "-number")
    if policies.edits(actor):
        return rows
    return rows.exclude(state=State.DRAFT) if policies.views(actor) else rows.none()


def version_at(actor: Any, pk: int) -> SchemeVersion | None:
    return versions(actor).filter(pk=pk).first()


def in_force(day: date) -> QuerySet[SchemeVersion]:
    """Versions that hold on a day, one per class."""
    rows = SchemeVersion.objects.filter(state__in=STANDING, starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))
    return rows.select_related("scheme", "unit_class").order_by("unit_class__code")


def issued_for(unit_class: UnitClass, day: date) -> SchemeVersion | None:
    """The version in force for a class on a day."""
    return in_force(day).filter(unit_class=unit_class).first()


def standing_before(version: SchemeVersion) -> SchemeVersion | None:
    """The open version of its class that issuing this one would end."""
    rows = SchemeVersion.objects.filter(unit_class_id=version.unit_class_id, state=State.ISSUED, ends_on__isnull=True).exclude(
        pk=version.pk
    )
    return rows.select_related("scheme").first()


def draft_of(scheme: Scheme) -> SchemeVersion | None:
    return scheme.versions.filter(state=State.DRAFT).select_related("scheme", "unit_class").first()


def units_of(unit_class_id: int, day: date) -> list[Node]:
    """Open units of a class on a day, in the order of the tree."""
    rows = UnitClassAssignment.objects.filter(unit_class=unit_class_id, starts_on__lte=day).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=day)
    )
    open_then = Q(unit__closed_on__isnull=True) | Q(unit__closed_on__gt=day)
    return [row.unit for row in rows.filter(open_then).select_related("unit").order_by("unit__path")]


def seen_units(actor: Any, units: Collection[Node]) -> set[int]:
    """Which of them the actor may know by name."""
    return set(nodes_of(actor, Permission.ORGANIZATION_VIEW).filter(pk__in=[unit.pk for unit in units]).values_list("pk", flat=True))


def known() -> Known:
    """Codes that criteria may name."""
    rules = RuleRow.objects.exclude(predicate="").order_by().values_list("code", flat=True).distinct()
    return Known(
        {
            FactKind.INDICATOR: frozenset(Indicator.objects.order_by().values_list("code", flat=True)),
            FactKind.RULE: frozenset(rules),
            FactKind.MATTER: frozenset(FIGURES),
            FactKind.SURVEY: surveys.question_codes(),
        }
    )

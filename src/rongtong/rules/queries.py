"""Which rule row applies at a node on a day: its own, else the nearest ancestor's, else the national one."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.rules.models import RuleResult, RuleRow
from rongtong.trees.models import Node, paths_above


def in_force(day: date) -> QuerySet[RuleRow]:
    return RuleRow.objects.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))


def chain(code: str, node: Node, day: date) -> list[RuleRow]:
    """All rows of a rule that could apply at a node, the one that does first, then those it overrides."""
    above = [node.path, *reversed(paths_above(node.path))]
    rows = in_force(day).filter(code=code).filter(Q(node__isnull=True) | Q(node__path__in=above)).select_related("node")
    nearest = {path: at for at, path in enumerate(above)}
    return sorted(rows, key=lambda row: nearest[row.node.path] if row.node else len(above))


def resolve(code: str, node: Node, day: date) -> RuleRow | None:
    """The row that applies, or None."""
    return next(iter(chain(code, node, day)), None)


def number(code: str, node: Node, day: date, key: str) -> float | None:
    """A number of the rule that applies at a node."""
    row = resolve(code, node, day)
    value = row.arguments.get(key) if row else None
    return float(value) if isinstance(value, (int, float)) else None


def results(actor: Any) -> QuerySet[RuleResult]:
    """Results of nodes the actor sees."""
    found = RuleResult.objects.select_related("node", "row").order_by("rule_code", "node__path")
    return scoped(found, actor, "node", permission=Permission.RULE_VIEW)

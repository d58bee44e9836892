"""Which rule row applies at a node on a day: its own, else the nearest ancestor's, else the national one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.kernel.periods import Period, PeriodKind, month_of
from rongtong.rules.models import Notice, RuleException, RuleResult, RuleRow, RuleRowQuerySet
from rongtong.trees.models import Node, paths_above


def in_force(day: date) -> RuleRowQuerySet:
    return RuleRow.objects.on(day)


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
    return _number(row, key) if row else None


def _number(row: RuleRow, key: str) -> float | None:
    value = row.arguments.get(key)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


class Resolver:
    """All rows in force on a day, read once, for many nodes."""

    def __init__(self, day: date, code: str = "") -> None:
        rows = in_force(day).select_related("node").order_by("code", "pk")
        self.by_code: dict[str, dict[str, RuleRow]] = defaultdict(dict)
        for row in rows.filter(code=code) if code else rows:
            self.by_code[row.code][row.node.path if row.node else ""] = row

    @property
    def codes(self) -> list[str]:
        return sorted(self.by_code)

    def applies_to(self, code: str, period_kind: str) -> set[str]:
        """The words of subjects that any row of a rule with this kind of period means."""
        rows = self.by_code.get(code, {}).values()
        return {word for row in rows if row.period_kind == period_kind and row.predicate for word in row.applies_to}

    def resolve(self, code: str, node: Node) -> RuleRow | None:
        """As `resolve`, without a question to the database."""
        rows = self.by_code.get(code, {})
        if len(rows) == 1:
            path, row = next(iter(rows.items()))
            return row if node.path.startswith(path) else None
        return next((rows[path] for path in (node.path, *reversed(paths_above(node.path)), "") if path in rows), None)


def numbers(code: str, key: str, nodes: Iterable[Node], day: date) -> dict[int, float]:
    """Node to the number of a rule there, for many nodes at the cost of one question."""
    resolver = Resolver(day, code)
    found = {}
    for node in nodes:
        row = resolver.resolve(code, node)
        value = _number(row, key) if row else None
        if value is not None:
            found[node.pk] = value
    return found


def results(actor: Any) -> QuerySet[RuleResult]:
    """Results of nodes the actor sees."""
    found = RuleResult.objects.select_related("node", "row").order_by("rule_code", "node__path", "-period")
    return scoped(found, actor, "node", permission=Permission.RULE_VIEW)


def codes_with(predicates: Iterable[str]) -> frozenset[str]:
    """The rules whose rows use one of these predicates."""
    return frozenset(RuleRow.objects.filter(predicate__in=list(predicates)).order_by().values_list("code", flat=True).distinct())


def standing(day: date) -> Q:
    """Results that say how things stand on a day: of the periods it lies in and of those just before; rolling ones of its month."""
    found = Q(row__period_kind="", period=month_of(day))
    for kind in PeriodKind:
        now = Period.of(kind, month_of(day))
        found |= Q(row__period_kind=kind, period__in=[now.code, now.previous().code])
    return found


def notices(codes: Iterable[str], years: Iterable[int]) -> dict[tuple[str, int], dict[str, Notice]]:
    """(rule, year) to the notices by the path of the node that gave them; the nearest above a node counts."""
    found: dict[tuple[str, int], dict[str, Notice]] = defaultdict(dict)
    for notice in Notice.objects.filter(code__in=list(codes), year__in=list(years)).select_related("node"):
        found[notice.code, notice.year][notice.node.path] = notice
    return found


def nearest(by_path: Mapping[str, Notice], node: Node) -> Notice | None:
    """The notice of the node itself, else of the nearest one above."""
    return next((by_path[path] for path in (node.path, *reversed(paths_above(node.path))) if path in by_path), None)


def exceptions(actor: Any) -> QuerySet[RuleException]:
    """Exceptions asked for at nodes the actor sees, the latest first."""
    found = RuleException.objects.select_related("node").order_by("-pk")
    return scoped(found, actor, "node", permission=Permission.RULE_VIEW)


def excused(day: date) -> set[tuple[int, str]]:
    """Nodes and rules set aside on a day by an approved exception."""
    rows = RuleException.objects.filter(is_approved=True, starts_on__lte=day, ends_on__gt=day)
    return set(rows.values_list("node_id", "rule_code"))

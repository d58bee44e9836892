"""What the checks find, period by period: set-based, a few questions for all nodes of a rule. Only what differs is written."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from rongtong.kernel import clock
from rongtong.kernel.periods import MONTHS_IN, Period, PeriodKind, month_of, month_range
from rongtong.organization.models import BusinessUnit, PartyOrganisation
from rongtong.rules import queries
from rongtong.rules.checks import PREDICATES, Case, Finding, Span, Subject, answers
from rongtong.rules.models import ChangedMonth, Level, RuleException, RuleResult, RuleRow, State
from rongtong.trees.models import Node

BATCH = 2000
NEEDS_SOMEBODY = frozenset({State.DUE, State.LATE})
MOST_BOOKS = 3
_NOTHING: tuple[int, tuple[Any, ...]] = (0, ())
_SAME = ("row_id", "state", "level", "due_on", "detail", "references")
Key = tuple[int, str, int]


Asked = tuple[str, Period]  # kind of the rows, empty for rolling ones, and the period they are asked for


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run looks at; empty `nodes` or `codes` mean all."""

    asked: tuple[Asked, ...]
    day: date
    nodes: frozenset[int] = frozenset()
    codes: frozenset[str] = frozenset()


def nightly(day: date) -> Scope:
    """The periods that a day lies in, those before them (what was not done in them is late now), and those whose records changed."""
    now = month_of(day)
    changed = ChangedMonth.objects.filter(month__lt=now).values_list("month", flat=True)
    periods = _around([now, *changed]) | {(str(kind), Period.of(kind, now).previous()) for kind in PeriodKind}
    return Scope(_ordered({*periods, ("", Period.month(now))}, day), day)


def since(month: int, day: date) -> Scope:
    """Every period from a month to a day, rolling rows month by month."""
    months = month_range(month, month_of(day))
    return Scope(_ordered(_around(months) | {("", Period.month(one)) for one in months}, day), day)


def around(record: date, day: date, nodes: Collection[int], codes: Collection[str] = ()) -> Scope:
    """The periods that a record's day lies in, at some nodes; a yearly meeting of the first months may belong to the year before."""
    periods = _around([month_of(record)]) | {("", Period.month(month_of(day)))}
    if record.month <= MONTHS_IN[PeriodKind.HALF]:
        periods.add((str(PeriodKind.YEAR), Period.of(PeriodKind.YEAR, month_of(record)).previous()))
    return Scope(_ordered(periods, day), day, frozenset(nodes), frozenset(codes))


def _around(months: Iterable[int]) -> set[Asked]:
    return {(str(kind), Period.of(kind, month)) for month in months for kind in PeriodKind}


def _ordered(asked: set[Asked], day: date) -> tuple[Asked, ...]:
    return tuple(sorted((one for one in asked if one[1].starts_on <= day), key=lambda one: (one[0], one[1])))


def mark_changed(months: Iterable[int]) -> None:
    """Remember that records of these months changed, where the consequence is not worked out at once."""
    ChangedMonth.objects.bulk_create([ChangedMonth(month=month) for month in sorted(set(months))], ignore_conflicts=True)


def evaluate(scope: Scope) -> list[RuleResult]:
    """What the checks say now for every period of the scope; nothing is written."""
    exceptions, books = _exceptions(), _Books(scope.nodes)
    found: list[RuleResult] = []
    for kind, period in scope.asked:
        span = Span(period, scope.day)
        for predicate, cases in _cases(books.of(span.until), kind, scope.codes):
            findings = answers(predicate, cases, span)
            for subject, row in cases:
                finding = _excused(findings[subject.node.pk], subject, row, span, exceptions)
                found.append(_result(subject.node, row, finding, span))
    return found


class _Books:
    """Rows in force and subjects of a day, read once however many kinds of period end on it."""

    def __init__(self, nodes: Collection[int]) -> None:
        self.nodes = nodes
        self.by_day: dict[date, _Book] = {}

    def of(self, day: date) -> "_Book":
        if day not in self.by_day:
            self.by_day = {day: _book(day, self.nodes)} if len(self.by_day) >= MOST_BOOKS else {**self.by_day, day: _book(day, self.nodes)}
        return self.by_day[day]


@dataclass(frozen=True, slots=True)
class _Book:
    resolver: queries.Resolver
    by_kind: dict[str, list[Subject]]


def _book(day: date, nodes: Collection[int]) -> _Book:
    by_kind: dict[str, list[Subject]] = defaultdict(list)
    for subject in subjects(day, nodes):
        for word in subject.kinds:
            by_kind[word].append(subject)
    return _Book(queries.Resolver(day), by_kind)


def subjects(day: date, nodes: Collection[int] = ()) -> list[Subject]:
    """Every open Party organisation and business unit (of these nodes, if any are named)."""
    open_on = Q(node__opened_on__lte=day) & (Q(node__closed_on__isnull=True) | Q(node__closed_on__gt=day))
    open_on &= Q(node__in=list(nodes)) if nodes else Q()
    parties = PartyOrganisation.objects.filter(open_on).select_related("node").order_by("node__path")
    units = BusinessUnit.objects.filter(open_on).select_related("node").order_by("node__path")
    return [*(Subject(p.node, party=p) for p in parties), *(Subject(u.node, unit=u) for u in units)]


def _cases(book: _Book, kind: str, codes: Collection[str]) -> Iterator[tuple[str, list[Case]]]:
    """Rule by rule: its predicate and the subjects its rows of this kind of period apply to, each with its row."""
    for code in book.resolver.codes:
        if codes and code not in codes:
            continue
        cases: list[Case] = []
        words = book.resolver.applies_to(code, kind)
        for subject in {s.node.pk: s for word in words for s in book.by_kind.get(word, ())}.values():
            row = book.resolver.resolve(code, subject.node)
            if row is not None and row.period_kind == kind and row.predicate in PREDICATES and not subject.kinds.isdisjoint(row.applies_to):
                cases.append((subject, row))
        if cases:
            yield cases[0][1].predicate, cases


def _exceptions() -> dict[tuple[int, str], list[tuple[date, date]]]:
    found: dict[tuple[int, str], list[tuple[date, date]]] = defaultdict(list)
    for node, code, starts, ends in RuleException.objects.filter(is_approved=True).values_list(
        "node_id", "rule_code", "starts_on", "ends_on"
    ):
        found[node, code].append((starts, ends))
    return found


def _excused(
    found: Finding, subject: Subject, row: RuleRow, span: Span, exceptions: dict[tuple[int, str], list[tuple[date, date]]]
) -> Finding:
    """Set aside by an exception that holds on the day it is due, or today if that is earlier."""
    spans = exceptions.get((subject.node.pk, row.code))
    if not spans or found.state not in NEEDS_SOMEBODY:
        return found
    asked = min(span.until, found.due_on) if found.due_on else span.until
    if any(starts <= asked < ends for starts, ends in spans):
        return Finding(State.EXCUSED, Level.INFO, found.due_on, found.detail, found.references)
    return found


def _result(node: Node, row: RuleRow, found: Finding, span: Span) -> RuleResult:
    return RuleResult(
        node=node, row=row, rule_code=row.code, period=span.period.code, state=found.state, level=found.level, due_on=found.due_on,
        detail=found.detail, references=list(found.references), evaluated_at=clock.now(),
    )  # fmt: skip


def write(found: Sequence[RuleResult], scope: Scope) -> int:
    """Write what differs from what is stored, remove what no rule asks any more; returns how many rows changed."""
    stored = _stored(scope)
    changed = [one for one in found if stored.pop((one.node_id, one.rule_code, one.period), _NOTHING)[1] != _facts(one)]
    fields = ["row", "state", "level", "due_on", "detail", "references", "evaluated_at"]
    unique = ["node", "rule_code", "period"]
    RuleResult.objects.bulk_create(changed, batch_size=BATCH, update_conflicts=True, update_fields=fields, unique_fields=unique)
    gone = [pk for pk, _before in stored.values()]
    for start in range(0, len(gone), BATCH):
        RuleResult.objects.filter(pk__in=gone[start : start + BATCH]).delete()
    return len(changed) + len(gone)


def _stored(scope: Scope) -> dict[Key, tuple[int, tuple[Any, ...]]]:
    """What is stored for the periods and rules that were looked at."""
    asked = {(kind, period.code) for kind, period in scope.asked}
    rows = RuleResult.objects.filter(period__in={code for _kind, code in asked})
    rows = rows.filter(node__in=scope.nodes) if scope.nodes else rows
    rows = rows.filter(rule_code__in=scope.codes) if scope.codes else rows
    listed = rows.order_by().values_list("node_id", "rule_code", "period", "row__period_kind", "pk", *_SAME)
    return {
        (node, code, period): (pk, tuple(facts))
        for node, code, period, kind, pk, *facts in listed.iterator(BATCH)
        if (kind, period) in asked
    }  # fmt: skip


def _facts(one: RuleResult) -> tuple[Any, ...]:
    return (one.row_id, str(one.state), str(one.level), one.due_on, one.detail, one.references)


def renew(nodes: Collection[int], record: date, codes: Collection[str] = ()) -> int:
    """One record's consequence: the periods around its day, at these nodes, looked at again. For use inside the act that changed it."""
    if not nodes:
        return 0
    scope = around(record, clock.today(), nodes, codes)
    return write(evaluate(scope), scope)

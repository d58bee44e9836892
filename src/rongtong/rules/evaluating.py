"""What the checks find, period by period: set-based, a few questions for all nodes of a rule. Only what differs is written."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
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
_WRITTEN = ["row", "state", "level", "due_on", "detail", "references", "evaluated_at"]
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


@dataclass(frozen=True, slots=True)
class Found:
    """What a check said of a node for a rule in a period."""

    node: Node
    row: RuleRow
    period: int
    finding: Finding

    @property
    def key(self) -> Key:
        return (self.node.pk, self.row.code, self.period)

    @property
    def facts(self) -> tuple[Any, ...]:
        found = self.finding
        return (self.row.pk, str(found.state), str(found.level), found.due_on, found.detail, list(found.references))


def evaluate(scope: Scope) -> list[Found]:
    """What the checks say now for every period of the scope; nothing is written."""
    exceptions, everyone = _exceptions(), subjects(scope.nodes)
    resolvers: dict[date, queries.Resolver] = {}
    found: list[Found] = []
    for kind, period in scope.asked:
        span, code = Span(period, scope.day), period.code
        if span.until not in resolvers:
            resolvers[span.until] = queries.Resolver(span.until)
        for predicate, cases in _cases(resolvers[span.until], everyone, span.until, kind, scope.codes):
            findings = answers(predicate, cases, span)
            for subject, row in cases:
                finding = findings[subject.node.pk]
                if exceptions and finding.state in NEEDS_SOMEBODY:
                    finding = _excused(finding, exceptions.get((subject.node.pk, row.code), ()), span)
                found.append(Found(subject.node, row, code, finding))
    return found


def subjects(nodes: Collection[int] = ()) -> dict[str, list[Subject]]:
    """Every Party organisation and business unit (of these nodes, if any are named) by the words of `applies_to` that mean it."""
    wanted = Q(node__in=list(nodes)) if nodes else Q()
    parties = PartyOrganisation.objects.filter(wanted).select_related("node").order_by("node__path")
    units = BusinessUnit.objects.filter(wanted).select_related("node").order_by("node__path")
    by_kind: dict[str, list[Subject]] = defaultdict(list)
    for subject in [*(Subject(p.node, party=p) for p in parties), *(Subject(u.node, unit=u) for u in units)]:
        for word in subject.kinds:
            by_kind[word].append(subject)
    return by_kind


def _is_open(node: Node, day: date) -> bool:
    return node.opened_on <= day and (node.closed_on is None or node.closed_on > day)


def _cases(
    resolver: queries.Resolver, everyone: dict[str, list[Subject]], day: date, kind: str, codes: Collection[str]
) -> Iterator[tuple[str, list[Case]]]:
    """Rule by rule: its predicate and the open subjects its rows of this kind of period apply to, each with its row."""
    for code in resolver.codes:
        if codes and code not in codes:
            continue
        cases: list[Case] = []
        for subject in _of(everyone, resolver.applies_to(code, kind)):
            row = resolver.resolve(code, subject.node)
            if row is None or row.period_kind != kind or row.predicate not in PREDICATES or not _is_open(subject.node, day):
                continue
            if not subject.kinds.isdisjoint(row.applies_to):
                cases.append((subject, row))
        if cases:
            yield cases[0][1].predicate, cases


def _of(everyone: dict[str, list[Subject]], words: Collection[str]) -> Iterable[Subject]:
    """The subjects that any of these words means, each once."""
    if len(words) == 1:
        return everyone.get(next(iter(words)), ())
    return {s.node.pk: s for word in sorted(words) for s in everyone.get(word, ())}.values()


def _exceptions() -> dict[tuple[int, str], list[tuple[date, date]]]:
    found: dict[tuple[int, str], list[tuple[date, date]]] = defaultdict(list)
    for node, code, starts, ends in RuleException.objects.filter(is_approved=True).values_list(
        "node_id", "rule_code", "starts_on", "ends_on"
    ):
        found[node, code].append((starts, ends))
    return found


def _excused(found: Finding, spans: Iterable[tuple[date, date]], span: Span) -> Finding:
    """Set aside by an exception that holds on the day it is due, or today if that is earlier."""
    asked = min(span.until, found.due_on) if found.due_on else span.until
    if any(starts <= asked < ends for starts, ends in spans):
        return Finding(State.EXCUSED, Level.INFO, found.due_on, found.detail, found.references)
    return found


def write(found: Sequence[Found], scope: Scope) -> int:
    """Write what differs from what is stored, remove what no rule asks any more; returns how many rows changed."""
    stored, now = _stored(scope), clock.now()
    fresh: list[RuleResult] = []
    changed: list[RuleResult] = []
    for one in found:
        before = stored.pop(one.key, None)
        facts = one.facts
        if before is None:
            fresh.append(_result(one, facts, now))
        elif before[1] != facts:
            changed.append(_result(one, facts, now))
    RuleResult.objects.bulk_create(fresh, batch_size=BATCH)
    unique = ["node", "rule_code", "period"]
    RuleResult.objects.bulk_create(changed, batch_size=BATCH, update_conflicts=True, update_fields=_WRITTEN, unique_fields=unique)
    gone = [pk for pk, _before in stored.values()]
    for start in range(0, len(gone), BATCH):
        RuleResult.objects.filter(pk__in=gone[start : start + BATCH]).delete()
    return len(fresh) + len(changed) + len(gone)


def _result(one: Found, facts: tuple[Any, ...], now: datetime) -> RuleResult:
    """By keys: setting the related objects costs more than all the rest."""
    row, state, level, due_on, detail, references = facts
    return RuleResult(
        node_id=one.node.pk, row_id=row, rule_code=one.row.code, period=one.period, state=state, level=level, due_on=due_on, detail=detail,
        references=references, evaluated_at=now,
    )  # fmt: skip


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


_is_later: ContextVar[bool] = ContextVar("rules_later", default=False)


@contextmanager
def later() -> Iterator[None]:
    """Inside, records renew nothing: for whoever writes very many of them and runs all checks at the end."""
    token = _is_later.set(True)
    try:
        yield
    finally:
        _is_later.reset(token)


def renew(nodes: Collection[int], record: date, codes: Collection[str] = ()) -> int:
    """One record's consequence: the periods around its day, at these nodes, looked at again. For use inside the act that changed it."""
    if not nodes or _is_later.get():
        return 0
    scope = around(record, clock.today(), nodes, codes)
    return write(evaluate(scope), scope)

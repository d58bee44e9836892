"""The grid: organisations by rules in the periods of a month, or the rules of one organisation over months. Cells in five questions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language

from rongtong.access.queries import nodes_of
from rongtong.access.roles import Permission
from rongtong.exchange.exporting import Cell as Written
from rongtong.kernel.periods import Period, PeriodKind, add_months, month_range
from rongtong.rules import queries, sentences
from rongtong.rules.models import RuleResult, RuleRow, State
from rongtong.trees.models import AFTER, Node, NodeQuerySet
from rongtong.ui.figure import state_mark

GROUPS = ("OL", "ORG", "RES", "PLAN", "RESP", "DEC")
PAGE = 60
OPEN = (State.LATE, State.DUE)


@dataclass(frozen=True, slots=True)
class Column:
    """A rule in its period."""

    code: str
    title: str
    period: int
    kind: str

    @property
    def period_words(self) -> str:
        return f"{self.period // 100}-{self.period % 100:02d}"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: mark and tone, and the sentence that hover and focus say."""

    state: str
    mark: str
    tone: str
    sentence: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the grid with the number of findings that need somebody."""

    node: Node | None
    column: Column | None
    cells: tuple[Cell | None, ...]
    open: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    group: str
    month: int
    node: Node | None = None
    only_open: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """How many cells of a column are late, due and met, over everything seen, not only this page."""

    late: int
    due: int
    met: int


@dataclass(frozen=True, slots=True)
class Grid:
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    totals: tuple[Total, ...]
    next: str = ""

    @property
    def late(self) -> int:
        return sum(total.late for total in self.totals)

    @property
    def due(self) -> int:
        return sum(total.due for total in self.totals)


def title_of(row: RuleRow) -> str:
    """The title in the reader's language."""
    return row.title_en if (get_language() or "").startswith("en") and row.title_en else row.title


def columns(group: str, month: int) -> tuple[Column, ...]:
    """The national rules of a group that are checked, each with the period the month lies in."""
    day = Period.month(month).ends_on
    rows = queries.in_force(day).filter(node__isnull=True, code__startswith=f"{group}-").exclude(predicate="").order_by("code")
    return tuple(_column(row, month) for row in rows)


def _column(row: RuleRow, month: int) -> Column:
    period = Period.of(PeriodKind(row.period_kind), month).code if row.period_kind else month
    return Column(row.code, title_of(row), period, row.period_kind)


def _among(found: Sequence[Column]) -> Q:
    """The results that stand in these columns."""
    codes: dict[int, list[str]] = defaultdict(list)
    for column in found:
        codes[column.period].append(column.code)
    wanted = Q(pk__in=[])
    for period, some in codes.items():
        wanted |= Q(period=period, rule_code__in=some)
    return wanted


def _nodes(actor: Any, asked: Asked, wanted: Q) -> NodeQuerySet:
    """Nodes in the actor's area that any of these rules asks something of."""
    rows = RuleResult.objects.filter(wanted, node=OuterRef("pk"))
    rows = rows.filter(state__in=OPEN) if asked.only_open else rows
    found = nodes_of(actor, Permission.RULE_VIEW).filter(Exists(rows.order_by()))
    if asked.node is not None:
        found = found.filter(path__gte=asked.node.path, path__lt=asked.node.path + AFTER)
    return found.order_by("path")


def by_period(actor: Any, asked: Asked, after: str = "") -> Grid:
    """A page of organisations by the rules of a group."""
    found = columns(asked.group, asked.month)
    wanted = _among(found)
    nodes = _nodes(actor, asked, wanted)
    page = list(nodes.filter(path__gt=after)[: PAGE + 1])
    lines = tuple(_lines(found, page[:PAGE], wanted))
    return Grid(found, lines, _totals(actor, found, asked, wanted), page[PAGE - 1].path if len(page) > PAGE else "")


def _lines(found: Sequence[Column], nodes: Sequence[Node], wanted: Q) -> Iterator[Line]:
    results = _results(RuleResult.objects.filter(wanted, node__in=[node.pk for node in nodes]))
    for node in nodes:
        cells = tuple(_cell(node, column, results.get((node.pk, column.code, column.period))) for column in found)
        yield Line(node, None, cells, sum(cell is not None and cell.state in OPEN for cell in cells))


Fact = tuple[str, date | None, dict[str, Any]]


def _results(rows: QuerySet[RuleResult]) -> dict[tuple[int, str, int], Fact]:
    listed = rows.order_by().values_list("node_id", "rule_code", "period", "state", "due_on", "detail")
    return {(node, code, period): (state, due_on, detail) for node, code, period, state, due_on, detail in listed}


def _cell(node: Node, column: Column, fact: Fact | None) -> Cell | None:
    if fact is None:
        return None
    state, due_on, detail = fact
    mark, word, tone = state_mark(state)
    parts = [f"{node.name} · {column.code} {column.title} · {column.period_words}: {word}", sentences.in_short(detail)]
    parts += [str(due_on)] if due_on is not None and state in OPEN else []
    url = f"{reverse('rules:which', args=[column.code, node.pk])}?period={column.period}"
    return Cell(state, mark, tone, " · ".join(part for part in parts if part), url)


def _totals(actor: Any, found: Sequence[Column], asked: Asked, wanted: Q) -> tuple[Total, ...]:
    rows = queries.results(actor).filter(wanted)
    if asked.node is not None:
        rows = rows.filter(node__path__gte=asked.node.path, node__path__lt=asked.node.path + AFTER)
    counts = {(code, state): n for code, state, n in rows.order_by().values_list("rule_code", "state").annotate(n=Count("pk"))}
    return tuple(Total(*(counts.get((column.code, state), 0) for state in (State.LATE, State.DUE, State.MET))) for column in found)


def over(node: Node, months: Sequence[int]) -> Grid:
    """The rules of one organisation over months; a quarter, half-year or year stands at its last month."""
    rows = (
        RuleResult.objects.filter(node=node, period__in=list(months), row__isnull=False)
        .select_related("row")
        .order_by("rule_code", "period")
    )
    by_code: dict[str, dict[int, RuleResult]] = defaultdict(dict)
    for row in rows:
        by_code[row.rule_code][row.period] = row
    lines = tuple(_over_line(node, code, cells, months) for code, cells in by_code.items())
    heads = tuple(Column("", "", month, PeriodKind.MONTH) for month in months)
    totals = tuple(
        Total(*(sum(state == _state(line.cells[at]) for line in lines) for state in (State.LATE, State.DUE, State.MET)))
        for at in range(len(months))
    )
    return Grid(heads, lines, totals)


def _state(cell: Cell | None) -> str:
    return cell.state if cell is not None else ""


def _over_line(node: Node, code: str, found: dict[int, RuleResult], months: Sequence[int]) -> Line:
    row = next(iter(found.values())).row
    cells = []
    for month in months:
        one = found.get(month)
        column = Column(code, title_of(row), month, row.period_kind)
        cells.append(_cell(node, column, (one.state, one.due_on, one.detail)) if one else None)
    return Line(None, Column(code, title_of(row), months[-1], row.period_kind), tuple(cells), sum(_state(cell) in OPEN for cell in cells))


def last_months(month: int, count: int) -> list[int]:
    """So many months, the last of them this one.

    >>> last_months(202601, 3)
    [202511, 202512, 202601]
    """
    return month_range(add_months(month, 1 - count), month)


def written(actor: Any, asked: Asked) -> tuple[list[str], Iterable[Sequence[Written]]]:
    """The whole grid as a table: head and rows, page by page."""
    found = columns(asked.group, asked.month)
    return ["node_code", "node_name", *(f"{column.code} {column.period_words}" for column in found)], _written(actor, asked)


def _written(actor: Any, asked: Asked) -> Iterator[Sequence[Written]]:
    after = ""
    while True:
        page = by_period(actor, asked, after)
        for line in page.lines:
            assert line.node is not None
            yield [line.node.code, line.node.name, *(str(State(cell.state).label) if cell else "" for cell in line.cells)]
        if not page.next:
            return
        after = page.next

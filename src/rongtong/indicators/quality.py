"""What to doubt in a month's figures: gaps, held and stale values, outliers, figures that tell nobody apart, figures typed in one go.

Where the lines are drawn stands in the shipped data file (and in rule rows), not here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Max

from rongtong.indicators import lookups
from rongtong.indicators.models import Direction, Frequency, Indicator, Observation, Source
from rongtong.indicators.shipping import quality_arguments
from rongtong.kernel.periods import Period, add_months
from rongtong.rules.queries import resolve
from rongtong.trees.models import Node, Tree

MONTHS_IN = {Frequency.MONTH: 1, Frequency.QUARTER: 3, Frequency.YEAR: 12}
HISTORY = 24
RULE = "INDICATOR-QUALITY"
MAX_ROWS = 300_000
SCALE_OF_MAD = 1.4826  # makes the median absolute deviation a standard deviation where values are normal


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure to look at: where, what, and what stands out."""

    node: Node
    indicator: Indicator
    period: int
    value: float | None = None
    figure: float | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the nodes that report an indicator did so in the month."""

    indicator: Indicator
    present: int
    held: int
    expected: int

    @property
    def missing(self) -> int:
        return self.expected - self.present - self.held

    @property
    def percent(self) -> float:
        """Share of the nodes that have a value, one that still holds included."""
        return 100 * (self.present + self.held) / self.expected if self.expected else 0.0


@dataclass(frozen=True, slots=True)
class Flat:
    """An indicator at the top in nearly every unit."""

    indicator: Indicator
    at_top: int
    units: int


@dataclass(frozen=True, slots=True)
class Sitting:
    """Several months of one node typed by one author within minutes."""

    node: Node
    author: str
    periods: tuple[int, ...]
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Quality:
    period: int
    arguments: dict[str, float]
    coverage: list[Coverage] = field(default_factory=list)
    missing: list[Cell] = field(default_factory=list)
    held: list[Cell] = field(default_factory=list)
    stale: list[Cell] = field(default_factory=list)
    outliers: list[Cell] = field(default_factory=list)
    flat: list[Flat] = field(default_factory=list)
    perfect: list[Cell] = field(default_factory=list)
    sittings: list[Sitting] = field(default_factory=list)
    is_cut: bool = False

    @property
    def present(self) -> int:
        return sum(row.present for row in self.coverage)

    @property
    def expected(self) -> int:
        return sum(row.expected for row in self.coverage)


@dataclass(frozen=True, slots=True)
class _Pool:
    """Everything a month's checks read: at most MAX_ROWS observations of two years."""

    period: int
    arguments: dict[str, float]
    indicators: dict[int, Indicator]
    nodes: dict[int, Node]
    series: dict[tuple[int, int], dict[int, float]]
    last: dict[tuple[int, int], int]
    is_cut: bool

    def cell(self, key: tuple[int, int], period: int, value: float | None = None, figure: float | None = None) -> Cell:
        return Cell(self.nodes[key[0]], self.indicators[key[1]], period, value, figure)


def quality(actor: Any, period: int, node: Node | None = None, arguments: dict[str, float] | None = None) -> Quality:
    """The month's doubts inside the actor's area (below `node`, if one is named)."""
    rows = lookups.filtered(lookups.current(actor), node=node).filter(indicator__is_on=True)
    pool = _pool(rows, period, {**arguments_at(node, period), **(arguments or {})})
    coverage, missing, held, stale = _coverage(pool)
    return Quality(
        period=period,
        arguments=pool.arguments,
        coverage=coverage,
        missing=missing,
        held=held,
        stale=stale,
        outliers=_outliers(pool),
        flat=_flat(pool),
        perfect=_perfect(pool),
        sittings=_sittings(rows, pool),
        is_cut=pool.is_cut,
    )


def arguments_at(node: Node | None, period: int) -> dict[str, float]:
    """The shipped lines, or those of the rule row that applies at the node (at the top of the business tree, if none is named)."""
    shipped = quality_arguments()
    node = node or Node.objects.filter(tree=Tree.BUSINESS, parent__isnull=True).order_by("path").first()
    row = resolve(RULE, node, Period.month(period).ends_on) if node else None
    given = {
        name: float(value) for name, value in (row.arguments if row else {}).items() if name in shipped and isinstance(value, (int, float))
    }
    return {**shipped, **given}


def _pool(rows: Any, period: int, arguments: dict[str, float]) -> _Pool:
    indicators = {indicator.pk: indicator for indicator in lookups.indicators(only_on=True)}
    bare = rows.select_related(None).filter(period__lte=period).order_by()
    last = {
        (node, indicator): latest
        for node, indicator, latest in bare.values_list("node_id", "indicator_id").annotate(Max("period"))[:MAX_ROWS]
    }
    recent = bare.filter(period__gt=add_months(period, -HISTORY)).values_list("node_id", "indicator_id", "period", "value")
    series: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    count = 0
    for node, indicator, month, value in recent.order_by("-period")[:MAX_ROWS].iterator(chunk_size=5000):
        series[node, indicator][month] = value
        count += 1
    nodes = {key[0] for key in last}
    found = {pk: node for pk, node in Node.objects.in_bulk(list(nodes)).items() if node.closed_on is None}
    last = {key: latest for key, latest in last.items() if key[0] in found}
    series = {key: values for key, values in series.items() if key[0] in found}
    return _Pool(period, arguments, indicators, found, series, last, count >= MAX_ROWS)


def _coverage(pool: _Pool) -> tuple[list[Coverage], list[Cell], list[Cell], list[Cell]]:
    """A node is expected to report what it ever reported; how old its last value is says the rest."""
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    missing, held, stale = [], [], []
    for key, last in sorted(pool.last.items()):
        indicator = pool.indicators[key[1]]
        age = _months_between(last, pool.period)
        state = 0 if age == 0 else 1 if age < indicator.hold_months else 2
        counts[key[1]][state] += 1
        if state == 1:
            held.append(pool.cell(key, last, figure=age))
        elif state == 2 and age > pool.arguments["stale_factor"] * MONTHS_IN[Frequency(indicator.frequency)]:
            stale.append(pool.cell(key, last, figure=age))
        elif state == 2:
            missing.append(pool.cell(key, last, figure=age))
    rows = [Coverage(pool.indicators[pk], present, kept, present + kept + absent) for pk, (present, kept, absent) in counts.items()]
    return sorted(rows, key=lambda row: (-row.missing, row.indicator.code)), missing, held, stale


def _months_between(first: int, last: int) -> int:
    return (last // 100 - first // 100) * 12 + last % 100 - first % 100


def _outliers(pool: _Pool) -> list[Cell]:
    """Values far from their own unit's median, in units of its robust spread."""
    found = []
    for key, values in pool.series.items():
        if pool.period not in values or len(values) < pool.arguments["outlier_months"]:
            continue
        z = robust_z(values[pool.period], [value for month, value in values.items() if month != pool.period])
        if z is not None and abs(z) >= pool.arguments["outlier_z"]:
            found.append(pool.cell(key, pool.period, values[pool.period], z))
    return sorted(found, key=lambda cell: -abs(cell.figure or 0))


def robust_z(value: float, others: Sequence[float]) -> float | None:
    """(value - median) / (1.4826 MAD) of the others; None where they do not vary."""
    centre = median(others)
    spread = SCALE_OF_MAD * median(abs(other - centre) for other in others)
    return None if spread <= 1e-9 * max(1.0, abs(centre)) else (value - centre) / spread


def _tops(indicator: Indicator) -> bool:
    return indicator.is_percent and indicator.direction == Direction.BENEFIT


def _flat(pool: _Pool) -> list[Flat]:
    values: dict[int, list[float]] = defaultdict(list)
    for (_node, indicator), months in pool.series.items():
        if pool.period in months and _tops(pool.indicators[indicator]):
            values[indicator].append(months[pool.period])
    found = []
    for pk, seen in values.items():
        at_top = sum(value >= pool.arguments["discrimination_value"] for value in seen)
        if len(seen) >= pool.arguments["discrimination_units"] and 100 * at_top >= pool.arguments["discrimination_share"] * len(seen):
            found.append(Flat(pool.indicators[pk], at_top, len(seen)))
    return sorted(found, key=lambda row: row.indicator.code)


def _perfect(pool: _Pool) -> list[Cell]:
    """Percentages without a single miss in the last months: good, or written down."""
    months = [add_months(pool.period, -back) for back in range(int(pool.arguments["perfect_months"]))]
    top = pool.arguments["perfect_value"]
    keys = [key for key in pool.series if _tops(pool.indicators[key[1]]) and not pool.indicators[key[1]].collector]
    perfect = [key for key in keys if all(pool.series[key].get(month, -1.0) >= top for month in months)]
    return [pool.cell(key, pool.period, top, len(months)) for key in sorted(perfect)]


def _sittings(rows: Any, pool: _Pool) -> list[Sitting]:
    typed = rows.select_related(None).filter(source=Source.ENTERED, period__gt=add_months(pool.period, -HISTORY), period__lte=pool.period)
    by_author: dict[tuple[int, str], list[tuple[datetime, int]]] = defaultdict(list)
    fields = typed.order_by("entered_at").values_list("node_id", "author_label", "entered_at", "period")
    for node, author, at, period in fields[:MAX_ROWS].iterator(chunk_size=5000):
        by_author[node, author].append((at, period))
    span = timedelta(minutes=pool.arguments["sitting_minutes"])
    least = int(pool.arguments["sitting_periods"])
    found = [_sitting(pool.nodes[key[0]], key[1], typed_at, span, least) for key, typed_at in by_author.items() if key[0] in pool.nodes]
    return [sitting for sitting in found if sitting is not None]


def _sitting(node: Node, author: str, typed: list[tuple[datetime, int]], span: timedelta, least: int) -> Sitting | None:
    """The stretch of `span` in which most months were typed, if they are enough."""
    best: Sitting | None = None
    start = 0
    for end in range(len(typed)):
        while typed[end][0] - typed[start][0] > span:
            start += 1
        periods = tuple(sorted({period for _at, period in typed[start : end + 1]}))
        if len(periods) >= least and (best is None or len(periods) > len(best.periods)):
            best = Sitting(node, author, periods, typed[start][0])
    return best


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that a monthly report gives otherwise than the ledger does; None on the side that lacks it."""

    node: Node
    indicator: Indicator
    period: int
    reported: float | None
    stored: float | None

    @property
    def gap(self) -> float | None:
        return None if self.reported is None or self.stored is None else self.reported - self.stored


def differences(actor: Any, reported: dict[tuple[int, int, int], float], period: int) -> list[Difference]:
    """Reported (period, node, indicator) values of a month against what is stored, for the nodes and indicators the report names."""
    pairs = {key[1:] for key in reported}
    nodes, indicators = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    rows = (
        lookups.current(actor)
        .filter(period=period, node_id__in=nodes, indicator_id__in=indicators)
        .order_by("node__path", "indicator__code")
    )
    stored = {(row.node_id, row.indicator_id): row for row in rows}
    mine = {key[1:]: value for key, value in reported.items() if key[0] == period}
    known, named = Node.objects.in_bulk(list(nodes)), Indicator.objects.in_bulk(list(indicators))
    return list(_compare(mine, stored, known, named, period))


def _compare(
    mine: dict[tuple[int, int], float],
    stored: dict[tuple[int, int], Observation],
    nodes: dict[int, Node],
    indicators: dict[int, Indicator],
    period: int,
) -> Iterable[Difference]:
    for node_id, indicator_id in sorted(mine.keys() | stored.keys()):
        reported = mine.get((node_id, indicator_id))
        row = stored.get((node_id, indicator_id))
        value = row.value if row else None
        indicator = indicators[indicator_id]
        if reported is None or value is None or abs(reported - value) > 0.5000001 * 10.0**-indicator.decimals:
            yield Difference(nodes[node_id], indicator, period, reported, value)

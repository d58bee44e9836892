"""How one figure reads in a month: 当月, 累计, 同比, 环比, completion against schedule. What cannot be told is None with its reason.

Ratios are read by the sums of their parts; percentages are never averaged; changes of percentages are in points.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

from rongtong.indicators.lookups import series, targets_of_year
from rongtong.indicators.models import Aggregate, Direction, Indicator, Kind
from rongtong.kernel.periods import add_months, month_range
from rongtong.trees.models import Node


class Seen(Protocol):
    """What a reading needs of an observation."""

    @property
    def value(self) -> float: ...
    @property
    def numerator(self) -> float | None: ...
    @property
    def denominator(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Measure:
    """A number or the reason why there is none; `present` of `expected` months stand behind it."""

    value: float | None
    reason: str = ""
    is_points: bool = False
    is_held: bool = False
    present: int = 1
    expected: int = 1

    @property
    def percent(self) -> float | None:
        """A share as a percentage, for pages."""
        return None if self.value is None else 100 * self.value


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure in one month. Changes are shares (0.05 is 5 %), or points where `is_points`."""

    period: int
    month: Measure
    ytd: Measure
    year_on_year: Measure
    month_on_month: Measure
    completion: Measure
    schedule: Measure


def reading(node: Node, indicator: Indicator, period: int, *, is_joint: bool = False) -> Reading:
    """Read a figure; `is_joint` reads January and February together, as many statistics do around the Spring Festival."""
    first = add_months((period // 100 - 1) * 100 + 1, -max(indicator.hold_months, 1))
    stored = {row.period: row for row in series(node, indicator, first, period)}
    targets = {month: target.target for month, target in targets_of_year(node.pk, indicator.pk, period // 100).items()}
    return read(indicator, stored, targets, period, is_joint=is_joint)


def read(indicator: Indicator, stored: Mapping[int, Seen], targets: Mapping[int, float], period: int, *, is_joint: bool = False) -> Reading:
    """The same from values at hand: month to observation, month to target."""
    months = _months_read(period, is_joint)
    before = [add_months(month, -12) for month in months]
    month = _span(indicator, stored, months)
    ytd = _span(indicator, stored, month_range(period // 100 * 100 + 1, period), is_year=True)
    previous = (
        _missing(_("January and February are read together")) if len(months) > 1 else _span(indicator, stored, [add_months(period, -1)])
    )
    return Reading(
        period=period,
        month=month,
        ytd=ytd,
        year_on_year=_change(indicator, month, _span(indicator, stored, before), _("the year before")),
        month_on_month=_change(indicator, month, previous, _("the month before")),
        completion=_completion(indicator, month, ytd, targets, period),
        schedule=_schedule(indicator, targets, period),
    )


def _months_read(period: int, is_joint: bool) -> list[int]:
    january = period // 100 * 100 + 1
    return [january, january + 1] if is_joint and period in {january, january + 1} else [period]


def _missing(reason: str, present: int = 0, expected: int = 1) -> Measure:
    return Measure(None, reason, present=present, expected=expected)


def _span(indicator: Indicator, stored: Mapping[int, Seen], months: Sequence[int], *, is_year: bool = False) -> Measure:
    """Value of one or several months by the indicator's rule; a held value stands where the month itself has none."""
    if len(months) == 1 and not is_year:
        return _single(indicator, stored, months[0])
    rows = [stored[month] for month in months if month in stored]
    count, expected = len(rows), len(months)
    if not rows:
        return (
            _held_or_missing(indicator, stored, months[-1]) if indicator.aggregate != Aggregate.SUM else _missing(_no_value(), 0, expected)
        )
    return _AGGREGATES[indicator.aggregate](indicator, rows, count, expected)


def over(indicator: Indicator, stored: Mapping[int, Seen], months: Sequence[int]) -> Measure:
    """Value over any run of months by the indicator's rule; a held value stands where none of them has one."""
    return _span(indicator, stored, months)


def _single(indicator: Indicator, stored: Mapping[int, Seen], month: int) -> Measure:
    if month in stored:
        return Measure(stored[month].value)
    return _held_or_missing(indicator, stored, month)


def _held_or_missing(indicator: Indicator, stored: Mapping[int, Seen], month: int) -> Measure:
    for back in range(1, indicator.hold_months):
        earlier = add_months(month, -back)
        if earlier in stored:
            return Measure(stored[earlier].value, is_held=True)
    return _missing(_no_value())


def _no_value() -> str:
    return _("no value was recorded")


def _sum(_indicator: Indicator, rows: Sequence[Seen], count: int, expected: int) -> Measure:
    if count < expected:
        reason = _("only %(count)d of %(expected)d months have a value; a sum of the others would be too small") % {
            "count": count,
            "expected": expected,
        }
        return _missing(reason, count, expected)
    return Measure(sum(row.value for row in rows), present=count, expected=expected)


def _mean(_indicator: Indicator, rows: Sequence[Seen], count: int, expected: int) -> Measure:
    return Measure(sum(row.value for row in rows) / count, present=count, expected=expected)


def _last(_indicator: Indicator, rows: Sequence[Seen], count: int, expected: int) -> Measure:
    return Measure(rows[-1].value, present=count, expected=expected)


def _ratio(indicator: Indicator, rows: Sequence[Seen], count: int, expected: int) -> Measure:
    over = [row.numerator for row in rows if row.numerator is not None]
    under = [row.denominator for row in rows if row.denominator is not None]
    if len(over) < count or len(under) < count:
        return _missing(_("numerator and denominator are missing in some months, and percentages are not averaged"), count, expected)
    if sum(under) == 0:
        return _missing(_("the denominators sum to 0"), count, expected)
    return Measure(indicator.scale * sum(over) / sum(under), present=count, expected=expected)


def _none(_indicator: Indicator, _rows: Sequence[Seen], count: int, expected: int) -> Measure:
    return _missing(_("this figure is not cumulated"), count, expected)


_AGGREGATES: dict[str, Callable[[Indicator, Sequence[Seen], int, int], Measure]] = {
    Aggregate.SUM: _sum,
    Aggregate.MEAN: _mean,
    Aggregate.LAST: _last,
    Aggregate.RATIO: _ratio,
    Aggregate.NONE: _none,
}


def _change(indicator: Indicator, now: Measure, before: Measure, when: str) -> Measure:
    if now.value is None:
        return _missing(now.reason)
    if before.value is None:
        return _missing(_("%(when)s: %(reason)s") % {"when": when, "reason": before.reason})
    if indicator.is_percent:
        return Measure(now.value - before.value, is_points=True)
    if before.value == 0:
        return _missing(_("%(when)s the value was 0") % {"when": when})
    return Measure((now.value - before.value) / abs(before.value))


def _completion(indicator: Indicator, month: Measure, ytd: Measure, targets: Mapping[int, float], period: int) -> Measure:
    """Share of the year's target reached (flows that sum), or of the month's target (everything else)."""
    if indicator.aggregate == Aggregate.SUM:
        plan = _year_plan(targets, period)
        return _share_of(indicator, ytd, plan) if plan is not None else _missing(_("not all months of the year have a target"))
    return _share_of(indicator, month, targets[period]) if period in targets else _missing(_("no target is set"))


def _share_of(indicator: Indicator, measure: Measure, target: float) -> Measure:
    if measure.value is None:
        return _missing(measure.reason)
    if target == 0:
        return _missing(_("the target is 0"))
    is_level_cost = indicator.direction == Direction.COST and indicator.aggregate != Aggregate.SUM
    share = measure.value / target
    return Measure(2 - share if is_level_cost else share)


def _schedule(indicator: Indicator, targets: Mapping[int, float], period: int) -> Measure:
    """序时进度: the share of the year's target that is due by this month."""
    if indicator.aggregate != Aggregate.SUM or indicator.kind != Kind.FLOW:
        return _missing(_("only amounts that sum over the year have a schedule"))
    plan = _year_plan(targets, period)
    if plan is None:
        return _missing(_("not all months of the year have a target"))
    if plan == 0:
        return _missing(_("the target is 0"))
    return Measure(sum(target for month, target in targets.items() if month <= period) / plan)


def _year_plan(targets: Mapping[int, float], period: int) -> float | None:
    year = period // 100 * 100
    months = month_range(year + 1, year + 12)
    return sum(targets[month] for month in months) if all(month in targets for month in months) else None

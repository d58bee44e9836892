"""A reading as the figures of a page: 当月, 累计, 同比, 环比, completion against 序时进度; each with its badge, or the reason why there is none."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.indicators.models import Indicator
from rongtong.indicators.readings import Measure, Reading
from rongtong.kernel.periods import Period
from rongtong.trees.models import Node
from rongtong.ui.figure import Figure


@dataclass(frozen=True, slots=True)
class Tile:
    """A named figure and what there is to say about it."""

    name: str
    figure: Figure
    note: str = ""


def tiles(node: Node, indicator: Indicator, reading: Reading, rows: list[dict[str, Any]]) -> list[Tile]:
    """The six readings of a month; `rows` are the months shown, newest first."""
    month = str(Period.month(reading.period))
    trend = tuple(row["observation"].value if row["observation"] else None for row in rows[:12])[::-1]
    source = f"{reverse('indicators:source')}?at={node.pk}&indicator={indicator.pk}&month={reading.period}"
    return [
        Tile(_("month"), _value(indicator, reading.month, month, source, "measured", trend), _note(reading.month)),
        Tile(_("year to date"), _value(indicator, reading.ytd, month, "", "derived"), _note(reading.ytd)),
        Tile(_("year on year"), _share(reading.year_on_year)),
        Tile(_("month on month"), _share(reading.month_on_month)),
        Tile(_("target completion"), _share(reading.completion, is_signed=False), _ahead(reading)),
        Tile(_("schedule progress"), _share(reading.schedule, is_signed=False)),
    ]


def _value(indicator: Indicator, measure: Measure, month: str, url: str, badge: str, trend: tuple[float | None, ...] = ()) -> Figure:
    return Figure(
        measure.value, indicator.unit_label, indicator.decimals, badge=badge, url=url if measure.value is not None else "",
        reason=measure.reason, period=month, trend=trend,
    )  # fmt: skip


def _note(measure: Measure) -> str:
    if measure.is_held:
        return _("held: an earlier value still stands")
    if measure.value is not None and measure.present < measure.expected:
        return _("%(present)s of %(expected)s months") % {"present": measure.present, "expected": measure.expected}
    return ""


def _share(measure: Measure, *, is_signed: bool = True) -> Figure:
    """A change or a share: percentages with one decimal, differences of percentages in points."""
    value = measure.value if measure.value is None or measure.is_points else 100 * measure.value
    return Figure(value, _("points") if measure.is_points else "%", 1, badge="derived", reason=measure.reason, is_signed=is_signed)


def _ahead(reading: Reading) -> str:
    """Whether the year's target is reached as fast as it is due."""
    if reading.completion.value is None or reading.schedule.value is None:
        return ""
    gap = 100 * (reading.completion.value - reading.schedule.value)
    if abs(gap) < 0.05:
        return _("on schedule")
    return (_("%(points).1f points ahead of schedule") if gap > 0 else _("%(points).1f points behind schedule")) % {"points": abs(gap)}

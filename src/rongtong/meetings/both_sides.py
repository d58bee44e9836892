"""Both sides' figures of last month beside an agenda: targets that the unit missed, and the Party figures of its organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.indicators.models import Indicator, Observation, Subsystem
from rongtong.kernel import clock
from rongtong.kernel.periods import add_months, month_of
from rongtong.meetings.attending import linked
from rongtong.plans import queries as plans
from rongtong.trees.models import Node
from rongtong.ui.figure import Figure

MOST = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with its name, where it belongs, and the target it missed, if any."""

    name: str
    node: Node
    figure: Figure
    target: float | None = None


@dataclass(frozen=True, slots=True)
class BothSides:
    """Figures of last month on either side; `unit` and `party` say whose."""

    month: int
    production: tuple[Line, ...]
    party: tuple[Line, ...]
    units: tuple[Node, ...]
    parties: tuple[Node, ...]


def figures(actor: Any, node: Node, partner: Node | None, day: date) -> BothSides:
    """What the actor sees of last month at the host and what is linked with it."""
    month = add_months(month_of(min(day, clock.today())), -1)  # of a meeting ahead: the last month that has ended
    nodes = [node, *linked(node, day, partner)]
    units, parties = [one for one in nodes if one.is_business][:MOST], [one for one in nodes if not one.is_business][:MOST]
    return BothSides(month, tuple(_missed(actor, units, month)), tuple(_party(actor, parties, month)), tuple(units), tuple(parties))


def _missed(actor: Any, units: Sequence[Node], month: int) -> list[Line]:
    rows = [one for unit in units for one in plans.missed_targets(actor, month, unit)]
    return [
        Line(
            str(row.target.indicator), row.target.unit, _figure(row.target.indicator, row.value, row.target.unit, month), row.target.target
        )
        for row in rows[:MOST]
    ]


def _party(actor: Any, parties: Sequence[Node], month: int) -> list[Line]:
    """The latest recorded Party figures of the month; what was not recorded is not shown as zero."""
    rows = Observation.objects.filter(is_current=True, period=month, node__in=parties, indicator__subsystem=Subsystem.PARTY)
    rows = scoped(rows, actor, "node", permission=Permission.OBSERVATION_VIEW).filter(value__isnull=False)
    found = rows.select_related("indicator", "node").order_by("node__path", "indicator__code")[:MOST]
    return [Line(str(row.indicator), row.node, _figure(row.indicator, row.value, row.node, month)) for row in found]


def _figure(indicator: Indicator, value: float | None, node: Node, month: int) -> Figure:
    url = f"{reverse('indicators:source')}?at={node.pk}&indicator={indicator.code}&month={month}"
    return Figure(value, indicator.unit_label, indicator.decimals, badge="measured", url=url)

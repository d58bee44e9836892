"""Every indicator that is on is a fact of the units that have a value of it: forms show the latest one with its month."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from rongtong.burden.facts import Fact, register_family
from rongtong.indicators.models import Indicator, Observation
from rongtong.kernel.periods import Period, month_of

PREFIX = "indicator"


def _latest(indicator: Indicator) -> Any:
    def values(nodes: Sequence[int], day: date) -> Mapping[int, str]:
        rows = Observation.objects.filter(
            is_current=True, indicator=indicator, node__in=nodes, period__lte=month_of(day), value__isnull=False
        )
        found = {node: (period, value) for node, period, value in rows.order_by("period").values_list("node_id", "period", "value")}
        return {node: f"{value:.{indicator.decimals}f} ({Period.month(period)})" for node, (period, value) in found.items()}

    return values


def _family() -> Iterable[Fact]:
    where = _("figures of the indicator")
    return [
        Fact(f"{PREFIX}:{row.code}", row.label, where, "", _latest(row)) for row in Indicator.objects.filter(is_on=True).order_by("code")
    ]


def register() -> None:
    """Called from AppConfig.ready."""
    register_family(PREFIX, _family)

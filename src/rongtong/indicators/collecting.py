"""What a month's collectors and formulas say, ready to be recorded."""

from collections.abc import Iterator

from rongtong.indicators.collectors import entries_of
from rongtong.indicators.entries import Entry
from rongtong.indicators.formulas import evaluate, in_order, names_in
from rongtong.indicators.models import Indicator, Observation
from rongtong.kernel.periods import Period
from rongtong.trees.models import Node


def collected(period: int) -> list[tuple[Indicator, list[Entry]]]:
    """Every switched-on collected indicator with what its collector found at the nodes open on the month's last day."""
    indicators = list(Indicator.objects.filter(is_on=True).exclude(collector="").order_by("code"))
    if not indicators:
        return []
    nodes = list(Node.objects.open_on(Period.month(period).ends_on).order_by("pk").values_list("pk", flat=True))
    return [(indicator, entries_of(indicator.collector, indicator.pk, period, nodes)) for indicator in indicators]


def derived(period: int) -> Iterator[tuple[Indicator, list[Entry]]]:
    """Every derived indicator with its values, those that others read first; the caller records each before asking for the next."""
    by_code = {indicator.code: indicator for indicator in Indicator.objects.exclude(expression="").filter(is_on=True)}
    for code in in_order({code: indicator.expression for code, indicator in by_code.items()}):
        yield by_code[code], _computed(by_code[code], period)


def _computed(indicator: Indicator, period: int) -> list[Entry]:
    inputs = names_in(indicator.expression)
    rows = Observation.objects.filter(period=period, is_current=True, indicator__code__in=inputs).order_by("node_id")
    by_node: dict[int, dict[str, float | None]] = {}
    for node_id, code, value in rows.values_list("node_id", "indicator__code", "value"):
        by_node.setdefault(node_id, {})[code] = value
    outcomes = {node_id: evaluate(indicator.expression, values) for node_id, values in by_node.items()}
    return [Entry(node_id, indicator.pk, period, outcome.value) for node_id, outcome in outcomes.items() if outcome.value is not None]

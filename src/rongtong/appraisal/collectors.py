"""Figures that appraisal gives: linkage strength (I41) and the result-use rate (I42), in the twelve months after a round became final."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from rongtong.appraisal.figures import MONTHS, USED, credited
from rongtong.appraisal.models import Sheet, Stage, Use
from rongtong.indicators.collectors import Forest, Found, Sets, register_collector
from rongtong.kernel.periods import Period, add_months
from rongtong.trees.models import Tree


def _final(period: int) -> list[tuple[int, int]]:
    """(sheet, unit) with a grade of rounds that became final in the twelve months until a month's end."""
    day: date = Period.month(period).ends_on
    first = Period.month(add_months(period, 1 - MONTHS)).starts_on
    rows = Sheet.objects.filter(round__stage=Stage.FINAL, round__finished_on__gte=first, round__finished_on__lte=day).exclude(grade="")
    return list(rows.order_by("pk").values_list("pk", "node_id"))


def result_use(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """I42: grades used for pay, training or posts over grades."""
    sheets = _final(period)
    if not sheets:
        return []
    day = Period.month(period).ends_on
    used = set(Use.objects.filter(sheet__in=[pk for pk, _node in sheets], purpose__in=USED, on__lte=day).values_list("sheet_id", flat=True))
    under: Sets = defaultdict(set)
    over: Sets = defaultdict(set)
    for pk, node in sheets:
        under[node].add(pk)
        if pk in used:
            over[node].add(pk)
    forest = Forest(day, node_ids, Tree.BUSINESS)
    return forest.found(forest.below(over), forest.below(under))


def linkage_strength(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """I41: elasticity of the result with respect to Party work at the unit, and its mean over the units below."""
    sheets = _final(period)
    if not sheets:
        return []
    day = Period.month(period).ends_on
    values: dict[int, float] = {}
    for row in credited([node for _pk, node in sheets], day):
        values |= row.of_units
    keys: Sets = defaultdict(set)
    for pk, node in sheets:
        if node in values:
            keys[node].add(pk)
    unit_of = dict(sheets)
    forest = Forest(day, node_ids, Tree.BUSINESS)
    found = forest.below(keys)
    forest.tell(found, found)
    return [(node, sum(values[unit_of[pk]] for pk in pks), float(len(pks))) for node, pks in found.items() if node in forest.wanted]


def register() -> None:
    """Called from AppConfig.ready."""
    register_collector("I41", linkage_strength, "appraisal_sheet")
    register_collector("I42", result_use, "appraisal_sheet")

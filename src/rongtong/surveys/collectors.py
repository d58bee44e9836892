"""P51: satisfaction with Party work, from released waves, in the month in which a wave closed. A group below k says nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rongtong.indicators.collectors import Forest, Found, register_collector
from rongtong.kernel.periods import Period
from rongtong.surveys import queries
from rongtong.surveys.content import ALIASES
from rongtong.surveys.models import CellPart, Wave, WaveState
from rongtong.trees.models import LinkKind, TreeLink


def satisfaction(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """Sum of points and number of answers at the root and at groups with cells of their own, and at the organisation of such a unit."""
    month, wanted = Period.month(period), set(node_ids)
    rows = Wave.objects.filter(state=WaveState.RELEASED, closed_on__gte=month.starts_on, closed_on__lte=month.ends_on)
    waves = list(rows.select_related("root").order_by("closed_on", "pk"))
    if not waves:
        return []
    sums = queries.sums([wave.pk for wave in waves], [ALIASES["P51"]])
    found: dict[int, tuple[float, float, int]] = {}
    for wave in waves:
        for node, blocks in _blocks(wave).items():
            total = queries.over(sums, blocks, ALIASES["P51"])
            if total is not None:
                found[node] = (total.total, float(total.count), wave.pk)
    found = _with_organisations(found, month)
    records = {node: {wave_id} for node, (_total, _count, wave_id) in found.items()}
    Forest(month.ends_on, node_ids).tell(records, records)
    return [(node, total, count) for node, (total, count, _wave) in found.items() if node in wanted]


def _blocks(wave: Wave) -> dict[int, set[int]]:
    """The root with all blocks, and each group with those that hold nobody else."""
    places: dict[int, set[int]] = defaultdict(set)
    for block, node in CellPart.objects.filter(wave=wave).order_by().values_list("cell__block_id", "node_id"):
        if block is not None:
            places[block].add(node)
    found: dict[int, set[int]] = defaultdict(set)
    for block, nodes in places.items():
        if len(nodes) == 1:
            found[next(iter(nodes))].add(block)
    return {**found, wave.root_id: set(places)}


def _with_organisations(found: dict[int, tuple[float, float, int]], month: Period) -> dict[int, tuple[float, float, int]]:
    """A unit's figure is also that of the Party organisation which is its own."""
    links = TreeLink.objects.on(month.ends_on).filter(unit__in=list(found), kind=LinkKind.OWN).order_by("pk")
    return {party: found[unit] for unit, party in links.values_list("unit_id", "party_id")} | found


def register() -> None:
    """Called from AppConfig.ready."""
    register_collector("P51", satisfaction, "survey_wave")

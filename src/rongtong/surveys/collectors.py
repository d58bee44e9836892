"""P51: satisfaction with Party work, from released waves, in the month in which a wave closed. A group below k says nothing."""

from collections.abc import Iterable, Sequence

from rongtong.indicators.collectors import Forest, Found, register_collector
from rongtong.kernel.periods import Period
from rongtong.surveys import queries
from rongtong.surveys.content import ALIASES
from rongtong.surveys.models import Wave, WaveState
from rongtong.trees.models import LinkKind, Node, TreeLink


def satisfaction(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """Sum of points and number of answers at the root, at units with cells of their own, and at the organisation of such a unit."""
    month, wanted = Period.month(period), set(node_ids)
    rows = Wave.objects.filter(state=WaveState.RELEASED, closed_on__gte=month.starts_on, closed_on__lte=month.ends_on)
    waves = list(rows.select_related("root").order_by("closed_on", "pk"))
    if not waves:
        return []
    sums = queries.sums([wave.pk for wave in waves], [ALIASES["P51"]])
    places = queries.paths_of_blocks([wave.pk for wave in waves])
    found: dict[int, tuple[float, float, int]] = {}
    for wave in waves:
        for node, path in Node.objects.subtree(wave.root).order_by("path").values_list("pk", "path"):
            total = queries.over(sums, queries.blocks_under(places[wave.pk], path), ALIASES["P51"])
            if total is not None:
                found[node] = (total.total, float(total.count), wave.pk)
    found = _with_organisations(found, month)
    records = {node: {wave_id} for node, (_total, _count, wave_id) in found.items()}
    Forest(month.ends_on, node_ids).tell(records, records)
    return [(node, total, count) for node, (total, count, _wave) in found.items() if node in wanted]


def _with_organisations(found: dict[int, tuple[float, float, int]], month: Period) -> dict[int, tuple[float, float, int]]:
    """A unit's figure is also that of the Party organisation which is its own."""
    links = TreeLink.objects.on(month.ends_on).filter(unit__in=list(found), kind=LinkKind.OWN).order_by("pk")
    return {party: found[unit] for unit, party in links.values_list("unit_id", "party_id")} | found


def register() -> None:
    """Called from AppConfig.ready."""
    register_collector("P51", satisfaction, "survey_wave")

"""I11: listed matters with an earlier pre-study over listed matters decided in the month."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rongtong.decisions import queries
from rongtong.decisions.models import DECIDED_STATES, Decision
from rongtong.indicators.collectors import Forest, Found, Sets, register_collector
from rongtong.kernel.periods import Period


def pre_study_rate(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """At the organisation, at the unit the matter is about, and at all above; a month without a listed matter says nothing."""
    month = Period.month(period)
    rows = Decision.objects.filter(decided_on__gte=month.starts_on, decided_on__lte=month.ends_on, state__in=DECIDED_STATES)
    listed = list(rows.filter(path__in=queries.STUDIED_PATHS).select_related("meeting").order_by("pk"))
    studies = queries.studies_of([d.pk for d in listed])
    under: Sets = defaultdict(set)
    over: Sets = defaultdict(set)
    for d in listed:
        good = queries.was_studied(d, studies.get(d.pk, []))
        for node in (d.node_id, d.unit_id):
            if node is not None:
                under[node].add(d.pk)
                if good:
                    over[node].add(d.pk)
    forest = Forest(month.ends_on, node_ids)
    return forest.found(forest.below(over), forest.below(under))


def register() -> None:
    """Called from AppConfig.ready."""
    register_collector("I11", pre_study_rate)

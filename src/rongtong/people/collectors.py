"""Figures that ability gives: dual-skilled secretaries (P62)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rongtong.indicators.collectors import Forest, Found, Sets, register_collector
from rongtong.kernel.periods import Period
from rongtong.people import figures
from rongtong.people.models import Course, CourseState
from rongtong.trees.models import Tree


def dual_skilled(period: int, node_ids: Sequence[int]) -> Iterable[Found]:
    """P62: secretaries with the years in business posts that the rule row asks for and training in Party work over all that are known.

    Before the first course was held nothing is told: no training on record would only say that nobody kept it.
    """
    day = Period.month(period).ends_on
    if not Course.objects.filter(state=CourseState.HELD, ends_on__lte=day).exists():
        return []
    forest = Forest(day, node_ids, Tree.PARTY)
    found = figures.dual_competent(sorted(forest.path_of), day)
    under: Sets = defaultdict(set)
    over: Sets = defaultdict(set)
    for person in found.all_keys:
        node = forest.pk_of.get(found.places[person])
        if node is not None:
            under[node].add(person)
            if person in found.dual_keys:
                over[node].add(person)
    return forest.found(forest.below(over), forest.below(under))


def register() -> None:
    """Called from AppConfig.ready."""
    register_collector("P62", dual_skilled)  # no kind of record: who counts and who does not is not for everyone who sees the figure

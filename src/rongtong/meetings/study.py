"""Study hours: held study meetings are one source; a package above that keeps courses registers a further one.

    register_hours("courses", hours_of_courses)      # fn(first, last) -> {Party node: person-hours}

Required hours grow with the months of the year; what is done is capped at what is required, branch by branch, before it is added up.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from rongtong.meetings import counting
from rongtong.meetings.models import HELD_STATES, Meeting
from rongtong.organization.models import PartyKind, PartyOrganisation
from rongtong.roster.models import Affiliation
from rongtong.trees.models import Node, paths_above

Hours = Callable[[date, date], Mapping[int, float]]
_sources: dict[str, Hours] = {}


def register_hours(code: str, source: Hours) -> None:
    """Called once from the owner's AppConfig.ready."""
    _sources[code] = source


def meeting_hours(first: date, last: date) -> dict[int, float]:
    """Duration times those present, of study meetings held in [first, last]."""
    rows = Meeting.objects.filter(kind__is_study=True, state__in=HELD_STATES, held_on__gte=first, held_on__lte=last, present__isnull=False)
    found: dict[int, float] = defaultdict(float)
    for node, starts, ends, present in rows.order_by().values_list("node_id", "starts_at", "ends_at", "present"):
        found[node] += counting.hours(starts, ends) * (present or 0)
    return found


@dataclass(frozen=True, slots=True)
class Study:
    """Of a branch: its members and the person-hours that it and its groups studied."""

    members: int
    hours: float


def studied(first: date, last: date) -> dict[int, Study]:
    """Branch to its study in [first, last]; branches whose members are not known are absent."""
    branches = dict(PartyOrganisation.objects.filter(kind=PartyKind.BRANCH).values_list("node__path", "node_id"))
    members: dict[int, int] = defaultdict(int)
    for path in Affiliation.objects.on(last).order_by().values_list("party__path", flat=True):
        for branch in _up(path, branches):
            members[branch] += 1
    hours: dict[int, float] = defaultdict(float)
    paths = dict(Node.objects.filter(tree="P").values_list("pk", "path"))
    for source in _sources.values():
        for node, count in source(first, last).items():
            for branch in _up(paths[node], branches):
                hours[branch] += count
    return {branch: Study(count, hours.get(branch, 0.0)) for branch, count in members.items()}


def _up(path: str, branches: Mapping[str, int]) -> Iterable[int]:
    return [branches[one] for one in (path, *paths_above(path)) if one in branches]


def register() -> None:
    """Called from AppConfig.ready."""
    register_hours("meetings", meeting_hours)

"""Figures of meetings over a year for a place and everything below it: kept when asked for, chaired in person, deployed and done.

None of them rises with more meetings than the rules ask for.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from rongtong.kernel.periods import month_of
from rongtong.ledger.states import State as MatterState
from rongtong.meetings.collectors import LIFE, deploys
from rongtong.meetings.models import HELD_STATES, AgendaItem, Circle, Meeting, Resolution
from rongtong.organization.models import PostKind
from rongtong.rules.models import RuleResult, State
from rongtong.trees.models import Tree


@dataclass(frozen=True, slots=True)
class Part:
    """So many of so many."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Kept:
    """Organisational life that the rules asked for, in peak production months and in the others."""

    peak: Part
    other: Part

    @property
    def all(self) -> Part:
        return Part(self.peak.part + self.other.part, self.peak.whole + self.other.whole)

    @property
    def drop(self) -> float | None:
        """Other months minus peak months, in points; None where one of them asked for nothing."""
        if self.peak.share is None or self.other.share is None:
            return None
        return 100 * (self.other.share - self.peak.share)


def life_kept(nodes: Collection[int], first: date, day: date, peaks: Collection[int] = ()) -> Kept:
    """Rules on organisational life whose last day passed in [first, day): met or late; excused and unknown ones are left out."""
    rows = RuleResult.objects.filter(node__in=list(nodes), row__predicate__in=LIFE, due_on__gte=first, due_on__lt=day)
    counts = {True: [0, 0], False: [0, 0]}
    for due_on, state in rows.filter(state__in=[State.MET, State.LATE]).order_by().values_list("due_on", "state"):
        cell = counts[due_on is not None and month_of(due_on) in peaks]
        cell[0] += state == State.MET
        cell[1] += 1
    return Kept(Part(*counts[True]), Part(*counts[False]))


def chaired(nodes: Collection[int], first: date, day: date) -> Part:
    """Topics of Party meetings chaired by the secretary in person over all topics."""
    rows = AgendaItem.objects.filter(
        meeting__node__in=list(nodes), meeting__node__tree=Tree.PARTY, meeting__state__in=HELD_STATES, meeting__held_on__gte=first,
        meeting__held_on__lt=day,
    )  # fmt: skip
    rows = rows.exclude(meeting__kind__circle=Circle.GROUP).exclude(meeting__chair__isnull=True).order_by()
    found = rows.aggregate(own=Count("pk", filter=Q(meeting__chair_part=PostKind.SECRETARY)), all=Count("pk"))
    return Part(found["own"], found["all"])


def deployed_together(nodes: Collection[int], first: date, day: date) -> Part:
    """Meetings at which an item of the other side left a resolution with an owner over all that deploy work."""
    rows = Meeting.objects.filter(node__in=list(nodes), state__in=HELD_STATES, held_on__gte=first, held_on__lt=day)
    by_kind = rows.order_by().values("kind_id").annotate(both=Count("pk", filter=Q(has_both_sides=True)), all=Count("pk"))
    found = list(by_kind.values_list("kind__side", "kind__agenda", "kind__is_restricted", "both", "all"))
    counted = [(both, whole) for side, agenda, is_restricted, both, whole in found if not is_restricted and deploys(side, agenda)]
    return Part(sum(both for both, _whole in counted), sum(whole for _both, whole in counted))


@dataclass(frozen=True, slots=True)
class Deployed:
    """What meetings deployed to the other side: taken up at all, and done (部署落实率)."""

    taken_up: Part
    done: Part


def deployed(nodes: Collection[int], first: date, day: date) -> Deployed:
    """Items deployed since a day: how many somebody has taken up; of those past due, how many are closed with a business-side result."""
    rows = Resolution.objects.filter(is_deployed=True, meeting__node__in=list(nodes), meeting__state__in=HELD_STATES, matter__isnull=False)
    rows = rows.exclude(matter__state__in=[MatterState.DRAFT, MatterState.VOID, MatterState.SUSPENDED])
    held, due = Q(meeting__held_on__gte=first, meeting__held_on__lt=day), Q(matter__due_on__gte=first, matter__due_on__lt=day)
    found = rows.order_by().aggregate(
        all=Count("pk", filter=held), begun=Count("pk", filter=held & ~Q(matter__state=MatterState.ASSIGNED)), due=Count("pk", filter=due),
        done=Count("pk", filter=due & Q(matter__state=MatterState.CLOSED) & ~Q(matter__outcome="")),
    )  # fmt: skip
    return Deployed(Part(found["begun"], found["all"]), Part(found["done"], found["due"]))

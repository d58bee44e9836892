"""Training needs: what posts ask for and their holders are not yet shown to reach; and whom a course could serve."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from rongtong.organization.models import Person
from rongtong.people import figures, queries
from rongtong.people.fitting import Fit
from rongtong.people.models import Course
from rongtong.trees.models import Node


@dataclass(frozen=True, slots=True)
class Need:
    """A competence, how many holders are shown to be short of it, and of how many nothing is proven."""

    code: str
    short: int
    unproven: int


def needs(fits: Iterable[Fit]) -> list[Need]:
    """By competence, the most often short first. Unproven ones ask for assessment, not for training."""
    short: dict[str, int] = defaultdict(int)
    unproven: dict[str, int] = defaultdict(int)
    for one in fits:
        for gap in one.gaps:
            (short if gap.is_known else unproven)[gap.code] += 1
    rows = [Need(code, short[code], unproven[code]) for code in sorted({*short, *unproven})]
    return sorted(rows, key=lambda row: (-row.short, -row.unproven, row.code))


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody shown to be short of what a course serves."""

    person: Person
    post: int
    codes: tuple[str, ...]


def reached_by(node: Node, day: date) -> list[int]:
    """Where a course of a node finds its people: the node with everything below, and what is linked to it."""
    return queries.with_linked(queries.below(node, day), day)


def proposals(course: Course, day: date, nodes: Collection[int]) -> tuple[list[Proposal], int]:
    """Holders of posts who are shown to be short of a competence the course serves and are not asked yet, by code; and how many are only not assessed."""
    seats = [seat for seat in queries.seats(nodes, day) if seat.person is not None]
    fits = figures.fits(seats, day)
    asked = set(course.attendance.values_list("person_id", flat=True))
    short: dict[int, tuple[int, set[str]]] = {}
    unproven: set[int] = set()
    for seat in seats:
        assert seat.person is not None
        codes = {gap.code for gap in fits[seat.post].short if gap.code in course.serves}
        if codes and seat.person not in asked:
            short.setdefault(seat.person, (seat.post, set()))[1].update(codes)
        elif any(gap.code in course.serves for gap in fits[seat.post].unproven):
            unproven.add(seat.person)
    people = Person.objects.in_bulk(short)
    rows = [Proposal(people[key], post, tuple(sorted(codes))) for key, (post, codes) in short.items()]
    return sorted(rows, key=lambda row: row.person.code), len(unproven - set(short) - asked)

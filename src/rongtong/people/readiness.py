"""How soon somebody named for a post could step in: read from what is proven, the gaps and the courses to come; nobody is ranked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rongtong.organization.models import Post
from rongtong.people import queries
from rongtong.people.fitting import Fit, Gap, State, fit
from rongtong.people.models import BenchEntry, Course
from rongtong.trees.models import Node

ONE_STEP = 1


class When(StrEnum):
    NOW = "now"
    TRAINING = "training"
    EXPERIENCE = "experience"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Readiness:
    """When, what is missing, and which planned courses serve it."""

    entry: BenchEntry
    when: When
    gaps: tuple[Gap, ...] = ()
    courses: tuple[Course, ...] = ()


def readiness(entry: BenchEntry, found: Fit, courses: Iterable[Course]) -> Readiness:
    """Now: everything proven. After training: one step short, where a planned course serves every gap. Else after experience; unknown while unproven."""
    if found.state is State.FIT:
        return Readiness(entry, When.NOW)
    if found.state is State.UNKNOWN:
        return Readiness(entry, When.UNKNOWN, found.gaps)
    serving = tuple(course for course in courses if any(gap.code in course.serves for gap in found.short))
    served = {code for course in serving for code in course.serves}
    by_training = all(gap.steps == ONE_STEP and gap.code in served for gap in found.short) and not found.unproven
    return Readiness(entry, When.TRAINING if by_training else When.EXPERIENCE, found.gaps, serving)


def bench(post: Post, entries: Iterable[BenchEntry], day: date) -> list[Readiness]:
    """Everybody named for a post in the order of the entries (by code)."""
    rows = list(entries)
    levels: Mapping[int, Mapping[str, int]] = queries.proven({row.person_id for row in rows}, day)
    asked = queries.Asks(day).at(post.kind, post.node.path)
    runs = [*Node.objects.ancestors(post.node).values_list("pk", flat=True), post.node_id]
    courses = queries.upcoming(queries.with_linked(runs, day), day)
    return [readiness(row, fit(asked, levels.get(row.person_id, {})), courses) for row in rows]

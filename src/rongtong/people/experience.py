"""Posts held over time, from appointments: how long, on which side, and moves between the sides."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from rongtong.organization.models import Appointment, AppointmentKind
from rongtong.organization.queries import BUSINESS_POSTS, PARTY_POSTS
from rongtong.people.frames import Side
from rongtong.trees.models import Tree

YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Served:
    """One appointment of a person."""

    post: int
    kind: str
    path: str
    starts_on: date
    ends_on: date | None
    is_acting: bool = False

    @classmethod
    def of(cls, row: Appointment) -> "Served":
        post = row.post
        return cls(post.pk, post.kind, post.node.path, row.starts_on, row.ends_on, row.kind == AppointmentKind.ACTING)

    @property
    def tree(self) -> str:
        return self.path[:1]

    @property
    def side(self) -> str:
        """Party posts lie on the Party side, every post of a business unit on the business side."""
        return Side.BUSINESS if self.tree == Tree.BUSINESS else Side.PARTY

    @property
    def is_leading(self) -> bool:
        return self.kind in PARTY_POSTS or self.kind in BUSINESS_POSTS

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


def served_by(people: Any, day: date) -> dict[int, list[Served]]:
    """Person to the appointments that began by a day, the earliest first; `people` is keys, or a query that gives them."""
    rows = Appointment.objects.filter(starts_on__lte=day, person_id__in=people if isinstance(people, QuerySet) else list(people))
    found: dict[int, list[Served]] = defaultdict(list)
    read = rows.order_by("starts_on", "pk").values_list(
        "person_id", "post_id", "post__kind", "post__node__path", "starts_on", "ends_on", "kind"
    )
    for person, post, kind, path, starts_on, ends_on, how in read:
        found[person].append(Served(post, kind, path, starts_on, ends_on, how == AppointmentKind.ACTING))
    return found


def years(rows: Iterable[Served], day: date, wanted: Callable[[Served], bool]) -> float:
    """Years in posts of a kind up to a day; two posts at a time count once."""
    spans = sorted((row.starts_on, min(row.ends_on or day, day)) for row in rows if wanted(row))
    days, reached = 0, date.min
    for starts_on, ends_on in spans:
        if ends_on > reached:
            days += (ends_on - max(starts_on, reached)).days
            reached = ends_on
    return days / YEAR


def party_years(rows: Iterable[Served], day: date) -> float:
    return years(rows, day, lambda row: row.kind in PARTY_POSTS)


def business_years(rows: Iterable[Served], day: date) -> float:
    return years(rows, day, lambda row: row.tree == Tree.BUSINESS)

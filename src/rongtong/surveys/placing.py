"""Who is asked, and in which group: every person serving (or, in the Party tree, belonging) under the root, once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rongtong.organization.models import Appointment, MemberKind, PostKind
from rongtong.roster.models import Affiliation
from rongtong.surveys.models import Role
from rongtong.trees.models import AFTER, SEGMENT, Node

IN_PARTY = (MemberKind.FORMAL, MemberKind.PROBATIONARY)


@dataclass(frozen=True, slots=True)
class Asked:
    """A person with the group it is counted in."""

    person: int
    path: str
    role: str


def asked(root: Node, depth: int, by_role: bool, day: date) -> list[Asked]:
    """Everyone under the root on a day; whoever has several posts is counted once, where the leading or else the uppermost one is."""
    best: dict[int, tuple[bool, str, str]] = {}
    for person, is_staff, path, member in _seats(root, day):
        role = "" if not by_role else Role.LEADERS if not is_staff else Role.MEMBERS if member in IN_PARTY else Role.STAFF
        seat = (is_staff, path, str(role))
        if person not in best or seat < best[person]:
            best[person] = seat
    deepest = len(root.path) + SEGMENT * depth
    return [Asked(person, path[:deepest], role) for person, (_staff, path, role) in sorted(best.items())]


def _seats(root: Node, day: date) -> Iterable[tuple[int, bool, str, str]]:
    serving = Appointment.objects.on(day).filter(post__node__path__gte=root.path, post__node__path__lt=root.path + AFTER)
    for person, kind, path, member in serving.order_by().values_list("person_id", "post__kind", "post__node__path", "person__member_kind"):
        yield person, kind == PostKind.STAFF, path, member
    if not root.is_business:
        rows = Affiliation.objects.on(day).filter(party__path__gte=root.path, party__path__lt=root.path + AFTER)
        for person, path, member in rows.order_by().values_list("person_id", "party__path", "person__member_kind"):
            yield person, True, path, member


def counted(people: Iterable[Asked]) -> Counter[tuple[str, str]]:
    """Group and role to head-count."""
    return Counter((one.path, one.role) for one in people)

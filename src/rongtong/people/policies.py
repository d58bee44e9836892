"""Who sees the ability of a person, and who may rate it: oneself, and the line above; a peer, a deputy of one's own or another unit never.

The line above is whoever holds the right to rate at a node above the person's, or at the same node in a higher post; offices of the whole
enterprise are in every line. Counts are for everyone who sees ability at a node.
"""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.queries import area_of
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.organization.models import Appointment, Person, Post, PostKind
from rongtong.people.models import Course, Objection, Rating
from rongtong.trees.models import Node

VIEW, RATE, TRAIN, FRAME = Permission.PEOPLE_VIEW, Permission.PEOPLE_RATE, Permission.TRAINING_RUN, Permission.FRAME_EDIT
RANK = {
    PostKind.SECRETARY: 3, PostKind.HEAD: 3, PostKind.DEPARTMENT_HEAD: 3, PostKind.DEPUTY: 2, PostKind.DEPUTY_HEAD: 2,
    PostKind.COMMITTEE: 1, PostKind.STAFF: 0,
}  # fmt: skip

PARTY_KINDS = (PostKind.SECRETARY, PostKind.DEPUTY, PostKind.COMMITTEE)


def is_self(actor: Any, person: Person) -> bool:
    return person.account_id is not None and person.account_id == getattr(actor, "pk", None)


def _own_ranks(actor: Any) -> dict[int, int]:
    """Node to the highest post that the actor holds there today; asked once a request."""
    memory = actor.__dict__
    if "_own_ranks" not in memory:
        rows = Appointment.objects.on(clock.today()).filter(person__account=actor.pk).order_by().values_list("post__node_id", "post__kind")
        found: dict[int, int] = {}
        for node, kind in rows:
            found[node] = max(found.get(node, 0), RANK[PostKind(kind)])
        memory["_own_ranks"] = found
    ranks: dict[int, int] = memory["_own_ranks"]
    return ranks


def leads(actor: Any, node: Node, kind: str) -> bool:
    """Whether the actor stands in the line above a post of this kind at a node."""
    area = area_of(actor, RATE)
    if area.is_all:
        return True
    if any(node.path != prefix and node.path.startswith(prefix) for prefix in area.prefixes):
        return True
    return area.holds(node) and _own_ranks(actor).get(node.pk, -1) > RANK[PostKind(kind)]


def in_line(actor: Any, person: Person, posts: Iterable[Post] | None = None) -> bool:
    """Whether the actor stands above the person today; nobody above oneself."""
    if is_self(actor, person):
        return False
    if area_of(actor, RATE).is_all:
        return True
    held = posts if posts is not None else _held(person)
    return any(leads(actor, post.node, post.kind) for post in held)


def _held(person: Person) -> list[Post]:
    return [row.post for row in Appointment.objects.on(clock.today()).filter(person=person).select_related("post__node").order_by("pk")]


def sees(actor: Any, person: Person, posts: Iterable[Post] | None = None) -> bool:
    """Oneself and the line above."""
    return is_self(actor, person) or in_line(actor, person, posts)


def sees_rating(actor: Any, rating: Rating) -> bool:
    return sees(actor, rating.person)


def sees_objection(actor: Any, objection: Objection) -> bool:
    return sees(actor, objection.rating.person)


def sees_course(actor: Any, course: Course) -> bool:
    return access.can(actor, VIEW, course.node) or course.attendance.filter(person__account=getattr(actor, "pk", None)).exists()


def require_sees(actor: Any, person: Person) -> None:
    if not sees(actor, person):
        raise Unseen


def require_self(actor: Any, person: Person) -> None:
    """What only the person may do."""
    if is_self(actor, person):
        return
    if not in_line(actor, person):
        raise Unseen
    raise NotAllowed("not_oneself")


def require_line(actor: Any, person: Person) -> None:
    """What only the line above may do; nobody is one's own superior."""
    if is_self(actor, person):
        what = _("Nobody is one's own superior")
        raise Refused(what, field="kind", remedy=_("give your own view as a self rating; a superior rates you"), code="own_superior")
    if not in_line(actor, person):
        raise Unseen


def require_bench(actor: Any, post: Post) -> None:
    """Benches are for the line above a post."""
    if not leads(actor, post.node, post.kind):
        raise Unseen


def require_training(actor: Any, node: Node) -> None:
    access.require(actor, TRAIN, node, view=VIEW)


def require_frame(actor: Any, node: Node | None = None) -> None:
    """The frame and requirements of the whole enterprise, or requirements of a subtree."""
    if node is not None:
        access.require(actor, FRAME, node, view=VIEW)
    elif not area_of(actor, FRAME).is_all:
        raise NotAllowed("no_frame_edit")

"""Who leads and who handles a duty at a node, by the subject class; and the hole, where nobody does.

Subject class -> tree, kinds of node, kinds of the leading post, kinds of the handling post (the same: handled in person).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.duties.models import Duty, Issue, Subject
from rongtong.organization import queries as organization
from rongtong.organization.models import Appointment, PartyKind, Post, PostKind, UnitKind
from rongtong.trees.models import Node

PARTY, BUSINESS = "P", "B"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subject class is found and which posts stand for it."""

    tree: str
    kinds: frozenset[str]
    leaders: tuple[str, ...]
    handlers: tuple[str, ...]


_COMMITTEES = frozenset({PartyKind.COMMITTEE, PartyKind.GENERAL_BRANCH})
_UNITS = frozenset({UnitKind.COMPANY, UnitKind.PLANT, UnitKind.WORKSHOP, UnitKind.PROJECT})
PLACES: Mapping[str, Place] = {
    Subject.COMMITTEE: Place(PARTY, _COMMITTEES, (PostKind.SECRETARY,), (PostKind.DEPUTY,)),
    Subject.SECRETARY: Place(PARTY, _COMMITTEES, (PostKind.SECRETARY,), (PostKind.SECRETARY,)),
    Subject.DEPUTY: Place(PARTY, _COMMITTEES, (PostKind.DEPUTY,), (PostKind.DEPUTY,)),
    Subject.LEADERS: Place(BUSINESS, _UNITS, (PostKind.HEAD,), (PostKind.DEPUTY_HEAD,)),
    Subject.DISCIPLINE: Place(PARTY, frozenset({PartyKind.COMMITTEE}), (PostKind.COMMITTEE,), (PostKind.COMMITTEE,)),
    Subject.BRANCH_SECRETARY: Place(PARTY, frozenset({PartyKind.BRANCH}), (PostKind.SECRETARY,), (PostKind.DEPUTY,)),
    Subject.MEMBER: Place(PARTY, frozenset({PartyKind.BRANCH}), (PostKind.SECRETARY,), (PostKind.DEPUTY,)),
    Subject.DEPARTMENT: Place(
        BUSINESS, frozenset({UnitKind.DEPARTMENT}), (PostKind.DEPARTMENT_HEAD, PostKind.HEAD), (PostKind.DEPUTY_HEAD,)
    ),
}


class Hole(StrEnum):
    """Why nobody implements a duty."""

    NO_POST = "no_post"
    VACANT = "vacant"
    TWO = "two"
    NO_ACCOUNT = "no_account"
    NO_DEPUTY = "no_deputy"


HOLE_WORDS = {
    Hole.NO_POST: gettext_lazy("no such post"), Hole.VACANT: gettext_lazy("vacant"), Hole.TWO: gettext_lazy("more than one"),
    Hole.NO_ACCOUNT: gettext_lazy("no account"), Hole.NO_DEPUTY: gettext_lazy("no handler"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Implementation:
    """Who implements an issued duty today; `hole` is the first reason why nobody does."""

    issue: Issue
    leaders: tuple[Appointment, ...]
    handlers: tuple[Appointment, ...]
    hole: Hole | None = None
    at: str = ""  # which part the hole is in: leader or handler

    @property
    def sentence(self) -> str:
        names = {"duty": str(self.issue.duty), "unit": self.issue.node.name}
        if self.hole is None:
            people = "、".join(dict.fromkeys(row.person.name for row in (*self.leaders, *self.handlers)))
            return _("%(unit)s, %(duty)s: %(people)s") % {**names, "people": people}
        part = _("leader") if self.at == "leader" else _("handler")
        return _("%(unit)s, %(duty)s: %(part)s — %(hole)s") % {**names, "part": part, "hole": HOLE_WORDS[self.hole]}


def posts_for(duty: Duty, posts: Sequence[Post]) -> tuple[Post | None, Post | None]:
    """The leading and handling post among a node's open posts, where exactly one fits; else None."""
    place = PLACES[duty.subject]
    leader = _only(posts, place.leaders)
    handler = leader if duty.is_personal else _only(posts, place.handlers)
    return leader, handler


def _only(posts: Sequence[Post], kinds: Sequence[str]) -> Post | None:
    fitting = [post for post in posts if post.kind in kinds]
    return fitting[0] if len(fitting) == 1 else None


def open_posts_of(nodes: Iterable[Node], day: date) -> dict[int, list[Post]]:
    """Node to its open leading posts."""
    rows = Post.objects.filter(node__in=[node.pk for node in nodes], opened_on__lte=day).exclude(kind=PostKind.STAFF)
    found: dict[int, list[Post]] = defaultdict(list)
    for post in rows.order_by("pk"):
        if post.closed_on is None or post.closed_on > day:
            found[post.node_id].append(post)
    return found


def implementations(issues: Sequence[Issue], day: date) -> list[Implementation]:
    """Who implements each of these, with two questions to the database for all of them."""
    posts = open_posts_of({issue.node_id: issue.node for issue in issues}.values(), day)
    keys = {post for issue in issues for post in (issue.leader_post_id, issue.handler_post_id) if post}
    serving = organization.serving(keys, day)
    return [_implementation(issue, posts.get(issue.node_id, []), serving) for issue in issues]


def _implementation(issue: Issue, posts: Sequence[Post], serving: Mapping[int, list[Appointment]]) -> Implementation:
    place = PLACES[issue.duty.subject]
    leaders = tuple(serving.get(issue.leader_post_id or 0, ()))
    handlers = tuple(serving.get(issue.handler_post_id or 0, ()))
    hole = _hole(issue.leader_post_id, leaders, [post for post in posts if post.kind in place.leaders])
    if hole is not None:
        return Implementation(issue, leaders, handlers, hole, "leader")
    if issue.duty.is_personal and issue.handler_post_id == issue.leader_post_id:
        return Implementation(issue, leaders, handlers)
    hole = _hole(issue.handler_post_id, handlers, [post for post in posts if post.kind in place.handlers])
    return Implementation(issue, leaders, handlers, Hole.NO_DEPUTY if hole is Hole.NO_POST else hole, "handler" if hole else "")


def _hole(post: int | None, people: Sequence[Appointment], fitting: Sequence[Post]) -> Hole | None:
    if post is None:
        return Hole.TWO if len(fitting) > 1 else Hole.NO_POST
    if not people:
        return Hole.VACANT
    if sum(row.kind == "formal" for row in people) > 1:
        return Hole.TWO
    return None if any(row.person.account_id for row in people) else Hole.NO_ACCOUNT

"""Who sees a leader's figures: the leader, and the superior. Nobody else, whatever else they may see."""

from typing import Any

from django.db.models import Q

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.duties.actions import require_naming
from rongtong.duties.models import Issue
from rongtong.kernel.act import SystemActor
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.ledger.policies import posts_of
from rongtong.organization.models import Appointment, Person, Post
from rongtong.organization.queries import LEADING
from rongtong.trees.models import paths_above


def sees_figures_of(actor: Any, person: Person, posts: list[Appointment]) -> bool:
    """Oneself; or whoever leads: serves in the leading post of the place (the person in another one), or of a place above it.

    Where nobody's post stands above, the office that issues duties stands for the superior. Other offices and clerks see no figures of persons.
    """
    if isinstance(actor, SystemActor) or (person.account_id is not None and person.account_id == getattr(actor, "pk", None)):
        return True
    above = Post.objects.filter(_over(posts), kind__in=LEADING, closed_on__isnull=True).exclude(pk__in=[row.post_id for row in posts])
    keys = set(above.order_by().values_list("pk", flat=True))
    if keys:
        return bool(keys & posts_of(actor))
    return any(row.post.kind in LEADING and access.can(actor, Permission.DUTY_ISSUE, row.post.node) for row in posts)


def _over(posts: list[Appointment]) -> Q:
    """Posts above these: of the places above, and of the place itself where the post does not lead it."""
    found = Q(pk__in=[])
    for row in posts:
        found |= Q(node__path__in=paths_above(row.post.node.path))
        if row.post.kind not in LEADING:
            found |= Q(node=row.post.node)
    return found


def may_name(actor: Any, of: Issue) -> bool:
    try:
        require_naming(actor, of)
    except (NotAllowed, Unseen):
        return False
    return of.ends_on is None

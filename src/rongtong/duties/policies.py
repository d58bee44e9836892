"""Who sees a leader's figures: the leader, and the superior. Nobody else, whatever else they may see."""

from typing import Any

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.duties.actions import require_naming
from rongtong.duties.models import Issue
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.organization.models import Appointment, Person


def sees_figures_of(actor: Any, person: Person, posts: list[Appointment]) -> bool:
    """Oneself; or whoever assigns matters at the node above one in which the person leads (at a root: the office that issues duties)."""
    if person.account_id is not None and person.account_id == getattr(actor, "pk", None):
        return True
    for row in posts:
        above = row.post.node.parent
        if above is not None and access.can(actor, Permission.MATTER_ASSIGN, above):
            return True
        if above is None and access.can(actor, Permission.DUTY_ISSUE, row.post.node):
            return True
    return False


def may_name(actor: Any, of: Issue) -> bool:
    try:
        require_naming(actor, of)
    except (NotAllowed, Unseen):
        return False
    return of.ends_on is None

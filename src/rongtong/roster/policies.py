"""Who may see who belongs where, and who may change it. Membership is personal data: another permission than the tree itself."""

from typing import Any

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.trees.models import Node


def require_edit(actor: Any, *nodes: Node) -> None:
    """404 where the actor may not see people, 403 where it may not change who belongs."""
    access.require(actor, Permission.ROSTER_EDIT, *nodes, view=Permission.PERSON_VIEW)


def require_edit_everywhere(actor: Any) -> None:
    """For files of the whole enterprise."""
    access.require_everywhere(actor, Permission.ROSTER_EDIT)


def can_edit(actor: Any, node: Node) -> bool:
    return node.closed_on is None and access.can(actor, Permission.ROSTER_EDIT, node)


def sees(actor: Any, node: Node) -> bool:
    return access.can(actor, Permission.PERSON_VIEW, node)

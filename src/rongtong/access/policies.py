"""May this actor do this here? Views use the same answers to show or hide a button."""

from typing import Any

from rongtong.access.queries import area_of
from rongtong.access.roles import Permission
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.trees.models import Node


def can(actor: Any, permission: Permission, node: Node | None = None) -> bool:
    """Whether the actor holds the permission at the node (anywhere at all, if no node is named)."""
    area = area_of(actor, permission)
    return not area.is_empty if node is None else area.holds(node)


def require(actor: Any, permission: Permission, *nodes: Node | None, view: Permission = Permission.ORGANIZATION_VIEW) -> None:
    """First line of an action: Unseen (404) if the actor may not see a node, NotAllowed (403) if it may not do this there."""
    for node in nodes or (None,):
        if can(actor, permission, node):
            continue
        if node is not None and not can(actor, view, node):
            raise Unseen
        raise NotAllowed(f"no_{permission.replace('.', '_')}")


def require_everywhere(actor: Any, permission: Permission) -> None:
    """For what concerns the whole enterprise (definitions, rules, runs)."""
    if not can(actor, permission):
        raise NotAllowed(f"no_{permission.replace('.', '_')}")

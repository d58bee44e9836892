"""Who may change the organisation, and who may see persons."""

from typing import Any

from rongtong.access import policies as access
from rongtong.access.queries import area_of
from rongtong.access.roles import Permission
from rongtong.kernel.errors import NotAllowed
from rongtong.organization.models import Person, Post
from rongtong.trees.models import Node


def require_edit(actor: Any, node: Node | None) -> None:
    """The right to edit at a node; without a node (a root) over the whole enterprise."""
    if node is None:
        require_edit_at_root(actor)
    else:
        access.require(actor, Permission.ORGANIZATION_EDIT, node)


def require_edit_at_root(actor: Any) -> None:
    if not edits_everything(actor):
        raise NotAllowed("no_organization_edit")


def edits_everything(actor: Any) -> bool:
    return area_of(actor, Permission.ORGANIZATION_EDIT).is_all


def can_edit(actor: Any, node: Node) -> bool:
    return access.can(actor, Permission.ORGANIZATION_EDIT, node)


def sees_people_at(actor: Any, node: Node) -> bool:
    """Names of those who serve are personal data: another permission than the tree itself."""
    return access.can(actor, Permission.PERSON_VIEW, node)


def sees_person(actor: Any, person: Person) -> bool:
    """Whoever may see people at a node where the person serves or served; oneself always."""
    if person.account_id is not None and person.account_id == getattr(actor, "pk", None):
        return True
    if area_of(actor, Permission.PERSON_VIEW).is_all:
        return True
    return any(sees_people_at(actor, post.node) for post in Post.objects.filter(appointments__person=person).select_related("node"))

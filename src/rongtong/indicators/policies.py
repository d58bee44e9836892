"""Who may enter what. Each answer is a reason code, empty where it is allowed; pages use the same answers."""

from typing import Any

from rongtong.access import policies as access
from rongtong.access.queries import area_of
from rongtong.access.roles import Permission
from rongtong.indicators.models import Indicator
from rongtong.kernel.act import SystemActor
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.trees.models import Node


def why_not_enter(actor: Any, node: Node, indicator: Indicator) -> str:
    """Only the node's own people or those of the owner department enter; collected and derived figures are not typed."""
    if not indicator.is_typed:
        return "collected" if indicator.collector else "derived"
    if not indicator.is_on:
        return "switched_off"
    if access.can(actor, Permission.OBSERVATION_ENTER, node) or owns(actor, indicator):
        return ""
    return "not_owner"


def owns(actor: Any, indicator: Indicator) -> bool:
    """Whether the actor enters for the indicator's owner department."""
    return indicator.owner is not None and access.can(actor, Permission.OBSERVATION_ENTER, indicator.owner)


def require_enter(actor: Any, node: Node, indicator: Indicator) -> None:
    """Unseen for a node outside the actor's sight, NotAllowed with the reason otherwise."""
    if not sees(actor, node):
        raise Unseen
    reason = why_not_enter(actor, node, indicator)
    if reason:
        raise NotAllowed(reason)


def sees(actor: Any, node: Node) -> bool:
    return area_of(actor, Permission.OBSERVATION_VIEW).holds(node)


def require_view(actor: Any, node: Node) -> None:
    if not sees(actor, node):
        raise Unseen


def is_system(actor: Any) -> bool:
    return isinstance(actor, SystemActor)


def can_enter_at(actor: Any, node: Node) -> bool:
    """Whether the entry grid of a node is open to the actor at all."""
    if not sees(actor, node):
        return False
    if access.can(actor, Permission.OBSERVATION_ENTER, node):
        return True
    owned = Indicator.objects.filter(owner__isnull=False, collector="", expression="").select_related("owner")
    return any(owns(actor, indicator) for indicator in owned)

"""Who may put a paper together and who may open it."""

from typing import Any

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel.act import SystemActor
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.organization.models import Person
from rongtong.reports.models import Paper, PaperKind
from rongtong.trees.models import Node

VIEW, DO = Permission.MEETING_VIEW, Permission.EXPORT


def may_make(actor: Any, node: Node) -> bool:
    return access.can(actor, DO, node) and access.can(actor, VIEW, node)


def require_make(actor: Any, node: Node) -> None:
    access.require(actor, DO, node, view=VIEW)
    if not access.can(actor, VIEW, node):
        raise NotAllowed("no_meeting_view")


def refusal_about(actor: Any, person: Person) -> str:
    """A draft about a person's own work is for that person only: nobody watches over the shoulder."""
    if isinstance(actor, SystemActor) or person.account_id == getattr(actor, "pk", None):
        return ""
    return "not_own_report"


def opens(actor: Any, paper: Paper) -> bool:
    """A secretary's draft is the secretary's; other papers open to whoever may make them there."""
    if paper.kind == PaperKind.SECRETARY:
        return paper.made_by == str(getattr(actor, "uid", ""))
    return may_make(actor, paper.node)


def require_open(actor: Any, paper: Paper) -> None:
    if not opens(actor, paper):
        raise Unseen

"""Who sees an inspection, one place of it, a finding; and who may do what."""

from typing import Any

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.inspections.models import Finding, Inspection, Place, Stage
from rongtong.kernel.errors import NotAllowed, Unseen

VIEW, RUN = Permission.INSPECTION_VIEW, Permission.INSPECTION_RUN


def sees(actor: Any, inspection: Inspection) -> bool:
    """Whoever sees inspections of the node that inspects; once it is issued also whoever sees those of a place in it."""
    if access.can(actor, VIEW, inspection.node):
        return True
    if inspection.stage == Stage.DRAFT:
        return False
    return any(access.can(actor, VIEW, place.node) for place in inspection.places.select_related("node"))


def sees_place(actor: Any, place: Place) -> bool:
    if access.can(actor, VIEW, place.inspection.node):
        return True
    return place.inspection.stage != Stage.DRAFT and access.can(actor, VIEW, place.node)


def sees_finding(actor: Any, finding: Finding) -> bool:
    return sees_place(actor, finding.place)


def runs(actor: Any, inspection: Inspection) -> bool:
    return access.can(actor, RUN, inspection.node)


def may_comment(actor: Any, place: Place) -> bool:
    """The unit says its own word: whoever may write for it."""
    return access.can(actor, Permission.NOTE_SEND, place.node) and place.inspection.stage != Stage.DRAFT


def require_run(actor: Any, inspection: Inspection) -> None:
    """The inspecting side; the inspected one sees, but does not write the inspection."""
    if runs(actor, inspection):
        return
    if not sees(actor, inspection):
        raise Unseen
    raise NotAllowed("no_inspection_run")


def require_comment(actor: Any, place: Place) -> None:
    if may_comment(actor, place):
        return
    if not sees_place(actor, place):
        raise Unseen
    raise NotAllowed("no_note_send")

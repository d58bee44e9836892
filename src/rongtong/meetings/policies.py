"""Who sees a meeting and who may write what about it. A refusal is a reason code; pages ask the same functions."""

from typing import Any

from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel.act import SystemActor
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.meetings.models import Attendance, Meeting
from rongtong.meetings.states import WRITES, Who
from rongtong.trees.models import Node


def sees(actor: Any, meeting: Meeting) -> bool:
    """Whoever sees meetings of its organisation or unit, or takes part in it."""
    if isinstance(actor, SystemActor):
        return True
    nodes = [node for node in (meeting.node, meeting.partner) if node is not None]
    return any(access.can(actor, Permission.MEETING_VIEW, node) for node in nodes) or attends(actor, meeting)


def attends(actor: Any, meeting: Meeting) -> bool:
    """Whether the actor's person chairs, records, should attend or sits in."""
    key = getattr(actor, "pk", None)
    if key is None or not getattr(actor, "is_active", False):
        return False
    if any(person is not None and person.account_id == key for person in (meeting.chair, meeting.recorder)):
        return True
    return Attendance.objects.filter(meeting=meeting, person__account_id=key).exists()


def may_run(actor: Any, node: Node) -> bool:
    """Whether the actor may prepare and run meetings of an organisation or unit."""
    return access.can(actor, Permission.MEETING_RUN, node)


def require_run(actor: Any, node: Node) -> None:
    access.require(actor, Permission.MEETING_RUN, node, view=Permission.MEETING_VIEW)


def parts_of(actor: Any, meeting: Meeting) -> frozenset[Who]:
    """The parts an actor has in a meeting."""
    if isinstance(actor, SystemActor):
        return frozenset({Who.RUNNER})
    found = {Who.RUNNER} if may_run(actor, meeting.node) else set()
    key = getattr(actor, "pk", None)
    for who, person in ((Who.CHAIR, meeting.chair), (Who.RECORDER, meeting.recorder)):
        if key is not None and person is not None and person.account_id == key:
            found.add(who)
    return frozenset(found)


def refusal(actor: Any, meeting: Meeting, code: str) -> str:
    """Why this may not be written now by this actor; empty, if it may."""
    write = WRITES[code]
    if not parts_of(actor, meeting) & write.who:
        return f"not_{'_or_'.join(sorted(write.who))}"
    if meeting.state not in write.states:
        return f"state_{meeting.state}"
    return "restricted" if write.is_wordy and meeting.kind.is_restricted else ""


def may(actor: Any, meeting: Meeting, code: str) -> bool:
    return not refusal(actor, meeting, code)


def require_write(actor: Any, meeting: Meeting, code: str) -> None:
    """First line of an action: 404 to who may not see it, 403 to who has no part, else a sentence."""
    if not sees(actor, meeting):
        raise Unseen
    reason = refusal(actor, meeting, code)
    if reason.startswith("not_"):
        raise NotAllowed(reason)
    if reason == "restricted":
        raise Refused(
            _("Words of this kind of meeting are not held"), remedy=_("record the counts and where the paper lies"), code="restricted"
        )
    if reason:
        what = _("“%(title)s” is now: %(state)s") % {"title": meeting.title, "state": meeting.get_state_display()}
        raise Conflict(what, remedy=_("look at it again; its state decides what may be written"), code="state")

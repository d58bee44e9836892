"""The life of a matter as data: which step leads from which states to which, and who takes it.

draft -> assigned -> acknowledged -> in progress -> submitted -> closed, or returned to the handler with a reason. Beside it: an extension
asked for and decided, urging, suspension, hand-over, reopening, voiding. See docs/methods/matters.md.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    ASSIGNED = "assigned", _("assigned")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    IN_PROGRESS = "in_progress", _("in progress")
    SUBMITTED = "submitted", _("submitted for review")
    RETURNED = "returned", _("returned")
    SUSPENDED = "suspended", _("suspended")
    CLOSED = "closed", _("closed out")
    VOID = "void", _("void")


WITH_HANDLER = (State.ASSIGNED, State.ACKNOWLEDGED, State.IN_PROGRESS, State.RETURNED)
OPEN = (*WITH_HANDLER, State.SUBMITTED, State.SUSPENDED)
ENDED = (State.CLOSED, State.VOID)


class Who(StrEnum):
    """The part somebody has in a matter."""

    LEADER = "leader"
    HANDLER = "handler"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    PROPOSER = "proposer"  # who drafted it


@dataclass(frozen=True, slots=True)
class Move:
    """One kind of step. `to` None leaves the state; `needs_reason` asks for a sentence."""

    code: str
    label: object
    sources: tuple[str, ...]
    to: str | None
    who: frozenset[Who]
    needs_reason: bool = False
    is_main: bool = False


def _move(code: str, label: object, sources: tuple[str, ...], to: str | None, *who: Who, reason: bool = False, main: bool = False) -> Move:
    return Move(code, label, sources, to, frozenset(who), reason, main)


L, H, R, S, P = Who.LEADER, Who.HANDLER, Who.REVIEWER, Who.SUPERVISOR, Who.PROPOSER
MOVES: dict[str, Move] = {
    move.code: move
    for move in (
        _move("assign", _("Assign"), (State.DRAFT,), State.ASSIGNED, L, S, P, main=True),
        _move("acknowledge", _("Acknowledge"), (State.ASSIGNED,), State.ACKNOWLEDGED, H, main=True),
        _move("report", _("Report progress"), (State.ACKNOWLEDGED, State.IN_PROGRESS, State.RETURNED), State.IN_PROGRESS, H),
        _move("submit", _("Submit for review"), (State.ACKNOWLEDGED, State.IN_PROGRESS, State.RETURNED), State.SUBMITTED, H, main=True),
        _move("return", _("Return"), (State.SUBMITTED,), State.RETURNED, R, reason=True),
        _move("close", _("Close out"), (State.SUBMITTED,), State.CLOSED, R, main=True),
        _move("ask_extension", _("Ask for an extension"), WITH_HANDLER, None, H, reason=True),
        _move("extend", _("Approve the extension"), WITH_HANDLER, None, L, S, main=True),
        _move("refuse_extension", _("Refuse the extension"), WITH_HANDLER, None, L, S, reason=True),
        _move("urge", _("Urge"), (*WITH_HANDLER, State.SUBMITTED), None, L, R, S),
        _move("suspend", _("Suspend"), (*WITH_HANDLER, State.SUBMITTED), State.SUSPENDED, L, S, reason=True),
        _move("resume", _("Resume"), (State.SUSPENDED,), None, L, S, main=True),
        _move("hand_over", _("Hand over"), (State.DRAFT, *WITH_HANDLER, State.SUBMITTED, State.SUSPENDED), None, L, S, reason=True),
        _move("look_back", _("Look back: it holds"), (State.CLOSED,), None, L, R, S),
        _move("reopen", _("Reopen: it recurred"), (State.CLOSED,), State.IN_PROGRESS, L, R, S, reason=True),
        _move("void", _("Void"), (State.DRAFT, *OPEN), State.VOID, L, S, P, reason=True),
        _move("remark", _("Add a remark"), (State.DRAFT, *OPEN, State.CLOSED), None, L, H, R, S),
    )
}


# 亲自部署、过问、协调、督办: the steps that show each, when the leader took them; closing out is signing off, not leading
PERSONALLY = {
    "deploy": ("assign", "draft"),
    "inquire": ("remark",),
    "coordinate": ("ask", "extend", "refuse_extension", "hand_over"),
    "supervise": ("urge", "return", "look_back"),
}
# work of the own hands of a leader who is the handler too; a record that he or she made counts as well
OWN_HANDS = ("report", "submit", "prove")
IN_PERSON = frozenset(kind for kinds in PERSONALLY.values() for kind in kinds) - {"assign", "draft"}


class Light(StrEnum):
    """What a list shows at a glance; always with its word."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


LIGHT_WORDS = {
    Light.GREEN: _("on time"),
    Light.YELLOW: _("due soon"),
    Light.RED: _("overdue"),
    Light.GREY: pgettext_lazy("matter", "closed"),
}
LIGHT_MARKS = {Light.GREEN: "●", Light.YELLOW: "◆", Light.RED: "▲", Light.GREY: "○"}

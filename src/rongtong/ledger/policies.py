"""Who sees a matter, and who may take which step. A step is refused with a reason code that the page can show."""

from typing import Any

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import SystemActor
from rongtong.kernel.errors import NotAllowed, Unseen
from rongtong.ledger.models import Matter, Sensitivity
from rongtong.ledger.states import MOVES, Move, Who
from rongtong.organization.models import Appointment
from rongtong.trees.models import Node

OWN_WORK = "reviewer_is_handler"


def posts_of(actor: Any) -> frozenset[int]:
    """Posts in which the actor's person serves today; asked once per request."""
    if isinstance(actor, SystemActor) or not getattr(actor, "is_active", False):
        return frozenset()
    memory = actor.__dict__
    if "_posts_today" not in memory:
        rows = Appointment.objects.on(clock.today()).filter(person__account_id=actor.pk)
        memory["_posts_today"] = frozenset(rows.order_by().values_list("post_id", flat=True))
    posts: frozenset[int] = memory["_posts_today"]
    return posts


def parts_of(actor: Any, matter: Matter) -> frozenset[Who]:
    """The parts an actor has in a matter today."""
    if isinstance(actor, SystemActor):
        return frozenset({Who.SUPERVISOR})
    mine = posts_of(actor)
    found = {
        who
        for who, post in ((Who.LEADER, matter.leader_post_id), (Who.HANDLER, matter.handler_post_id), (Who.REVIEWER, matter.reviewer_post_id))
        if post in mine
    }  # fmt: skip
    if supervises(actor, matter):
        found.add(Who.SUPERVISOR)
    if matter.created_by == str(getattr(actor, "uid", "")):
        found.add(Who.PROPOSER)
    return frozenset(found)


def supervises(actor: Any, matter: Matter) -> bool:
    nodes = [node for node in (matter.lead, matter.partner) if node is not None]
    return any(access.can(actor, Permission.MATTER_SUPERVISE, node) for node in nodes)


def sees(actor: Any, matter: Matter) -> bool:
    """Whoever takes part; where it is not restricted, also whoever sees matters of its units or supports it."""
    if isinstance(actor, SystemActor) or parts_of(actor, matter) - {Who.SUPERVISOR}:
        return True
    if matter.sensitivity == Sensitivity.RESTRICTED:
        return False
    nodes = [node for node in (matter.lead, matter.partner) if node is not None]
    return any(sees_at(actor, node) for node in nodes) or _supports(actor, matter) or _asked(actor, matter)


def sees_at(actor: Any, node: Node) -> bool:
    return access.can(actor, Permission.MATTER_VIEW, node)


def _supports(actor: Any, matter: Matter) -> bool:
    return any(sees_at(actor, support.node) for support in matter.supports.select_related("node"))


def _asked(actor: Any, matter: Matter) -> bool:
    request = getattr(matter, "request", None)
    return request is not None and sees_at(actor, request.from_node)


def refusal(actor: Any, matter: Matter, move: Move) -> str:
    """Why the actor may not take this step now; empty, if it may. The state is judged apart."""
    if not parts_of(actor, matter) & move.who:
        return f"not_{'_or_'.join(sorted(move.who))}"
    if move.code in {"close", "return"} and matter.handler_post_id in posts_of(actor):
        return OWN_WORK
    return ""


def moves_open_to(actor: Any, matter: Matter) -> list[Move]:
    """The steps that the actor could take now, the main one first."""
    found = [move for move in MOVES.values() if matter.state in move.sources and not refusal(actor, matter, move)]
    asked = matter.asked_due_on is not None
    found = [move for move in found if asked or move.code not in {"extend", "refuse_extension"}]
    found = [move for move in found if not (asked and move.code == "ask_extension")]
    return sorted(found, key=lambda move: not move.is_main)


def require_move(actor: Any, matter: Matter, code: str) -> None:
    if not sees(actor, matter):
        raise Unseen
    reason = refusal(actor, matter, MOVES[code])
    if reason:
        raise NotAllowed(reason)


def may_create(actor: Any, *nodes: Node | None) -> bool:
    """A matter may be drafted by whoever may assign at one of its units."""
    return any(access.can(actor, Permission.MATTER_ASSIGN, node) for node in nodes if node is not None)


def require_create(actor: Any, *nodes: Node | None) -> None:
    named = [node for node in nodes if node is not None]
    if may_create(actor, *named):
        return
    if not any(sees_at(actor, node) for node in named):
        raise Unseen
    raise NotAllowed("no_matter_assign")

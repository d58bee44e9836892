"""Who sees the title of a decision, and which act may follow now; the page shows the same reasons."""

from typing import Any

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.decisions.models import Category, Decision, Outcome
from rongtong.decisions.states import MAY

VIEW, RUN = Permission.DECISION_VIEW, Permission.DECISION_RUN


def sees(actor: Any, decision: Decision) -> bool:
    """That there is such a decision: whoever sees decisions of the organisation or of the unit it is about."""
    return any(access.can(actor, VIEW, node) for node in (decision.node, decision.unit) if node is not None)


def reads(actor: Any, decision: Decision) -> bool:
    """Its title and details; of inside information only whoever sees decisions of the organisation itself."""
    return access.can(actor, VIEW, decision.node) or (not decision.is_restricted and sees(actor, decision))


def title_for(actor: Any, decision: Decision) -> str:
    """The title, or what stands for it: personnel matters have none, inside information shows none."""
    if not decision.title or not reads(actor, decision):
        return f"{decision.code} {decision.get_category_display()}"
    return decision.title


def refusal(actor: Any, decision: Decision, act: str) -> str:
    """Why the actor may not record this now; empty, if it may."""
    if not access.can(actor, RUN, decision.node):
        return "no_decision_run"
    if decision.category == Category.PERSONNEL and act in {"answer", "execute"}:
        return "no_words"
    if act == "execute" and decision.outcome != Outcome.ADOPTED:
        return "not_adopted"
    return "" if decision.state in MAY[act] else "state"


def open_to(actor: Any, decision: Decision) -> frozenset[str]:
    """The acts that the actor may record now."""
    return frozenset(act for act in MAY if not refusal(actor, decision, act))

"""PLAN-01: the yearly Party plan and the production plan refer to each other."""

from collections.abc import Sequence
from datetime import date

from rongtong.plans.models import IntegrationLink, LinkState, Plan, PlanState
from rongtong.rules.checks import Case, Finding, met, register_check
from rongtong.rules.models import State


def plans_refer(cases: Sequence[Case], day: date) -> dict[int, Finding]:
    """Met where a plan of the year is adopted and a confirmed link joins both sides in it; nodes of either tree."""
    due_on = date(day.year, 3, 31)
    rows = Plan.objects.filter(year=day.year).exclude(state=PlanState.DRAFT)
    linked = set(IntegrationLink.objects.filter(state=LinkState.CONFIRMED).values_list("party_objective__plan_id", flat=True))
    good, planned = set(), set()
    for pk, unit, party in rows.values_list("pk", "unit_id", "party_id"):
        planned |= {unit, party}
        good |= {unit, party} if pk in linked else set()
    found = {}
    for subject, row in cases:
        if subject.node.pk in good:
            found[subject.node.pk] = met(due_on)
        else:
            missing = "link" if subject.node.pk in planned else "plan"
            found[subject.node.pk] = Finding(State.LATE if day > due_on else State.DUE, row.level, due_on, {"missing": missing})
    return found


def register() -> None:
    """Called from AppConfig.ready."""
    register_check("plans_refer", plans_refer)

"""Changes to what stands in a plan: an objective with its reason, the own fields of a carrier, a suggestion that nobody wants."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.indicators.models import Indicator
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.reference import Reference
from rongtong.organization.models import Post
from rongtong.plans import actions
from rongtong.plans.models import Carrier, Dismissal, KeyResult, Objective, PlanSide, PlanState
from rongtong.plans.states import FINISHED

VIEW = Permission.PLAN_VIEW
MOST = 500


@dataclass(frozen=True, slots=True)
class ObjectiveChange:
    """What an objective is to be from now on; the key result is replaced as a whole."""

    title: str
    owner: Post
    co_owner: Post | None
    due_on: date
    indicator: Indicator | None = None
    baseline: float | None = None
    target: float | None = None


@act("plans.change_objective")
def change_objective(*, by: Actor, objective: Objective, change: ObjectiveChange, reason: str) -> Objective:
    """Change an objective. Of an adopted plan a version is kept with the reason; a frozen plan is opened first."""
    access.require(by, Permission.PLAN_EDIT, objective.plan.unit, view=VIEW)
    locked = Objective.objects.select_for_update(of=("self",)).select_related("plan__unit", "plan__party", "owner").get(pk=objective.pk)
    _refuse(locked, change)
    is_adopted = locked.plan.state == PlanState.ADOPTED
    why = actions.sentence(reason, "reason", 300) if is_adopted else reason.strip()[:300]
    locked.title, locked.owner, locked.co_owner = actions.sentence(change.title, "title"), change.owner, change.co_owner
    locked.due_on = change.due_on
    locked.save(update_fields=["title", "owner", "co_owner", "due_on"])
    _key_result(locked, change)
    if is_adopted:
        actions.keep_version(by, locked.plan, PlanState.ADOPTED, why)
    current().about(Reference("objective", str(locked.pk)), why=why, due_on=str(change.due_on))
    return locked


def _refuse(objective: Objective, change: ObjectiveChange) -> None:
    if objective.plan.state == PlanState.FROZEN:
        raise Conflict(_("The plan is frozen"), remedy=_("change it with a reason first"), code="frozen")
    if objective.dropped_on is not None:
        raise Conflict(_("The objective was given up"), remedy=_("add a new one"), code="dropped")
    if change.due_on < objective.starts_on:
        what = _("The due date %(due)s lies before the start %(start)s") % {"due": change.due_on, "start": objective.starts_on}
        raise Refused(what, field="due_on", remedy=_("choose a later day"), code="due_before_start")
    if change.co_owner is not None and change.co_owner.node.tree == change.owner.node.tree:
        raise Refused(
            _("Both owners stand on the same side"), field="co_owner", remedy=_("name a post of the other side"), code="same_side"
        )  # fmt: skip
    if change.indicator is not None and change.target is None:
        raise Refused(_("The key result has no target"), field="target", remedy=_("fill in a number"))


def _key_result(objective: Objective, change: ObjectiveChange) -> None:
    """The first key result is what the form shows; the others stay."""
    first = objective.key_results.order_by("pk").first()
    if change.indicator is None:
        if first is not None:
            first.delete()
        return
    assert change.target is not None
    values = {"indicator": change.indicator, "baseline": change.baseline, "target": change.target}
    twice = objective.key_results.filter(indicator=change.indicator).exclude(pk=first.pk if first else 0).exists()
    if twice:
        raise Refused(_("The objective has this indicator already"), field="indicator", remedy=_("choose another"), code="twice")
    if first is None:
        KeyResult.objects.create(objective=objective, **values)
        return
    KeyResult.objects.filter(pk=first.pk).update(**values)


@act("plans.fill_carrier")
def fill_carrier(*, by: Actor, carrier: Carrier, values: Mapping[str, str]) -> Carrier:
    """Fill in the fields that only this kind of carrier has; an accepted or stopped one changes no more."""
    access.require(by, Permission.PLAN_EDIT, carrier.party, view=VIEW)
    locked = Carrier.objects.select_for_update(of=("self",)).select_related("kind").get(pk=carrier.pk)
    if locked.state in FINISHED or locked.state == "stopped":
        what = _("“%(title)s” is now: %(state)s") % {"title": locked.title, "state": locked.get_state_display()}
        raise Conflict(what, remedy=_("look at it again"), code="state")
    known = {row[0] for row in locked.kind.fields}
    unknown = set(values) - known
    if unknown:
        raise Refused(_("%(kind)s has no field %(names)s") % {"kind": locked.kind, "names": ", ".join(sorted(unknown))}, field="values")
    long = [name for name, value in values.items() if len(value) > MOST]
    if long:
        raise Refused(
            _("The text is longer than %(most)s characters") % {"most": MOST}, field=f"v_{long[0]}", remedy=_("attach it to a milestone")
        )
    locked.values = {**locked.values, **{name: value.strip() for name, value in values.items()}}
    locked.save(update_fields=["values"])
    current().about(Reference("carrier", str(locked.pk)), filled=sorted(values))
    return locked


@act("plans.dismiss")
def dismiss(*, by: Actor, party: Objective, production: Objective, kind: str, reason: str) -> Dismissal:
    """A suggestion that does not fit: it is not shown again, and counts against what suggestions are worth."""
    access.require(by, Permission.PLAN_EDIT, party.plan.unit, view=VIEW)
    if party.side != PlanSide.PARTY or production.side != PlanSide.PRODUCTION or party.plan_id != production.plan_id:
        raise Refused(
            _("A link joins a Party objective with a production objective"), field="production_objective", remedy=_("choose one of each")
        )
    made, is_new = Dismissal.objects.get_or_create(
        party_objective=party, production_objective=production,
        defaults={"kind": kind[:20], "reason": actions.sentence(reason, "reason", 300), "by_label": by.label, "on": clock.today()},
    )  # fmt: skip
    if not is_new:
        raise Conflict(_("The suggestion was set aside already"), remedy=_("look at it again"), code="twice")
    current().about(Reference("objective", str(party.pk)), with_objective=production.code, why=made.reason)
    return made

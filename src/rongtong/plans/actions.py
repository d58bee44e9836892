"""Acts on plans, links, carriers and results."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.indicators.models import Indicator, Subsystem
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, Actor, Message, act, current
from rongtong.kernel.errors import Conflict, NotAllowed, Refused
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.ledger import actions as ledger
from rongtong.ledger.models import Matter, Origin, Side
from rongtong.ledger.numbers import numbers_at
from rongtong.ledger.states import State
from rongtong.organization import queries as organization
from rongtong.organization.models import Post
from rongtong.plans.models import (
    Badge,
    Carrier,
    CarrierKind,
    CarrierState,
    IntegrationLink,
    KeyResult,
    LinkState,
    Milestone,
    Objective,
    Plan,
    PlanSide,
    PlanSource,
    PlanState,
    PlanVersion,
    Result,
    Together,
)
from rongtong.plans.states import NEXT, PROCESSES
from rongtong.trees.models import Counter, Node, TreeLink

VIEW = Permission.PLAN_VIEW


@act("plans.install")
def install(*, by: Actor) -> int:
    """Add the shipped kinds of carriers that are not there yet, and give the others the fields that the shipped list has now."""
    access.require_everywhere(by, Permission.PLAN_EDIT)
    data = tomllib.loads(files("rongtong.plans").joinpath("data/carriers.toml").read_text(encoding="utf-8"))
    have = {kind.code: kind for kind in CarrierKind.objects.all()}
    rows = [CarrierKind(**row) for row in data["kind"] if row["code"] not in have]
    CarrierKind.objects.bulk_create(rows)
    for row in data["kind"]:
        if row["code"] in have and have[row["code"]].fields != row["fields"]:
            CarrierKind.objects.filter(code=row["code"]).update(fields=row["fields"], name=row["name"], name_en=row["name_en"])
    current().about(Reference("carrier_kind", "shipped"), added=len(rows))
    return len(rows)


def _number(prefix: str, year: int) -> str:
    counter, _made = Counter.objects.select_for_update().get_or_create(name=f"{prefix}-{year}")
    counter.value += 1
    counter.save(update_fields=["value"])
    return f"{prefix}{year}-{counter.value:04d}"


def sentence(value: str, field: str, most: int = 200) -> str:
    """A text that says something and fits its column."""
    text = value.strip()
    if not text or len(text) > most:
        what = _("The text is empty or longer than %(most)s characters") % {"most": most}
        raise Refused(what, field=field, remedy=_("say it in a sentence"))
    return text


# plans and objectives


@act("plans.open")
def open_plan(*, by: Actor, unit: Node, year: int) -> Plan:
    """Start the plan of a unit for a year; it carries both sides from the first day."""
    access.require(by, Permission.PLAN_EDIT, unit, view=VIEW)
    if not unit.is_business:
        raise Refused(_("A plan belongs to a business unit"), field="unit", remedy=_("name the unit; its Party organisation joins it"))
    link = (
        TreeLink.objects.on(clock.today())
        .filter(unit=unit)
        .exclude(kind="temporary")
        .select_related("party")
        .order_by("-kind", "pk")
        .first()
    )
    try:
        with transaction.atomic():
            plan = Plan.objects.create(unit=unit, party=link.party if link else None, year=year, created_label=by.label)
    except IntegrityError as twice:
        what = _("%(name)s has a plan for %(year)s already") % {"name": unit.name, "year": year}
        raise Conflict(what, remedy=_("open that one"), code="twice") from twice
    current().about(Reference("plan", str(plan.pk)), unit=unit.code, year=year)
    return plan


@dataclass(frozen=True, slots=True)
class NewObjective:
    """An objective with its owner and, at best, the figure by which one sees that it is reached."""

    side: str
    title: str
    owner: Post | None
    due_on: date
    co_owner: Post | None = None
    source: str = PlanSource.OWN
    parent: Objective | None = None
    starts_on: date | None = None
    indicator: Indicator | None = None
    baseline: float | None = None
    target: float | None = None


@act("plans.add_objective")
def add_objective(*, by: Actor, plan: Plan, new: NewObjective) -> Objective:
    """Add an objective; every one has an owner, and one of the other side where both plan it together."""
    access.require(by, Permission.PLAN_EDIT, plan.unit, view=VIEW)
    _refuse_frozen(plan)
    starts_on = new.starts_on or date(plan.year, 1, 1)
    _refuse_objective(new, starts_on)
    assert new.owner is not None
    made = Objective.objects.create(
        plan=plan, code=_number("O", plan.year), side=new.side, title=sentence(new.title, "title"), owner=new.owner, co_owner=new.co_owner,
        source=new.source, parent=new.parent, starts_on=starts_on, due_on=new.due_on,
    )  # fmt: skip
    if new.indicator is not None:
        if new.target is None:
            raise Refused(_("The key result has no target"), field="target", remedy=_("fill in a number"))
        KeyResult.objects.create(objective=made, indicator=new.indicator, baseline=new.baseline, target=new.target)
    current().about(Reference("objective", str(made.pk)), plan=plan.pk, side=new.side)
    return made


def _refuse_objective(new: NewObjective, starts_on: date) -> None:
    if new.owner is None:
        raise Refused(_("The objective has no owner"), field="owner", remedy=_("name the post that answers for it"), code="no_owner")
    if new.side not in PlanSide.values:
        raise Refused(_("“%(side)s” is not a side") % {"side": new.side}, field="side", remedy=_("use party or production"))
    if new.co_owner is not None and new.co_owner.node.tree == new.owner.node.tree:
        raise Refused(
            _("Both owners stand on the same side"), field="co_owner", remedy=_("name a post of the other side"), code="same_side"
        )
    if new.due_on < starts_on:
        what = _("The due date %(due)s lies before the start %(start)s") % {"due": new.due_on, "start": starts_on}
        raise Refused(what, field="due_on", remedy=_("choose a later day"), code="due_before_start")


def _refuse_frozen(plan: Plan) -> None:
    if plan.state == PlanState.FROZEN:
        raise Conflict(_("The plan is frozen"), remedy=_("change it with a reason first"), code="frozen")


@act("plans.take_over")
def take_over(*, by: Actor, plan: Plan, above: Objective, owner: Post) -> Objective:
    """承接: take an objective of the superior's plan into one's own; circles are refused."""
    access.require(by, Permission.PLAN_EDIT, plan.unit, view=VIEW)
    step: Objective | None = above
    while step is not None:
        if step.plan_id == plan.pk:
            raise Refused(
                _("The objective would be a part of itself"), field="parent", remedy=_("take over one of the plan above"), code="circle"
            )
        step = step.parent
    new = NewObjective(above.side, above.title, owner, min(above.due_on, date(plan.year, 12, 31)), source=PlanSource.SUPERIOR, parent=above)
    return add_objective(by=by, plan=plan, new=new)


@act("plans.split")
def split(*, by: Actor, objective: Objective) -> int:
    """分解: hand an objective down to the plans of the units below that lack it; each gets its own leading post. Returns how many took it."""
    plan = objective.plan
    access.require(by, Permission.PLAN_ADOPT, plan.unit, view=VIEW)
    below = (
        Plan.objects.filter(unit__parent=plan.unit, year=plan.year).exclude(objectives__parent=objective).exclude(state=PlanState.FROZEN)
    )
    count = 0
    for lower in below.select_related("unit", "party").order_by("unit__path"):
        node = lower.party if objective.side == PlanSide.PARTY and lower.party is not None else lower.unit
        owner = organization.leading_post(node)
        if owner is not None:
            take_over(by=by, plan=lower, above=objective, owner=owner)
            count += 1
    if not count:
        raise Refused(
            _("No unit below could take it"), remedy=_("open their plans first, or look whether they have it already"), code="nobody"
        )
    current().about(Reference("objective", str(objective.pk)), handed_to=count)
    return count


@act("plans.drop_objective")
def drop_objective(*, by: Actor, objective: Objective, reason: str) -> Objective:
    """Give an objective up, with the reason; it stays readable."""
    access.require(by, Permission.PLAN_EDIT, objective.plan.unit, view=VIEW)
    _refuse_frozen(objective.plan)
    objective.dropped_on, objective.dropped_reason = clock.today(), sentence(reason, "reason", 300)
    objective.save(update_fields=["dropped_on", "dropped_reason"])
    current().about(Reference("objective", str(objective.pk)), why=objective.dropped_reason)
    return objective


@act("plans.add_measure")
def add_measure(*, by: Actor, objective: Objective, title: str, due_on: date, parts: ledger.Parts) -> Matter:
    """A measure of an objective becomes a matter with a leader and a handler."""
    plan = objective.plan
    access.require(by, Permission.PLAN_EDIT, plan.unit, view=VIEW)
    is_party = objective.side == PlanSide.PARTY and plan.party is not None
    lead, partner = (plan.party, plan.unit) if is_party and plan.party else (plan.unit, plan.party)
    side = Side.BOTH if objective.co_owner_id else objective.side
    return ledger.deploy(
        by=by,
        new=ledger.NewMatter(
            title, side, lead, due_on, parts, partner, origin=Origin.PLAN, record=Reference("objective", str(objective.pk)),
            starts_on=min(clock.today(), due_on),
        ),
    )  # fmt: skip


@act("plans.adopt")
def adopt(*, by: Actor, plan: Plan, freeze: bool = False) -> PlanVersion:
    """Adopt the plan as it stands: a version is kept. Frozen, it changes only with a reason."""
    access.require(by, Permission.PLAN_ADOPT, plan.unit, view=VIEW)
    objectives = list(plan.objectives.filter(dropped_on__isnull=True))
    if {objective.side for objective in objectives} != set(PlanSide.values):
        raise Refused(_("The plan has objectives of one side only"), remedy=_("add one of the other side"), code="one_side")
    return keep_version(by, plan, PlanState.FROZEN if freeze else PlanState.ADOPTED, "")


@act("plans.unfreeze")
def unfreeze(*, by: Actor, plan: Plan, reason: str) -> PlanVersion:
    """Open a frozen plan for changes, with the reason; the version before stays."""
    access.require(by, Permission.PLAN_ADOPT, plan.unit, view=VIEW)
    if plan.state != PlanState.FROZEN:
        raise Conflict(_("The plan is not frozen"), remedy=_("change it as it is"), code="state")
    return keep_version(by, plan, PlanState.ADOPTED, sentence(reason, "reason", 300))


def keep_version(by: Actor, plan: Plan, state: str, reason: str) -> PlanVersion:
    """Keep the plan as it stands under the next number; part of the act that changes it."""
    locked = Plan.objects.select_for_update().get(pk=plan.pk)
    locked.version += 1
    locked.state = state
    locked.save(update_fields=["version", "state"])
    plan.version, plan.state = locked.version, state
    content = [
        {
            "code": o.code, "side": o.side, "title": o.title, "owner": o.owner.code, "co_owner": o.co_owner.code if o.co_owner else "",
            "due_on": str(o.due_on), "dropped": bool(o.dropped_on),
            "key_results": [{"indicator": k.indicator.code, "baseline": k.baseline, "target": k.target} for k in o.key_results.all()],
        }
        for o in plan.objectives.select_related("owner", "co_owner").prefetch_related("key_results__indicator")
    ]  # fmt: skip
    current().about(Reference("plan", str(plan.pk)), version=locked.version, state=state)
    return PlanVersion.objects.create(plan=plan, number=locked.version, reason=reason, content=content, made_label=by.label)


# carriers


@dataclass(frozen=True, slots=True)
class NewCarrier:
    """A carrier: who, where, which production indicator, from what to what, until when."""

    kind: CarrierKind
    title: str
    party: Node
    unit: Node
    owner: Post | None
    indicator: Indicator | None
    target: float | None
    starts_on: date
    ends_on: date
    baseline: float | None = None
    values: dict[str, str] | None = None


@act("plans.declare_carrier")
def declare_carrier(*, by: Actor, new: NewCarrier) -> Carrier:
    """申报: a carrier without indicator and target is only an activity, and is not taken."""
    access.require(by, Permission.PLAN_EDIT, new.party, view=VIEW)
    if new.party.is_business or not new.unit.is_business:
        raise Refused(
            _("A carrier joins a Party organisation with a unit"), field="unit" if not new.unit.is_business else "party",
            remedy=_("name one of each"), code="two_trees",
        )  # fmt: skip
    if new.owner is None:
        raise Refused(_("The carrier has no owner"), field="owner", remedy=_("name the post that answers for it"), code="no_owner")
    if new.indicator is None or new.target is None:
        raise Refused(
            _("The carrier has no indicator with a target"),
            field="target",
            remedy=_("name the production indicator and its target"),
            code="no_target",
        )
    if new.indicator.subsystem != Subsystem.PRODUCTION:
        raise Refused(
            _("%(name)s is not a production indicator") % {"name": new.indicator.name}, field="indicator", remedy=_("choose another")
        )
    if new.ends_on < new.starts_on:
        raise Refused(_("The end lies before the start"), field="ends_on", remedy=_("choose a later day"), code="due_before_start")
    unknown = set(new.values or {}) - {row[0] for row in new.kind.fields}
    if unknown:
        raise Refused(_("%(kind)s has no field %(names)s") % {"kind": new.kind.name, "names": ", ".join(sorted(unknown))}, field="values")
    made = Carrier.objects.create(
        code=_number("C", new.starts_on.year), kind=new.kind, title=sentence(new.title, "title"), party=new.party, unit=new.unit, owner=new.owner,
        indicator=new.indicator, baseline=new.baseline, target=new.target, starts_on=new.starts_on, ends_on=new.ends_on,
        values=new.values or {}, declared_by=str(by.uid), declared_label=by.label,
    )  # fmt: skip
    current().about(Reference("carrier", str(made.pk)), kind=new.kind.code, indicator=new.indicator.code)
    return made


@act("plans.move_carrier")
def move_carrier(*, by: Actor, carrier: Carrier, to: str, reason: str = "") -> Carrier:
    """One step of the common life cycle; approval is by whoever adopts plans, and not by whoever declared it."""
    access.require(by, Permission.PLAN_EDIT, carrier.party, view=VIEW)
    locked = Carrier.objects.select_for_update(of=("self",)).select_related("party", "unit").get(pk=carrier.pk)
    if to not in NEXT[locked.state]:
        what = _("“%(title)s” is now: %(state)s") % {"title": locked.title, "state": locked.get_state_display()}
        raise Conflict(what, remedy=_("look at it again"), code="state")
    if to == CarrierState.APPROVED:
        access.require(by, Permission.PLAN_ADOPT, locked.party, view=VIEW)
        if locked.declared_by == str(by.uid):
            raise NotAllowed("declared_it")
    locked.stopped_reason = sentence(reason, "reason", 300) if to == CarrierState.STOPPED else ""
    locked.state = to
    locked.save(update_fields=["state", "stopped_reason"])
    if to == CarrierState.STOPPED:  # what it proved is open again
        ledger.disprove(by=SYSTEM, record=Reference("carrier", str(locked.pk)), note=locked.stopped_reason)
    current().about(Reference("carrier", str(locked.pk)), state=to)
    return locked


@act("plans.add_milestone")
def add_milestone(*, by: Actor, carrier: Carrier, title: str, due_on: date, parts: ledger.Parts) -> Matter:
    """A milestone of a carrier is a matter of both sides."""
    access.require(by, Permission.PLAN_EDIT, carrier.party, view=VIEW)
    record = Reference("carrier", str(carrier.pk))
    new = ledger.NewMatter(
        title, Side.BOTH, carrier.unit, due_on, parts, carrier.party, origin=Origin.CARRIER, record=record, indicator=carrier.indicator,
        starts_on=min(clock.today(), due_on),
    )  # fmt: skip
    return ledger.deploy(by=by, new=new)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the business side accepts: the figure reached, in a sentence, money saved if it was verified, and how it was told."""

    result: float | None
    text: str
    saving_fen: int | None = None
    badge: str = Badge.BEFORE_AFTER
    study: Reference | None = None


@act("plans.accept_carrier")
def accept_carrier(*, by: Actor, carrier: Carrier, acceptance: Acceptance) -> Carrier:
    """验收 by the business side, never by whoever declared it. Without a figure the result is only claimed."""
    access.require(by, Permission.RESULT_CONFIRM, carrier.unit, view=VIEW)
    locked = Carrier.objects.select_for_update(of=("self",)).select_related("party", "unit").get(pk=carrier.pk)
    if locked.state != CarrierState.ENDED:
        what = _("“%(title)s” is now: %(state)s") % {"title": locked.title, "state": locked.get_state_display()}
        raise Conflict(what, remedy=_("it is accepted once it has ended"), code="state")
    if locked.declared_by == str(by.uid):
        raise NotAllowed("declared_it")
    badge = _badge(by, locked, acceptance)
    locked.state, locked.result, locked.result_text = CarrierState.ACCEPTED, acceptance.result, sentence(acceptance.text, "text", 500)
    locked.saving_fen, locked.badge = acceptance.saving_fen, badge
    locked.accepted_by, locked.accepted_label, locked.accepted_on = str(by.uid), by.label, clock.today()
    names = ["state", "result", "result_text", "saving_fen", "badge", "accepted_by", "accepted_label", "accepted_on"]
    locked.save(update_fields=names)
    current().about(Reference("carrier", str(locked.pk)), result=acceptance.result, badge=badge)
    return locked


def _badge(by: Actor, carrier: Carrier, acceptance: Acceptance) -> str:
    """Without a figure only claimed; before and after needs a baseline; compared needs a study that the actor can open."""
    if acceptance.result is None:
        return Badge.CLAIMED
    if acceptance.badge not in Badge.values:
        raise Refused(_("“%(badge)s” is not a badge") % {"badge": acceptance.badge}, field="badge", remedy=", ".join(Badge.values))
    if acceptance.badge == Badge.BEFORE_AFTER and carrier.baseline is None:
        raise Refused(_("There is no baseline to compare with"), field="badge", remedy=_("accept it as claimed"), code="no_baseline")
    if acceptance.badge == Badge.COMPARED and (acceptance.study is None or title_and_url(acceptance.study, by) is None):
        raise Refused(
            _("A compared estimate needs a study"), field="badge", remedy=_("accept it as before and after, or as claimed"), code="no_study"
        )  # fmt: skip
    return acceptance.badge


# links


@dataclass(frozen=True, slots=True)
class NewLink:
    """An integration link: two objectives, and the three fields without which it says nothing."""

    party_objective: Objective
    production_objective: Objective
    carrier: Carrier | None
    indicator: Indicator | None
    target: float | None
    process: str = ""
    why: str = ""
    suggested_by: str = ""


@act("plans.propose_link")
def propose_link(*, by: Actor, new: NewLink) -> IntegrationLink:
    """Propose to join two objectives; the proposer's side confirms with it, the other side is asked. Unconfirmed it lapses."""
    party, production = new.party_objective, new.production_objective
    access.require(by, Permission.PLAN_EDIT, party.plan.unit, view=VIEW)
    _refuse_link(new)
    assert new.carrier is not None and new.indicator is not None and new.target is not None
    days = numbers_at(production.plan.unit, clock.today()).link_confirm_days
    try:
        with transaction.atomic():
            made = IntegrationLink.objects.create(
                code=_number("L", party.plan.year), party_objective=party, production_objective=production, carrier=new.carrier,
                indicator=new.indicator, target=new.target, process=new.process, why=new.why.strip()[:300], suggested_by=new.suggested_by[:20],
                proposed_on=clock.today(), lapses_on=clock.today() + timedelta(days=days),
            )  # fmt: skip
    except IntegrityError as twice:
        raise Conflict(_("These objectives are linked through this carrier already"), remedy=_("open that link"), code="twice") from twice
    current().about(Reference("integration_link", str(made.pk)), party=party.code, production=production.code)
    _ask_to_confirm(made)
    return made


def _refuse_link(new: NewLink) -> None:
    if new.party_objective.side != PlanSide.PARTY or new.production_objective.side != PlanSide.PRODUCTION:
        raise Refused(
            _("A link joins a Party objective with a production objective"), field="production_objective", remedy=_("choose one of each")
        )
    missing = [
        name
        for name, value in ((_("carrier"), new.carrier), (_("indicator"), new.indicator), (_("target"), new.target))
        if value is None
    ]  # fmt: skip
    if missing:
        what = _("The link has no %(names)s") % {"names": "、".join(missing)}
        raise Refused(what, field="carrier", remedy=_("name carrier, indicator and target"), code="three_fields")
    if new.process and new.process not in PROCESSES:
        raise Refused(_("“%(name)s” is not a process") % {"name": new.process}, field="process", remedy=", ".join(PROCESSES))
    if any(objective.dropped_on for objective in (new.party_objective, new.production_objective)):
        raise Refused(_("The objective was given up"), field="party_objective", remedy=_("choose another"), code="dropped")


def _ask_to_confirm(link: IntegrationLink) -> None:
    posts = {link.party_objective.owner_id, link.production_objective.owner_id}
    for rows in organization.serving(posts, clock.today()).values():
        for row in rows:
            account = row.person.account
            if account is not None and str(account.uid) != str(current().by.uid):
                text = _("A link waits for your side: %(link)s") % {"link": str(link)}
                about, params = Reference("integration_link", str(link.pk)), {"url": reverse("plans:link", args=[link.pk])}
                current().tell(Message(str(account.uid), "link", text, about, params))


@act("plans.confirm_link")
def confirm_link(*, by: Actor, link: IntegrationLink, side: str) -> IntegrationLink:
    """Confirm for one side; the other side is another person, so that a dual-role leader does not agree with himself or herself."""
    locked = IntegrationLink.objects.select_for_update(of=("self",)).select_related(
        "party_objective__plan__party", "party_objective__plan__unit", "production_objective__plan__unit"
    ).get(pk=link.pk)  # fmt: skip
    access.require(by, Permission.LINK_CONFIRM, _side_node(locked, side), view=VIEW)
    _refuse_confirmation(by, locked, side)
    today = clock.today()
    for name, value in (("by", str(by.uid)), ("label", by.label), ("on", today)):
        setattr(locked, f"{side}_confirmed_{name}", value)
    if locked.party_confirmed_by and locked.production_confirmed_by:
        locked.state = LinkState.CONFIRMED
    locked.save(update_fields=["state", f"{side}_confirmed_by", f"{side}_confirmed_label", f"{side}_confirmed_on"])
    current().about(Reference("integration_link", str(locked.pk)), side=side, state=locked.state)
    return locked


def _side_node(link: IntegrationLink, side: str) -> Node:
    if side not in PlanSide.values:
        raise Refused(_("“%(side)s” is not a side") % {"side": side}, field="side", remedy=_("use party or production"))
    if side == PlanSide.PRODUCTION:
        return link.production_objective.plan.unit
    plan = link.party_objective.plan
    return plan.party or plan.unit


def _refuse_confirmation(by: Actor, link: IntegrationLink, side: str) -> None:
    if link.state != LinkState.PROPOSED:
        raise Conflict(_("The link is now: %(state)s") % {"state": link.get_state_display()}, remedy=_("look at it again"), code="state")
    if link.lapses_on < clock.today():
        raise Conflict(_("The link lapsed on %(day)s") % {"day": link.lapses_on}, remedy=_("propose it again"), code="lapsed")
    if getattr(link, f"{side}_confirmed_by"):
        raise Conflict(_("This side has confirmed already"), remedy=_("the other side is to confirm"), code="state")
    other = link.production_confirmed_by if side == PlanSide.PARTY else link.party_confirmed_by
    if other == str(by.uid):
        raise NotAllowed("confirmed_other_side")


@act("plans.decline_link")
def decline_link(*, by: Actor, link: IntegrationLink, side: str, reason: str) -> IntegrationLink:
    """One side says no, and why."""
    locked = IntegrationLink.objects.select_for_update(of=("self",)).select_related(
        "party_objective__plan__party", "party_objective__plan__unit", "production_objective__plan__unit"
    ).get(pk=link.pk)  # fmt: skip
    access.require(by, Permission.LINK_CONFIRM, _side_node(locked, side), view=VIEW)
    if locked.state != LinkState.PROPOSED:
        raise Conflict(_("The link is now: %(state)s") % {"state": locked.get_state_display()}, remedy=_("look at it again"), code="state")
    locked.state, locked.declined_reason = LinkState.DECLINED, sentence(reason, "reason", 300)
    locked.save(update_fields=["state", "declined_reason"])
    current().about(Reference("integration_link", str(locked.pk)), declined=locked.declined_reason)
    return locked


@act("plans.lapse_links")
def lapse_links(*, by: Actor, on: date) -> int:
    """What nobody confirmed in time lapses; once."""
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    count = IntegrationLink.objects.filter(state=LinkState.PROPOSED, lapses_on__lt=on).update(state=LinkState.LAPSED)
    current().about(Reference("integration_link", "lapsed"), count=count)
    return count


@act("plans.note_together")
def note_together(*, by: Actor, link: IntegrationLink, kind: str, on: date, records: Sequence[Reference], matter: Matter) -> Together:
    """Planned, deployed or advanced together: proof of both sides, and a matter with an owner; else it does not count and is refused."""
    access.require(by, Permission.PLAN_EDIT, link.party_objective.plan.unit, view=VIEW)
    if kind not in Milestone.values:
        raise Refused(_("“%(kind)s” is not a step") % {"kind": kind}, field="kind", remedy=", ".join(Milestone.values))
    if link.state != LinkState.CONFIRMED:
        raise Conflict(_("The link is not confirmed by both sides"), remedy=_("have it confirmed first"), code="state")
    if on > clock.today():
        raise Refused(_("%(day)s lies ahead") % {"day": on}, field="on", remedy=_("note it once it was"))
    if len(records) != 2 or records[0] == records[1] or any(title_and_url(record, by) is None for record in records):
        raise Refused(
            _("Proof of both sides is needed"), field="records", remedy=_("name one record of each side that you can open"), code="proof"
        )
    _refuse_left(link, matter)
    try:
        with transaction.atomic():
            made = Together.objects.create(
                link=link, kind=kind, on=on, party_record=str(records[0]), production_record=str(records[1]), matter_id=matter.pk,
                noted_label=by.label,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Conflict(_("This was noted already"), remedy=_("look at it again"), code="twice") from twice
    current().about(Reference("integration_link", str(link.pk)), kind=kind, matter=matter.code)
    return made


def _refuse_left(link: IntegrationLink, matter: Matter) -> None:
    """What it left must have an owner and belong to one of the two sides."""
    if matter.leader_post_id is None or matter.handler_post_id is None or matter.state == State.VOID:
        raise Refused(_("The matter has no owner"), field="matter", remedy=_("assign it first"), code="nobody")
    plans = (link.party_objective.plan, link.production_objective.plan)
    places = {node for plan in plans for node in (plan.unit_id, plan.party_id) if node}
    if not {matter.lead_id, matter.partner_id} & places:
        raise Refused(
            _("The matter belongs to neither side of the link"), field="matter", remedy=_("name one of the unit or its organisation"), code="elsewhere"
        )  # fmt: skip


# results


@dataclass(frozen=True, slots=True)
class NewResult:
    """A production result; the Party role is a claim until the business side confirms it."""

    unit: Node
    title: str
    on: date
    party_role: str = ""
    party: Node | None = None
    carrier: Carrier | None = None
    indicator: Indicator | None = None
    value_fen: int | None = None


@act("plans.record_result")
def record_result(*, by: Actor, new: NewResult) -> Result:
    """Enter a result into the register."""
    access.require(by, Permission.PLAN_EDIT, new.unit, view=VIEW)
    if new.on > clock.today():
        raise Refused(_("%(day)s lies ahead") % {"day": new.on}, field="on", remedy=_("enter a result once it is reached"))
    made = Result.objects.create(
        code=_number("R", new.on.year), unit=new.unit, party=new.party, carrier=new.carrier, indicator=new.indicator,
        title=sentence(new.title, "title"), on=new.on, value_fen=new.value_fen, party_role=new.party_role.strip()[:300], recorded_by=str(by.uid),
        recorded_label=by.label,
    )  # fmt: skip
    current().about(Reference("result", str(made.pk)), unit=new.unit.code)
    return made


@act("plans.confirm_result")
def confirm_result(*, by: Actor, result: Result) -> Result:
    """The business side confirms the Party role in a result; never whoever recorded it."""
    access.require(by, Permission.RESULT_CONFIRM, result.unit, view=VIEW)
    locked = Result.objects.select_for_update(of=("self",)).get(pk=result.pk)
    if locked.confirmed_by:
        raise Conflict(_("The result is confirmed already"), remedy=_("look at it again"), code="state")
    if not locked.party_role:
        raise Refused(_("The result names no Party role"), field="party_role", remedy=_("there is nothing to confirm"), code="no_role")
    if locked.recorded_by == str(by.uid):
        raise NotAllowed("recorded_it")
    locked.confirmed_by, locked.confirmed_label, locked.confirmed_on = str(by.uid), by.label, clock.today()
    locked.save(update_fields=["confirmed_by", "confirmed_label", "confirmed_on"])
    current().about(Reference("result", str(locked.pk)))
    return locked

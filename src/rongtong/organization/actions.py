"""Acts on units, Party organisations, persons, posts and appointments. Rights follow posts: every appointment refreshes them."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from rongtong.access import actions as grants
from rongtong.access import policies as access
from rongtong.access.models import RoleTemplate
from rongtong.access.roles import Permission
from rongtong.accounts.models import User
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.ids import clean_code
from rongtong.kernel.reference import Reference
from rongtong.organization import policies, thresholds
from rongtong.organization import tree_actions as trees
from rongtong.organization.facts import PartyFacts, PersonFacts, UnitFacts, known
from rongtong.organization.models import (
    Appointment,
    AppointmentKind,
    BusinessUnit,
    MemberKind,
    PartyOrganisation,
    Person,
    Post,
    PostKind,
    UnitClass,
    UnitClassAssignment,
)
from rongtong.trees.models import Node, Tree
from rongtong.trees.paths import NewNode, pinyin_of

PARTY_POST_KINDS = frozenset({PostKind.SECRETARY, PostKind.DEPUTY, PostKind.COMMITTEE})
TERM_RULE = "ORG-04"


@act("organization.create_unit")
def create_unit(*, by: Actor, parent: Node | None, node: NewNode, facts: UnitFacts) -> BusinessUnit:
    """Open a business unit under another one."""
    policies.require_edit(by, parent)
    facts.check()
    made = trees.create_node(
        by=by, tree=Tree.BUSINESS, code=node.code, name=node.name, parent=parent, opened_on=node.opened_on, name_en=node.name_en
    )
    fields = {name: getattr(facts, name) for name in ("kind", "headcount", "is_legal_person", "manager_title")}
    unit = BusinessUnit.objects.create(node=made, **fields)
    if facts.unit_class is not None:
        UnitClassAssignment.objects.create(unit=made, unit_class=facts.unit_class, starts_on=node.opened_on)
    return unit


@act("organization.create_party")
def create_party(*, by: Actor, parent: Node | None, node: NewNode, facts: PartyFacts) -> PartyOrganisation:
    """Set up a Party organisation under another one."""
    policies.require_edit(by, parent)
    facts.check()
    made = trees.create_node(
        by=by, tree=Tree.PARTY, code=node.code, name=node.name, parent=parent, opened_on=node.opened_on, name_en=node.name_en
    )
    fields = {name: getattr(facts, name) for name in PartyFacts.__slots__}
    return PartyOrganisation.objects.create(node=made, **fields)


@act("organization.update_unit")
def update_unit(*, by: Actor, unit: BusinessUnit, facts: UnitFacts) -> BusinessUnit:
    """Correct what a unit is; its class is set by `set_class`, which asks from when on."""
    access.require(by, Permission.ORGANIZATION_EDIT, unit.node)
    facts.check()
    _store(unit, facts, ("kind", "headcount", "is_legal_person", "manager_title"))
    return unit


@act("organization.update_party")
def update_party(*, by: Actor, party: PartyOrganisation, facts: PartyFacts) -> PartyOrganisation:
    """Correct what a Party organisation is. A new election starts a new term: extension and reminder of the last one fall away."""
    access.require(by, Permission.ORGANIZATION_EDIT, party.node)
    facts.check()
    if facts.elected_on != party.elected_on:
        party.extended_to, party.extension_document, party.reminded_on = None, "", None
        party.save(update_fields=["extended_to", "extension_document", "reminded_on"])
    _store(party, facts, tuple(PartyFacts.__slots__))
    return party


def _store(record: BusinessUnit | PartyOrganisation, facts: UnitFacts | PartyFacts, names: tuple[str, ...]) -> None:
    """Save the fields that differ; the audit entry holds before and after of each."""
    changed = {name: (getattr(record, name), getattr(facts, name)) for name in names if getattr(record, name) != getattr(facts, name)}
    for name, (_before, after) in changed.items():
        setattr(record, name, after)
    if changed:
        record.save(update_fields=list(changed))
    current().about(Reference("node", str(record.pk)), changed={name: [str(a), str(b)] for name, (a, b) in changed.items()})


@act("organization.set_class")
def set_class(*, by: Actor, unit: Node, unit_class: UnitClass, on: date) -> UnitClassAssignment:
    """Put a unit into a class from a day on."""
    access.require(by, Permission.ORGANIZATION_EDIT, unit)
    if not unit.is_business:
        raise Refused(_("Only business units have a class"), field="unit_class", remedy=_("choose a business unit"))
    UnitClassAssignment.objects.filter(unit=unit, starts_on__gte=on).delete()
    UnitClassAssignment.objects.filter(unit=unit).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on)).update(ends_on=on)
    made = UnitClassAssignment.objects.create(unit=unit, unit_class=unit_class, starts_on=on)
    current().about(Reference("node", str(unit.pk)), unit_class=unit_class.code, on=str(on))
    return made


@act("organization.extend_term")
def extend_term(*, by: Actor, party: PartyOrganisation, to: date, document: str) -> PartyOrganisation:
    """Record that the superior approved a later re-election: once a term, with the number of the approval, and within the rule's limit."""
    access.require(by, Permission.ORGANIZATION_EDIT, party.node)
    expiry = party.expires_on
    if expiry is None:
        raise Refused(_("The term is not known"), field="elected_on", remedy=_("record the day of the election and the length of the term"))
    if party.extended_to is not None:
        raise Refused(
            _("The term was already extended to %(day)s") % {"day": party.extended_to}, field="to", remedy=_("record the re-election")
        )
    if to <= expiry:
        raise Refused(_("The term ends on %(day)s anyway") % {"day": expiry}, field="to", remedy=_("choose a later day"))
    if not document.strip():
        raise Refused(_("An extension needs an approval"), field="document", remedy=_("write the number of the superior's reply"))
    limit = thresholds.number(TERM_RULE, "extension_days_max", party.node, clock.today())
    if limit is not None and to > expiry + timedelta(days=limit):
        what = _("The rule allows an extension of at most %(days)d days") % {"days": limit}
        raise Refused(what, field="to", remedy=_("choose a day up to %(day)s") % {"day": expiry + timedelta(days=limit)}, code="limit")
    party.extended_to, party.extension_document = to, document.strip()
    party.save(update_fields=["extended_to", "extension_document"])
    current().about(Reference("node", str(party.pk)), extended_to=str(to), document=party.extension_document)
    return party


@act("organization.record_reminder")
def record_reminder(*, by: Actor, party: PartyOrganisation, on: date) -> PartyOrganisation:
    """Record that the superior reminded of the coming re-election."""
    access.require(by, Permission.ORGANIZATION_EDIT, party.node)
    if on > clock.today() or (party.elected_on is not None and on < party.elected_on):
        raise Refused(_("The reminder lies in the future or before the election"), field="on", remedy=_("write the day it was sent"))
    party.reminded_on = on
    party.save(update_fields=["reminded_on"])
    current().about(Reference("node", str(party.pk)), reminded_on=str(on))
    return party


@act("organization.add_person")
def add_person(*, by: Actor, code: str, facts: PersonFacts) -> Person:
    """Add a person; pinyin is derived for search."""
    policies.require_edit_at_root(by)
    code = clean_code(code)
    facts.check()
    if Person.objects.filter(code=code).exists():
        raise _code_in_use(code)
    name = facts.name.strip()
    person = Person.objects.create(code=code, name=name, pinyin=pinyin_of(name), member_kind=facts.member_kind, joined_on=facts.joined_on)
    current().about(Reference("person", str(person.pk)), code=code)
    return person


@act("organization.update_person")
def update_person(*, by: Actor, person: Person, facts: PersonFacts) -> Person:
    """Correct a person; the audit entry names the fields, not what they held."""
    policies.require_edit_at_root(by)
    facts.check()
    person.name, person.pinyin = facts.name.strip(), pinyin_of(facts.name.strip())
    person.member_kind, person.joined_on = facts.member_kind, facts.joined_on
    person.save(update_fields=["name", "pinyin", "member_kind", "joined_on"])
    current().about(Reference("person", str(person.pk)), code=person.code)
    return person


@act("organization.become_full_member")
def become_full_member(*, by: Actor, person: Person, at: Node) -> Person:
    """A probationary member was confirmed where the membership is kept; whoever is no probationary member stays what he or she is."""
    access.require(by, Permission.ROSTER_EDIT, at, view=Permission.PERSON_VIEW)
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if locked.member_kind == MemberKind.PROBATIONARY:
        locked.member_kind = MemberKind.FORMAL
        locked.save(update_fields=["member_kind"])
    current().about(Reference("person", str(locked.pk)), code=locked.code)
    return locked


def _code_in_use(code: str) -> Refused:
    what = _("The code %(code)s is already in use") % {"code": code}
    return Refused(what, field="code", remedy=_("choose another code"), code="duplicate")


@act("organization.create_post")
def create_post(*, by: Actor, code: str, name: str, node: Node, kind: str, opened_on: date) -> Post:
    """Open one seat at a node."""
    access.require(by, Permission.ORGANIZATION_EDIT, node)
    code = clean_code(code)
    known(kind, PostKind.values, "kind")
    if Post.objects.filter(code=code).exists():
        raise _code_in_use(code)
    if node.is_business == (kind in PARTY_POST_KINDS):
        raise Refused(_("This kind of post belongs to the other tree"), field="kind", remedy=_("choose another kind of post"))
    if node.closed_on is not None or opened_on < node.opened_on:
        what = _("%(name)s is not open on %(day)s") % {"name": node.name, "day": opened_on}
        raise Refused(what, field="opened_on", remedy=_("choose a day on which it is open"))
    post = Post.objects.create(code=code, name=name.strip() or code, node=node, kind=kind, opened_on=opened_on)
    current().about(Reference("post", str(post.pk)), code=code)
    return post


@act("organization.close_post")
def close_post(*, by: Actor, post: Post, on: date) -> Post:
    """Abolish a seat in which nobody serves any more."""
    access.require(by, Permission.ORGANIZATION_EDIT, post.node)
    if post.closed_on is not None or on < post.opened_on:
        raise Refused(
            _("%(name)s is already closed, or was opened later") % {"name": post.name}, field="on", remedy=_("choose another day")
        )
    serving = Appointment.objects.filter(post=post).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on)).select_related("person").first()
    if serving is not None:
        what = _("%(person)s still serves in %(post)s") % {"person": serving.person.name, "post": post.name}
        raise Refused(what, field="on", remedy=_("end the appointment first"), code="serving")
    post.closed_on = on
    post.save(update_fields=["closed_on"])
    current().about(Reference("post", str(post.pk)), closed_on=str(on))
    return post


@act("organization.appoint")
def appoint(
    *, by: Actor, person: Person, post: Post, starts_on: date, kind: str = AppointmentKind.FORMAL, ends_on: date | None = None
) -> Appointment:
    """Appoint a person to a post; formal appointments of a post never overlap, acting ones stand beside them."""
    access.require(by, Permission.ORGANIZATION_EDIT, post.node)
    _refuse_appointment(person, post, starts_on, kind, ends_on)
    try:
        with transaction.atomic():
            made = Appointment.objects.create(person=person, post=post, kind=kind, starts_on=starts_on, ends_on=ends_on)
    except IntegrityError as clashed:
        raise Refused(
            _("Somebody was appointed to this post in the meantime"), remedy=_("load the page again"), code="overlap"
        ) from clashed
    refresh_rights(by, [person])
    current().about(Reference("appointment", str(made.pk)), person=person.code, post=post.code, kind=kind, starts_on=str(starts_on))
    return made


def _refuse_appointment(person: Person, post: Post, starts_on: date, kind: str, ends_on: date | None) -> None:
    known(kind, AppointmentKind.values, "kind")
    if ends_on is not None and ends_on <= starts_on:
        raise Refused(_("The appointment ends before it begins"), field="ends_on", remedy=_("choose a later end"), code="span")
    if post.closed_on is not None or starts_on < post.opened_on:
        what = _("%(post)s is not open on %(day)s") % {"post": post.name, "day": starts_on}
        raise Refused(what, field="starts_on", remedy=_("choose a day on which it is open, or another post"), code="closed")
    clash = overlapping(post, kind, starts_on, ends_on)
    if clash is not None:
        values = {"post": post.name, "person": clash.person.name, "since": clash.starts_on}
        raise Refused(
            _("%(person)s already serves formally in %(post)s since %(since)s") % values,
            field="starts_on", remedy=_("end that appointment first, or appoint as acting"), code="overlap",
        )  # fmt: skip
    twice = _meeting(Appointment.objects.filter(post=post, person=person), starts_on, ends_on).first()
    if twice is not None:
        what = _("%(person)s already serves in %(post)s since %(since)s") % {
            "person": person.name,
            "post": post.name,
            "since": twice.starts_on,
        }
        raise Refused(what, field="starts_on", remedy=_("end that appointment first"), code="overlap")


def _meeting(rows: QuerySet[Appointment], starts_on: date, ends_on: date | None) -> QuerySet[Appointment]:
    rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))
    return rows if ends_on is None else rows.filter(starts_on__lt=ends_on)


def overlapping(post: Post, kind: str, starts_on: date, ends_on: date | None) -> Appointment | None:
    """The formal appointment of the post that would overlap, if this one is formal too."""
    if kind != AppointmentKind.FORMAL:
        return None
    rows = Appointment.objects.filter(post=post, kind=AppointmentKind.FORMAL).select_related("person").order_by("starts_on")
    return _meeting(rows, starts_on, ends_on).first()


@act("organization.end_appointment")
def end_appointment(*, by: Actor, appointment: Appointment, on: date) -> Appointment:
    """End an appointment; the post is vacant from that day and says so."""
    access.require(by, Permission.ORGANIZATION_EDIT, appointment.post.node)
    if on <= appointment.starts_on:
        what = _("The appointment began on %(day)s") % {"day": appointment.starts_on}
        raise Refused(what, field="on", remedy=_("choose a later end"), code="span")
    if appointment.ends_on is not None and on > appointment.ends_on:
        what = _("The appointment already ended on %(day)s") % {"day": appointment.ends_on}
        raise Refused(what, field="on", remedy=_("appoint again instead"), code="span")
    appointment.ends_on = on
    appointment.save(update_fields=["ends_on"])
    refresh_rights(by, [appointment.person])
    current().about(Reference("appointment", str(appointment.pk)), ends_on=str(on))
    return appointment


@act("organization.give_account")
def give_account(*, by: Actor, person: Person, account: User | None) -> Person:
    """Tie a person to an account, or untie it; rights follow."""
    policies.require_edit_at_root(by)
    if account is not None and Person.objects.filter(account=account).exclude(pk=person.pk).exists():
        what = _("%(account)s belongs to another person") % {"account": account.username}
        raise Refused(what, field="account", remedy=_("untie it there first"), code="duplicate")
    before, person.account = person.account, account
    person.save(update_fields=["account"])
    if before is not None:
        grants.refresh_derived(by=by, user=before, rows=[])
    refresh_rights(by, [person])
    current().about(Reference("person", str(person.pk)), account=account.username if account else "")
    return person


def refresh_rights(by: Actor, people: Iterable[Person]) -> None:
    """Derived grants of persons with accounts, from their present and future appointments and the approved role templates."""
    templates: dict[tuple[str, str], list[RoleTemplate]] = {}
    for template in RoleTemplate.objects.in_force().order_by("pk"):
        templates.setdefault((template.post_kind, template.tree), []).append(template)
    for person in people:
        if person.account is not None:
            rows = Appointment.objects.filter(person=person).exclude(ends_on__lte=clock.today()).select_related("post__node")
            found = [grant for row in rows.order_by("pk") for grant in _rights(row, templates)]
            grants.refresh_derived(by=by, user=person.account, rows=found)


def _rights(row: Appointment, templates: dict[tuple[str, str], list[RoleTemplate]]) -> list[grants.DerivedGrant]:
    node = row.post.node
    return [
        grants.DerivedGrant(f"appointment:{row.pk}", t.role, node, t.reach, t.is_linked, row.starts_on, row.ends_on)
        for t in templates.get((row.post.kind, node.tree), [])
    ]

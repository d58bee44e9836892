"""Acts on units, Party organisations, persons, posts and appointments. Rights follow posts: every appointment refreshes them."""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from pypinyin import Style, lazy_pinyin

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
from rongtong.organization import tree_actions as trees
from rongtong.organization.models import (
    Appointment,
    AppointmentKind,
    BusinessUnit,
    MemberKind,
    PartyOrganisation,
    Person,
    Post,
    PostKind,
    Succession,
    UnitClass,
    UnitClassAssignment,
)
from rongtong.trees.models import Node, Tree


@act("organization.create_unit")
def create_unit(
    *, by: Actor, code: str, name: str, kind: str, parent: Node | None, opened_on: date, headcount: int | None = None,
    unit_class: UnitClass | None = None, is_legal_person: bool = False, name_en: str = "",
) -> BusinessUnit:  # fmt: skip
    """Open a business unit under another one."""
    node = trees.create_node(by=by, tree=Tree.BUSINESS, code=code, name=name, parent=parent, opened_on=opened_on, name_en=name_en)
    unit = BusinessUnit.objects.create(node=node, kind=kind, headcount=headcount, is_legal_person=is_legal_person)
    if unit_class is not None:
        UnitClassAssignment.objects.create(unit=node, unit_class=unit_class, starts_on=opened_on)
    return unit


@act("organization.create_party")
def create_party(
    *, by: Actor, code: str, name: str, kind: str, parent: Node | None, opened_on: date, members: int | None = None,
    formal_members: int | None = None, elected_on: date | None = None, term_years: int | None = None, name_en: str = "",
) -> PartyOrganisation:  # fmt: skip
    """Set up a Party organisation under another one."""
    if members is not None and formal_members is not None and formal_members > members:
        raise Refused(_("More full members than members"), field="formal_members", remedy=_("correct one of the two numbers"))
    node = trees.create_node(by=by, tree=Tree.PARTY, code=code, name=name, parent=parent, opened_on=opened_on, name_en=name_en)
    return PartyOrganisation.objects.create(
        node=node, kind=kind, members=members, formal_members=formal_members, elected_on=elected_on, term_years=term_years
    )


@act("organization.set_class")
def set_class(*, by: Actor, unit: Node, unit_class: UnitClass, on: date) -> UnitClassAssignment:
    """Put a unit into a class from a day on."""
    access.require(by, Permission.ORGANIZATION_EDIT, unit)
    UnitClassAssignment.objects.filter(unit=unit, starts_on__gte=on).delete()
    UnitClassAssignment.objects.filter(unit=unit).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on)).update(ends_on=on)
    made = UnitClassAssignment.objects.create(unit=unit, unit_class=unit_class, starts_on=on)
    current().about(Reference("node", str(unit.pk)), unit_class=unit_class.code, on=str(on))
    return made


@act("organization.merge")
def merge(*, by: Actor, node: Node, into: Node, on: date) -> Succession:
    """Close a unit or organisation into another: children move over, the rest is refused until it is settled."""
    access.require(by, Permission.ORGANIZATION_EDIT, node, into)
    if node.tree != into.tree or node.pk == into.pk:
        raise Refused(_("Choose another node of the same tree"), field="into")
    serving = Appointment.objects.on(on).filter(post__node=node).exclude(post__kind=PostKind.STAFF)
    names = "、".join(serving.order_by("pk").values_list("person__name", flat=True)[:5])
    if names:
        what = _("People still serve in posts of %(name)s: %(names)s") % {"name": node.name, "names": names}
        raise Refused(what, remedy=_("end their appointments first"), code="serving")
    for child in Node.objects.filter(parent=node, closed_on__isnull=True).order_by("path"):
        trees.move_node(by=by, node=child, parent=into, on=on)
    trees.close_node(by=by, node=node, on=on)
    made = Succession.objects.create(kind="merge", from_node=node, to_node=into, on=on)
    current().about(Reference("node", str(node.pk)), merged_into=into.code)
    return made


@act("organization.add_person")
def add_person(*, by: Actor, code: str, name: str, member_kind: str = MemberKind.NONE, joined_on: date | None = None) -> Person:
    """Add a person; pinyin is derived for search."""
    access.require_everywhere(by, Permission.ORGANIZATION_EDIT)
    code = clean_code(code)
    if not name.strip():
        raise Refused(_("The name is empty"), field="name")
    if Person.objects.filter(code=code).exists():
        raise Refused(_("The code %(code)s is already in use") % {"code": code}, field="code", remedy=_("choose another code"))
    person = Person.objects.create(code=code, name=name.strip(), pinyin=pinyin_of(name), member_kind=member_kind, joined_on=joined_on)
    current().about(Reference("person", str(person.pk)), code=code)
    return person


def pinyin_of(name: str) -> str:
    """Full pinyin and initials, for type-ahead.

    >>> pinyin_of("周明")
    'zhouming zm'
    """
    return f"{''.join(lazy_pinyin(name))} {''.join(lazy_pinyin(name, style=Style.FIRST_LETTER))}"


@act("organization.create_post")
def create_post(*, by: Actor, code: str, name: str, node: Node, kind: str, opened_on: date) -> Post:
    """Open one seat at a node."""
    access.require(by, Permission.ORGANIZATION_EDIT, node)
    code = clean_code(code)
    if Post.objects.filter(code=code).exists():
        raise Refused(_("The code %(code)s is already in use") % {"code": code}, field="code", remedy=_("choose another code"))
    if node.is_business == (kind in {PostKind.SECRETARY, PostKind.DEPUTY, PostKind.COMMITTEE}):
        raise Refused(_("This kind of post belongs to the other tree"), field="kind")
    post = Post.objects.create(code=code, name=name.strip() or code, node=node, kind=kind, opened_on=opened_on)
    current().about(Reference("post", str(post.pk)), code=code)
    return post


@act("organization.appoint")
def appoint(
    *, by: Actor, person: Person, post: Post, starts_on: date, kind: str = AppointmentKind.FORMAL, ends_on: date | None = None
) -> Appointment:
    """Appoint a person to a post; formal appointments of a post never overlap."""
    access.require(by, Permission.ORGANIZATION_EDIT, post.node)
    if ends_on is not None and ends_on <= starts_on:
        raise Refused(_("The appointment ends before it begins"), field="ends_on", remedy=_("choose a later end"))
    clash = overlapping(post, kind, starts_on, ends_on)
    if clash is not None:
        values = {"post": post.name, "person": clash.person.name, "since": clash.starts_on}
        raise Refused(
            _("%(person)s already serves formally in %(post)s since %(since)s") % values,
            field="starts_on", remedy=_("end that appointment first, or appoint as acting"), code="overlap",
        )  # fmt: skip
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


def overlapping(post: Post, kind: str, starts_on: date, ends_on: date | None) -> Appointment | None:
    """The formal appointment of the post that would overlap, if this one is formal too."""
    if kind != AppointmentKind.FORMAL:
        return None
    rows = Appointment.objects.filter(post=post, kind=AppointmentKind.FORMAL).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))
    rows = rows if ends_on is None else rows.filter(starts_on__lt=ends_on)
    return rows.select_related("person").first()


@act("organization.end_appointment")
def end_appointment(*, by: Actor, appointment: Appointment, on: date) -> Appointment:
    """End an appointment; the post is vacant from that day and says so."""
    access.require(by, Permission.ORGANIZATION_EDIT, appointment.post.node)
    if on <= appointment.starts_on:
        raise Refused(_("The appointment ends before it begins"), field="on", remedy=_("choose a later end"))
    appointment.ends_on = on
    appointment.save(update_fields=["ends_on"])
    refresh_rights(by, [appointment.person])
    current().about(Reference("appointment", str(appointment.pk)), ends_on=str(on))
    return appointment


@act("organization.give_account")
def give_account(*, by: Actor, person: Person, account: User | None) -> Person:
    """Tie a person to an account, or untie it; rights follow."""
    access.require_everywhere(by, Permission.ORGANIZATION_EDIT)
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
    for template in RoleTemplate.objects.filter(approved_at__isnull=False):
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

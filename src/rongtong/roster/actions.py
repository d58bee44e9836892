"""Acts on affiliations: join, move, end, confirm; leave out of "should attend"; suspend the right to vote. Nothing is guessed from posts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Conflict, NotAllowed, Refused
from rongtong.kernel.reference import Reference
from rongtong.organization import actions as organization
from rongtong.organization.facts import known
from rongtong.organization.models import MemberKind, PartyKind, PartyOrganisation, Person
from rongtong.roster import policies, queries
from rongtong.roster.models import Affiliation, Exclusion, ExclusionReason, Standing, Suspension
from rongtong.trees.models import Node

BELONGS_TO = (PartyKind.BRANCH, PartyKind.GROUP, PartyKind.GENERAL_BRANCH)
MEMBERS = (MemberKind.FORMAL, MemberKind.PROBATIONARY)


@dataclass(frozen=True, slots=True)
class NewAffiliation:
    """Who belongs where, as what, from which day on."""

    person: Person
    party: Node
    standing: str
    starts_on: date
    ends_on: date | None = None
    source: str = ""


@act("roster.affiliate")
def affiliate(*, by: Actor, new: NewAffiliation) -> Affiliation:
    """Record that a member belongs to a branch or group; to one at a time."""
    policies.require_edit(by, new.party)
    _refuse_place(new.party, new.starts_on)
    known(new.standing, Standing.values, "standing")
    _refuse_person(new)
    _refuse_overlap(new)
    made = _store(new)
    current().about(Reference("node", str(new.party.pk)), person=new.person.code, standing=new.standing, starts_on=str(new.starts_on))
    return made


@act("roster.affiliate_many")
def affiliate_many(*, by: Actor, party: Node, new: Sequence[NewAffiliation]) -> list[Affiliation]:
    """Record what a person confirmed of the proposals, all of it or nothing."""
    policies.require_edit(by, party)
    if not new:
        raise Refused(_("Nobody was chosen"), field="person", remedy=_("tick those who belong here"), code="empty")
    made = [affiliate(by=by, new=one) for one in new]
    current().about(Reference("node", str(party.pk)), confirmed=len(made), people=[one.person.code for one in new])
    return made


def _refuse_place(party: Node, on: date) -> None:
    kind = PartyOrganisation.objects.filter(pk=party.pk).values_list("kind", flat=True).first()
    if kind not in BELONGS_TO:
        what = _("Members belong to a Party branch or group, not to %(name)s") % {"name": party.name}
        raise Refused(what, field="party", remedy=_("choose the branch or group"), code="place")
    if on < party.opened_on or (party.closed_on is not None and on >= party.closed_on):
        what = _("%(name)s is not open on %(day)s") % {"name": party.name, "day": on}
        raise Refused(what, field="starts_on", remedy=_("choose a day on which it is open"), code="closed")


def _refuse_person(new: NewAffiliation) -> None:
    if new.ends_on is not None and new.ends_on <= new.starts_on:
        raise Refused(_("The affiliation ends before it begins"), field="ends_on", remedy=_("choose a later end"), code="span")
    is_present = new.ends_on is None or new.ends_on > clock.today()
    if is_present and new.person.member_kind not in MEMBERS:
        what = _("%(person)s is not recorded as a member") % {"person": new.person.name}
        raise Refused(what, field="person", remedy=_("correct the person's kind of member first"), code="not_a_member")


def _refuse_overlap(new: NewAffiliation) -> None:
    Person.objects.select_for_update().get(pk=new.person.pk)
    rows = Affiliation.objects.filter(person=new.person).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=new.starts_on))
    clash = (rows if new.ends_on is None else rows.filter(starts_on__lt=new.ends_on)).select_related("party").order_by("starts_on").first()
    if clash is not None:
        values = {"person": new.person.name, "party": clash.party.name, "since": clash.starts_on}
        what = _("%(person)s already belongs to %(party)s since %(since)s") % values
        raise Refused(what, field="person", remedy=_("move the member, or end that affiliation first"), code="overlap")


def _store(new: NewAffiliation) -> Affiliation:
    try:
        with transaction.atomic():
            return Affiliation.objects.create(
                person=new.person, party=new.party, standing=new.standing, starts_on=new.starts_on, ends_on=new.ends_on,
                source=new.source[:80],
            )  # fmt: skip
    except IntegrityError as clashed:
        what = _("%(person)s was entered elsewhere in the meantime") % {"person": new.person.name}
        raise Conflict(what, remedy=_("load the page again"), code="overlap") from clashed


def _open_row(affiliation: Affiliation, on: date, field: str = "on") -> Affiliation:
    """The row as it is now, open on the day."""
    row = Affiliation.objects.select_for_update().select_related("person", "party").get(pk=affiliation.pk)
    if row.ends_on is not None:
        what = _("This affiliation ended on %(day)s") % {"day": row.ends_on}
        raise Conflict(what, remedy=_("load the page again"), code="ended")
    if on <= row.starts_on:
        what = _("The affiliation began on %(day)s") % {"day": row.starts_on}
        raise Refused(what, field=field, remedy=_("choose a later day"), code="span")
    return row


def _end(row: Affiliation, on: date) -> None:
    row.ends_on = on
    row.save(update_fields=["ends_on"])


@act("roster.move")
def move(*, by: Actor, affiliation: Affiliation, to: Node, on: date) -> Affiliation:
    """Transfer a member's affiliation: the old one ends, the new one begins, the same day."""
    policies.require_edit(by, affiliation.party, to)
    row = _open_row(affiliation, on)
    if to.pk == row.party_id:
        raise Refused(_("The member already belongs there"), field="to", remedy=_("choose another organisation"), code="same")
    _refuse_place(to, on)
    _end(row, on)
    made = _store(NewAffiliation(row.person, to, row.standing, on, source=row.source))
    values = {"person": row.person.code, "from": row.party.code, "to": to.code, "on": str(on)}
    current().about(Reference("node", str(row.party_id)), **values)
    return made


@act("roster.end")
def end(*, by: Actor, affiliation: Affiliation, on: date) -> Affiliation:
    """End an affiliation without another one here: the member left the enterprise, or is no member any more. Why is not held."""
    policies.require_edit(by, affiliation.party)
    row = _open_row(affiliation, on)
    _end(row, on)
    current().about(Reference("node", str(row.party_id)), person=row.person.code, ends_on=str(on))
    return row


@act("roster.confirm")
def confirm(*, by: Actor, affiliation: Affiliation, on: date) -> Affiliation:
    """A probationary member became a full one: a new row from that day on, the earlier one stays as it was."""
    policies.require_edit(by, affiliation.party)
    row = _open_row(affiliation, on)
    if row.standing != Standing.PROBATIONARY:
        raise Refused(_("The member is a full member already"), remedy=_("load the page again"), code="standing")
    _end(row, on)
    made = _store(NewAffiliation(row.person, row.party, Standing.FORMAL, on, source=row.source))
    if on <= clock.today():  # the person's own page says what holds today
        organization.become_full_member(by=by, person=row.person, at=row.party)
    current().about(Reference("node", str(row.party_id)), person=row.person.code, confirmed_on=str(on))
    return made


@dataclass(frozen=True, slots=True)
class NewExclusion:
    """Left out of "should attend": for which of the five reasons, by whose consent, approved when, from when to when."""

    person: Person
    party: Node
    reason: str
    consent_document: str
    assembly_on: date
    starts_on: date
    ends_on: date


@act("roster.exclude")
def exclude(*, by: Actor, new: NewExclusion) -> Exclusion:
    """Leave a member out of "should attend" for a time; only with the superior's consent and the assembly's approval."""
    policies.require_edit(by, new.party)
    known(new.reason, ExclusionReason.values, "reason")
    if not new.consent_document.strip():
        raise Refused(
            _("The superior's consent is missing"), field="consent_document", remedy=_("write the number of the reply"), code="consent"
        )
    if new.ends_on <= new.starts_on:
        raise Refused(_("The exclusion ends before it begins"), field="ends_on", remedy=_("choose a later end"), code="span")
    if new.assembly_on > min(new.starts_on, clock.today()):
        what = _("The assembly approves before the member is left out, and not in the future")
        raise Refused(what, field="assembly_on", remedy=_("write the day of the assembly that approved it"), code="assembly")
    if all(member.person.pk != new.person.pk for member in queries.members(new.party, new.starts_on)):
        what = _("%(person)s does not belong to %(party)s on %(day)s") % {
            "person": new.person.name,
            "party": new.party.name,
            "day": new.starts_on,
        }
        raise Refused(what, field="person", remedy=_("record the affiliation first"), code="not_a_member")
    made = Exclusion.objects.create(
        person=new.person, party=new.party, reason=new.reason, consent_document=new.consent_document.strip()[:80],
        assembly_on=new.assembly_on, starts_on=new.starts_on, ends_on=new.ends_on, recorded_by=str(by.uid), recorded_label=by.label[:200],
    )  # fmt: skip
    current().about(Reference("node", str(new.party.pk)), person=new.person.code, exclusion=made.pk, until=str(new.ends_on))
    return made


@act("roster.include")
def include(*, by: Actor, exclusion: Exclusion, on: date) -> Exclusion:
    """The reason is gone earlier: the member should attend again from that day on."""
    policies.require_edit(by, exclusion.party)
    row = Exclusion.objects.select_for_update().get(pk=exclusion.pk)
    if not row.starts_on < on < row.ends_on:
        what = _("The exclusion runs from %(start)s to %(end)s") % {"start": row.starts_on, "end": row.ends_on}
        raise Refused(what, field="on", remedy=_("choose a day between the two"), code="span")
    row.ends_on = on
    row.save(update_fields=["ends_on"])
    current().about(Reference("node", str(row.party_id)), exclusion=row.pk, ends_on=str(on))
    return row


@dataclass(frozen=True, slots=True)
class NewSuspension:
    """Dates, and where the paper lies. Why is not held here."""

    person: Person
    starts_on: date
    holder: str
    paper_file: str
    ends_on: date | None = None


@act("roster.suspend")
def suspend(*, by: Actor, new: NewSuspension) -> Suspension:
    """Record that a member may not vote for a time: the dates, the holder and number of the paper file, nothing else."""
    _require_at_home(by, new.person, new.starts_on)
    if not new.holder.strip() or not new.paper_file.strip():
        missing = "holder" if not new.holder.strip() else "paper_file"
        raise Refused(_("Where the paper file lies is missing"), field=missing, remedy=_("write who holds it and its number"), code="paper")
    if new.ends_on is not None and new.ends_on <= new.starts_on:
        raise Refused(_("The suspension ends before it begins"), field="ends_on", remedy=_("choose a later end"), code="span")
    _refuse_second_suspension(new)
    made = Suspension.objects.create(
        person=new.person, starts_on=new.starts_on, ends_on=new.ends_on, holder=new.holder.strip()[:80],
        paper_file=new.paper_file.strip()[:80], recorded_label=by.label[:200],
    )  # fmt: skip
    current().about(Reference("person", str(new.person.pk)), starts_on=str(new.starts_on), ends_on=str(new.ends_on or ""))
    return made


def _require_at_home(by: Actor, person: Person, on: date) -> None:
    """The right to edit where the person belongs; who belongs nowhere is nobody's to suspend."""
    home = queries.affiliation_of(person, on)
    if home is None:
        raise NotAllowed("no_affiliation")
    policies.require_edit(by, home.party)


def _refuse_second_suspension(new: NewSuspension) -> None:
    Person.objects.select_for_update().get(pk=new.person.pk)
    rows = Suspension.objects.filter(person=new.person).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=new.starts_on))
    clash = (rows if new.ends_on is None else rows.filter(starts_on__lt=new.ends_on)).first()
    if clash is not None:
        what = _("A suspension since %(day)s is already recorded") % {"day": clash.starts_on}
        raise Refused(what, field="starts_on", remedy=_("lift that one first, or choose other days"), code="overlap")


@act("roster.lift")
def lift(*, by: Actor, suspension: Suspension, on: date) -> Suspension:
    """The right to vote is back from that day on."""
    _require_at_home(by, suspension.person, clock.today())
    row = Suspension.objects.select_for_update().get(pk=suspension.pk)
    if on <= row.starts_on or (row.ends_on is not None and on > row.ends_on):
        what = _("The suspension runs from %(start)s to %(end)s") % {"start": row.starts_on, "end": row.ends_on or "…"}
        raise Refused(what, field="on", remedy=_("choose a day between the two"), code="span")
    row.ends_on = on
    row.save(update_fields=["ends_on"])
    current().about(Reference("person", str(row.person_id)), lifted_on=str(on))
    return row


@act("roster.read")
def note_reading(*, by: Actor, party: Node, on: date) -> None:
    """Who read the names of an organisation's members, and as of which day. Figures alone are not noted."""
    if not policies.sees(by, party):
        raise NotAllowed("no_person_view")
    current().about(Reference("node", str(party.pk)), as_of=str(on))

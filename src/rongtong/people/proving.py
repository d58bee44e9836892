"""What a record shows of a person: each kind of record has its own test, and says the day it stands for and until when it holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.kernel.reference import Reference
from rongtong.ledger.models import Matter, Sensitivity
from rongtong.ledger.states import State as MatterState
from rongtong.organization.models import Appointment, Person
from rongtong.people.experience import YEAR
from rongtong.people.frames import Competence, Side
from rongtong.people.models import Certificate, CourseAttendance, EvidenceKind, Presence
from rongtong.people.numbers import Asked
from rongtong.plans.models import Badge, Carrier, CarrierState, Result
from rongtong.trees.models import Tree

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """The day a record stands for, and the first day on which it no longer holds."""

    on: date
    valid_until: date | None = None


def _refuse(what: str, remedy: str, code: str) -> Refused:
    return Refused(what, field="record", remedy=remedy, code=code)


def _gone() -> Refused:
    return _refuse(_("There is no such record of this person"), _("choose one of the list"), "no_record")


def _key(key: str) -> int:
    return int(key) if key.isascii() and key.isdigit() and len(key) < 18 else 0


def _appointment(person: Person, competence: Competence, key: str, day: date) -> Shown:
    row = Appointment.objects.filter(pk=_key(key), person=person, starts_on__lte=day).select_related("post__node").first()
    if row is None:
        raise _gone()
    side = Side.BUSINESS if row.post.node.tree == Tree.BUSINESS else Side.PARTY
    if side != competence.side:
        raise _refuse(_("The post lies on the other side"), _("choose a post of the competence's own side"), "side")
    numbers = Asked(day).at(row.post.node.path)
    months = (min(row.ends_on or day, day) - row.starts_on).days / YEAR * 12
    if numbers is not None and months < numbers.evidence_months:
        what = _("%(months)d months in the post show nothing yet") % {"months": months}
        raise _refuse(what, _("wait for %(asked)d months, or choose another record") % {"asked": numbers.evidence_months}, "too_short")
    return Shown(row.ends_on or day)


def _course(person: Person, competence: Competence, key: str, day: date) -> Shown:
    row = CourseAttendance.objects.filter(course=_key(key), person=person).select_related("course").first()
    if row is None:
        raise _gone()
    if row.presence != Presence.PRESENT or row.course.state != "held":
        raise _refuse(_("The person is not recorded as present at this course"), _("have the attendance entered first"), "not_there")
    if competence.code not in row.course.serves:
        raise _refuse(_("The course does not serve this competence"), _("choose a course that does"), "other_competence")
    return Shown(row.course.ends_on)


def _certificate(person: Person, competence: Competence, key: str, day: date) -> Shown:
    row = Certificate.objects.filter(pk=_key(key), person=person, voided_on__isnull=True).first()
    if row is None:
        raise _gone()
    if competence.code not in row.serves:
        raise _refuse(_("The certificate does not serve this competence"), _("choose one that does"), "other_competence")
    if not row.holds_on(day):
        what = _("The certificate expired on %(day)s") % {"day": row.expires_on}
        raise _refuse(what, _("enter the renewed one first"), "expired")
    return Shown(row.issued_on, row.expires_on)


def _result(person: Person, competence: Competence, key: str, day: date) -> Shown:
    row = Result.objects.filter(pk=_key(key)).first()
    if row is None:
        raise _gone()
    if row.confirmed_on is None:
        raise _refuse(_("The result is not confirmed by the business side"), _("have the business side confirm it first"), "not_confirmed")
    nodes = [node for node in (row.unit_id, row.party_id) if node]
    if not Appointment.objects.on(row.on).filter(person=person, post__node__in=nodes).exists():
        raise _refuse(_("The person did not serve there on that day"), _("choose a result of a place where the person served"), "not_there")
    return Shown(row.on)


def _matter(person: Person, competence: Competence, key: str, day: date) -> Shown:
    row = Matter.objects.filter(pk=_key(key)).exclude(sensitivity=Sensitivity.RESTRICTED).first()
    if row is None:
        raise _gone()
    if row.state != MatterState.CLOSED or row.closed_on is None:
        raise _refuse(_("The matter is not closed"), _("choose a closed one"), "not_closed")
    posts = [post for post in (row.leader_post_id, row.handler_post_id) if post]
    if not Appointment.objects.on(row.closed_on).filter(person=person, post__in=posts).exists():
        raise _refuse(_("The person neither led nor handled it"), _("choose a matter of the person's own"), "not_there")
    return Shown(row.closed_on)


def _carrier(person: Person, competence: Competence, key: str, day: date) -> Shown:
    row = Carrier.objects.filter(pk=_key(key), state__in=[CarrierState.ACCEPTED, CarrierState.ARCHIVED]).first()
    if row is None or row.accepted_on is None:
        raise _refuse(_("The carrier is not accepted"), _("choose an accepted one"), "not_accepted")
    if row.badge == Badge.CLAIMED:
        raise _refuse(_("The carrier's result is only claimed"), _("choose one with a measured result"), "claimed")
    if not Appointment.objects.on(row.accepted_on).filter(person=person, post=row.owner_id).exists():
        raise _refuse(_("The person did not own the carrier"), _("choose one of the person's own"), "not_there")
    return Shown(row.accepted_on)


_TESTS: dict[str, Callable[[Person, Competence, str, date], Shown]] = {
    EvidenceKind.APPOINTMENT: _appointment, EvidenceKind.COURSE: _course, EvidenceKind.CERTIFICATE: _certificate,
    EvidenceKind.RESULT: _result, EvidenceKind.MATTER: _matter, EvidenceKind.CARRIER: _carrier,
}  # fmt: skip


def shown_by(person: Person, competence: Competence, record: Reference, day: date) -> Shown:
    """What a record shows of a competence of a person; refused where it shows nothing."""
    if record.kind not in _TESTS:
        known = ", ".join(_TESTS)
        raise _refuse(_("“%(kind)s” is no kind of evidence") % {"kind": record.kind}, _("use one of: %(known)s") % {"known": known}, "kind")
    return _TESTS[record.kind](person, competence, record.id, day)


def records_of(person: Person, day: date) -> list[tuple[Reference, str]]:
    """What the system holds of a person that could be evidence: reference and title, newest of each kind first."""
    found: list[tuple[Reference, str]] = []
    served = list(Appointment.objects.filter(person=person, starts_on__lte=day).select_related("post").order_by("-starts_on", "-pk"))
    found += [(Reference("appointment", str(row.pk)), f"{row.post.name} {row.starts_on}–{row.ends_on or ''}") for row in served[:SHOWN]]
    courses = CourseAttendance.objects.filter(person=person, presence=Presence.PRESENT, course__state="held").select_related("course")
    found += [
        (Reference("course", str(row.course_id)), f"{row.course.label} {row.course.ends_on}")
        for row in courses.order_by("-course__ends_on", "-pk")[:SHOWN]
    ]
    papers = Certificate.objects.filter(person=person, voided_on__isnull=True).order_by("-issued_on", "-pk")
    found += [(Reference("certificate", str(row.pk)), f"{row.kind} {row.issued_on}") for row in papers[:SHOWN] if row.holds_on(day)]
    return found + _work_of(served)


def _work_of(served: list[Appointment]) -> list[tuple[Reference, str]]:
    """Confirmed results, accepted carriers and closed matters of the person's posts while it served in them; restricted matters are for those in them."""
    found: list[tuple[Reference, str]] = []
    there, led, owned = Q(pk__in=[]), Q(pk__in=[]), Q(pk__in=[])
    for row in served:
        last = row.ends_on - timedelta(days=1) if row.ends_on else date.max
        there |= Q(on__range=(row.starts_on, last)) & (Q(unit=row.post.node_id) | Q(party=row.post.node_id))
        led |= Q(closed_on__range=(row.starts_on, last)) & (Q(leader_post=row.post_id) | Q(handler_post=row.post_id))
        owned |= Q(accepted_on__range=(row.starts_on, last), owner=row.post_id)
    results = Result.objects.filter(there, confirmed_on__isnull=False).order_by("-on", "-pk")[:SHOWN]
    found += [(Reference("result", str(one.pk)), f"{one.title} {one.on}") for one in results]
    carriers = Carrier.objects.filter(owned, state__in=[CarrierState.ACCEPTED, CarrierState.ARCHIVED]).exclude(badge=Badge.CLAIMED)
    found += [
        (Reference("carrier", str(one.pk)), f"{one.title} {one.accepted_on}") for one in carriers.order_by("-accepted_on", "-pk")[:SHOWN]
    ]
    matters = (
        Matter.objects.filter(led, state=MatterState.CLOSED)
        .exclude(sensitivity=Sensitivity.RESTRICTED)
        .order_by("-closed_on", "-pk")[:SHOWN]
    )
    found += [(Reference("matter", str(one.pk)), f"{one.title} {one.closed_on}") for one in matters]
    return found

"""Acts on re-election: papers on the way to it, extension within the rule, appointments of those elected. None of them is automatic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.reference import Reference
from rongtong.meetings import policies
from rongtong.meetings.models import Candidate, TermStep, TermStepKind, Vote, VoteKind
from rongtong.meetings.vote_rules import day_of
from rongtong.organization import actions as organization
from rongtong.organization.facts import PartyFacts
from rongtong.organization.models import Appointment, AppointmentKind, PartyOrganisation, Post
from rongtong.rules import queries as rules
from rongtong.trees.models import Node

TERM_RULE = "ORG-04"
_PAPERS = (TermStepKind.REQUEST_ELECTION, TermStepKind.REPORT)  # of the organisation itself


@act("elections.remind")
def remind(*, by: Actor, node: Node, on: date, document: str = "") -> TermStep:
    """The superior reminded of the coming re-election, by letter (with its number) or by telephone."""
    access.require(by, Permission.ORGANIZATION_EDIT, node, view=Permission.MEETING_VIEW)
    party = _party(node)
    organization.record_reminder(by=by, party=party, on=on)
    return _step(by, party, TermStepKind.REMINDER, on, document)


@act("elections.record_paper")
def record_paper(*, by: Actor, node: Node, kind: str, on: date, document: str) -> TermStep:
    """The request to hold the election, or the report of its result, by its number."""
    policies.require_run(by, node)
    if kind not in _PAPERS:
        raise Refused(_("This paper is recorded elsewhere"), field="kind", remedy=_("choose request or report"), code="kind")
    return _step(by, _party(node), kind, on, document)


@act("elections.reply")
def reply(*, by: Actor, node: Node, on: date, document: str) -> TermStep:
    """The superior approved the election."""
    access.require(by, Permission.ORGANIZATION_EDIT, node, view=Permission.MEETING_VIEW)
    party = _party(node)
    asked = latest(party, TermStepKind.REQUEST_ELECTION)
    if asked is None:
        raise Refused(_("No request of this term is on record"), remedy=_("record the request with its number first"), code="no_request")
    if on < asked.on:
        raise Refused(_("The reply lies before the request"), field="on", remedy=_("correct the day"), code="order")
    return _step(by, party, TermStepKind.REPLY_ELECTION, on, document)


@act("elections.request_extension")
def request_extension(*, by: Actor, node: Node, on: date, to: date, document: str) -> TermStep:
    """Ask the superior for a later re-election, within the rule's limit; a second one in principle not at all."""
    policies.require_run(by, node)
    party = _party(node)
    refuse_extension(party, to)
    return _step(by, party, TermStepKind.REQUEST_EXTENSION, on, document, to)


@act("elections.approve_extension")
def approve_extension(*, by: Actor, node: Node, on: date, document: str) -> TermStep:
    """The superior approved the extension that was asked for; the term ends on the approved day from now on."""
    access.require(by, Permission.ORGANIZATION_EDIT, node, view=Permission.MEETING_VIEW)
    party = _party(node)
    asked = latest(party, TermStepKind.REQUEST_EXTENSION)
    if asked is None or asked.extends_to is None:
        what = _("No request for an extension of this term is on record")
        raise Refused(what, remedy=_("record the request with its number first"), code="no_request")
    if on < asked.on:
        raise Refused(_("The reply lies before the request"), field="on", remedy=_("correct the day"), code="order")
    refuse_extension(party, asked.extends_to)
    organization.extend_term(by=by, party=party, to=asked.extends_to, document=document)
    return _step(by, party, TermStepKind.REPLY_EXTENSION, on, document, asked.extends_to)


def refuse_extension(party: PartyOrganisation, to: date) -> None:
    """Not without a term, not twice, not beyond the rule's days."""
    expiry = party.expires_on
    if expiry is None:
        raise Refused(_("The term is not known"), remedy=_("record the day of the election and the length of the term"), code="no_term")
    if party.extended_to is not None:
        what = _("The term was already extended to %(day)s; a second extension is in principle not allowed") % {"day": party.extended_to}
        remedy = _("hold the election; where that is impossible, ask for an exception to rule %(rule)s, which another person approves")
        raise Refused(what, field="to", remedy=remedy % {"rule": TERM_RULE}, code="second_extension")
    if to <= expiry:
        raise Refused(_("The term ends on %(day)s anyway") % {"day": expiry}, field="to", remedy=_("choose a later day"), code="early")
    limit = rules.number(TERM_RULE, party.node, clock.today(), "extension_days_max")
    if limit is not None and to > expiry + timedelta(days=limit):
        what = _("The rule allows an extension of at most %(days)d days") % {"days": limit}
        raise Refused(what, field="to", remedy=_("choose a day up to %(day)s") % {"day": expiry + timedelta(days=limit)}, code="limit")


def latest(party: PartyOrganisation, kind: str) -> TermStep | None:
    """The latest paper of a kind in the present term."""
    return TermStep.objects.filter(node=party.node, kind=kind, term_from=party.elected_on).order_by("-on", "-pk").first()


def _party(node: Node) -> PartyOrganisation:
    found = PartyOrganisation.objects.select_for_update(of=("self",)).select_related("node").filter(pk=node.pk).first()
    if found is None or node.closed_on is not None:
        what = _("%(name)s holds no election") % {"name": node.name}
        raise Refused(what, remedy=_("choose an open Party organisation"), code="place")
    return found


def _step(by: Actor, party: PartyOrganisation, kind: str, on: date, document: str, to: date | None = None) -> TermStep:
    if on > clock.today():
        raise Refused(_("The day lies in the future"), field="on", remedy=_("write the day on the paper"), code="future")
    if kind != TermStepKind.REMINDER and not document.strip():
        raise Refused(_("The number of the paper is missing"), field="document", remedy=_("write its number"), code="document")
    made = TermStep.objects.create(
        node=party.node, kind=kind, term_from=party.elected_on, on=on, document=document.strip()[:80], extends_to=to,
        recorded_label=by.label[:200],
    )  # fmt: skip
    current().about(Reference("node", str(party.pk)), kind=kind, document=made.document, to=str(to or ""))
    return made


@dataclass(frozen=True, slots=True)
class Seat:
    """Which post somebody elected takes up."""

    candidate: Candidate
    post: Post


@act("elections.appoint")
def appoint_elected(*, by: Actor, vote: Vote, seats: Sequence[Seat], on: date, document: str) -> Vote:
    """Make the appointments of an election from a day on, by the number of the superior's approval or filing.

    Whoever served in the posts ends that day. A re-election starts a new term from the day of the meeting; a by-election does not.
    """
    access.require(by, Permission.ORGANIZATION_EDIT, vote.meeting.node, view=Permission.MEETING_VIEW)
    found = Vote.objects.select_for_update(of=("self",)).select_related("meeting__node").get(pk=vote.pk)
    _refuse_appointing(found, seats, on, document)
    for seat in seats:
        _take_seat(by, seat, on)
    if not found.is_by_election:
        _start_term(by, found)
    found.appointed_on, found.appointed_document = on, document.strip()[:80]
    found.save(update_fields=["appointed_on", "appointed_document"])
    current().about(Reference("vote", str(found.pk)), appointed=len(seats), on=str(on), document=found.appointed_document)
    return found


def _refuse_appointing(vote: Vote, seats: Sequence[Seat], on: date, document: str) -> None:
    if vote.kind != VoteKind.ELECTION or not vote.is_valid or vote.voided_reason:
        raise Refused(_("Only a valid election leads to appointments"), remedy=_("record its counts first"), code="not_valid")
    if vote.appointed_on is not None:
        raise Conflict(_("Those elected were already appointed"), remedy=_("load the page again"), code="appointed")
    if not document.strip():
        what = _("The number of the superior's approval or filing is missing")
        raise Refused(
            what, field="document", remedy=_("secretaries and deputies are approved, committee members are filed"), code="document"
        )
    if on < day_of(vote.meeting):
        raise Refused(_("The appointment begins before the election"), field="on", remedy=_("choose a later day"), code="order")
    if not seats or len({seat.post.pk for seat in seats}) != len(seats) or len({seat.candidate.pk for seat in seats}) != len(seats):
        raise Refused(
            _("A post or a person is missing or named twice"), field="post", remedy=_("give each one a post of its own"), code="seats"
        )
    for seat in seats:
        _refuse_seat(vote, seat)


def _refuse_seat(vote: Vote, seat: Seat) -> None:
    if seat.candidate.vote_id != vote.pk or not seat.candidate.is_elected:
        what = _("%(name)s was not elected in this vote") % {"name": seat.candidate.name}
        raise Refused(what, field="post", remedy=_("appoint only those elected"), code="not_elected")
    if seat.candidate.person is None:
        what = _("%(name)s is not known as a person here") % {"name": seat.candidate.name}
        raise Refused(what, field="post", remedy=_("add the person and appoint on the post's page"), code="no_person")
    if seat.post.node_id != vote.meeting.node_id or seat.post.kind != seat.candidate.office:
        what = _("%(post)s is not the office %(name)s was elected to") % {"post": seat.post.name, "name": seat.candidate.name}
        raise Refused(what, field="post", remedy=_("choose a post of that kind at the same organisation"), code="post")


def _take_seat(by: Actor, seat: Seat, on: date) -> None:
    """End whoever served there; somebody re-elected to the same post simply goes on."""
    assert seat.candidate.person is not None
    serving = Appointment.objects.filter(post=seat.post, kind=AppointmentKind.FORMAL).on(on).select_related("person", "post__node")
    for row in serving:
        if row.person_id == seat.candidate.person_id:
            return
        organization.end_appointment(by=by, appointment=row, on=on)
    organization.appoint(by=by, person=seat.candidate.person, post=seat.post, starts_on=on)


def _start_term(by: Actor, vote: Vote) -> None:
    party = PartyOrganisation.objects.select_for_update(of=("self",)).select_related("node").get(pk=vote.meeting.node_id)
    held = day_of(vote.meeting)
    if party.elected_on is not None and party.elected_on >= held:
        return
    facts = PartyFacts(party.kind, party.members, party.formal_members, held, party.term_years)
    organization.update_party(by=by, party=party, facts=facts)

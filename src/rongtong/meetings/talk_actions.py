"""Acts on talks: that two people talked, and when. There is no field for more."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Conflict, NotAllowed, Refused
from rongtong.kernel.reference import Reference
from rongtong.meetings import policies, talks
from rongtong.meetings.models import Talk
from rongtong.organization.models import PartyKind, PartyOrganisation, Person
from rongtong.trees.models import Node


def _require(by: Actor, node: Node, *people: Person) -> None:
    """Whoever runs meetings there, or one of the two, if they may see meetings of the branch."""
    access.require(by, Permission.MEETING_VIEW, node, view=Permission.MEETING_VIEW)
    is_own = any(person.account_id is not None and person.account_id == getattr(by, "pk", None) for person in people)
    if not is_own and not policies.may_run(by, node):
        raise NotAllowed("no_meeting_run")


@act("talks.record")
def record_talk(*, by: Actor, node: Node, first: Person, second: Person, on: date) -> Talk:
    """Record that two people of a branch talked on a day; which pair they make follows from their posts."""
    _require(by, node, first, second)
    _refuse(node, first, second, on)
    people = talks.people_of([node], on)[node.pk]
    known = {one.pk for one in (*people.committee, *people.others)}
    strange = [one.name for one in (first, second) if one.pk not in known]
    if strange:
        what = _("Not of this branch on %(day)s: %(names)s") % {"day": on, "names": "、".join(strange)}
        raise Refused(what, field="second", remedy=_("choose its members, or enter the affiliation first"), code="strange")
    low, high = sorted((first, second), key=lambda one: one.pk)
    try:
        with transaction.atomic():
            made = Talk.objects.create(
                node=node, pair=people.pair_of(low.pk, high.pk), first=low, second=high, on=on, recorded_by=str(by.uid)
            )
    except IntegrityError as twice:
        raise Refused(_("This talk is already recorded"), field="on", remedy=_("nothing more is needed"), code="twice") from twice
    current().about(Reference("talk", str(made.pk)), node=node.code, pair=made.pair, on=str(on))
    return made


def _refuse(node: Node, first: Person, second: Person, on: date) -> None:
    if PartyOrganisation.objects.filter(pk=node.pk).exclude(kind=PartyKind.GROUP).first() is None:
        raise Refused(_("Talks are recorded at a Party branch"), field="node", remedy=_("choose the branch"), code="place")
    if first.pk == second.pk:
        raise Refused(_("A talk has two people"), field="second", remedy=_("choose another person"), code="same")
    if on > clock.today():
        raise Refused(_("The talk lies in the future"), field="on", remedy=_("record it when it took place"), code="future")


@act("talks.void")
def void_talk(*, by: Actor, talk: Talk) -> Talk:
    """Take back a talk that was entered by mistake; the row stays, and counts for nothing."""
    _require(by, talk.node, talk.first, talk.second)
    found = Talk.objects.select_for_update().get(pk=talk.pk)
    if found.is_voided:
        raise Conflict(_("It was already taken back"), remedy=_("load the page again"), code="voided")
    found.is_voided = True
    found.save(update_fields=["is_voided"])
    current().about(Reference("talk", str(found.pk)), pair=found.pair)
    return found


@act("talks.read")
def note_reading(*, by: Actor, node: Node, year: int) -> None:
    """Who read which pairs of a branch have talked in a year. Figures of branches alone are not noted."""
    for permission in (Permission.MEETING_VIEW, Permission.PERSON_VIEW):
        access.require(by, permission, node, view=permission)
    current().about(Reference("node", str(node.pk)), year=year)

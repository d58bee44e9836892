"""Who sees a round, a sheet, its scores; who reports, reviews, runs; and who may not because it is their own unit."""

from typing import Any

from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.queries import scoped
from rongtong.access.roles import Permission
from rongtong.appraisal.content import Frozen
from rongtong.appraisal.models import Round, Sheet, Stage
from rongtong.kernel import clock
from rongtong.kernel.errors import NotAllowed, Refused, Unseen
from rongtong.organization import queries as organization
from rongtong.organization.models import Person
from rongtong.trees.models import Node

VIEW, REPORT = Permission.APPRAISAL_VIEW, Permission.APPRAISAL_REPORT
REVIEW, RUN = Permission.APPRAISAL_REVIEW, Permission.APPRAISAL_RUN


def runs(actor: Any, round_: Round) -> bool:
    return access.can(actor, RUN, round_.node)


def sees_round(actor: Any, round_: Round) -> bool:
    """Whoever runs it; once it is launched also whoever sees one of its units."""
    if runs(actor, round_):
        return True
    if round_.stage == Stage.DRAFT:
        return False
    return access.can(actor, VIEW, round_.node) or scoped(round_.sheets.all(), actor, "node", permission=VIEW).exists()


def sees_sheet(actor: Any, sheet: Sheet) -> bool:
    return access.can(actor, VIEW, sheet.node)


def sees_scores(actor: Any, sheet: Sheet) -> bool:
    """Points and grades are the superior's until they are published."""
    return sheet.round.is_shown or access.can(actor, REVIEW, sheet.node)


def reports(actor: Any, sheet: Sheet) -> bool:
    return sheet.round.stage == Stage.SELF_REPORT and access.can(actor, REPORT, sheet.node)


def require_run(actor: Any, round_: Round) -> None:
    if runs(actor, round_):
        return
    if not sees_round(actor, round_):
        raise Unseen
    raise NotAllowed("no_appraisal_run")


def require_report(actor: Any, sheet: Sheet) -> None:
    access.require(actor, REPORT, sheet.node, view=VIEW)


def require_review(actor: Any, sheet: Sheet) -> None:
    """The superior's review: never by somebody of the reviewed unit, nor by who reported for it."""
    access.require(actor, REVIEW, sheet.node, view=VIEW)
    refuse_own(actor, sheet)


def refuse_own(actor: Any, sheet: Sheet) -> None:
    if is_own(actor, sheet):
        raise Refused(
            _("You belong to %(unit)s, or reported for it") % {"unit": sheet.node.name},
            remedy=_("somebody of the superior who does not has to do this"), code="own_unit",
        )  # fmt: skip


def is_own(actor: Any, sheet: Sheet) -> bool:
    """Whether the actor reported for the unit, led it at launch, or serves in it (or in its Party organisations) today."""
    uid = str(getattr(actor, "uid", ""))
    if uid == sheet.reported_by or sheet.statements.filter(by_uid=uid).exists():
        return True
    person = Person.objects.filter(account=getattr(actor, "pk", None)).first() if getattr(actor, "pk", None) else None
    if person is None:
        return False
    frozen = Frozen.read(sheet.frozen)
    if person.pk in {head.person for head in frozen.heads}:
        return True
    there = Node.objects.filter(pk__in=organization.person_nodes(person, clock.today()))
    parties = {one.node for one in frozen.parties}
    return any(node.pk in parties or node.path.startswith(sheet.node.path) for node in there)

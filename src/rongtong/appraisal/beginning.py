"""What acts on rounds share: the lock on a round in its stage, texts that must say something, who is told, a version with its digest."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.appraisal import policies
from rongtong.appraisal.content import Scoring, digest
from rongtong.appraisal.models import Round, RoundClass, Sheet, Version
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.reference import Reference
from rongtong.organization import queries as organization

MOST_TEXT = 300


def ref(round_: Round) -> Reference:
    return Reference("appraisal_round", str(round_.pk))


def text_of(value: str, field: str, most: int = MOST_TEXT) -> str:
    """A sentence, or a refusal at its field."""
    text = value.strip()
    if not text or len(text) > most:
        what = _("The text is empty or longer than %(most)s characters") % {"most": most}
        raise Refused(what, field=field, remedy=_("say it in a sentence"), code="text")
    return text


def begin(by: Actor, round_: Round, *stages: str) -> Round:
    """Lock a round that is in one of these stages, for whoever runs it."""
    policies.require_run(by, round_)
    return lock(round_, *stages)


def lock(round_: Round, *stages: str) -> Round:
    locked = Round.objects.select_for_update(of=("self",)).select_related("node").get(pk=round_.pk)
    if locked.stage not in stages:
        what = _("The round is now: %(stage)s") % {"stage": locked.get_stage_display()}
        raise Conflict(what, remedy=_("look at it again"), code="stage")
    return locked


def tell_units(round_: Round, text: str, of: Iterable[Sheet] | None = None) -> None:
    """The leading persons of every unit as they were frozen, once each."""
    told: set[str] = {str(current().by.uid)}
    for sheet in of if of is not None else round_.sheets.select_related("node"):
        for uid in leaders_of(sheet):
            if uid not in told:
                told.add(uid)
                params = {"url": reverse("appraisal:sheet", args=[sheet.pk])}
                current().tell(Message(uid, "appraisal", text, Reference("appraisal_sheet", str(sheet.pk)), params))


def leaders_of(sheet: Sheet) -> list[str]:
    posts = organization.leading_posts(sheet.node).values_list("pk", flat=True)
    rows = [row for found in organization.serving(posts, clock.today()).values() for row in found]
    return [str(row.person.account.uid) for row in rows if row.person.account]


def new_version(sheet: Sheet, of_class: RoundClass, number: int, scoring: Scoring, by: Actor, reason: str = "") -> Version:
    """An unsaved version with its digest over facts, scheme and scores."""
    content = scoring.stored()
    hashed = digest(content | {"scheme": of_class.version.content})
    return Version(sheet=sheet, number=number, content=content, digest=hashed, reason=reason, by_label=by.label, at=clock.now())

"""Acts on results: adjust a grade with a reason, propose, publish by another person, object, answer, finish."""

from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _

from rongtong.appraisal import policies, queries
from rongtong.appraisal.beginning import begin, lock, new_version, ref, tell_units, text_of
from rongtong.appraisal.content import Scoring, read_facts, write_facts
from rongtong.appraisal.counting import gather, score
from rongtong.appraisal.models import OPEN_TO_OBJECTION, Adjustment, Objection, Round, Sheet, Snapshot, Stage, Version
from rongtong.appraisal.recomputing import digest_now
from rongtong.appraisal.reporting import FULL, criterion_of
from rongtong.appraisal.reporting import ref as sheet_ref
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.reference import Reference
from rongtong.schemes.data import Criterion, Fact, FactKind

MOST_WORDS = 500


def _sheet(sheet: Sheet, round_: Round) -> Sheet:
    found = Sheet.objects.select_related("node", "of_class__version", "of_class__unit_class").get(pk=sheet.pk)
    found.round = round_
    return found


def _latest(sheet: Sheet) -> Version:
    return queries.versions_of(sheet)[-1]


@act("appraisal.adjust")
def adjust(*, by: Actor, sheet: Sheet, grade: str, reason: str) -> Adjustment:
    """Set another grade than the points give, with a reason that stays readable. A proposal to publish falls with it."""
    locked = begin(by, sheet.round, Stage.CALIBRATION)
    policies.refuse_own(by, sheet)
    found = _sheet(sheet, locked)
    made = _adjust(by, found, grade, text_of(reason, "reason", MOST_WORDS))
    _withdraw_proposal(locked)
    current().about(sheet_ref(found), before=made.before, grade=made.grade, why=made.reason)
    return made


def _adjust(by: Actor, sheet: Sheet, grade: str, reason: str) -> Adjustment:
    version = _latest(sheet)
    before = queries.grade_of(version)
    if sheet.of_class.version.data.grade(grade) is None:
        known = ", ".join(band.code for band in sheet.of_class.version.data.bands)
        raise Refused(_("“%(grade)s” is not a grade of the scheme") % {"grade": grade}, field="grade", remedy=known, code="grade")
    if not before:
        what = _("%(unit)s has not enough data for a grade") % {"unit": sheet.node.name}
        raise Refused(what, field="grade", remedy=_("a grade follows from points; without data there is none"), code="no_data")
    if before == grade:
        raise Refused(_("The unit has this grade already"), field="grade", remedy=_("choose another, or leave it"), code="same")
    made = Adjustment.objects.create(version=version, before=before, grade=grade, reason=reason, by_uid=str(by.uid), by_label=by.label)
    sheet.grade = grade
    sheet.save(update_fields=["grade"])
    return made


def _withdraw_proposal(round_: Round) -> None:
    round_.proposed_by, round_.proposed_label, round_.proposed_at, round_.proposed_digest = "", "", None, ""
    round_.save(update_fields=["proposed_by", "proposed_label", "proposed_at", "proposed_digest"])


@act("appraisal.propose")
def propose(*, by: Actor, round_: Round, quota_reason: str = "") -> Round:
    """Say that the results are ready; another person publishes exactly these."""
    locked = begin(by, round_, Stage.CALIBRATION)
    over = queries.over_quota(locked)
    if over and not quota_reason.strip():
        words = {"grade": over[0].name, "count": over[0].count, "quota": over[0].quota}
        what = _("%(count)s units have the grade %(grade)s, its quota is %(quota)s") % words
        raise Refused(what, field="quota_reason", remedy=_("adjust a grade, or say why more may have it"), code="quota")
    locked.quota_reason = text_of(quota_reason, "quota_reason") if over else ""
    locked.proposed_by, locked.proposed_label, locked.proposed_at = str(by.uid), by.label, clock.now()
    locked.proposed_digest = digest_now(locked)[0]
    locked.save(update_fields=["quota_reason", "proposed_by", "proposed_label", "proposed_at", "proposed_digest"])
    current().about(ref(locked), proposed=locked.proposed_digest)
    return locked


@act("appraisal.publish")
def publish(*, by: Actor, round_: Round) -> Round:
    """Show every unit its points and grade. Somebody else than the proposer does it; all units at once or none."""
    locked = begin(by, round_, Stage.CALIBRATION)
    if not locked.proposed_by:
        raise Refused(_("Nobody has proposed these results"), remedy=_("propose them first; another person publishes"), code="not_proposed")
    if str(by.uid) == locked.proposed_by:
        raise Refused(_("You proposed these results yourself"), remedy=_("another person has to publish them"), code="same_person")
    if clock.today() > locked.objection_until:
        what = _("Objections would have been open until %(day)s, which is past") % {"day": locked.objection_until}
        raise Refused(what, remedy=_("move the days first, so that units can object"), code="window")
    hashed, covered = digest_now(locked)
    if hashed != locked.proposed_digest:
        raise Conflict(
            _("The results are not those that were proposed"), remedy=_("look at them, and have them proposed again"), code="changed"
        )
    locked.stage, locked.published_by, locked.published_label, locked.published_at = Stage.PUBLISHED, str(by.uid), by.label, clock.now()
    locked.save(update_fields=["stage", "published_by", "published_label", "published_at"])
    Snapshot.objects.create(round=locked, number=1, stage=Stage.PUBLISHED, digest=hashed, versions=covered, by_label=by.label)
    text = _("“%(title)s” is published: see your result; objections until %(day)s")
    tell_units(locked, text % {"title": locked.title, "day": locked.objection_until})
    current().about(ref(locked), digest=hashed, units=len(covered))
    return locked


# objections


@act("appraisal.object")
def raise_objection(*, by: Actor, sheet: Sheet, text: str, criterion: str = "") -> Objection:
    """The unit disputes a criterion, or its grade as a whole, until the day of the timetable."""
    policies.require_report(by, sheet)
    locked = lock(sheet.round, *OPEN_TO_OBJECTION)
    if clock.today() > locked.objection_until:
        what = _("Objections were open until %(day)s") % {"day": locked.objection_until}
        raise Refused(what, remedy=_("speak to whoever runs the round"), code="closed")
    found = _sheet(sheet, locked)
    if criterion:
        criterion_of(found.of_class.version.data, criterion)
    if found.objections.filter(criterion=criterion, is_accepted__isnull=True).exists():
        raise Conflict(_("This is disputed already and not answered yet"), remedy=_("wait for the answer"), code="open")
    words = text_of(text, "text", MOST_WORDS)
    made = Objection.objects.create(sheet=found, criterion=criterion, text=words, by_uid=str(by.uid), by_label=by.label)
    if locked.stage == Stage.PUBLISHED:
        locked.stage = Stage.OBJECTIONS
        locked.save(update_fields=["stage"])
    current().about(Reference("appraisal_objection", str(made.pk)), sheet=found.pk, criterion=criterion)
    return made


@dataclass(frozen=True, slots=True)
class Answer:
    """Accepted or not, with the reason; what is judged by people gets its new value, a grade as a whole its new grade."""

    is_accepted: bool
    text: str
    value: float | None = None
    grade: str = ""


@act("appraisal.answer")
def answer(*, by: Actor, objection: Objection, answer: Answer) -> Objection:
    """Answer an objection; an accepted one makes a new version of the sheet, and the reason stays with it."""
    locked = begin(by, objection.sheet.round, Stage.OBJECTIONS)
    policies.refuse_own(by, objection.sheet)
    found = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if found.is_accepted is not None:
        raise Conflict(_("The objection is answered already"), remedy=_("look at it again"), code="answered")
    if str(by.uid) == found.by_uid:
        raise Refused(_("You raised this objection yourself"), remedy=_("another person has to answer it"), code="own_objection")
    words, sheet = text_of(answer.text, "text", MOST_WORDS), _sheet(found.sheet, locked)
    if answer.is_accepted:
        _accept(by, sheet, found, answer, words)
    found.is_accepted, found.answer, found.answered_by = answer.is_accepted, words, str(by.uid)
    found.answered_label, found.answered_on = by.label, clock.today()
    found.save(update_fields=["is_accepted", "answer", "answered_by", "answered_label", "answered_on"])
    tell_units(locked, _("Your objection is answered: %(text)s") % {"text": words[:120]}, [sheet])
    current().about(Reference("appraisal_objection", str(found.pk)), accepted=found.is_accepted, sheet=sheet.pk, grade=sheet.grade)
    return found


def _accept(by: Actor, sheet: Sheet, objection: Objection, answer: Answer, words: str) -> None:
    if not objection.criterion:
        _adjust(by, sheet, answer.grade, words)
        return
    old = _latest(sheet)
    criterion = criterion_of(sheet.of_class.version.data, objection.criterion)
    facts = read_facts(old.content["facts"])
    fact = _fact_after(sheet, criterion, facts[criterion.code], answer, by)
    facts = facts | {criterion.code: fact}
    scoring = Scoring(
        facts, score(sheet.of_class.version.data, facts, sheet.of_class.least_present)
    )  # by itself: nobody else loses a grade by it
    made = new_version(sheet, sheet.of_class, old.number + 1, scoring, by, words)
    made.save(force_insert=True)
    sheet.grade, sheet.score = scoring.scored.grade, scoring.scored.total
    sheet.save(update_fields=["grade", "score"])


def _fact_after(sheet: Sheet, criterion: Criterion, before: Fact, answer: Answer, by: Actor) -> Fact:
    """What is judged by people by its new value; what records tell by asking the records again."""
    if criterion.kind in queries.BY_HAND:
        if answer.value is None or answer.value < 0 or (criterion.kind == FactKind.MANUAL and answer.value > FULL):
            raise Refused(
                _("The new value is missing, or not 0 to 100"), field="value", remedy=_("give the value that holds now"), code="value"
            )
        after = Fact(answer.value, references=before.references, basis=before.basis, approver=before.approver, note=by.label)
    else:
        months = (sheet.round.first, sheet.round.last)
        after = gather(sheet.of_class.version, [sheet.node_id], *months)[sheet.node_id][criterion.code]
    if write_facts({"": after}) == write_facts({"": before}):
        what = _("“%(name)s” would stay as it is") % {"name": criterion.label}
        raise Refused(what, field="value", remedy=_("have the record corrected first, or do not accept"), code="unchanged")
    return after


@act("appraisal.finish")
def finish(*, by: Actor, round_: Round) -> Round:
    """Every objection is answered and their time is over: the results are final, and hashed once more."""
    locked = begin(by, round_, *OPEN_TO_OBJECTION)
    waiting = Objection.objects.filter(sheet__round=locked, is_accepted__isnull=True).select_related("sheet__node").first()
    if waiting is not None:
        what = _("The objection of %(unit)s is not answered") % {"unit": waiting.sheet.node.name}
        raise Refused(what, remedy=_("answer it first"), code="unanswered")
    if clock.today() <= locked.objection_until:
        what = _("Units may object until %(day)s") % {"day": locked.objection_until}
        raise Refused(what, remedy=_("finish after that day"), code="too_early")
    hashed, covered = digest_now(locked)
    last = locked.snapshots.aggregate(most=Max("number"))["most"] or 0
    Snapshot.objects.create(round=locked, number=last + 1, stage=Stage.FINAL, digest=hashed, versions=covered, by_label=by.label)
    locked.stage, locked.finished_on = Stage.FINAL, clock.today()
    locked.save(update_fields=["stage", "finished_on"])
    current().about(ref(locked), digest=hashed)
    return locked

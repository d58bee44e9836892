"""Acts on rounds: plan, launch, gather from the records, close the self-reports and the review, cancel; reminders of what is due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.appraisal import queries
from rongtong.appraisal.beginning import begin, leaders_of, new_version, ref, tell_units, text_of
from rongtong.appraisal.content import Scoring, digest, write_facts
from rongtong.appraisal.counting import gather as gathered
from rongtong.appraisal.counting import score_all
from rongtong.appraisal.models import Round, RoundClass, Sheet, Stage, Version
from rongtong.appraisal.numbers import numbers_at
from rongtong.appraisal.policies import RUN, VIEW
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, act, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.periods import FIRST_YEAR, LAST_YEAR
from rongtong.kernel.reference import Reference
from rongtong.notifications.models import Note
from rongtong.schemes.models import STANDING, SchemeVersion
from rongtong.trees.models import Counter, Node

MOST_UNITS = 2000


@dataclass(frozen=True, slots=True)
class Timetable:
    """Until when is reported, reviewed, published, objected, finished."""

    report_until: date
    review_until: date
    publish_on: date
    objection_until: date
    final_on: date

    def refuse_disorder(self) -> None:
        names = ("report_until", "review_until", "publish_on", "objection_until", "final_on")
        days = [getattr(self, name) for name in names]
        for name, before, day in zip(names[1:], days, days[1:], strict=False):
            if day < before:
                raise Refused(
                    _("%(day)s lies before the step before it") % {"day": day}, field=name, remedy=_("choose a later day"), code="timetable"
                )

    def fields(self) -> dict[str, date]:
        names = ("report_until", "review_until", "publish_on", "objection_until", "final_on")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class NewRound:
    """A round: below which node, over which months (yyyymm), by which versions (one for each class), and when."""

    title: str
    node: Node
    first: int
    last: int
    versions: Sequence[SchemeVersion]
    timetable: Timetable


@act("appraisal.plan")
def plan(*, by: Actor, new: NewRound) -> Round:
    """Plan a round; units see it once it is launched."""
    access.require(by, RUN, new.node, view=VIEW)
    _refuse(new)
    made = Round.objects.create(
        code=_number(new.last // 100), title=text_of(new.title, "title", 120), node=new.node, first=new.first, last=new.last,
        created_by=str(by.uid), created_label=by.label, **new.timetable.fields(),
    )  # fmt: skip
    least = numbers_at(new.node, clock.today()).least_present
    rows = [
        RoundClass(round=made, unit_class=one.unit_class, version=one, digest=digest(one.content), least_present=least)
        for one in new.versions
    ]
    RoundClass.objects.bulk_create(rows)
    current().about(ref(made), schemes=[f"{one.scheme.code} v{one.number}" for one in new.versions])
    return made


def _number(year: int) -> str:
    counter, _made = Counter.objects.select_for_update().get_or_create(name=f"round-{year}")
    counter.value += 1
    counter.save(update_fields=["value"])
    return f"K{year}-{counter.value:03d}"


def _refuse(new: NewRound) -> None:
    new.timetable.refuse_disorder()
    if not new.node.is_business or new.node.closed_on is not None:
        what = _("%(name)s is not an open business unit") % {"name": new.node.name}
        raise Refused(what, field="node", remedy=_("choose the unit below which is appraised"), code="node")
    months = (new.first, new.last)
    if new.first > new.last or any(not 1 <= code % 100 <= 12 or not FIRST_YEAR <= code // 100 <= LAST_YEAR for code in months):
        raise Refused(_("The months do not make a period"), field="first", remedy=_("choose the first and the last month"), code="months")
    if not new.versions:
        raise Refused(_("No scheme is chosen"), field="versions", remedy=_("issue a scheme for the class first"), code="scheme")
    if len({one.unit_class_id for one in new.versions}) != len(new.versions):
        raise Refused(_("Two schemes are for one class"), field="versions", remedy=_("choose one of them"), code="class_twice")
    _refuse_versions(new.versions)


def _refuse_versions(versions: Iterable[SchemeVersion]) -> None:
    loose = next((one for one in versions if one.state not in STANDING), None)
    if loose is not None:
        what = _("Version %(number)s of “%(name)s” is not issued") % {"number": loose.number, "name": loose.scheme}
        raise Refused(what, field="versions", remedy=_("issue it first, or choose an issued one"), code="not_issued")


@act("appraisal.reschedule")
def reschedule(*, by: Actor, round_: Round, timetable: Timetable) -> Round:
    """Move the days of a round that is not published yet."""
    locked = begin(by, round_, Stage.DRAFT, Stage.LAUNCHED, Stage.SELF_REPORT, Stage.REVIEW, Stage.CALIBRATION)
    timetable.refuse_disorder()
    for name, day in timetable.fields().items():
        setattr(locked, name, day)
    locked.save(update_fields=list(timetable.fields()))
    current().about(ref(locked), **{name: str(day) for name, day in timetable.fields().items()})
    return locked


@act("appraisal.launch")
def launch(*, by: Actor, round_: Round, seen: str) -> Round:
    """Freeze which units are appraised, by which versions, led by whom. `seen` is the digest of the cost that was shown."""
    locked, today = begin(by, round_, Stage.DRAFT), clock.today()
    members = queries.members_at(locked, today)
    _refuse_members(locked, members)
    cost = queries.cost_of(locked, today)
    if cost.digest != seen:
        raise Conflict(_("What it costs the units has changed since you looked"), remedy=_("look at it again"), code="seen")
    frozen = queries.frozen_of([unit for unit, _class in members], today)
    Sheet.objects.bulk_create(
        [Sheet(round=locked, node=unit, of_class=one, frozen=frozen[unit.pk].stored()) for unit, one in members], batch_size=500
    )
    locked.stage, locked.hours, locked.launched_on, locked.launched_label = Stage.LAUNCHED, cost.hours, today, by.label
    locked.save(update_fields=["stage", "hours", "launched_on", "launched_label"])
    tell_units(locked, _("“%(title)s” is launched: your records will fill it in; see the timetable") % {"title": locked.title})
    current().about(ref(locked), units=len(members), hours=cost.hours)
    return locked


def _refuse_members(round_: Round, members: Sequence[tuple[Node, RoundClass]]) -> None:
    _refuse_versions([row.version for row in round_.classes.select_related("version__scheme")])
    if not members:
        what = _("No unit below %(name)s is of these classes") % {"name": round_.node.name}
        raise Refused(what, remedy=_("give the units a class, or choose another node"), code="no_units")
    if len(members) > MOST_UNITS:
        what = _("%(count)s units are more than one round can appraise") % {"count": len(members)}
        raise Refused(what, remedy=_("choose a node further down"), code="too_many")


@act("appraisal.gather")
def gather(*, by: Actor, round_: Round) -> int:
    """Fill in the sheets from the records, and open the self-reports; again while they are open. Returns how many sheets changed."""
    locked = begin(by, round_, Stage.LAUNCHED, Stage.SELF_REPORT)
    changed = _gather(locked)
    if locked.stage == Stage.LAUNCHED:
        locked.stage = Stage.SELF_REPORT
        locked.save(update_fields=["stage"])
        text = _("“%(title)s” is filled in from your records: add words and evidence until %(day)s")
        tell_units(locked, text % {"title": locked.title, "day": locked.report_until})
    current().about(ref(locked), changed=changed)
    return changed


def _gather(round_: Round) -> int:
    changed, now = 0, clock.now()
    for of_class in round_.classes.select_related("version"):
        rows = list(of_class.sheets.all())
        found = gathered(of_class.version, [row.node_id for row in rows], round_.first, round_.last)
        for row in rows:
            facts = write_facts(found[row.node_id])
            changed += facts != row.facts
            row.facts, row.gathered_at = facts, now
        Sheet.objects.bulk_update(rows, ["facts", "gathered_at"], batch_size=200)
    return changed


@act("appraisal.close_reports")
def close_reports(*, by: Actor, round_: Round) -> Round:
    """End the self-reports: from here on the facts stay as they are. Units that did not hand in are reviewed by their records."""
    locked = begin(by, round_, Stage.SELF_REPORT)
    locked.stage = Stage.REVIEW
    locked.save(update_fields=["stage"])
    current().about(ref(locked), without_report=locked.sheets.filter(reported_at__isnull=True).count())
    return locked


@act("appraisal.close_review")
def close_review(*, by: Actor, round_: Round) -> Round:
    """End the review: everything was judged or said why not. Every sheet is scored, its first version never changes."""
    locked = begin(by, round_, Stage.REVIEW)
    left = queries.left_to_judge(locked)
    if left:
        first = left[0]
        what = _("%(count)s units are not judged yet, first %(unit)s: %(name)s")
        words = {"count": len(left), "unit": first[0].node.name, "name": first[1][0].label}
        raise Refused(what % words, remedy=_("give a value, or say why there can be none"), code="left")
    for of_class in locked.classes.select_related("version"):
        _score(locked, of_class, by)
    locked.stage = Stage.CALIBRATION
    locked.save(update_fields=["stage"])
    current().about(ref(locked), sheets=locked.sheets.count())
    return locked


def _score(round_: Round, of_class: RoundClass, by: Actor) -> None:
    """First versions of a class; quotas hold between its units, so they are scored together."""
    rows = list(of_class.sheets.prefetch_related("statements", "marks"))
    for row in rows:
        row.of_class = of_class
    facts = {row.node_id: queries.facts_of(row) for row in rows}
    scored = score_all(of_class.version.data, facts, of_class.least_present)
    made = []
    for row in rows:
        scoring = Scoring(facts[row.node_id], scored[row.node_id])
        made.append(new_version(row, of_class, 1, scoring, by))
        row.grade, row.score = scoring.scored.grade, scoring.scored.total
    Version.objects.bulk_create(made, batch_size=200)
    Sheet.objects.bulk_update(rows, ["grade", "score"], batch_size=200)


@act("appraisal.cancel")
def cancel(*, by: Actor, round_: Round, reason: str) -> Round:
    """It is not carried on; what was published already cannot be called back like this."""
    locked = begin(by, round_, Stage.DRAFT, Stage.LAUNCHED, Stage.SELF_REPORT, Stage.REVIEW, Stage.CALIBRATION)
    locked.stage, locked.cancelled_reason = Stage.CANCELLED, text_of(reason, "reason")
    locked.save(update_fields=["stage", "cancelled_reason"])
    current().about(ref(locked), why=locked.cancelled_reason)
    return locked


# reminders


@act("appraisal.remind")
def remind(*, by: Actor, on: date) -> int:
    """Remind units whose self-report is due in the days of the rule row, once each; returns how many were told."""
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    told = 0
    for round_ in Round.objects.filter(stage=Stage.SELF_REPORT, report_until__gte=on).select_related("node").order_by("pk"):
        if round_.report_until - timedelta(days=numbers_at(round_.node, on).remind_days) <= on:
            told += _remind(round_)
    current().about(Reference("appraisal", "reminders"), on=str(on), told=told)
    return told


def _remind(round_: Round) -> int:
    rows = list(round_.sheets.filter(reported_at__isnull=True).select_related("node"))
    known = Note.objects.filter(kind="appraisal_due", about_kind="appraisal_sheet", about_id__in=[str(row.pk) for row in rows])
    done = set(known.values_list("about_id", flat=True))
    count = 0
    for row in rows:
        if str(row.pk) in done:
            continue
        text = _("Self-report due on %(day)s: %(title)s") % {"day": round_.report_until, "title": round_.title}
        for uid in leaders_of(row):
            params: dict[str, Any] = {"url": reverse("appraisal:sheet", args=[row.pk])}
            current().tell(Message(uid, "appraisal_due", text, Reference("appraisal_sheet", str(row.pk)), params))
            count += 1
    return count

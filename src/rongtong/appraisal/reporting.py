"""Acts on one sheet: what the unit says, handing in, the superior's review."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from rongtong.appraisal import policies, queries
from rongtong.appraisal.beginning import lock, text_of
from rongtong.appraisal.models import Mark, Sheet, Stage, Statement
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Refused
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.schemes.data import Criterion, FactKind, Rule, SchemeData

MOST_WORDS, MOST_REPORT, MOST_NAME = 500, 1000, 120
FULL = 100.0


def ref(sheet: Sheet) -> Reference:
    return Reference("appraisal_sheet", str(sheet.pk))


def begin(sheet: Sheet, stage: str) -> Sheet:
    """Lock the round in its stage, then read the sheet again."""
    round_ = lock(sheet.round, stage)
    found = Sheet.objects.select_related("node", "of_class__version", "of_class__unit_class").get(pk=sheet.pk)
    found.round = round_
    return found


def criterion_of(data: SchemeData, code: str) -> Criterion:
    found = next((one for _part, one in data.criteria() if one.code == code), None)
    if found is None:
        what = _("There is no criterion %(code)s in the scheme of this round") % {"code": code}
        raise Refused(what, field="criterion", remedy=_("choose one of the sheet"), code="criterion")
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """What a unit says to a criterion: words, a claim where only people can judge, the record that shows it."""

    text: str = ""
    claimed: float | None = None
    record: Reference | None = None


@act("appraisal.state")
def state(*, by: Actor, sheet: Sheet, criterion: str, said: Said) -> Statement:
    """Add words, a claim or a record to a criterion; what records say is not changed by it."""
    policies.require_report(by, sheet)
    locked = begin(sheet, Stage.SELF_REPORT)
    one = criterion_of(locked.of_class.version.data, criterion)
    _refuse_said(by, one, said)
    record = said.record or Reference("", "")
    made, _made = Statement.objects.update_or_create(
        sheet=locked, criterion=one.code,
        defaults={
            "text": said.text.strip(), "claimed": said.claimed, "record_kind": record.kind, "record_id": record.id, "by_uid": str(by.uid),
            "by_label": by.label, "at": clock.now(),
        },
    )  # fmt: skip
    current().about(ref(locked), criterion=one.code, record=str(record) if record.kind else "")
    return made


def _refuse_said(by: Actor, criterion: Criterion, said: Said) -> None:
    if len(said.text.strip()) > MOST_WORDS:
        what = _("The text is longer than %(most)s characters") % {"most": MOST_WORDS}
        raise Refused(what, field="text", remedy=_("name the record instead"), code="text")
    if not said.text.strip() and said.claimed is None and said.record is None:
        raise Refused(_("Nothing is said"), field="text", remedy=_("write a sentence, or name a record"), code="empty")
    if said.claimed is not None and criterion.kind != FactKind.MANUAL:
        what = _("“%(name)s” is filled in from records") % {"name": criterion.label}
        raise Refused(what, field="claimed", remedy=_("correct the record where it is kept"), code="from_records")
    if said.claimed is not None and not 0 <= said.claimed <= FULL:
        raise Refused(_("A claim is 0 to 100"), field="claimed", remedy=_("write it in percent of what can be earned"), code="range")
    if said.record is not None and title_and_url(said.record, by) is None:
        what = _("There is no record %(key)s that you may see") % {"key": said.record}
        raise Refused(what, field="record", remedy=_("copy it from the address of the record's page"), code="record")


@act("appraisal.report")
def report(*, by: Actor, sheet: Sheet, text: str = "") -> Sheet:
    """Hand the self-report in; until the end of the self-reports it may be handed in again."""
    policies.require_report(by, sheet)
    locked = begin(sheet, Stage.SELF_REPORT)
    locked.report = text_of(text, "text", MOST_REPORT) if text.strip() else ""
    locked.reported_by, locked.reported_label, locked.reported_at = str(by.uid), by.label, clock.now()
    locked.save(update_fields=["report", "reported_by", "reported_label", "reported_at"])
    current().about(ref(locked), reported=True)
    return locked


@dataclass(frozen=True, slots=True)
class Given:
    """A reviewer's entry: a value, or why there is none; events with their basis, a veto with who approved it."""

    criterion: str
    value: float | None = None
    text: str = ""
    basis: str = ""
    approver: str = ""


@act("appraisal.review")
def review(*, by: Actor, sheet: Sheet, given: Sequence[Given]) -> list[Mark]:
    """The superior's review of a sheet, all entries at once. Records cannot be overruled, only noted on."""
    policies.require_review(by, sheet)
    locked = begin(sheet, Stage.REVIEW)
    data = locked.of_class.version.data
    for one in given:
        _refuse_given(criterion_of(data, one.criterion), one)
    made = [_mark(by, locked, one) for one in given]
    current().about(ref(locked), criteria=[one.criterion for one in given])
    return made


def _mark(by: Actor, sheet: Sheet, one: Given) -> Mark:
    defaults = {
        "value": one.value, "text": one.text.strip(), "basis": one.basis.strip(), "approver": one.approver.strip(), "by_uid": str(by.uid),
        "by_label": by.label, "at": clock.now(),
    }  # fmt: skip
    return Mark.objects.update_or_create(sheet=sheet, criterion=one.criterion, defaults=defaults)[0]


def _refuse_given(criterion: Criterion, one: Given) -> None:
    name, field = {"name": criterion.label}, f"value-{criterion.code}"
    if one.value is None and not one.text.strip():
        what = _("“%(name)s” has neither a value nor a reason") % name
        raise Refused(what, field=field, remedy=_("give a value, or say why there can be none"), code="empty")
    if len(one.text.strip()) > MOST_WORDS or max(len(one.basis.strip()), len(one.approver.strip())) > MOST_NAME:
        raise Refused(_("The words to “%(name)s” are too long") % name, field=field, remedy=_("shorten them"), code="text")
    if criterion.kind not in queries.BY_HAND and one.value is not None:
        raise Refused(
            _("“%(name)s” comes from records") % name, field=field, remedy=_("correct the record where it is kept"), code="from_records"
        )
    _refuse_value(criterion, one, field)


def _refuse_value(criterion: Criterion, one: Given, field: str) -> None:
    name = {"name": criterion.label}
    if one.value is None:
        return
    if criterion.kind == FactKind.EVENT and (one.value < 0 or one.value != int(one.value)):
        raise Refused(
            _("Events of “%(name)s” are counted in whole numbers") % name, field=field, remedy=_("write 0, 1, 2, …"), code="range"
        )
    if criterion.kind == FactKind.MANUAL and criterion.rule not in (Rule.BONUS, Rule.MINUS) and not 0 <= one.value <= FULL:
        raise Refused(_("“%(name)s” is 0 to 100") % name, field=field, remedy=_("write it in percent of what can be earned"), code="range")
    if criterion.kind == FactKind.EVENT and one.value > 0 and not one.basis.strip():
        what = _("An event of “%(name)s” has no document it stands on") % name
        raise Refused(what, field=field, remedy=_("name the document"), code="basis")
    if criterion.rule == Rule.VETO and one.value > 0 and not one.approver.strip():
        what = _("The veto “%(name)s” has nobody who approved it") % name
        raise Refused(what, field=field, remedy=_("name who approved that it is applied"), code="approver")
